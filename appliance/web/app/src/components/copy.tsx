import { useEffect, useRef, useState } from 'preact/hooks';
import { text } from '../state/language';
import { Button } from './button';
import { say } from './toast';

const SHOWN_MS = 2500;

async function toClipboard(content: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(content);
    return true;
  } catch {
    return false;
  }
}

interface CopyProps {
  content: string;
  /** What is copied, for screen readers. */
  label: string;
  /** Words on the button; without them it is an icon. */
  words?: string;
}

export function CopyButton({ content, label, words }: CopyProps) {
  const [done, setDone] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    if (!(await toClipboard(content))) return say(text('copy_failed'), 'bad');
    setDone(true);
    if (words === undefined) say(text('copied'));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(false), SHOWN_MS);
  };
  const shared = { icon: done ? ('check' as const) : ('copy' as const), onClick: () => void copy() };
  if (words === undefined) return <Button kind="quiet" label={label} {...shared} />;
  return <Button {...shared}>{done ? text('copied') : words}</Button>;
}

/** Something to take along: shown whole, selected by one click, copied by another. */
export function Copyable({ label, content, secret = false }: { label: string; content: string; secret?: boolean }) {
  return (
    <div class="copyable">
      <span class="field__label">{label}</span>
      <div class="copyable__row" data-secret={secret}>
        <code class="copyable__text mono" dir="ltr" tabIndex={0}>{content}</code>
        <CopyButton content={content} label={`${text('copy')}: ${label}`} words={text('copy')} />
      </div>
    </div>
  );
}
