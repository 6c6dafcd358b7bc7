import { computed, effect, signal, untracked } from '@preact/signals';
import { isBubble, peerOf } from '../protocol/bubbles';
import type { Received } from '../protocol/incoming';
import type { Page } from '../protocol/rest';
import { receipt } from '../protocol/stanzas';
import { type Bubble, bubbles, bubblesState } from './bubbles';
import { jidOf, send, whenHeard, whenInside } from './connection';
import { outbox, whenAccepted } from './outbox';
import { account, ask, session, whenSignedOut } from './session';
import { countUnreadBy, noteRead, openPeer, thread } from './threads';

/** A conversation as the box lists it (protocol section 10). */
interface Listed {
  id: string;
  type: string;
  peerId: string;
  unreadMessageNumber: number;
  mute: boolean;
  creationDate: string;
  lastMessageDate?: string;
  lastMessageText?: string;
  lastMessageSender?: string;
  bookmark?: { messageId: string; timestamp: number };
}

/** The message at which this person wants to read on. */
export interface Bookmark {
  id: string;
  place: number;
}

interface Last {
  atMs: number;
  text: string;
  /** Who wrote it. */
  from: string;
  mine: boolean;
}

export interface Conversation {
  /** None before the box has it. */
  id: string | undefined;
  /** Somebody, or a bubble. */
  peer: string;
  unread: number;
  /** Somebody named this person in what is unread, as far as it came while this page was open. */
  named: boolean;
  mute: boolean;
  last: Last | undefined;
  bookmark: Bookmark | undefined;
  createdMs: number;
  /** Messages up to this place are in `unread` already: what waited for this device may come after the list. */
  counted: number;
}

const PAGE = 500;
const CONVERSATIONS_MAX = 5000;
const US_PER_MS = 1000;
const path = (rest = '') => `/api/rainbow/enduser/v1.0/users/${session.value?.account.id ?? ''}/conversations${rest}`;

const known = signal<ReadonlyMap<string, Conversation>>(new Map());
export const conversationsState = signal<'loading' | 'ready' | 'failed'>('loading');

/** What waits to be sent is the newest there is. */
const waitingLast = computed(() => new Map(outbox.value.filter((one) => one.kind === 'send').map((one) => [one.peer, one])));

export const conversations = computed<readonly Conversation[]>(() => {
  const peers = new Set([...known.value.keys(), ...bubbles.value.keys(), ...waitingLast.value.keys()]);
  const all = [...peers].filter(isThere).map((peer) => {
    const one = known.value.get(peer) ?? fresh(peer, bubbles.value.get(peer));
    const waiting = waitingLast.value.get(peer);
    return waiting ? { ...one, last: { atMs: waiting.atMs, text: waiting.body, from: account.value?.id ?? '', mine: true } } : one;
  });
  const asked = (one: Conversation) => Number(bubbles.value.get(one.peer)?.status === 'invited');
  return all.sort((one, other) => asked(other) - asked(one) || newestMs(other) - newestMs(one) || (one.peer < other.peer ? -1 : 1));
});

/** A bubble that was deleted, or taken off the list, is nothing any more, whatever was said in it. */
const isThere = (peer: string): boolean => !isBubble(peer) || bubblesState.value !== 'ready' || bubbles.value.has(peer);

export const unreadTotal = computed(() => [...known.value.values()].reduce((sum, one) => sum + (isThere(one.peer) ? one.unread : 0), 0));

/** What somebody wrote last while this page was open. */
export const latest = signal<Received | undefined>(undefined);

const newestMs = (one: Conversation) => one.last?.atMs ?? one.createdMs;
const fresh = (peer: string, of?: Bubble): Conversation => ({ id: undefined, peer, unread: 0, named: false, mute: false, last: undefined, bookmark: undefined, createdMs: of?.lastMs ?? of?.createdMs ?? Date.now(), counted: 0 });
export const conversation = (peer: string): Conversation | undefined => known.value.get(peer);

function change(peer: string, how: (one: Conversation) => Conversation): void {
  const before = known.value.get(peer) ?? fresh(peer, bubbles.value.get(peer));
  known.value = new Map(known.value).set(peer, how(before));
}

