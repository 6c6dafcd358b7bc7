import { useEffect, useState } from 'preact/hooks';
import { Button } from './components/button';
import { Icon } from './components/icon';
import { connection, tryNow } from './state/connection';
import { text } from './state/language';
import { clock } from './state/time';

/** A short break is nobody's worry. */
const SHOWN_AFTER_MS = 2500;

/** Says that this device hears of nothing at the moment, since when, and what that means. */
export function ConnectionBar() {
  const { state, sinceMs } = connection.value;
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (state === 'online') return;
    const timer = setTimeout(() => setLate(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const shown = state !== 'online' && late;
  return (
    <div role="status">
      {shown && (
        <div class="connection">
          <Icon name="offline" size={18} />
          <span>{state === 'offline' ? text('connection_lost', { time: clock(sinceMs) }) : text('connection_opening')}</span>
          {state === 'offline' && <Button onClick={tryNow}>{text('connection_try')}</Button>}
        </div>
      )}
    </div>
  );
}
