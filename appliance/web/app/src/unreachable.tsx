import { useEffect, useState } from 'preact/hooks';
import { Button } from './components/button';
import { Icon } from './components/icon';
import { Front } from './front';
import { text } from './state/language';
import { againAt, askBox } from './state/start';
import { useTitle } from './state/title';

/** Nobody is signed in and the box is silent: there is nothing to show, but something to do. */
export function Unreachable() {
  const [now, setNow] = useState(Date.now);
  const at = againAt.value;
  useTitle(text('start_unreachable'));
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = at === undefined ? 0 : Math.max(1, Math.ceil((at - Math.max(now, Date.now() - 1000)) / 1000));
  return (
    <Front>
      <span class="front__sign"><Icon name="offline" size={28} /></span>
      <div role="status">
        <h1>{text('start_unreachable')}</h1>
        <p class="front__lead">{text('start_unreachable_text')}</p>
      </div>
      <ul class="front__points">
        <li>{text('start_unreachable_network')}</li>
        <li>{text('start_unreachable_box')}</li>
        <li>{text('start_unreachable_address', { address: location.host })}</li>
      </ul>
      <div class="row row--wrap">
        <Button kind="main" busy={at === undefined} onClick={() => void askBox()}>{text('retry')}</Button>
        <p class="faint countdown">{at === undefined ? text('start_asking') : text('start_again', { seconds })}</p>
      </div>
    </Front>
  );
}
