import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { Empty } from '../../components/notice';
import { say } from '../../components/toast';
import { isBubble } from '../../protocol/bubbles';
import { conversation, fetchConversations, readIfSeen, setBookmark } from '../../state/conversations';
import { text } from '../../state/language';
import { explain } from '../../state/failure';
import { discard, outbox, react, remove, retry } from '../../state/outbox';
import { isMe } from '../../state/people';
import { pin, pins, unpin } from '../../state/pins';
import { follow } from '../../state/readers';
import { pass } from '../../state/share';
import { self } from '../../state/connection';
import { type Thread, closeThread, openThread, showAround, showNewest, thread } from '../../state/threads';
import { isTyping } from '../../state/typing';
import { Composer } from './composer';
import { DropHere, useDrop } from './file/drop';
import { RemoveFile } from './file/remove';
import { Tray } from './file/tray';
import { ForwardDialog } from './forward';
import { KeptBar } from './kept_bar';
import { ReadersDialog } from './readers';
import { type Actions, MessageRow } from './message_row';
import { ReactedDialog } from './reactions';
import { moveOn } from './row_menu';
import { nameInBubble, writers } from './name';
import { type Row, kept, rows } from './rows';
import { Scroller } from './scroller';

interface ThreadProps {
  peer: string;
  name: string;
  head: ComponentChildren;
  /** Why nobody can write here; stands where the field would. */
  closed: ComponentChildren;
  /** Where reading begins, if one message is meant. */
  place: number | undefined;
}

/** The conversation with one person, or in one bubble. */
export function ThreadView({ peer, name, head, closed, place }: ThreadProps) {
  const of = thread(peer);
  const [editing, setEditing] = useState<Row | undefined>(undefined);
  const [answering, setAnswering] = useState<Row | undefined>(undefined);
  const [removing, setRemoving] = useState<Row | undefined>(undefined);
  const [losing, setLosing] = useState<Row | undefined>(undefined);
  const [forwarding, setForwarding] = useState<Row | undefined>(undefined);
  const [reacted, setReacted] = useState<Row | undefined>(undefined);
  const [reaching, setReaching] = useState<Row | undefined>(undefined);
  const drop = useDrop(peer, !closed);
  useEffect(() => {
    openThread(peer, place);
    return () => closeThread(peer);
  }, [peer]);
  usePlace(of, place);
  const drawn = useDrawn(of, peer);
  const atEnd = of.atEnd.value;
  useReaders(peer, drawn);
  const last = atEnd && !closed ? drawn.findLast((row) => row.mine) : undefined;
  const changeable = last && last.change !== 'deleted' && last.status !== 'failed' ? last : undefined;
  const actions = useMemo<Actions>(() => ({
    copy: (row) => void navigator.clipboard.writeText(row.body).then(() => say(text('copied')), () => say(text('chat_copy_failed'), 'bad')),
    answer: (row) => {
      setEditing(undefined);
      setAnswering(row);
    },
    react: (row, icon) => toggleReaction(peer, row, icon),
    reacted: setReacted,
    readers: setReaching,
    forward: setForwarding,
    pin: (row) => void togglePin(peer, row).catch(failed),
    mark: (row) => void toggleMark(peer, row).catch(failed),
    edit: (row) => {
      setAnswering(undefined);
      setEditing(row);
    },
    remove: setRemoving,
    removeFile: setLosing,
    retry: (row) => row.failed && retry(row.failed),
    discard: (row) => row.failed && discard(row.failed),
  }), []);
  const sent = () => {
    setAnswering(undefined);
    of.newFrom.value = undefined;
    of.goal.value = undefined;
    of.following = true;
    if (!of.atEnd.value) void showNewest(of);
  };
  return (
    <section class="thread" aria-labelledby="thread-title" ref={drop.place}>
      {drop.over && <DropHere name={name} />}
      {head}
      <KeptBar peer={peer} />
      <Scroller of={of} name={text(isBubble(peer) ? 'bubble_history' : 'chat_history', { name })} drawn={drawn}>
        <Messages of={of} drawn={drawn} name={name} over={Boolean(closed)} changeable={changeable} actions={actions} />
      </Scroller>
      <Typing peer={peer} />
      <Tray peer={peer} />
      {closed || (
        <Composer peer={peer} name={name} editing={editing} answering={answering} onEdited={() => setEditing(undefined)} onAnswered={() => setAnswering(undefined)} onEditLast={() => setEditing(changeable)} onSent={sent} />
      )}
      {forwarding && <Forward row={forwarding} onClose={() => setForwarding(undefined)} />}
      {reaching?.place !== undefined && <ReadersDialog peer={peer} place={reaching.place} onClose={() => setReaching(undefined)} />}
      {reacted && <ReactedDialog row={reacted} onClose={() => setReacted(undefined)} />}
      {losing?.file && <RemoveFile of={losing.file} message={undefined} onClose={() => setLosing(undefined)} />}
      {removing?.file && <RemoveFile of={removing.file} message={() => discardMessage(peer, removing)} onClose={() => setRemoving(undefined)} />}
      {removing && !removing.file && <RemoveDialog many={isBubble(peer)} onClose={() => setRemoving(undefined)} onRemove={() => discardMessage(peer, removing)} />}
    </section>
  );
}

