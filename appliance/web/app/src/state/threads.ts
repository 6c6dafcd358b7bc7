import { type Signal, batch, signal } from '@preact/signals';
import type { Page } from '../protocol/history';
import { type Received, placeId } from '../protocol/incoming';
import { isMarkdown } from '../protocol/markdown';
import { ROOM } from '../protocol/namespaces';
import { historyWith, isOnline, whenHeard, whenOpened } from './connection';
import { type Entry, whenAccepted } from './outbox';
import { account, whenSignedOut } from './session';
import { changed, firstUnread, marked, merged, newest, oldest, reacted, readButLast, readByMe, unreadAmong } from './window';

/** A window on what was exchanged with somebody, or said in a bubble: a run of the archive without gaps, bounded. */
export interface Thread {
  readonly peer: string;
  readonly messages: Signal<readonly Received[]>;
  readonly state: Signal<'loading' | 'ready' | 'failed'>;
  /** Nothing is older, or newer, than what stands in the window. */
  readonly atStart: Signal<boolean>;
  readonly atEnd: Signal<boolean>;
  readonly fetching: Signal<'older' | 'newer' | undefined>;
  /** The place from which on all was new when it was opened or came while nobody looked. */
  readonly newFrom: Signal<Received | undefined>;
  /** Messages of theirs that came while the window stood elsewhere. */
  readonly below: Signal<number>;
  /** The place that was asked for, once it is in the window; each asking is an object of its own. */
  readonly goal: Signal<{ place: number } | undefined>;
  /** The reader is at the newest message. Set by the page. */
  following: boolean;
  /** After a break, until what was missed is there: what comes is only remembered, or it would hide a gap. */
  behind: boolean;
  /** Of theirs in a bubble, as the list of conversations counts. */
  unread: number;
  /** What came last: a page that was being read meanwhile does not have it. */
  recent: { message: Received; atMs: number }[];
}

const PAGE = 60;
/** Messages held and drawn at once. */
const WINDOW_MAX = 300;
/** Messages of a page that is asked for to close a gap; the box's own limit. */
const PAGE_MAX = 100;
const THREADS_MAX = 5;
const PLACE_AFTER_MS = 250;
const RECENT_MAX = 300;
const RECENT_MS = 30_000;

const threads = new Map<string, Thread>();
/** With whom the conversation on the screen is. */
export const openPeer = signal<string | undefined>(undefined);

export function thread(peer: string): Thread {
  const known = threads.get(peer);
  if (known) return known;
  const made: Thread = {
    peer,
    messages: signal<readonly Received[]>([]),
    state: signal<'loading' | 'ready' | 'failed'>('loading'),
    atStart: signal(false),
    atEnd: signal(true),
    fetching: signal<'older' | 'newer' | undefined>(undefined),
    newFrom: signal<Received | undefined>(undefined),
    below: signal(0),
    goal: signal(undefined),
    following: true,
    behind: true,
    unread: 0,
    recent: [],
  };
  threads.set(peer, made);
  for (const other of threads.keys()) if (threads.size > THREADS_MAX && other !== peer && other !== openPeer.value) threads.delete(other);
  return made;
}

/** Still the one that counts: not signed out, not thrown away meanwhile. */
const current = (of: Thread) => threads.get(of.peer) === of && account.value !== undefined;

let unreadOf: (peer: string) => Promise<number> = () => Promise.resolve(0);
/** How many messages of a bubble are new to the reader: its archive does not say. */
export const countUnreadBy = (count: typeof unreadOf): void => {
  unreadOf = count;
};

const isBubble = (of: Thread) => of.peer.startsWith(ROOM);
/** What is read of messages of which the newest are the bubble's newest. */
const settled = (of: Thread, messages: readonly Received[]) => (isBubble(of) ? readButLast(messages, of.unread) : messages);

/** A page at the newer end, with what came while it was read: a run without gaps. */
function withRecent(of: Thread, page: readonly Received[]): Received[] {
  const last = newest(page) ?? 0;
  const since = of.recent.filter((one) => Date.now() - one.atMs < RECENT_MS && (one.message.archive ?? last + 1) > last);
  return merged(since.map((one) => one.message), page);
}

