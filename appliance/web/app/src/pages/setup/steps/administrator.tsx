import { useState } from 'preact/hooks';
import { TextField } from '../../../components/field';
import { Notice } from '../../../components/notice';
import { NewPassword } from '../../../components/password';
import { useAttempt } from '../../../state/attempt';
import { text } from '../../../state/language';
import { answers, password, save } from '../../../state/setup';
import { isAllowed } from '../../../state/strength';
import { StepForm, goOn } from '../step-form';
import type { StepRow } from '../steps';

const STEP = 'administrator';
const EMAIL_MAX = 254;
const NAME_MAX = 255;

function Screen() {
  const given = answers.value.administrator;
  const [email, setEmail] = useState(given?.email ?? '');
  const [firstName, setFirstName] = useState(given?.firstName ?? '');
  const [lastName, setLastName] = useState(given?.lastName ?? '');
  const attempt = useAttempt({
    fields: ['email', 'firstName', 'lastName', 'password'],
    check: () => ({
      email: /^[^\s@]+@[^\s@]+$/u.test(email.trim()) ? undefined : text('setup_admin_email_wrong'),
      password: isAllowed(password.value) ? undefined : text('setup_admin_password_wrong'),
    }),
    act: async () => {
      await save(STEP, { email: email.trim(), firstName: firstName.trim(), lastName: lastName.trim() });
      goOn(STEP);
    },
  });
  return (
    <StepForm step={STEP} title={text('setup_admin')} lead={text('setup_admin_lead')} attempt={attempt}>
      {given && password.value === '' && <Notice>{text('setup_admin_again')}</Notice>}
      <TextField label={text('setup_admin_email')} hint={text('setup_admin_email_hint')} type="email" name="email" value={email} onInput={setEmail} autocomplete="username" maxLength={EMAIL_MAX} error={attempt.wrong['email']} />
      <div class="setup-pair">
        <TextField label={text('setup_admin_first')} optional={text('optional')} value={firstName} onInput={setFirstName} autocomplete="given-name" maxLength={NAME_MAX} error={attempt.wrong['firstName']} />
        <TextField label={text('setup_admin_last')} optional={text('optional')} value={lastName} onInput={setLastName} autocomplete="family-name" maxLength={NAME_MAX} error={attempt.wrong['lastName']} />
      </div>
      <NewPassword
        label={text('setup_admin_password')}
        name="password"
        value={password.value}
        onInput={(entered) => { password.value = entered; }}
        about={[email, firstName, lastName, answers.value.company?.name ?? '']}
        error={attempt.wrong['password']}
      />
      <p class="faint">{text('setup_admin_factor')}</p>
    </StepForm>
  );
}

export const administrator: StepRow = {
  name: STEP,
  title: 'setup_admin_short',
  Screen,
  // The box keeps no password before the end: after a reload the step is open again, for the password alone.
  isAnswered: (given) => given.administrator !== undefined && isAllowed(password.value),
  summary: ({ administrator: given }) => {
    const name = [given?.firstName, given?.lastName].filter(Boolean).join(' ');
    return [['setup_admin_email', given?.email ?? ''], ...(name ? [['setup_admin_name', name] as const] : [])];
  },
};
