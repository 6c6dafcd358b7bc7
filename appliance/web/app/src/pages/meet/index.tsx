import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { TextField } from '../../components/field';
import { Notice } from '../../components/notice';
import { Front } from '../../front';
import { LinkFailed, LinkGone, LinkLoading } from '../../front_states';
import type { Arrival, LinkPage } from '../../protocol/door';
import { Refusal } from '../../protocol/rest';
import { type Attempt, useAttempt } from '../../state/attempt';
import { text } from '../../state/language';
import { enterAsGuest, enterAsMember, goInside, lookAt, whereGuestIs } from '../../state/meet';
import { clean } from '../../state/names';
import { link, route } from '../../state/route';
import { account, isGuest } from '../../state/session';
import { useTitle } from '../../state/title';
import { WaitingRoom } from './waiting';

const NAME_MAX = 80;
const PASSWORD_MAX = 32;

type Found = { page: LinkPage } | { failure: unknown } | undefined;

/** `#/meet/TOKEN`: what a bubble's link shows to whoever holds it (C4, C5). */
export default function Meet() {
  const token = route.value.rest[0] ?? '';
  const [found, setFound] = useState<Found>(undefined);
  const [at, setAt] = useState<Arrival | undefined>(undefined);
  const [turn, setTurn] = useState(0);
  useTitle(text('meet_title'));
  const arrive = (arrival: Arrival) => (arrival.status === 'accepted' ? goInside(arrival.roomId) : setAt(arrival));
  useEffect(() => {
    let late = false;
    setFound(undefined);
    // Whoever waits and loads the page anew goes on waiting.
    void whereGuestIs().then((arrival) => !late && arrival && arrive(arrival));
    lookAt(token).then(
      (page) => late || setFound({ page }),
      (failure: unknown) => late || setFound({ failure }),
    );
    return () => { late = true; };
  }, [token, turn]);
  return (
    <Front>
      {found === undefined && <LinkLoading fields={1} />}
      {found && 'failure' in found && <Failed failure={found.failure} retry={() => setTurn(turn + 1)} />}
      {found && 'page' in found && (at ? <WaitingRoom page={found.page} room={at.roomId} /> : <Door token={token} page={found.page} onArrival={arrive} />)}
    </Front>
  );
}

function Failed({ failure, retry }: { failure: unknown; retry: () => void }) {
  const gone = failure instanceof Refusal && [400, 404].includes(failure.status);
  return gone ? <LinkGone title={text('meet_gone')} lead={text('meet_gone_text')} /> : <LinkFailed title={text('meet_title')} failure={failure} retry={retry} />;
}

interface DoorProps {
  token: string;
  page: LinkPage;
  onArrival: (arrival: Arrival) => void;
}

function Door({ token, page, onArrival }: DoorProps) {
  const organizer = [page.invitingFirstName, page.invitingLastName].filter(Boolean).join(' ') || text('bubble_somebody');
  const member = account.value && !isGuest.value;
  return (
    <>
      <div>
        <h1><bdi>{page.roomName}</bdi></h1>
        <p class="front__lead">{text('meet_lead', { name: organizer, company: page.invitingCompanyName })}</p>
        {page.roomTopic && <p class="soft"><bdi>{page.roomTopic}</bdi></p>}
      </div>
      {page.roomLocked && <Notice kind="warn">{text('meet_locked')}</Notice>}
      {!page.roomLocked && page.hasLobby && <Notice>{text('meet_lobby')}</Notice>}
      {!page.roomLocked && (member ? <AsMember token={token} page={page} onArrival={onArrival} /> : <AsGuest token={token} page={page} onArrival={onArrival} />)}
    </>
  );
}

function AsGuest({ token, page, onArrival }: DoorProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { busy, wrong, submit, entered } = useAttempt({
    fields: [],
    check: () => ({ name: name.trim() ? undefined : text('meet_name_needed') }),
    act: async () => onArrival(await enterAsGuest(token, name.trim(), password)),
  });
  if (!page.guestsAllowed) {
    return (
      <>
        <Notice kind="warn">{text('meet_no_guests')}</Notice>
        <div><a class="button button--main" href={link('sign-in')}>{text('sign_in_go')}</a></div>
      </>
    );
  }
  return (
    <form class="stack" noValidate onInput={entered} onSubmit={(event) => void submit(event)}>
      <TextField label={text('meet_name')} hint={text('meet_name_hint')} name="name" value={name} onInput={setName} autocomplete="name" maxLength={NAME_MAX} error={wrong['name']} />
      {page.hasPassword && <RoomPassword value={password} onInput={setPassword} />}
      <Enter wrong={wrong} busy={busy} page={page} />
      <p class="faint">{text('meet_guest_text')}</p>
      <p class="faint">{text('meet_account')} <a href={link('sign-in')}>{text('sign_in_go')}</a></p>
    </form>
  );
}

function AsMember({ token, page, onArrival }: DoorProps) {
  const [password, setPassword] = useState('');
  const { busy, wrong, submit, entered } = useAttempt({ fields: [], act: async () => onArrival(await enterAsMember(token, password)) });
  return (
    <form class="stack" noValidate onInput={entered} onSubmit={(event) => void submit(event)}>
      <p>{text('meet_as', { name: clean(account.value?.displayName ?? '') })}</p>
      {page.hasPassword && <RoomPassword value={password} onInput={setPassword} />}
      <Enter wrong={wrong} busy={busy} page={page} />
    </form>
  );
}

function RoomPassword({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  return <TextField label={text('meet_password')} hint={text('meet_password_hint')} name="room-password" value={value} onInput={onInput} autocomplete="off" maxLength={PASSWORD_MAX} />;
}

function Enter({ wrong, busy, page }: Pick<Attempt, 'wrong' | 'busy'> & { page: LinkPage }) {
  return (
    <>
      {wrong['form'] && <Notice kind="bad">{wrong['form']}</Notice>}
      <Button kind="main" type="submit" wide busy={busy}>{text(page.hasLobby ? 'meet_knock' : 'meet_enter')}</Button>
    </>
  );
}
