import { useState } from 'preact/hooks';
import { useAct } from '../../components/act';
import { AskedBy } from '../../components/asked_by';
import { Avatar } from '../../components/avatar';
import { BubbleAvatar } from '../../components/bubble_avatar';
import { Button } from '../../components/button';
import { TextField } from '../../components/field';
import { Empty } from '../../components/notice';
import { PaneSkeleton } from '../../components/pane';
import { say } from '../../components/toast';
import { type Bubble, accept, askedInto, decline, titleOf } from '../../state/bubbles';
import { explain } from '../../state/failure';
import { type Waiting, answer, cancel, fetchInvitations, inviteByEmail, invitationsState, received, sent } from '../../state/invitations';
import { text } from '../../state/language';
import { person } from '../../state/people';
import { link } from '../../state/route';
import { brief } from '../../state/time';

/** Invitations that wait for an answer: of others, and one's own. */
export function Invitations() {
  if (invitationsState.value === 'loading') return <PaneSkeleton rows={7} />;
  if (invitationsState.value === 'failed') {
    return (
      <Empty icon="warning" title={text('people_invitations_failed')}>
        <Button onClick={() => void fetchInvitations()}>{text('retry')}</Button>
      </Empty>
    );
  }
  const bubbles = askedInto.value;
  const none = received.value.length + sent.value.length + bubbles.length === 0;
  return (
    <div class="pane__rows invitations">
      {none && (
        <Empty icon="mail" title={text('people_no_invitations')}>
          <p>{text('people_no_invitations_text')}</p>
        </Empty>
      )}
      {bubbles.length > 0 && (
        <section>
          <h3 class="pane__heading">{text('bubble_invitations')}</h3>
          <ul>
            {bubbles.map((one) => <BubbleRow key={one.id} one={one} />)}
          </ul>
        </section>
      )}
      <Group heading={text('people_received')} all={received.value} received />
      <Group heading={text('people_sent')} all={sent.value} />
      <ByEmail />
    </div>
  );
}

function Group({ heading, all, received: theirs = false }: { heading: string; all: readonly Waiting[]; received?: boolean }) {
  if (all.length === 0) return null;
  return (
    <section>
      <h3 class="pane__heading">{heading}</h3>
      <ul>
        {all.map((one) => <InvitationRow key={one.id} one={one} theirs={theirs} />)}
      </ul>
    </section>
  );
}

function InvitationRow({ one, theirs }: { one: Waiting; theirs: boolean }) {
  const [busy, setBusy] = useState<string | undefined>(undefined);
  const who = one.user ? person(one.user) : null;
  const name = who?.name ?? one.email ?? (who === undefined ? '…' : text('chat_somebody'));
  const run = async (what: string, act: () => Promise<void>, done?: string) => {
    setBusy(what);
    try {
      await act();
      if (done) say(done);
    } catch (failure) {
      say(explain(failure), 'bad');
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <li class="invitation">
      <Avatar id={one.user ?? one.id} name={name} />
      <div class="grow">
        {one.user && who ? <a class="invitation__name" href={link('people', one.user)}><bdi>{name}</bdi></a> : <bdi class="invitation__name">{name}</bdi>}
        <p class="faint cut">{[who?.company, brief(one.atMs)].filter(Boolean).join(' · ')}</p>
        <div class="row invitation__actions">
          {theirs ? (
            <>
              <Button kind="main" busy={busy === 'accept'} onClick={() => void run('accept', () => answer(one.id, 'accept'), text('people_accepted', { name }))}>{text('people_accept')}</Button>
              <Button busy={busy === 'decline'} onClick={() => void run('decline', () => answer(one.id, 'decline'))}>{text('people_decline')}</Button>
            </>
          ) : (
            <Button busy={busy === 'cancel'} onClick={() => void run('cancel', () => cancel(one.id))}>{text('people_cancel')}</Button>
          )}
        </div>
      </div>
    </li>
  );
}

function BubbleRow({ one }: { one: Bubble }) {
  const doing = useAct();
  const name = titleOf(one);
  return (
    <li class="invitation">
      <BubbleAvatar one={one} />
      <div class="grow">
        <a class="invitation__name" href={link('chat', one.peer)}><bdi>{name}</bdi></a>
        <p class="faint"><AskedBy one={one} /></p>
        <div class="row invitation__actions">
          <Button kind="main" busy={doing.busy} onClick={() => void doing.act(() => accept(one), text('bubble_accepted', { name }))}>{text('people_accept')}</Button>
          <Button disabled={doing.busy} onClick={() => void doing.act(() => decline(one))}>{text('people_decline')}</Button>
        </div>
      </div>
    </li>
  );
}

function ByEmail() {
  const [email, setEmail] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | undefined>(undefined);
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await inviteByEmail(email.trim());
      setEmail('');
      say(text('people_by_email_done'));
    } catch (failure) {
      setError(explain(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="stack stack--tight invitations__email" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <TextField label={text('people_by_email')} hint={text('people_by_email_hint')} type="email" autocomplete="off" value={email} error={error} maxLength={254} required onInput={setEmail} />
      <Button type="submit" busy={busy} disabled={!email.includes('@')}>{text('people_by_email_send')}</Button>
    </form>
  );
}
