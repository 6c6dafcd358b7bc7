import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useForm } from '../state/form';
import { text } from '../state/language';
import { plain } from '../state/plain';
import { Button } from './button';
import { Dialog } from './dialog';
import { TextField } from './field';
import { Notice } from './notice';

interface ConfirmProps {
  title: string;
  /** What happens then, and whether it can be undone. */
  children: ComponentChildren;
  action: string;
  danger?: boolean;
  /** To be typed before it can be done: for what cannot be undone. */
  typed?: string;
  act: () => Promise<void>;
  onClose: () => void;
  /** Once it is done; the dialog is closed unless something else follows. */
  onDone?: () => void;
}

/** Asks before something is done that others feel; stays open with the reason when the box refuses. */
export function Confirm({ title, children, action, danger = true, typed, act, onClose, onDone = onClose }: ConfirmProps) {
  const [entered, setEntered] = useState('');
  const wanted = typed === undefined ? undefined : plain(typed);
  const same = wanted === undefined || entered.trim().toLocaleLowerCase() === wanted.toLocaleLowerCase();
  const form = useForm([], async () => {
    await act();
    onDone();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" noValidate onSubmit={(event) => same && void form.submit(event)}>
        <div class="soft stack stack--tight">{children}</div>
        {wanted !== undefined && (
          <TextField label={text('confirm_type', { name: wanted })} value={entered} onInput={setEntered} autocomplete="off" autofocus />
        )}
        {form.general && <Notice kind="bad">{form.general}</Notice>}
        <div class="row row--end row--wrap">
          <Button onClick={onClose}>{text('cancel')}</Button>
          <Button type="submit" kind={danger ? 'danger' : 'main'} busy={form.busy} disabled={!same}>{action}</Button>
        </div>
      </form>
    </Dialog>
  );
}
