import { useState } from 'preact/hooks';
import { Asked } from '../../components/asked';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { useAsked } from '../../state/asked';
import { language, text } from '../../state/language';
import { compare } from '../../state/names';
import { type Reader, reach, readersOf } from '../../state/readers';
import { nameInBubble } from './name';

const GROUPS = [
  ['read', 'chat_readers_read'],
  ['received', 'chat_readers_received'],
  ['sent', 'chat_readers_sent'],
] as const;
/** Shown before somebody asks for all. */
const FEW = 30;

/** Who of a bubble has read a message of one's own, who only got it, and who neither. */
export function ReadersDialog({ peer, place, onClose }: { peer: string; place: number; onClose: () => void }) {
  const told = useAsked((stop) => readersOf(peer, place, stop), [peer, place, reach(peer, place)]);
  return (
    <Dialog title={text('chat_readers')} onClose={onClose}>
      <Asked of={told} rows={2} round>
        {(all) => (
          <div class="stack readers" data-scroller tabIndex={0}>
            {all.length === 0 && <p class="soft">{text('chat_readers_nobody')}</p>}
            {GROUPS.map(([state, heading]) => <Group key={state} heading={text(heading)} all={all.filter((one) => one.state === state)} />)}
          </div>
        )}
      </Asked>
      <div class="row row--end"><Button onClick={onClose}>{text('close')}</Button></div>
    </Dialog>
  );
}

function Group({ heading, all }: { heading: string; all: readonly Reader[] }) {
  const [whole, setWhole] = useState(false);
  if (all.length === 0) return null;
  const named = (whole ? all : all.slice(0, FEW)).map(({ user }) => ({ user, name: nameInBubble(user) })).sort((one, other) => compare(one.name, other.name, language.value));
  return (
    <section>
      <h3 class="panel__heading">{heading}</h3>
      <ul>
        {named.map(({ user, name }) => <li key={user} class="row"><Avatar id={user} name={name} size="small" /><bdi class="grow cut">{name}</bdi></li>)}
      </ul>
      {!whole && all.length > FEW && <Button kind="quiet" onClick={() => setWhole(true)}>{text('bubble_show_all', { count: all.length })}</Button>}
    </section>
  );
}
