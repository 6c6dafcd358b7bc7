import type { Reaction } from '../../protocol/reactions';
import { text } from '../../state/language';
import { isMe } from '../../state/people';
import { Dialog } from '../../components/dialog';
import { nameInBubble } from './name';
import type { Row } from './rows';

interface Group {
  icon: string;
  users: readonly string[];
}

/** Who reacted with what, in the order in which the first of each came. */
export function grouped(reactions: readonly Reaction[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const { from, icons } of reactions) for (const icon of icons) groups.set(icon, [...(groups.get(icon) ?? []), from]);
  return [...groups].map(([icon, users]) => ({ icon, users }));
}

const NAMED_MAX = 12;
const nameOf = (user: string) => (isMe(user) ? text('chat_you') : nameInBubble(user));

function names(users: readonly string[]): string {
  const named = [...users].sort((one, other) => Number(isMe(other)) - Number(isMe(one))).slice(0, NAMED_MAX).map(nameOf).join(', ');
  return users.length > NAMED_MAX ? `${named} +${users.length - NAMED_MAX}` : named;
}

/** Under a message: each emoji once, how many took it, and whether one did so oneself; a press takes it, or takes it back. */
export function Reactions({ row, open, onToggle }: { row: Row; open: boolean; onToggle: (icon: string) => void }) {
  if (row.reactions.length === 0) return null;
  return (
    <ul class="reactions" aria-label={text('chat_reactions')}>
      {grouped(row.reactions).map(({ icon, users }) => {
        const said = text('chat_reacted', { icon, names: names(users) });
        return (
          <li key={icon}>
            <button type="button" class="reaction" aria-pressed={users.some(isMe)} title={said} disabled={!open} onClick={() => onToggle(icon)}>
              <span class="visually-hidden">{said}</span>
              <span aria-hidden="true">{icon}</span>
              <span class="reaction__count" aria-hidden="true">{users.length}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Everybody who reacted, by name: what a press on a telephone cannot show. */
export function ReactedDialog({ row, onClose }: { row: Row; onClose: () => void }) {
  return (
    <Dialog title={text('chat_reactions')} onClose={onClose}>
      <ul class="stack stack--tight reacted" data-scroller tabIndex={0}>
        {grouped(row.reactions).map(({ icon, users }) => (
          <li key={icon} class="row">
            <span class="reacted__icon">{icon}</span>
            <bdi class="grow">{users.map(nameOf).join(', ')}</bdi>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
