import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { TextField } from '../../components/field';
import { Notice } from '../../components/notice';
import { PasswordField } from '../../components/password';
import { Front } from '../../front';
import { Refusal } from '../../protocol/rest';
import { type Wrong, useAttempt } from '../../state/attempt';
import { text } from '../../state/language';
import { ended, knownAs, signIn } from '../../state/session';
import { useTitle } from '../../state/title';

/** Reasons that share their status with another one (errorDetailsCode). */
const UNUSED = 403_003;
const BUSY = 429_001;

/** A keyboard that covers half a phone before anything has been read is no service. */
const begins = matchMedia('(pointer: fine)').matches;
const looksLikeAddress = (email: string) => /^\S+@\S+$/u.test(email.trim());

/** One text whether the address or the password is wrong: who guesses learns nothing (A5). */
function tell(failure: unknown): Wrong | undefined {
  if (!(failure instanceof Refusal)) return undefined;
  if (failure.detailsCode === BUSY) return { form: text('sign_in_busy') };
  if (failure.status === 401) return { form: text('sign_in_wrong') };
  if (failure.status === 403) return { form: text(failure.detailsCode === UNUSED ? 'sign_in_unused' : 'sign_in_disabled') };
  return undefined;
}

/** Seconds until another try is taken, counted down. */
function useWait(): [left: number, wait: (seconds: number) => void] {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(0);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => setNow(performance.now()), Math.max(10, until - performance.now() - (left - 1) * 1000));
    return () => clearTimeout(timer);
  }, [left, until, now]);
  const wait = (seconds: number) => {
    const start = performance.now();
    setNow(start);
    setUntil(start + seconds * 1000);
  };
  return [left, wait];
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Told once when it begins; the seconds are for those who look. */
function Locked({ left }: { left: number }) {
  return (
    <Notice kind="warn">
      <p role="alert">{text('sign_in_locked')}</p>
      <p aria-live="off">{text('sign_in_locked_left')} <b class="countdown">{clock(left)}</b></p>
    </Notice>
  );
}

export default function SignIn() {
  const [email, setEmail] = useState(knownAs.value);
  const [password, setPassword] = useState('');
  const [stay, setStay] = useState(() => matchMedia('(display-mode: standalone)').matches);
  const [left, wait] = useWait();
  useTitle(text('sign_in_title'));
  const { busy, wrong, submit, entered } = useAttempt({
    fields: [],
    check: () => ({
      email: looksLikeAddress(email) ? undefined : text('sign_in_email_needed'),
      password: password === '' ? text('sign_in_password_needed') : undefined,
    }),
    act: () => signIn(email, password, stay),
    tell: (failure) => {
      const locked = failure instanceof Refusal && failure.retryAfterS !== undefined && failure.detailsCode !== BUSY;
      if (!locked) return tell(failure);
      wait(failure.retryAfterS ?? 1);
      return {};
    },
  });
  return (
    <Front>
      <div>
        <h1>{text('sign_in_title')}</h1>
        <p class="front__lead">{text('sign_in_lead')}</p>
      </div>
      {ended.value === 'expired' && <Notice>{text('sign_in_expired')}</Notice>}
      {ended.value === 'visit' && <Notice>{text('meet_over')}</Notice>}
      {left > 0 && <Locked left={left} />}
      {wrong['form'] && left === 0 && <Notice kind="bad">{wrong['form']}</Notice>}
      <form class="stack" noValidate onInput={entered} onSubmit={(event) => void submit(event)}>
        <TextField label={text('sign_in_email')} type="email" name="email" value={email} onInput={setEmail} autocomplete="username" autofocus={begins && email === ''} error={wrong['email']} />
        <PasswordField label={text('sign_in_password')} name="password" value={password} onInput={setPassword} autocomplete="current-password" autofocus={begins && email !== ''} error={wrong['password']} />
        <label class="check">
          <input type="checkbox" checked={stay} onChange={(event) => setStay(event.currentTarget.checked)} />
          <span>{text('sign_in_stay')}<span class="field__hint check__hint">{text('sign_in_stay_hint')}</span></span>
        </label>
        <Button kind="main" type="submit" wide busy={busy} disabled={left > 0}>{text('sign_in_go')}</Button>
      </form>
      <p class="faint">{text('sign_in_help')}</p>
    </Front>
  );
}