/** The rows of a conversation; one that did not change stays the same object. */
function useDrawn(of: Thread, peer: string): readonly Row[] {
  const mine = outbox.value.filter((entry) => entry.peer === peer);
  const [messages, newFrom, atEnd] = [of.messages.value, of.newFrom.value, of.atEnd.value];
  const waiting = mine.map((entry) => `${entry.key}${entry.failed ?? ''}`).join();
  const before = useRef<readonly Row[]>([]);
  return useMemo(() => (before.current = kept(before.current, rows(messages, mine, newFrom, atEnd, self().user))), [messages, waiting, newFrom, atEnd]);
}

/** In a bubble it is asked how far one's own messages on the screen have come. */
function useReaders(peer: string, drawn: readonly Row[]): void {
  useEffect(() => {
    if (!isBubble(peer)) return;
    follow(peer, drawn.flatMap((row) => (row.mine && row.place !== undefined && row.change !== 'deleted' ? row.place : [])));
  }, [peer, drawn]);
}

/** The address may name a message while the conversation is open already. */
function usePlace(of: Thread, place: number | undefined): void {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else if (place !== undefined) void showAround(of, place).then((found) => found || say(text('search_gone'), 'bad'), failed);
  }, [place]);
}

const failed = (failure: unknown) => say(explain(failure), 'bad');

/** Emoji of one person to one message. */
const ICONS_MAX = 12;

function toggleReaction(peer: string, row: Row, icon: string): void {
  if (row.reactedAs === undefined) return;
  const own = row.reactions.find((one) => isMe(one.from))?.icons ?? [];
  const next = own.includes(icon) ? own.filter((one) => one !== icon) : [...own, icon].slice(-ICONS_MAX);
  if (!react(peer, row.reactedAs, next)) say(text('chat_no_room'), 'bad');
}

async function togglePin(peer: string, row: Row): Promise<void> {
  const there = pins(peer).find((one) => one.place === row.place);
  await (there ? unpin(peer, there) : pin(peer, row.id));
}

async function toggleMark(peer: string, row: Row): Promise<void> {
  // A conversation that has just begun is not on this device's list yet.
  if (!conversation(peer)?.id) await fetchConversations();
  const one = conversation(peer);
  if (!one || row.place === undefined) return;
  await setBookmark(one, one.bookmark?.place === row.place ? undefined : { id: row.id, place: row.place });
}

function Forward({ row, onClose }: { row: Row; onClose: () => void }) {
  // Of somebody else's file one copy is enough for all.
  const file = useRef(row.file?.id);
  const body = row.markdown ?? row.body;
  const send = async (peer: string) => {
    file.current = await pass(peer, body, file.current, { id: row.id, from: row.from || self().user });
  };
  return <ForwardDialog title={text('chat_forward')} body={body} file={row.file} send={send} onClose={onClose} />;
}

const discardMessage = (peer: string, row: Row): void => {
  if (!remove(peer, row.id)) say(text('chat_no_room'), 'bad');
};

interface MessagesProps {
  of: Thread;
  drawn: readonly Row[];
  name: string;
  /** Nobody writes here any more. */
  over: boolean;
  changeable: Row | undefined;
  actions: Actions;
}

function Messages({ of, drawn, name, over, changeable, actions }: MessagesProps) {
  const state = of.state.value;
  const many = isBubble(of.peer);
  const last = drawn.findLast((row) => row.change !== 'deleted');
  const pinned = new Set(pins(of.peer).map((one) => one.place));
  const marked = conversation(of.peer)?.bookmark?.place;
  const sought = of.goal.value?.place;
  useEffect(readIfSeen, [drawn, state]);
  if (state === 'loading' && drawn.length === 0) return <Skeleton />;
  if (state === 'failed' && drawn.length === 0) {
    return (
      <Empty icon="warning" title={text('chat_history_failed')}>
        <Button onClick={() => void showNewest(of, true)}>{text('retry')}</Button>
      </Empty>
    );
  }
  if (drawn.length === 0 && many && over) return <Empty icon="bubble" title={text('bubble_nothing')} />;
  if (drawn.length === 0) {
    return (
      <Empty icon="chat" title={text(many ? 'bubble_first' : 'chat_first', { name })}>
        <p>{text('chat_first_text')}</p>
      </Empty>
    );
  }
  return (
    <ol class={`messages ${many ? 'messages--many' : ''}`} onKeyDown={moveOn}>
      <li class="messages__edge" aria-hidden="true">{!of.atStart.value && <span class="spinner" />}</li>
      {drawn.map((row) => (
        <MessageRow key={row.key} row={row} name={many && !row.mine ? nameInBubble(row.from) : name} peer={of.peer} many={many} open={!over} reachable={row.key === changeable?.key || row.key === last?.key} changeable={row.key === changeable?.key} pinned={row.place !== undefined && pinned.has(row.place)} marked={row.place !== undefined && row.place === marked} sought={row.place !== undefined && row.place === sought} actions={actions} />
      ))}
      {!of.atEnd.value && <li class="messages__edge" aria-hidden="true"><span class="spinner" /></li>}
    </ol>
  );
}

function Typing({ peer }: { peer: string }) {
  return (
    <div class="thread__typing" aria-live="off">
      {isTyping(peer) && (
        <>
          <span class="typing" aria-hidden="true"><i /><i /><i /></span>
          <span class="cut">{writers(peer)}</span>
        </>
      )}
    </div>
  );
}

function RemoveDialog({ many, onClose, onRemove }: { many: boolean; onClose: () => void; onRemove: () => void }) {
  return (
    <Dialog title={text('chat_delete_title')} onClose={onClose}>
      <p>{text(many ? 'bubble_delete_text' : 'chat_delete_text')}</p>
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