/** The newest page, in place of what was there. */
export async function showNewest(of: Thread, unreadToo = false): Promise<void> {
  if (of.messages.value.length === 0) of.state.value = 'loading';
  try {
    const page = await historyWith(of.peer, { max: PAGE });
    if (isBubble(of)) of.unread = await unreadOf(of.peer);
    if (!current(of)) return;
    batch(() => {
      of.messages.value = [...settled(of, withRecent(of, page.messages))];
      of.atStart.value = page.complete;
      of.atEnd.value = true;
      of.below.value = 0;
      of.behind = false;
    });
    if (unreadToo) await reachUnread(of);
    of.state.value = 'ready';
  } catch {
    // Without a stream it is asked for again as soon as there is one.
    if (of.messages.value.length === 0 && isOnline.value) of.state.value = 'failed';
  }
}

/** So far back that the first unread message is among what is shown, within the window. */
async function reachUnread(of: Thread): Promise<void> {
  while (firstUnread(of.messages.value) === of.messages.value[0] && !of.atStart.value && of.messages.value.length + PAGE < WINDOW_MAX) {
    const before = of.messages.value.length;
    await showOlder(of);
    if (of.messages.value.length === before) break;
  }
  of.newFrom.value = firstUnread(of.messages.value);
}

/** Opens the conversation on the screen. */
export function openThread(peer: string, place?: number): Thread {
  openPeer.value = peer;
  const of = thread(peer);
  of.newFrom.value = undefined;
  of.goal.value = undefined;
  // Whoever comes for one message begins there, in a window of its own; without it, as ever.
  if (place !== undefined) {
    batch(() => {
      of.messages.value = [];
      of.state.value = 'loading';
    });
    void showAround(of, place).catch(() => false).then((found) => {
      if (!found && of.state.value !== 'ready') void showNewest(of, true);
    });
    return of;
  }
  if (of.state.value === 'ready') of.newFrom.value = firstUnread(of.messages.value);
  else void showNewest(of, true);
  return of;
}

export function closeThread(peer: string): void {
  if (openPeer.value === peer) openPeer.value = undefined;
  const of = threads.get(peer);
  if (!of) return;
  // What was scrolled through is not kept: the next look begins at the newest again.
  if (!of.atEnd.value) threads.delete(peer);
  else if (of.messages.value.length > PAGE) {
    of.messages.value = of.messages.value.slice(-PAGE);
    of.atStart.value = false;
  }
}

/** So that a message of the archive stands in the window, with what was said before and after it. `false`: it is not there. */
export async function showAround(of: Thread, place: number): Promise<boolean> {
  const isThere = () => of.messages.value.some((one) => one.archive === place);
  if (of.state.value !== 'ready' || !isThere()) {
    const half = Math.floor(PAGE / 2);
    const [older, newer] = await Promise.all([
      historyWith(of.peer, { before: placeId(place), max: half }),
      historyWith(of.peer, { after: placeId(place - 1), max: half }),
    ]);
    if (!current(of) || newer.messages[0]?.archive !== place) return false;
    if (isBubble(of)) of.unread = await unreadOf(of.peer);
    batch(() => {
      of.following = false;
      // Those who look for what was said long ago have read it, but for the newest of all.
      const found = merged(older.messages, newer.messages);
      of.messages.value = isBubble(of) && !newer.complete ? readButLast(found, 0) : [...settled(of, found)];
      of.atStart.value = older.complete;
      of.atEnd.value = newer.complete;
      of.behind = false;
      of.state.value = 'ready';
    });
  }
  if (!isThere()) return false;
  of.following = false;
  of.goal.value = { place };
  return true;
}

async function extend(of: Thread, way: 'older' | 'newer', ask: () => Promise<Page>, take: (page: Page) => void): Promise<void> {
  if (of.fetching.value) return;
  of.fetching.value = way;
  try {
    const page = await ask();
    if (current(of)) batch(() => take(page));
  } catch {
    // Offline: asked for again when the reader scrolls on.
  } finally {
    of.fetching.value = undefined;
  }
}

