import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { Menu } from '../../components/menu';
import { Empty, Notice } from '../../components/notice';
import { say } from '../../components/toast';
import { isBlocked } from '../../state/blocks';
import { close, conversation, readIfSeen, setMute } from '../../state/conversations';
import { explain } from '../../state/failure';
import { text } from '../../state/language';
import { level } from '../../state/levels';
import { discard, outbox, remove, retry } from '../../state/outbox';
import { inNetwork, networkState, person } from '../../state/people';
import { go, link } from '../../state/route';
import { type Thread, closeThread, openThread, showNewest, thread } from '../../state/threads';
import { isTyping } from '../../state/typing';
import { Composer } from './composer';
import { type Actions, MessageRow } from './message_row';
import { nameOf } from './name';
import { type Row, kept, rows } from './rows';
import { Scroller } from './scroller';

/** The conversation with one person. */
export function ThreadView({ peer }: { peer: string }) {
  const of = thread(peer);
  const [editing, setEditing] = useState<Row | undefined>(undefined);
  const [removing, setRemoving] = useState<Row | undefined>(undefined);
  useEffect(() => {
    openThread(peer);
    return () => closeThread(peer);
  }, [peer]);
  const mine = outbox.value.filter((entry) => entry.peer === peer);
  const [messages, newFrom, atEnd] = [of.messages.value, of.newFrom.value, of.atEnd.value];
  const waiting = mine.map((entry) => `${entry.key}${entry.failed ?? ''}`).join();
  const before = useRef<readonly Row[]>([]);
  const drawn = useMemo(() => (before.current = kept(before.current, rows(messages, mine, newFrom, atEnd))), [messages, waiting, newFrom, atEnd]);
  const name = nameOf(person(peer));
  const last = atEnd ? drawn.findLast((row) => row.mine) : undefined;
  const changeable = last && last.change !== 'deleted' && last.status !== 'failed' ? last : undefined;
  const actions = useMemo<Actions>(() => ({
    copy: (row) => void navigator.clipboard.writeText(row.body).then(() => say(text('copied')), () => say(text('chat_copy_failed'), 'bad')),
    edit: setEditing,
    remove: setRemoving,
    retry: (row) => row.failed && retry(row.failed),
    discard: (row) => row.failed && discard(row.failed),
  }), []);
  const sent = () => {
    of.newFrom.value = undefined;
    of.following = true;
    if (!of.atEnd.value) void showNewest(of);
  };
  return (
    <section class="thread" aria-labelledby="thread-title">
      <Head peer={peer} name={name} />
      <Scroller of={of} name={name} drawn={drawn}>
        <Messages of={of} drawn={drawn} name={name} changeable={changeable} actions={actions} />
      </Scroller>
      <Typing peer={peer} name={name} />
      <Foot peer={peer} name={name}>
        <Composer peer={peer} name={name} editing={editing} onEdited={() => setEditing(undefined)} onEditLast={() => setEditing(changeable)} onSent={sent} />
      </Foot>
      {removing && <RemoveDialog onClose={() => setRemoving(undefined)} onRemove={() => remove(peer, removing.id) || say(text('chat_no_room'), 'bad')} />}
    </section>
  );
}

