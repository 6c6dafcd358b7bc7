import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { TextField } from '../../components/field';
import { Notice } from '../../components/notice';
import { NewPassword } from '../../components/password';
import { Front } from '../../front';
import { LinkFailed, LinkGone, LinkLoading } from '../../front_states';
import { Refusal } from '../../protocol/rest';
import { useAttempt } from '../../state/attempt';
import { type Invitation, join, readInvitation } from '../../state/join';
import { text } from '../../state/language';
import { link, replace, route } from '../../state/route';
import { account } from '../../state/session';
import { isAllowed } from '../../state/strength';
import { useTitle } from '../../state/title';

const NAME_MAX = 255;

type Found = { invitation: Invitation } | { failure: unknown } | undefined;

const isGone = (failure: unknown) => failure instanceof Refusal && [400, 404, 409, 410].includes(failure.status);

export default function Join() {
  const token = route.value.rest[0] ?? '';
  const [found, setFound] = useState<Found>(undefined);
  const [turn, setTurn] = useState(0);
  useTitle(text('join_title'));
  useEffect(() => {
    let late = false;
    setFound(undefined);
    readInvitation(token).then(
      (invitation) => late || setFound({ invitation }),
      (failure: unknown) => late || setFound({ failure }),
    );
    return () => { late = true; };
  }, [token, turn]);
  return (
    <Front>
      {found === undefined && <LinkLoading fields={2} />}
      {found && 'invitation' in found && <Form token={token} invitation={found.invitation} onGone={(failure) => setFound({ failure })} />}
      {found && 'failure' in found && (isGone(found.failure) ? <Gone /> : <LinkFailed title={text('join_title')} failure={found.failure} retry={() => setTurn(turn + 1)} />)}
    </Front>
  );
}

function Gone() {
  return (
    <LinkGone title={text('join_gone')} lead={text('join_gone_text')}>
      <ul class="front__points">
        <li>{text('join_gone_used')}</li>
        <li>{text('join_gone_old')}</li>
        <li>{text('join_gone_cut')}</li>
      </ul>
      <div><a class="button button--main" href={link('')}>{text('join_gone_go')}</a></div>
    </LinkGone>
  );
}

interface FormProps {
  token: string;
  invitation: Invitation;
  onGone: (failure: unknown) => void;
}

function Form({ token, invitation, onGone }: FormProps) {
  const [firstName, setFirstName] = useState(invitation.firstName);
  const [lastName, setLastName] = useState(invitation.lastName);
  const [password, setPassword] = useState('');
  const { busy, wrong, submit, entered } = useAttempt({
    fields: ['password', 'firstName', 'lastName'],
    check: () => ({ password: isAllowed(password) ? undefined : text('join_password_wrong') }),
    act: async () => {
      await join(token, { password, firstName: firstName.trim(), lastName: lastName.trim() });
      replace('');
    },
    tell: (failure) => {
      if (!(failure instanceof Refusal && failure.status === 404)) return undefined;
      onGone(failure);
      return {};
    },
  });
  return (
    <>
      <div>
        <h1>{text('join_heading', { company: invitation.companyName })}</h1>
        <p class="front__lead">{text('join_lead')} <b><bdi dir="auto">{invitation.email}</bdi></b></p>
      </div>
      {account.value && <Notice kind="warn">{text('join_other', { email: account.value.loginEmail })}</Notice>}
      <form class="stack" noValidate onInput={entered} onSubmit={(event) => void submit(event)}>
        <input class="visually-hidden" type="email" autocomplete="username" value={invitation.email} readOnly tabIndex={-1} aria-hidden="true" />
        <div class="front__pair">
          <TextField label={text('join_first')} optional={text('optional')} value={firstName} onInput={setFirstName} autocomplete="given-name" maxLength={NAME_MAX} error={wrong['firstName']} />
          <TextField label={text('join_last')} optional={text('optional')} value={lastName} onInput={setLastName} autocomplete="family-name" maxLength={NAME_MAX} error={wrong['lastName']} />
        </div>
        <NewPassword label={text('join_password')} hint={text('join_password_hint')} name="password" value={password} onInput={setPassword} about={[invitation.email, firstName, lastName, invitation.companyName]} error={wrong['password']} />
        {wrong['form'] && <Notice kind="bad">{wrong['form']}</Notice>}
        <Button kind="main" type="submit" wide busy={busy}>{text('join_go')}</Button>
      </form>
    </>
  );
}