export function showOlder(of: Thread): Promise<void> {
  const before = oldest(of.messages.value);
  if (of.atStart.value || before === undefined) return Promise.resolve();
  return extend(of, 'older', () => historyWith(of.peer, { before: placeId(before), max: PAGE }), (page) => {
    const more = isBubble(of) ? readButLast(page.messages, of.unread - unreadAmong(of.messages.value)) : page.messages;
    const all = merged(of.messages.value, more);
    of.messages.value = all.slice(0, WINDOW_MAX);
    of.atStart.value = page.complete;
    if (all.length > WINDOW_MAX) of.atEnd.value = false;
  });
}

export function showNewer(of: Thread): Promise<void> {
  const after = newest(of.messages.value);
  if (of.atEnd.value || after === undefined) return Promise.resolve();
  return extend(of, 'newer', () => historyWith(of.peer, { after: placeId(after), max: PAGE }), (page) => {
    const all = merged(of.messages.value, page.complete ? withRecent(of, page.messages) : page.messages);
    of.messages.value = all.slice(-WINDOW_MAX);
    of.atEnd.value = page.complete;
    if (page.complete) of.below.value = 0;
    if (all.length > WINDOW_MAX) of.atStart.value = false;
  });
}

/** Adds at the newer end; whoever reads far above keeps what he reads. */
function append(of: Thread, more: readonly Received[]): void {
  if (!of.atEnd.value) return;
  const all = merged(of.messages.value, more);
  if (all.length <= WINDOW_MAX || of.following) {
    of.messages.value = all.slice(-WINDOW_MAX);
    if (all.length > WINDOW_MAX) of.atStart.value = false;
  } else {
    of.messages.value = all.slice(0, WINDOW_MAX);
    of.atEnd.value = false;
  }
}

/** What happened while there was no stream: the newest page joins what is known, or takes its place when there is a gap. */
async function catchUp(of: Thread): Promise<void> {
  if (of.state.value !== 'ready') return showNewest(of, true);
  const last = newest(of.messages.value) ?? 0;
  const page = await historyWith(of.peer, { max: PAGE_MAX }).catch(() => undefined);
  if (page && isBubble(of)) of.unread = await unreadOf(of.peer);
  if (!page || !current(of)) return;
  of.behind = false;
  const joins = page.complete || (oldest(page.messages) ?? 0) <= last;
  const mineRead = page.messages.findLast((one) => one.mine && one.state === 'read');
  batch(() => {
    if (of.atEnd.value && joins) {
      const fresh = page.messages.find((one) => !one.mine && (one.archive ?? 0) > last && one.state !== 'read');
      if (fresh && !of.newFrom.value) of.newFrom.value = fresh;
      append(of, withRecent(of, page.messages));
    } else if (of.atEnd.value && of.following) {
      of.messages.value = [...settled(of, withRecent(of, page.messages))];
      of.atStart.value = page.complete;
      of.newFrom.value = firstUnread(of.messages.value);
    } else {
      of.atEnd.value = false;
      of.messages.value = page.messages.reduce(changed, of.messages.value);
    }
    if (mineRead) of.messages.value = marked(of.messages.value, of.messages.value.some((one) => one.mine && one.id === mineRead.id) ? mineRead.id : undefined, 'read');
  });
}

const placing = new Map<string, ReturnType<typeof setTimeout>>();

/** Asks for the places of messages that were just sent: the box's order and times are the ones that all devices show. */
function placeSoon(of: Thread): void {
  if (placing.has(of.peer)) return;
  placing.set(of.peer, setTimeout(() => void place(of), PLACE_AFTER_MS));
}

async function place(of: Thread): Promise<void> {
  placing.delete(of.peer);
  const after = newestBeforeUnplaced(of.messages.value);
  const range = after === undefined ? { max: PAGE } : { after: placeId(after), max: PAGE_MAX };
  const page = await historyWith(of.peer, range).catch(() => undefined);
  if (page && current(of) && of.atEnd.value) append(of, page.messages);
}

