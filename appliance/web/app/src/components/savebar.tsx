import { useEffect, useRef } from 'preact/hooks';
import { text } from '../state/language';
import { Button } from './button';

/** Stands over a form as long as something in it is not saved. Who was in it stays at that place when it goes. */
export function SaveBar({ shown, busy, onUndo }: { shown: boolean; busy: boolean; onUndo: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(shown);
  useEffect(() => {
    if (before.current && !shown && document.activeElement === document.body) place.current?.focus({ preventScroll: true });
    before.current = shown;
  }, [shown]);
  return (
    <div class={shown ? 'savebar' : 'savebar__anchor'} ref={place} tabIndex={-1}>
      {shown && (
        <>
          <span class="grow soft" role="status">{text('save_open')}</span>
          <Button onClick={onUndo}>{text('save_undo')}</Button>
          <Button type="submit" kind="main" busy={busy}>{text('save')}</Button>
        </>
      )}
    </div>
  );
}
