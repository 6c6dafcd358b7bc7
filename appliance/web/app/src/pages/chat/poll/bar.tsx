import './poll.css';
import { useState } from 'preact/hooks';
import { Icon } from '../../../components/icon';
import { bubble } from '../../../state/bubbles';
import { counted, text } from '../../../state/language';
import { polls, titleOf } from '../../../state/polls';
import { PollDialog } from './dialog';

/** Above the messages of a bubble: the polls on which people vote now. */
export function PollBar({ peer }: { peer: string }) {
  const [open, setOpen] = useState<string | undefined>(undefined);
  const all = polls(peer);
  const shown = all.find((one) => one.id === open);
  const of = bubble(peer);
  const running = of?.status === 'accepted' && !of.archived ? all.filter((one) => one.state === 'published') : [];
  return (
    <>
      {running.length > 0 && (
        <div class="kept">
          {running.slice(0, 3).map((one) => (
            <div key={one.id} class="kept__one">
              <button type="button" class="kept__lead" onClick={() => setOpen(one.id)}>
                <Icon name="poll" size={16} />
                <span class="visually-hidden">{text('poll')}: </span>
                <span class="cut"><bdi>{titleOf(one)}</bdi></span>
                <span class="poll__state">{one.voted ? counted('poll_votes', one.voters) : text('poll_vote')}</span>
              </button>
            </div>
          ))}
        </div>
      )}
      {shown && <PollDialog one={shown} onClose={() => setOpen(undefined)} />}
    </>
  );
}
