import { useState } from 'preact/hooks';
import { Button } from '../../../components/button';
import { Dialog } from '../../../components/dialog';
import type { Bubble } from '../../../state/bubbles';
import { text } from '../../../state/language';
import type { Person } from '../../../state/people';
import { ask } from './new';
import { Picker } from './picker';

/** Asks further people into a bubble. */
export function AddDialog({ one, onClose }: { one: Bubble; onClose: () => void }) {
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [busy, setBusy] = useState(false);
  const there = new Set(one.members?.filter((member) => ['accepted', 'invited'].includes(member.status)).map((member) => member.user));
  const submit = async () => {
    setBusy(true);
    await ask(one, people);
    onClose();
  };
  return (
    <Dialog title={text('bubble_add')} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Picker chosen={people} onChange={setPeople} without={(user) => there.has(user)} />
        <div class="row row--end row--wrap">
          <Button onClick={onClose}>{text('cancel')}</Button>
          <Button type="submit" kind="main" busy={busy} disabled={people.length === 0}>{text('bubble_invite')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
