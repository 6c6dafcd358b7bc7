import { signal } from '@preact/signals';
import { text as words } from '../state/language';
import { Icon } from './icon';

interface Action {
  name: string;
  run: () => void;
}

interface Toast {
  id: number;
  kind: 'good' | 'bad' | 'info';
  text: string;
  action?: Action | undefined;
}

const ICONS = { good: 'check', bad: 'warning', info: 'info' } as const;

const SHOWN_MS = 6000;
const SHOWN_MAX = 3;
const toasts = signal<readonly Toast[]>([]);
let last = 0;

/**
 * Says shortly what happened; gone by itself. What needs an answer is a dialog or stands in the page.
 * With something to do about it, it stays until that is done or it is put away.
 */
export function say(text: string, kind: Toast['kind'] = 'good', action?: Action): void {
  const id = ++last;
  toasts.value = [...toasts.value, { id, kind, text, action }].slice(-SHOWN_MAX);
  if (!action) setTimeout(() => drop(id), SHOWN_MS);
}

function drop(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast toast--${toast.kind}`}>
          <Icon name={ICONS[toast.kind]} />
          <span>{toast.text}</span>
          {toast.action && <ToastAction toast={toast} action={toast.action} />}
        </div>
      ))}
    </div>
  );
}

function ToastAction({ toast, action }: { toast: Toast; action: Action }) {
  return (
    <span class="toast__ways">
      <button type="button" class="toast__act" onClick={() => { drop(toast.id); action.run(); }}>{action.name}</button>
      <button type="button" class="toast__act" aria-label={words('close')} title={words('close')} onClick={() => drop(toast.id)}><Icon name="close" size={16} /></button>
    </span>
  );
}
