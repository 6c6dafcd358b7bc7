import { signal } from '@preact/signals';
import type { Element } from '@xmpp/xml';
import type { Answered, Mention } from '../protocol/incoming';
import type { Attached } from '../protocol/files';
import { isMarkdown } from '../protocol/markdown';
import type { Urgency } from '../protocol/shape';
import { ROOM } from '../protocol/namespaces';
import { correction, deletion, message, reaction, sendable } from '../protocol/stanzas';
import { endedLast, enterBubble, jidOf, send, whenHeard, whenOpened } from './connection';
import { all, drop, keep } from './kept';
import { whenSignedOut } from './session';

/** Something that this person wants sent: kept on the device until the box has it, then told to `whenAccepted`. */
export interface Entry {
  /** Where it is kept; in the order of writing. */
  key: string;
  kind: 'send' | 'correct' | 'delete' | 'react';
  /** The message's id: the same however often it is sent, by which the box knows it again. */
  id: string;
  peer: string;
  body: string;
  answers?: Answered | undefined;
  mentions?: readonly Mention[];
  file?: Attached | undefined;
  urgency?: Urgency | undefined;
  /** The message that is passed on: its id, and who wrote it. */
  forwards?: Forwarded | undefined;
  /** Of a reaction, which goes under the message's id: its own id, and all that is reacted with. */
  own?: string;
  icons?: readonly string[];
  atMs: number;
  /** Why the box refuses it (a condition of RFC 6120, 8.3.3). It is not sent again by itself. */
  failed?: string;
}

export interface Forwarded {
  id: string;
  from: string;
}

const KEY = 'outbox/';
const ENTRIES_MAX = 500;
/** The box answers in order and soon; who still waits after this is asked again. */
const ANSWER_MS = 20_000;
const LOOK_EVERY_MS = 5000;
/** Of a bubble that this device is not in, though its person is: it enters, and what it said is said again. */
const OUTSIDE = 'not-acceptable';
const AGAIN_MS = 2000;
/** Refusals that are about the moment, not about the message. */
const PASSING = new Set(['internal-server-error', 'resource-constraint', 'remote-server-timeout']);

export const outbox = signal<readonly Entry[]>([]);
/** When each entry was given to the stream that is open now. */
const underway = new Map<string, number>();
const listeners: ((entry: Entry) => void)[] = [];
export const whenAccepted = (act: (entry: Entry) => void): number => listeners.push(act);

let lastMs = 0;

function freshKey(): string {
  lastMs = Math.max(Date.now(), lastMs + 1);
  return `${KEY}${String(lastMs).padStart(15, '0')}-${crypto.randomUUID().slice(0, 8)}`;
}

/** `false`: too much waits already, or the device has no room. Nothing was taken. */
function put(entry: Omit<Entry, 'key' | 'atMs'>): boolean {
  const whole: Entry = { ...entry, body: sendable(entry.body), key: freshKey(), atMs: Date.now() };
  if (outbox.value.length >= ENTRIES_MAX || !keep(whole.key, whole)) return false;
  outbox.value = [...outbox.value, whole];
  flush();
  return true;
}

/** What a text refers to, if it does. */
export interface About {
  answers?: Answered | undefined;
  mentions?: readonly Mention[];
  file?: Attached | undefined;
  urgency?: Urgency | undefined;
  forwards?: Forwarded | undefined;
}

export const freshId = (): string => `web_${crypto.randomUUID()}`;
export const write = (peer: string, body: string, about: About = {}, id = freshId()): boolean => put({ kind: 'send', id, peer, body, ...about });
export const correct = (peer: string, id: string, body: string, about: About = {}): boolean => put({ kind: 'correct', id, peer, body, ...about });
export const remove = (peer: string, id: string): boolean => put({ kind: 'delete', id, peer, body: '' });

/** All that this person reacts with to a message; `of`: its id, in a bubble its place. What was to be said before is not said any more. */
export function react(peer: string, of: string, icons: readonly string[]): boolean {
  for (const one of outbox.value) if (one.kind === 'react' && one.peer === peer && one.id === of && !underway.has(one.key)) discard(one);
  return put({ kind: 'react', id: of, peer, body: '', own: freshId(), icons });
}

