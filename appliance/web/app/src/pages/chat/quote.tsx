import type { Answered } from '../../protocol/incoming';
import { text } from '../../state/language';
import { oneLine } from '../../state/names';
import { person } from '../../state/people';
import { partOf } from '../../state/place';
import { quoted } from '../../state/quotes';
import { go } from '../../state/route';
import { nameOf } from './name';

/** What a message answers; a press leads there. */
export function Quote({ peer, of }: { peer: string; of: Answered }) {
  const message = quoted(peer, of);
  const words = message === null ? text('chat_answered_gone') : message === undefined ? '…' : oneLine(message.body) || text('chat_deleted');
  const name = message ? (message.mine ? text('chat_you') : nameOf(person(message.from))) : '';
  const lead = (event: MouseEvent) => {
    const rows = [...((event.currentTarget as HTMLElement).closest('ol')?.querySelectorAll<HTMLElement>('li[data-key]') ?? [])];
    const row = rows.find((one) => one.dataset['key']?.endsWith(of.id));
    if (message?.archive !== undefined) go('chat', peer, partOf(message.archive));
    else row?.scrollIntoView({ block: 'center' });
  };
  return (
    <button type="button" class="quote" onClick={lead}>
      <span class="visually-hidden">{name && text('chat_answered', { name })} </span>
      {name && <span class="quote__who cut" aria-hidden="true"><bdi>{name}</bdi></span>}
      <span class="quote__text cut"><bdi>{words}</bdi></span>
    </button>
  );
}