function toConversation(listed: Listed): Conversation {
  const { lastMessageDate: date, lastMessageText: text = '', lastMessageSender: from = '', type, peerId } = listed;
  return {
    id: listed.id,
    peer: type === 'room' ? peerOf(peerId) : peerId,
    unread: listed.unreadMessageNumber,
    named: false,
    mute: listed.mute,
    last: date ? { atMs: Date.parse(date), text, from, mine: type === 'room' ? from === account.value?.id : from !== peerId } : undefined,
    bookmark: listed.bookmark && { id: listed.bookmark.messageId, place: listed.bookmark.timestamp },
    createdMs: Date.parse(listed.creationDate),
    counted: date ? Date.parse(date) * US_PER_MS + US_PER_MS - 1 : 0,
  };
}

async function listAll(): Promise<Conversation[]> {
  const all: Conversation[] = [];
  for (;;) {
    const page = await ask<Page<Listed>>('GET', path(), { query: { format: 'full', limit: PAGE, offset: all.length } });
    all.push(...page.data.filter((one) => ['user', 'room'].includes(one.type)).map(toConversation));
    if (page.data.length < PAGE || all.length >= CONVERSATIONS_MAX) return all;
  }
}

let asking = false;
let stale = false;
let again: ReturnType<typeof setTimeout> | undefined;
const AGAIN_MS = 1000;

/** The whole list as the box has it. What comes while it is read makes it be read again: counts must not drift. */
export async function fetchConversations(): Promise<void> {
  stale = false;
  if (asking) {
    stale = true;
    return;
  }
  asking = true;
  const mine = session.value?.account.id;
  try {
    const all = await listAll();
    if (session.value?.account.id !== mine) return;
    known.value = new Map(all.map((one) => [one.peer, newer(one, known.value.get(one.peer))]));
    conversationsState.value = 'ready';
  } catch {
    if (conversationsState.value !== 'ready') conversationsState.value = 'failed';
  } finally {
    asking = false;
    tellWaiting();
    clearTimeout(again);
    if (stale) again = setTimeout(() => void fetchConversations(), AGAIN_MS);
  }
  readIfSeen();
}

/** The list may have been read before a message that is here already. */
function newer(listed: Conversation, here: Conversation | undefined): Conversation {
  const ahead = stale && here?.last && here.last.atMs > (listed.last?.atMs ?? 0);
  const named = listed.unread > 0 && (here?.named ?? false);
  return ahead ? { ...listed, named, last: here.last, unread: here.unread, counted: here.counted } : { ...listed, named };
}

const looking = () => document.visibilityState === 'visible' && document.hasFocus();

/** Tells the sender, and the own other devices, what the reader has before his eyes. */
export function readIfSeen(): void {
  const peer = openPeer.value;
  if (!peer || !looking()) return;
  const of = thread(peer);
  if (of.state.value !== 'ready' || !of.following || !of.atEnd.value) return;
  const last = of.messages.value.findLast((one) => !one.mine);
  const unread = (known.value.get(peer)?.unread ?? 0) > 0 || (last !== undefined && last.state !== 'read');
  if (!unread) return;
  if (last ? !send(receipt(jidOf(peer), last.id, 'read')) : !known.value.get(peer)?.id) return;
  if (!last) void ask('PUT', path(`/${known.value.get(peer)?.id ?? ''}/markallread`)).catch(() => undefined);
  noteRead(of);
  setRead(peer);
}

function setRead(peer: string): void {
  if (known.value.get(peer)?.unread) change(peer, (one) => ({ ...one, unread: 0, named: false }));
}

const namesMe = (message: Received) => message.mentions.some((one) => one.user === account.value?.id);

