import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { text } from '../../state/language';
import { EMOJI } from './emoji';

const COLUMNS = 8;

/** All emoji of the set. Arrows move, Enter takes one, Escape closes. */
export function EmojiGrid({ onPick, onClose }: { onPick: (emoji: string) => void; onClose: () => void }) {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => root.current?.querySelector<HTMLElement>('.emoji__one')?.focus(), []);
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      return onClose();
    }
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('.emoji__one')];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS, Home: -at, End: all.length - 1 - at }[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    all[Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
  };
  return (
    <div ref={root} onKeyDown={move}>
      {EMOJI.map(([name, set], group) => (
        <section key={name} aria-label={text(name)}>
          <h3 class="emoji__group" aria-hidden="true">{text(name)}</h3>
          <div class="emoji__set">
            {set.map((emoji, index) => (
              <button key={emoji} type="button" class="emoji__one" tabIndex={group + index === 0 ? 0 : -1} onClick={() => onPick(emoji)}>{emoji}</button>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

/** A button that opens a small set of emoji, and stays open while some are taken. */
export function EmojiPicker({ onPick, onClose }: { onPick: (emoji: string) => void; onClose: () => void }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    onClose();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  return (
    <div class="emoji" ref={root} onKeyDown={(event) => event.key === 'Escape' && open && (event.preventDefault(), event.stopPropagation(), close())}>
      <Button kind="quiet" icon="smile" label={text('chat_emoji')} popup="dialog" expanded={open} onClick={() => (open ? close() : setOpen(true))} />
      {open && <div class="emoji__panel" role="dialog" aria-label={text('chat_emoji')}><EmojiGrid onPick={onPick} onClose={close} /></div>}
    </div>
  );
}
