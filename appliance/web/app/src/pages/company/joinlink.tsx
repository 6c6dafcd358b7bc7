import { Copyable } from '../../components/copy';
import { Notice } from '../../components/notice';
import type { JoinLink } from '../../protocol/admin';
import { text } from '../../state/language';
import { plain } from '../../state/plain';
import { distance, moment } from '../../state/when';

/** A link that was just made. The box tells it this once. */
export function JoinLinkBox({ link, name }: { link: JoinLink; name: string }) {
  return (
    <div class="stack">
      <p class="soft">{text('company_link_hand', { name: plain(name) })}</p>
      <Copyable label={text('company_link')} content={link.address} secret />
      <p class="faint">{text('company_link_until', { moment: moment(link.expirationDate), distance: distance(link.expirationDate, 'day') })}</p>
      <Notice kind="warn">{text('company_link_secret')}</Notice>
    </div>
  );
}
