import { useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Notice } from '../../components/notice';
import { Refusal } from '../../protocol/rest';
import { type Wrong, useAttempt } from '../../state/attempt';
import { counted, text } from '../../state/language';
import { relocked, unlock } from '../../state/setup';
import { status } from '../../state/start';
import { KeyField } from './key-field';
import { Heading } from './step-form';

/** The box tells in its refusal how many tries are left; without a number it has made another code. */
function tell(failure: unknown): Wrong | undefined {
  if (!(failure instanceof Refusal) || (failure.status !== 403 && failure.status !== 400)) return undefined;
  const left = Number(/\d+/u.exec(failure.details)?.[0] ?? 0);
  return { code: left > 0 ? counted('setup_code_wrong', left) : text('setup_code_new') };
}

export function Code() {
  const [code, setCode] = useState('');
  const { busy, wrong, submit, entered } = useAttempt({
    fields: ['code'],
    check: () => ({ code: code.trim() === '' ? text('setup_code_needed') : undefined }),
    act: () => unlock(code),
    tell,
  });
  return (
    <form class="step" noValidate onInput={entered} onSubmit={(event) => void submit(event)}>
      <div class="step__head">
        <Heading>{text('setup_welcome')}</Heading>
        <p class="step__lead">{text('setup_welcome_lead')}</p>
      </div>
      {relocked.value && <Notice>{text('setup_code_again')}</Notice>}
      <KeyField short label={text('setup_code')} hint={text('setup_code_hint')} value={code} onInput={setCode} error={wrong['code']} />
      {wrong['form'] && <Notice kind="bad">{wrong['form']}</Notice>}
      {status.value?.fingerprint && <Fingerprint value={status.value.fingerprint} />}
      <div class="step__ways">
        <span />
        <Button kind="main" type="submit" busy={busy}>{text('setup_code_go')}</Button>
      </div>
    </form>
  );
}

const BYTES_A_GROUP = 4;

/** In groups of four bytes, which the eye compares without losing its place. */
function groups(fingerprint: string): string[] {
  const bytes = fingerprint.split(':');
  return Array.from({ length: Math.ceil(bytes.length / BYTES_A_GROUP) }, (_, at) => bytes.slice(at * BYTES_A_GROUP, (at + 1) * BYTES_A_GROUP).join(':'));
}

function Fingerprint({ value }: { value: string }) {
  return (
    <section class="trust" aria-labelledby="trust">
      <h2 id="trust">{text('setup_trust')}</h2>
      <p class="soft">{text('setup_trust_text')}</p>
      <p class="trust__print mono" dir="ltr" translate={false}>{groups(value).map((group) => <span key={group}>{group} </span>)}</p>
      <details class="more">
        <summary>{text('setup_trust_sure')}<Icon name="down" size={16} /></summary>
        <p class="soft">{text('setup_trust_sure_text')}</p>
      </details>
    </section>
  );
}
