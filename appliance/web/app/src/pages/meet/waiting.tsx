import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import type { LinkPage } from '../../protocol/door';
import { text } from '../../state/language';
import { goAway, goInside, standing } from '../../state/meet';
import { go } from '../../state/route';

/** How often is asked whether the door is open. */
const EVERY_MS = 3_000;

/** Who waits sees nothing of the bubble, and is told what becomes of it (C5). */
export function WaitingRoom({ page, room }: { page: LinkPage; room: string }) {
  const [state, setState] = useState<'waiting' | 'refused'>('waiting');
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), [state]);
  useEffect(() => {
    if (state !== 'waiting') return;
    let timer: ReturnType<typeof setTimeout>;
    let over = false;
    const look = async () => {
      // A box that does not answer now is asked again.
      const now = await standing(room).catch(() => 'waiting' as const);
      if (over) return;
      if (now === 'inside') return goInside(room);
      if (now === 'refused') return setState('refused');
      timer = setTimeout(() => void look(), EVERY_MS);
    };
    timer = setTimeout(() => void look(), EVERY_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [room, state]);
  const leave = async () => {
    await goAway(room);
    go('sign-in');
  };
  if (state === 'refused') {
    return (
      <>
        <span class="front__sign"><Icon name="block" size={28} /></span>
        <div role="alert">
          <h1 ref={title} tabIndex={-1}>{text('meet_refused')}</h1>
          <p class="front__lead">{text('meet_refused_text')}</p>
        </div>
      </>
    );
  }
  return (
    <>
      <span class="front__sign"><Icon name="clock" size={28} /></span>
      <div role="status">
        <h1 ref={title} tabIndex={-1}>{text('meet_waiting')}</h1>
        <p class="front__lead">{text('meet_waiting_text', { name: page.roomName })}</p>
      </div>
      <div><Button icon="leave" onClick={() => void leave()}>{text('meet_go_away')}</Button></div>
    </>
  );
}
