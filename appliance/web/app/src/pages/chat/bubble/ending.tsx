import { Confirm } from '../../../components/confirm';
import type { IconName } from '../../../components/icon';
import { type Bubble, archive, forget, leave, may, remove, titleOf } from '../../../state/bubbles';
import { text } from '../../../state/language';
import { go } from '../../../state/route';

export type Ending = 'leave' | 'archive' | 'delete' | 'forget';

interface Offered {
  kind: Ending;
  name: string;
  icon: IconName;
  danger: boolean;
}

/** How a bubble ends, for this person or for all. The organizer hands it over before leaving (C3), or ends it. */
export function endings(one: Bubble): Offered[] {
  const all: Offered[] = [];
  if (one.role && one.role !== 'organizer') all.push({ kind: 'leave', name: text('bubble_leave'), icon: 'leave', danger: false });
  if (may(one, 'archive')) all.push({ kind: 'archive', name: text('bubble_archive'), icon: 'archive', danger: false });
  // Without its organizer nobody could delete it.
  if (one.status === 'unsubscribed' && !may(one, 'delete')) all.push({ kind: 'forget', name: text('bubble_forget'), icon: 'close', danger: false });
  if (may(one, 'delete')) all.push({ kind: 'delete', name: text('bubble_delete'), icon: 'trash', danger: true });
  return all;
}

const ACTS: Record<Ending, (one: Bubble) => Promise<void>> = { leave, archive, delete: remove, forget };
const WORDS = {
  leave: ['bubble_leave_title', 'bubble_leave_text', 'bubble_leave'],
  archive: ['bubble_archive_title', 'bubble_archive_text', 'bubble_archive'],
  delete: ['bubble_delete_title', 'bubble_delete_all_text', 'bubble_delete'],
  forget: ['bubble_forget_title', 'bubble_forget_text', 'bubble_forget'],
} as const;

export function EndDialog({ one, kind, onClose }: { one: Bubble; kind: Ending; onClose: () => void }) {
  const [title, why, action] = WORDS[kind];
  const gone = kind === 'delete' || kind === 'forget';
  const done = () => {
    onClose();
    if (gone) go('chat');
  };
  return (
    <Confirm
      title={text(title, { name: titleOf(one) })}
      action={text(action)}
      danger={kind !== 'archive'}
      {...(kind === 'delete' && { typed: titleOf(one) })}
      act={() => ACTS[kind](one)}
      onClose={onClose}
      onDone={done}
    >
      <p>{text(kind === 'leave' && one.role === 'guest' ? 'meet_leave_text' : why)}</p>
    </Confirm>
  );
}