function noteMessage(message: Received): void {
  if (asking) stale = true;
  const { peer, from, mine, atMs, body } = message;
  change(peer, (one) => {
    const last = { atMs, text: body, from, mine };
    if (message.change) return one.last && Math.abs(one.last.atMs - atMs) < 2 ? { ...one, last } : one;
    // Places are finer than times: a bot says several things in one millisecond.
    const counts = !mine && (message.archive ?? 0) > one.counted;
    return {
      ...one,
      last: (one.last?.atMs ?? 0) > atMs ? one.last : last,
      // Who says something in a bubble has read it; the box counts so as well.
      unread: mine && isBubble(peer) ? 0 : one.unread + Number(counts),
      named: !mine && (one.named || (counts && namesMe(message))),
      counted: counts ? message.archive ?? 0 : one.counted,
    };
  });
}

whenAccepted((entry) => {
  if (asking) stale = true;
  if (entry.kind === 'send') change(entry.peer, (one) => ({ ...one, last: { atMs: entry.atMs, text: entry.body, from: account.value?.id ?? '', mine: true } }));
  else if (entry.kind !== 'react') void fetchSoon();
});

let soon: ReturnType<typeof setTimeout> | undefined;
function fetchSoon(): void {
  clearTimeout(soon);
  soon = setTimeout(() => void fetchConversations(), AGAIN_MS);
}

/** Bubbles that were asked for since they came: the box lists a conversation in each, sooner or later. */
const sought = new Set<string>();

effect(() => {
  const inside = [...bubbles.value.values()].filter((one) => one.status === 'accepted');
  untracked(() => {
    const missing = inside.filter((one) => !known.value.get(one.peer)?.id && !sought.has(one.peer));
    for (const one of missing) sought.add(one.peer);
    if (missing.length > 0 && conversationsState.value === 'ready') fetchSoon();
  });
});

export async function setMute(one: Conversation, mute: boolean): Promise<void> {
  if (!one.id) return;
  await ask('PUT', path(`/${one.id}`), { body: { mute } });
  change(one.peer, (before) => ({ ...before, mute }));
}

/** Where one reads on, or nowhere any more. */
export async function setBookmark(one: Conversation, mark: Bookmark | undefined): Promise<void> {
  if (!one.id) return;
  const where = path(`/${one.id}/bookmark`);
  await (mark ? ask('POST', where, { body: { messageId: mark.id } }) : ask('DELETE', where));
  change(one.peer, (before) => ({ ...before, bookmark: mark }));
}

/** Off the list; what was written stays and is there again with the next message. */
export async function close(one: Conversation): Promise<void> {
  if (one.id) await ask('DELETE', path(`/${one.id}`));
  forget(one.peer);
}

function forget(peer: string): void {
  const rest = new Map(known.value);
  rest.delete(peer);
  known.value = rest;
}

whenHeard((heard) => {
  if (heard.kind === 'message') {
    const { message } = heard;
    if (!message.mine && heard.wantsReceipt) send(receipt(jidOf(message.peer), message.id, 'received'));
    noteMessage(message);
    if (!message.mine && !message.change && (namesMe(message) || !known.value.get(message.peer)?.mute)) latest.value = message;
    readIfSeen();
  } else if (heard.kind === 'receipt' && heard.mine && heard.event === 'read') {
    if (asking) stale = true;
    setRead(heard.peer);
  } else if (heard.kind === 'all-read' && heard.received) setRead(heard.peer);
  else if (heard.kind === 'cleared') change(heard.peer, (one) => ({ ...one, last: undefined, unread: 0 }));
  else if (heard.kind === 'notice' && ['conversation', 'mute', 'unmute'].includes(heard.topic)) fetchSoon();
});

/** As soon as the list is there; without it nothing is known to be new. */
async function unreadOf(peer: string): Promise<number> {
  if (conversationsState.value === 'loading') await new Promise<void>((resolve) => waiting.add(resolve));
  return known.value.get(peer)?.unread ?? 0;
}

const waiting = new Set<() => void>();
const tellWaiting = (): void => {
  for (const tell of waiting) tell();
  waiting.clear();
};

countUnreadBy(unreadOf);

whenInside(() => void fetchConversations());
for (const sign of ['focus', 'visibilitychange']) addEventListener(sign, readIfSeen, true);

whenSignedOut(() => {
  clearTimeout(soon);
  clearTimeout(again);
  sought.clear();
  known.value = new Map();
  latest.value = undefined;
  conversationsState.value = 'loading';
});