/** Messages of theirs may have come since, with a place after the one that is sought. */
function newestBeforeUnplaced(known: readonly Received[]): number | undefined {
  const first = known.find((one) => one.archive === undefined && one.mine);
  const since = first ? first.atMs * 1000 - CLOCKS_APART_US : 0;
  return known.findLast((one) => one.archive !== undefined && one.archive < since)?.archive;
}

/** This device's clock may differ from the box's by as much without an answer being missed. */
const CLOCKS_APART_US = 120_000_000;

whenAccepted((entry: Entry) => {
  const of = threads.get(entry.peer);
  if (!of) return;
  if (entry.kind === 'react') {
    of.messages.value = reacted(of.messages.value, isBubble(of), entry.id, account.value?.id ?? '', entry.icons ?? []);
    return;
  }
  const news: Received = { peer: entry.peer, from: account.value?.id ?? '', mine: true, id: entry.id, body: entry.body, archive: undefined, atMs: entry.atMs, change: undefined, answers: entry.answers, mentions: entry.mentions ?? [], file: entry.file, reactions: undefined, markdown: isMarkdown(entry.body) ? entry.body : undefined, urgency: entry.urgency, forwarded: entry.forwards !== undefined, replaces: undefined, state: 'sent' };
  if (entry.kind === 'send') {
    remember(of, news);
    append(of, [news]);
    // A bubble says it again to its sender, with its place.
    if (!isBubble(of)) placeSoon(of);
  } else {
    of.messages.value = changed(of.messages.value, { ...news, change: entry.kind === 'delete' ? 'deleted' : 'modified' });
  }
});

/** The reader has seen the newest of theirs. */
export function noteRead(of: Thread): void {
  of.below.value = of.unread = 0;
  if (of.messages.value.some((one) => !one.mine && one.state !== 'read')) of.messages.value = readByMe(of.messages.value);
}

function remember(of: Thread, message: Received): void {
  of.recent = [...of.recent.slice(1 - RECENT_MAX), { message, atMs: Date.now() }];
}

function heardMessage(of: Thread, message: Received): void {
  if (message.change) {
    of.messages.value = changed(of.messages.value, message);
    return;
  }
  remember(of, message);
  if (of.behind || of.state.value !== 'ready') return;
  // What waited for this device may be older than the window: it is found by scrolling up.
  if (!of.atStart.value && message.archive !== undefined && message.archive < (oldest(of.messages.value) ?? 0)) return;
  const newer = message.archive === undefined || message.archive > (newest(of.messages.value) ?? 0);
  if (newer && !message.mine && !(of.following && of.atEnd.value)) of.below.value += 1;
  append(of, [message]);
}

whenHeard((heard) => {
  const of = heard.kind === 'message' ? threads.get(heard.message.peer) : 'peer' in heard ? threads.get(heard.peer) : undefined;
  if (!of) return;
  if (heard.kind === 'message') heardMessage(of, heard.message);
  else if (heard.kind === 'reacted') of.messages.value = reacted(of.messages.value, isBubble(of), heard.of, heard.from, heard.icons);
  else if (heard.kind === 'receipt' && heard.event !== 'server' && !heard.mine) {
    // One reader of a bubble is not all of them.
    if (!isBubble(of)) of.messages.value = marked(of.messages.value, heard.id, heard.event);
  }
  else if (heard.kind === 'receipt' && heard.event === 'read' && heard.mine) of.messages.value = readByMe(of.messages.value);
  else if (heard.kind === 'all-read') of.messages.value = heard.received ? readByMe(of.messages.value) : marked(of.messages.value, undefined, 'read');
  else if (heard.kind === 'cleared') batch(() => {
    of.recent = [];
    of.messages.value = [];
    of.atStart.value = of.atEnd.value = true;
  });
});

whenOpened(() => {
  for (const [peer, of] of threads) {
    of.behind = true;
    if (peer === openPeer.value) void catchUp(of);
    else threads.delete(peer);
  }
});

whenSignedOut(() => {
  threads.clear();
  openPeer.value = undefined;
});
