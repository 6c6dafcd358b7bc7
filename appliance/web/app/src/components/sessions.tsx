import { useState } from 'preact/hooks';
import type { SignInSession } from '../protocol/own';
import { useAsked } from '../state/asked';
import { counted, text } from '../state/language';
import type { Sessions } from '../state/sessions';
import { Asked } from './asked';
import { Button } from './button';
import { Confirm } from './confirm';
import { Icon } from './icon';
import { Name } from './name';
import { Part } from './sections';
import { say } from './toast';
import { When } from './when';

/** So many are shown before one asks for all. */
const SHOWN_FIRST = 5;

/** Clients by what they call themselves. */
function clientName(client: string): string {
  if (client === '') return text('sessions_unknown');
  if (client === 'web_edge') return text('sessions_web');
  return client.startsWith('sdk_') ? text('sessions_sdk') : client;
}

interface SessionListProps {
  of: Sessions;
  /** The member whose sessions they are; without one they are one's own. */
  member?: string;
}

/** Where somebody is signed in, and how to end it. */
export function SessionList({ of, member }: SessionListProps) {
  const asked = useAsked((signal) => of.list(signal), []);
  const [ending, setEnding] = useState<SignInSession | 'all' | undefined>(undefined);
  const [whole, setWhole] = useState(false);
  const others = asked.value?.filter((session) => !session.isCurrent) ?? [];
  const words = member === undefined ? text('sessions_text') : text('sessions_member_text');
  const all = member === undefined ? text('sessions_end_others') : text('sessions_end_all');
  return (
    <Part title={text('sessions_title')} text={words} actions={others.length > 0 && <Button kind="danger" onClick={() => setEnding('all')}>{all}</Button>}>
      <Asked of={asked} rows={2} round>
        {(sessions) => (sessions.length === 0 ? <p class="soft">{text('sessions_none')}</p> : (
          <>
            <ul class="lines">
              {sorted(sessions).slice(0, whole ? undefined : SHOWN_FIRST).map((session) => <Line key={session.id} session={session} onEnd={() => setEnding(session)} />)}
            </ul>
            {!whole && sessions.length > SHOWN_FIRST && <Button kind="quiet" onClick={() => setWhole(true)}>{text('sessions_all', { count: sessions.length })}</Button>}
          </>
        ))}
      </Asked>
      {ending && <End of={of} ending={ending} all={all} onClose={() => setEnding(undefined)} onEnded={asked.reload} />}
    </Part>
  );
}

const sorted = (sessions: readonly SignInSession[]): SignInSession[] =>
  [...sessions].sort((one, other) => Number(other.isCurrent) - Number(one.isCurrent) || other.lastUseDate.localeCompare(one.lastUseDate));

function Line({ session, onEnd }: { session: SignInSession; onEnd: () => void }) {
  const name = clientName(session.client);
  return (
    <li class="lines__one">
      <span class="lines__icon"><Icon name="device" /></span>
      <div class="grow">
        <p class="lines__name">
          <Name>{name}</Name>
          {session.isCurrent && <span class="tag tag--good">{text('sessions_here')}</span>}
          {session.connectedDevices > 0 && <span class="tag tag--accent">{counted('sessions_devices', session.connectedDevices)}</span>}
        </p>
        <p class="faint">
          {text('sessions_used')} <When date={session.lastUseDate} /> · {text('sessions_since')} <When date={session.creationDate} />
        </p>
      </div>
      {!session.isCurrent && <Button kind="quiet" label={`${text('sessions_end')}: ${name}`} onClick={onEnd}>{text('sessions_end')}</Button>}
    </li>
  );
}

interface EndProps {
  of: Sessions;
  ending: SignInSession | 'all';
  all: string;
  onClose: () => void;
  onEnded: () => void;
}

function End({ of, ending, all, onClose, onEnded }: EndProps) {
  const act = async () => {
    await (ending === 'all' ? of.endAll() : of.end(ending.id));
    say(text('sessions_ended'));
    onEnded();
  };
  return (
    <Confirm title={ending === 'all' ? all : text('sessions_end_one')} action={ending === 'all' ? all : text('sessions_end')} act={act} onClose={onClose}>
      <p>{ending === 'all' ? text('sessions_end_all_text') : text('sessions_end_text', { client: clientName(ending.client) })}</p>
    </Confirm>
  );
}
