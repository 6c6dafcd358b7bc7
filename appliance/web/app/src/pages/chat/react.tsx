import type { RefObject, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { text } from '../../state/language';
import { isMe } from '../../state/people';
import { EmojiGrid } from './emoji_picker';
import type { Row } from './rows';

/** What people take most. */
const QUICK = ['👍', '❤️', '😂', '🎉', '😮', '🙏'] as const;
const MARGIN_PX = 8;

interface ReactProps {
  row: Row;
  /** The button that opened it: it stands beside that, and gives the focus back to it. */
  at: RefObject<HTMLElement | null>;
  onPick: (icon: string) => void;
  onClose: () => void;
}

/** Above the button, or below it where there is no room, and inside of the window. */
function usePlaced(at: RefObject<HTMLElement | null>) {
  const ref = useRef<HTMLDivElement>(null);
  const place = () => {
    const [panel, button] = [ref.current, at.current?.getBoundingClientRect()];
    if (!panel || !button) return;
    const { width, height } = panel.getBoundingClientRect();
    const left = Math.max(MARGIN_PX, Math.min(button.left + button.width / 2 - width / 2, innerWidth - width - MARGIN_PX));
    const above = button.top - height - MARGIN_PX / 2;
    panel.style.left = `${left}px`;
    panel.style.top = `${above > MARGIN_PX ? above : button.bottom + MARGIN_PX / 2}px`;
  };
  useLayoutEffect(place, []);
  return { ref, place };
}

/** A few emoji at once, and all of them after one more press. Arrows move, Escape closes. */
export function React({ row, at, onPick, onClose }: ReactProps) {
  const [all, setAll] = useState(false);
  const { ref, place } = usePlaced(at);
  const own = row.reactions.find((one) => isMe(one.from))?.icons ?? [];
  useLayoutEffect(() => {
    if (!all) ref.current?.querySelector('button')?.focus();
  }, [all]);
  useEffect(() => {
    if (all) return;
    const outside = (event: Event) => {
      if (!ref.current?.contains(event.target as Node)) onClose();
    };
    // A message that comes moves what is on the screen: it stays beside its button.
    const follow = () => (at.current?.isConnected ? place() : onClose());
    document.addEventListener('pointerdown', outside);
    document.addEventListener('scroll', follow, true);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('scroll', follow, true);
    };
  }, [all]);
  const close = () => {
    onClose();
    at.current?.focus();
  };
  const pick = (icon: string) => {
    close();
    onPick(icon);
  };
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll('button')];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key !== 'Escape' && event.key !== 'Tab' && !step && !event.key.startsWith('Arrow')) return;
    event.preventDefault();
    event.stopPropagation();
    if (step) buttons[(buttons.indexOf(document.activeElement as HTMLButtonElement) + step + buttons.length) % buttons.length]?.focus();
    else if (!event.key.startsWith('Arrow')) close();
  };
  if (all) {
    return (
      <Dialog title={text('chat_react')} onClose={close}>
        <EmojiGrid onPick={pick} onClose={close} />
      </Dialog>
    );
  }
  return (
    <div class="react" ref={ref} role="dialog" aria-label={text('chat_react')} onKeyDown={move}>
      {QUICK.map((icon) => (
        <button key={icon} type="button" class="emoji__one" aria-pressed={own.includes(icon)} onClick={() => pick(icon)}>{icon}</button>
      ))}
      <Button kind="quiet" icon="plus" label={text('chat_react_more')} onClick={() => setAll(true)} />
    </div>
  );
}