function Head({ peer, name }: { peer: string; name: string }) {
  const shown = inNetwork(peer) ? level(peer) : undefined;
  const who = person(peer);
  const one = conversation(peer);
  const fail = (failure: unknown) => say(explain(failure), 'bad');
  return (
    <header class="thread__head">
      <Button kind="quiet" icon="back" label={text('back')} class="thread__back" onClick={() => go('chat')} />
      <a class="thread__who" href={link('people', peer)}>
        <Avatar id={peer} name={name} level={shown} />
        <span class="grow">
          <h2 class="thread__name cut" id="thread-title"><bdi>{name}</bdi></h2>
          <span class="thread__state cut">
            {isTyping(peer) ? text('chat_typing') : [shown && text(`presence_${shown}`), who?.company].filter(Boolean).join(' · ')}
          </span>
        </span>
      </a>
      <Menu
        button={{ kind: 'quiet', icon: 'more', label: text('chat_more') }}
        items={[
          { name: text('chat_profile'), icon: 'person', run: () => go('people', peer) },
          ...(one?.id ? [
            { name: text(one.mute ? 'chat_unmute' : 'chat_mute'), icon: 'bell' as const, run: () => void setMute(one, !one.mute).catch(fail) },
            { name: text('chat_close'), icon: 'close' as const, apart: true, run: () => void close(one).then(() => go('chat'), fail) },
          ] : []),
        ]}
      />
    </header>
  );
}

interface MessagesProps {
  of: Thread;
  drawn: readonly Row[];
  name: string;
  changeable: Row | undefined;
  actions: Actions;
}

function Messages({ of, drawn, name, changeable, actions }: MessagesProps) {
  const state = of.state.value;
  useEffect(readIfSeen, [drawn, state]);
  if (state === 'loading' && drawn.length === 0) return <Skeleton />;
  if (state === 'failed' && drawn.length === 0) {
    return (
      <Empty icon="warning" title={text('chat_history_failed')}>
        <Button onClick={() => void showNewest(of, true)}>{text('retry')}</Button>
      </Empty>
    );
  }
  if (drawn.length === 0) {
    return (
      <Empty icon="chat" title={text('chat_first', { name })}>
        <p>{text('chat_first_text')}</p>
      </Empty>
    );
  }
  return (
    <ol class="messages">
      <li class="messages__edge" aria-hidden="true">{!of.atStart.value && <span class="spinner" />}</li>
      {drawn.map((row) => (
        <MessageRow key={row.key} row={row} name={name} changeable={row.key === changeable?.key} actions={actions} />
      ))}
      {!of.atEnd.value && <li class="messages__edge" aria-hidden="true"><span class="spinner" /></li>}
    </ol>
  );
}

function Typing({ peer, name }: { peer: string; name: string }) {
  return (
    <div class="thread__typing" aria-live="off">
      {isTyping(peer) && (
        <>
          <span class="typing" aria-hidden="true"><i /><i /><i /></span>
          <span>{text('chat_is_typing', { name })}</span>
        </>
      )}
    </div>
  );
}

/** The field to write in, or why there is none. */
function Foot({ peer, name, children }: { peer: string; name: string; children: ComponentChildren }) {
  if (isBlocked(peer)) return <Closed>{text('chat_blocked', { name })} <a href={link('people', peer)}>{text('chat_profile')}</a></Closed>;
  if (networkState.value === 'ready' && !inNetwork(peer)) {
    return <Closed>{person(peer) ? <>{text('chat_stranger', { name })} <a href={link('people', peer)}>{text('chat_profile')}</a></> : text('chat_gone')}</Closed>;
  }
  return <>{children}</>;
}

const Closed = ({ children }: { children: ComponentChildren }) => <div class="thread__closed"><Notice><p>{children}</p></Notice></div>;

function RemoveDialog({ onClose, onRemove }: { onClose: () => void; onRemove: () => void }) {
  return (
    <Dialog title={text('chat_delete_title')} onClose={onClose}>
      <p>{text('chat_delete_text')}</p>
      <div class="row row--end">
        <Button onClick={onClose}>{text('cancel')}</Button>
        <Button kind="danger" onClick={() => { onRemove(); onClose(); }}>{text('chat_delete')}</Button>
      </div>
    </Dialog>
  );
}

function Skeleton() {
  return (
    <div class="messages" aria-hidden="true">
      {[60, 40, 75, 30, 55].map((width, index) => (
        <div key={width} class={`message ${index % 2 ? 'message--mine' : 'message--theirs'} message--first`}>
          <span class="skeleton skeleton--bubble" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
