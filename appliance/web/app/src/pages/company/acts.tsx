import { useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Confirm } from '../../components/confirm';
import { Dialog } from '../../components/dialog';
import { say } from '../../components/toast';
import type { JoinLink, Member } from '../../protocol/admin';
import { type StringKey, text } from '../../state/language';
import { changeMember, makeJoinLink, removeMember } from '../../state/members';
import { plain } from '../../state/plain';
import { JoinLinkBox } from './joinlink';

/** What an administrator does to one member. */
export interface Act {
  kind: 'link' | 'disable' | 'enable' | 'remove';
  member: Member;
}

interface ActsProps {
  act: Act;
  onClose: () => void;
  onDone: (changed?: Member) => void;
}

type Words = Record<'title' | 'text' | 'action' | 'done', StringKey>;

const WORDS: Record<'disable' | 'enable' | 'remove', Words> = {
  disable: { title: 'company_disable_title', text: 'company_disable_text', action: 'company_disable', done: 'company_disabled' },
  enable: { title: 'company_enable_title', text: 'company_enable_text', action: 'company_enable', done: 'company_enabled' },
  remove: { title: 'company_remove_title', text: 'company_remove_text', action: 'company_remove', done: 'company_removed' },
};

/** The dialog of an act: it says what follows before anything is done. */
export function Acts({ act, onClose, onDone }: ActsProps) {
  const { kind, member } = act;
  if (kind === 'link') return <Link member={member} onClose={onClose} />;
  const words = WORDS[kind];
  const name = plain(member.displayName);
  const perform = async () => {
    if (kind === 'remove') await removeMember(member.id);
    const changed = kind === 'remove' ? undefined : await changeMember(member.id, { isActive: kind === 'enable' });
    say(text(words.done, { name }));
    onDone(changed);
  };
  return (
    <Confirm title={text(words.title, { name })} action={text(words.action)} danger={kind !== 'enable'} act={perform} onClose={onClose} {...(kind === 'remove' && { typed: member.displayName })}>
      <p>{text(words.text)}</p>
    </Confirm>
  );
}

function Link({ member, onClose }: { member: Member; onClose: () => void }) {
  const [link, setLink] = useState<JoinLink | undefined>(undefined);
  const waiting = member.hasJoined === false;
  const title = text(waiting ? 'company_link_make' : 'company_link_reset');
  if (link) {
    return (
      <Dialog title={text('company_link')} onClose={() => undefined}>
        <JoinLinkBox link={link} name={member.displayName} />
        <div class="row row--end"><Button kind="main" onClick={onClose}>{text('company_link_taken')}</Button></div>
      </Dialog>
    );
  }
  return (
    <Confirm title={title} action={text('company_link_do')} danger={false} act={async () => setLink(await makeJoinLink(member.id))} onClose={onClose} onDone={() => undefined}>
      <p>{text(waiting ? 'company_link_make_text' : 'company_link_reset_text', { name: plain(member.displayName) })}</p>
    </Confirm>
  );
}
