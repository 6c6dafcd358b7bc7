import './poll.css';
import { useState } from 'preact/hooks';
import { Button } from '../../../components/button';
import { type Bubble, may } from '../../../state/bubbles';
import { text } from '../../../state/language';
import { polls, titleOf } from '../../../state/polls';
import { PollDialog } from './dialog';
import { NewPollDialog } from './new';

const STATES = { unpublished: 'poll_unpublished', published: 'poll_running', terminated: 'poll_over' } as const;

/** In what there is to know of a bubble: its polls, and for organizers the way to a new one. */
export function PollSection({ one }: { one: Bubble }) {
  const [open, setOpen] = useState<string | undefined>(undefined);
  const all = one.status === 'accepted' || one.archived ? polls(one.peer) : [];
  const shown = all.find((poll) => poll.id === open);
  const makes = may(one, 'poll');
  if (all.length === 0 && !makes) return null;
  return (
    <section>
      <h4 class="panel__heading">{text('polls')}</h4>
      <ul>
        {all.map((poll) => (
          <li key={poll.id}>
            <button type="button" class="poll__entry" onClick={() => setOpen(poll.id)}>
              <span class="grow cut"><bdi>{titleOf(poll)}</bdi></span>
              <span class={`tag ${poll.state === 'published' ? 'tag--accent' : ''}`}>{text(STATES[poll.state])}</span>
            </button>
          </li>
        ))}
      </ul>
      {makes && <Button kind="quiet" icon="plus" onClick={() => setOpen('new')}>{text('poll_new')}</Button>}
      {open === 'new' && <NewPollDialog peer={one.peer} onClose={() => setOpen(undefined)} />}
      {shown && <PollDialog one={shown} onClose={() => setOpen(undefined)} />}
    </section>
  );
}