export function discard(entry: Entry): void {
  drop(entry.key);
  underway.delete(entry.key);
  outbox.value = outbox.value.filter((one) => one.key !== entry.key);
}

/** Sends again what the box refused. */
export function retry(entry: Entry): void {
  const { failed: _, ...clean } = entry;
  replace(clean);
  flush();
}

function replace(entry: Entry): void {
  keep(entry.key, entry);
  underway.delete(entry.key);
  outbox.value = outbox.value.map((one) => (one.key === entry.key ? entry : one));
}

function stanza({ kind, peer, id, body, answers, mentions = [], file, urgency, forwards, own = '', icons = [] }: Entry): Element {
  if (kind === 'react') return reaction(jidOf(peer), own, id, icons);
  const from = forwards && { id: forwards.id, jid: jidOf(forwards.from) };
  const about = { answers, file, mentions: mentions.map(({ user, at, size }) => ({ jid: jidOf(user), at, size })), marked: isMarkdown(body), urgency, forwards: from };
  if (kind === 'send') return message(jidOf(peer), id, body, about);
  return kind === 'correct' ? correction(jidOf(peer), id, body, about) : deletion(jidOf(peer), id);
}

/** Gives the stream what it does not have yet; of several changes to one message the next only after the one before. */
function flush(): void {
  const waiting = new Set<string>();
  for (const entry of outbox.value) {
    const free = !waiting.has(entry.id);
    waiting.add(entry.id);
    if (!free || entry.failed || underway.has(entry.key)) continue;
    if (!send(stanza(entry))) return;
    underway.set(entry.key, Date.now());
  }
}

/** The box answers changes to one message in the order in which they were sent. */
const answered = (peer: string, id: string) => outbox.value.find((one) => one.peer === peer && one.id === id && underway.has(one.key));

function accepted(entry: Entry): void {
  discard(entry);
  for (const act of listeners) act(entry);
  flush();
}

function refused(entry: Entry, condition: string): void {
  if (entry.kind === 'react' && condition !== OUTSIDE && !PASSING.has(condition)) discard(entry);
  else if (condition === OUTSIDE && enterBubble(entry.peer)) underway.set(entry.key, Date.now() - ANSWER_MS + AGAIN_MS);
  else if (PASSING.has(condition)) underway.set(entry.key, Date.now());
  else replace({ ...entry, failed: condition });
}

/** A stanza that made the box end the stream would do so again for ever. */
function giveUpOnCulprit(): void {
  if (endedLast() !== 'policy-violation') return;
  const culprit = outbox.value.find((one) => underway.has(one.key));
  if (culprit) replace({ ...culprit, failed: 'policy-violation' });
}

/** Takes up what is kept on this device; also what another tab of this sign-in left behind: sent twice it is delivered once. */
export function takeUp(): void {
  outbox.value = all<Entry>(KEY);
}

whenOpened(() => {
  giveUpOnCulprit();
  underway.clear();
  takeUp();
  flush();
});

whenHeard((heard) => {
  if (heard.kind === 'receipt' && heard.event === 'server') {
    const entry = answered(heard.peer, heard.id);
    if (entry) accepted(entry);
  } else if (heard.kind === 'message' && heard.message.mine) {
    // A bubble says to the sender, too, what it took; to others' devices of the same person as well.
    const { peer, id, change } = heard.message;
    const entry = answered(peer, id);
    if (entry && (entry.kind === 'send') === (change === undefined) && peer.startsWith(ROOM)) accepted(entry);
  } else if (heard.kind === 'reacted' && heard.mine) {
    const entry = answered(heard.peer, heard.of);
    if (entry?.kind === 'react' && heard.peer.startsWith(ROOM)) accepted(entry);
  } else if (heard.kind === 'refused') {
    const entry = answered(heard.peer, heard.id);
    if (entry) refused(entry, heard.condition);
  }
});

setInterval(() => {
  const late = [...underway].filter(([, sinceMs]) => Date.now() - sinceMs > ANSWER_MS);
  for (const [key] of late) underway.delete(key);
  if (late.length > 0) flush();
}, LOOK_EVERY_MS);

whenSignedOut(() => {
  underway.clear();
  outbox.value = [];
});
