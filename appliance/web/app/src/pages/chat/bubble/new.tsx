import { useState } from 'preact/hooks';
import { Button } from '../../../components/button';
import { Dialog } from '../../../components/dialog';
import { Choices, TextField } from '../../../components/field';
import { Notice } from '../../../components/notice';
import { say } from '../../../components/toast';
import { BUBBLE_TEXT_MAX } from '../../../protocol/bubbles';
import { type Bubble, create, inviteAll } from '../../../state/bubbles';
import { explain } from '../../../state/failure';
import { needed, useForm } from '../../../state/form';
import { text } from '../../../state/language';
import type { Person } from '../../../state/people';
import { go } from '../../../state/route';
import { Picker } from './picker';

/** Asks people in, and tells of those whom the box refuses: the others are asked nevertheless. */
export async function ask(one: Bubble, people: readonly Person[]): Promise<void> {
  const refused = await inviteAll(one, people.map((person) => person.id));
  for (const [user, failure] of refused) {
    const name = people.find((person) => person.id === user)?.name ?? '';
    say(text('bubble_not_invited', { name, why: explain(failure) }), 'bad');
  }
}

export function BubbleDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [history, setHistory] = useState<'all' | 'none'>('all');
  const [people, setPeople] = useState<readonly Person[]>([]);
  const form = useForm(['name', 'topic'], async () => {
    const made = await create(name, topic, history === 'all');
    onClose();
    go('chat', made.peer);
    await ask(made, people);
  }, () => ({ name: needed(name) }));
  return (
    <Dialog title={text('bubble_new')} onClose={onClose}>
      <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
        <TextField label={text('bubble_name')} value={name} onInput={setName} error={form.error('name')} maxLength={BUBBLE_TEXT_MAX} autocomplete="off" autofocus required />
        <TextField label={text('bubble_topic')} optional={text('optional')} value={topic} onInput={setTopic} error={form.error('topic')} maxLength={BUBBLE_TEXT_MAX} autocomplete="off" />
        <Picker chosen={people} onChange={setPeople} />
        <Choices
          legend={text('bubble_history_choice')}
          name="history"
          value={history}
          onChange={setHistory}
          options={[
            { value: 'all', name: text('bubble_history_all') },
            { value: 'none', name: text('bubble_history_none') },
          ]}
        />
        {form.general && <Notice kind="bad">{form.general}</Notice>}
        <div class="row row--end row--wrap">
          <Button onClick={onClose}>{text('cancel')}</Button>
          <Button type="submit" kind="main" busy={form.busy}>{text('bubble_create')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
