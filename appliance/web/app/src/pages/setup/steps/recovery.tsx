import { useState } from 'preact/hooks';
import { Button } from '../../../components/button';
import { Icon } from '../../../components/icon';
import { Notice } from '../../../components/notice';
import { Refusal } from '../../../protocol/rest';
import { useAttempt } from '../../../state/attempt';
import { text } from '../../../state/language';
import { answers, checkRecoveryKey, makeRecoveryKey, recoveryKey } from '../../../state/setup';
import { KeyField } from '../key-field';
import { KeySheet } from '../key-sheet';
import { StepForm, goOn } from '../step-form';
import type { StepRow } from '../steps';

const STEP = 'recovery';

/** First what it is for, then the key itself, then proof that it was written down, then nothing of it. */
function Screen() {
  const [noted, setNoted] = useState(false);
  if (answers.value.recovery?.confirmed) return <Confirmed onMade={() => setNoted(false)} />;
  if (recoveryKey.value === undefined) return <Intro />;
  if (!noted) return <Shown secret={recoveryKey.value} onNoted={() => setNoted(true)} />;
  return <Check onMade={() => setNoted(false)} />;
}

function Intro() {
  const attempt = useAttempt({ fields: [], act: makeRecoveryKey });
  return (
    <StepForm key="intro" step={STEP} title={text('setup_key')} lead={text('setup_key_lead')} attempt={attempt} go={text('setup_key_make')}>
      <ul class="points">
        <li><Icon name="disk" /><span>{text('setup_key_point_lost')}</span></li>
        <li><Icon name="shield" /><span>{text('setup_key_point_power')}</span></li>
        <li><Icon name="key" /><span>{text('setup_key_point_once')}</span></li>
      </ul>
    </StepForm>
  );
}

function Shown({ secret, onNoted }: { secret: string; onNoted: () => void }) {
  const attempt = useAttempt({ fields: [], act: async () => onNoted() });
  return (
    <StepForm key="shown" step={STEP} title={text('setup_key_yours')} lead={text('setup_key_yours_lead')} attempt={attempt} go={text('setup_key_noted')}>
      <KeySheet secret={secret} name={answers.value.name?.name ?? location.host} />
    </StepForm>
  );
}

/** A new key, which voids the one before. */
function Another({ onMade }: { onMade: () => void }) {
  const { busy, wrong, submit } = useAttempt({
    fields: [],
    act: async () => {
      await makeRecoveryKey();
      onMade();
    },
  });
  return (
    <div class="stack stack--tight">
      <div><Button busy={busy} onClick={(event) => void submit(event)}>{text('setup_key_another')}</Button></div>
      {wrong['form'] && <Notice kind="bad">{wrong['form']}</Notice>}
    </div>
  );
}

function Check({ onMade }: { onMade: () => void }) {
  const [entered, setEntered] = useState('');
  const attempt = useAttempt({
    fields: ['key'],
    check: () => ({ key: entered.trim() === '' ? text('setup_key_needed') : undefined }),
    act: async () => {
      await checkRecoveryKey(entered);
      goOn(STEP);
    },
    tell: (failure) => (failure instanceof Refusal && failure.status === 400 ? { key: text('setup_key_wrong') } : undefined),
  });
  return (
    <StepForm key="check" step={STEP} title={text('setup_key_check')} lead={text('setup_key_check_lead')} attempt={attempt} go={text('setup_key_check_go')}>
      <KeyField label={text('setup_key_field')} hint={text('setup_key_field_hint')} value={entered} onInput={setEntered} error={attempt.wrong['key']} />
      <Another onMade={onMade} />
    </StepForm>
  );
}

function Confirmed({ onMade }: { onMade: () => void }) {
  const attempt = useAttempt({ fields: [], act: async () => goOn(STEP) });
  return (
    <StepForm key="confirmed" step={STEP} title={text('setup_key')} attempt={attempt}>
      <Notice kind="good">{text('setup_key_confirmed')}</Notice>
      <p class="soft">{text('setup_key_another_text')}</p>
      <Another onMade={onMade} />
    </StepForm>
  );
}

export const recovery: StepRow = {
  name: STEP,
  title: 'setup_key_short',
  Screen,
  isAnswered: (given) => given.recovery?.confirmed ?? false,
  summary: ({ recovery: given }) => [['setup_key_short', text(given?.confirmed ? 'setup_key_is_checked' : 'setup_key_is_open')]],
};
