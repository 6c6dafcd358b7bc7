import { useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { TextField } from '../../components/field';
import { NewPassword } from '../../components/password';
import { Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { SessionList } from '../../components/sessions';
import { say } from '../../components/toast';
import { needed, useForm } from '../../state/form';
import { text } from '../../state/language';
import { changePassword } from '../../state/own';
import { isAllowed } from '../../state/strength';
import { account } from '../../state/session';
import { ownSessions } from '../../state/sessions';

export function Security() {
  const [changes, setChanges] = useState(0);
  return (
    <>
      <Password onChanged={() => setChanges((before) => before + 1)} />
      <SessionList key={changes} of={ownSessions} />
    </>
  );
}

function Password({ onChanged }: { onChanged: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const check = () => ({
    currentPassword: needed(current),
    newPassword: isAllowed(next) ? (next === current ? text('settings_password_same') : undefined) : text('form_password_rules'),
  });
  const form = useForm(['currentPassword', 'newPassword'], async () => {
    await changePassword(current, next);
    setCurrent('');
    setNext('');
    say(text('settings_password_done'));
    onChanged();
  }, check);
  return (
    <Part title={text('settings_password')} text={text('settings_password_text')}>
      <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
        <input class="visually-hidden" type="email" name="username" autocomplete="username" value={account.value?.loginEmail ?? ''} readOnly tabIndex={-1} aria-hidden="true" />
        <TextField label={text('settings_password_present')} type="password" autocomplete="current-password" value={current} onInput={setCurrent} error={form.error('currentPassword')} />
        <NewPassword label={text('settings_password_new')} value={next} onInput={setNext} error={form.error('newPassword')} />
        {form.general && <Notice kind="bad">{form.general}</Notice>}
        <div class="row row--end">
          <Button type="submit" kind="main" busy={form.busy}>{text('settings_password_change')}</Button>
        </div>
      </form>
    </Part>
  );
}
