import { type Signal, signal } from '@preact/signals';
import { peerOf } from '../protocol/bubbles';
import { DESCRIPTORS, type Descriptor } from '../protocol/files';
import { type Received, placeId } from '../protocol/incoming';
import { ROOM, parts } from '../protocol/namespaces';
import type { Page } from '../protocol/rest';
import { historyWith, jidOf, whenHeard } from './connection';
import { type Person, search } from './people';
import { remembered } from './remembered';
import { ask, session, whenSignedOut } from './session';

/** A message that was found; who wrote it, and whether it is there still, is asked for when it is drawn. */
export interface Hit {
  peer: string;
  /** In the archive. */
  place: number;
  /** What it says around what was sought; `…` where more was left out. */
  excerpt: string;
}

export interface Finding {
  words: string;
  /** The one conversation that was searched; else everything was. */
  only: string | undefined;
  state: 'searching' | 'done' | 'failed';
  people: readonly Person[];
  hits: readonly Hit[];
  /** There are more messages than were asked for, or older ones that the box did not look at. */
  more: boolean;
  files: readonly Descriptor[];
}

interface ListedHit {
  timestamp: number;
  peer: string;
  excerpt: string;
}

const WAIT_MS = 300;
/** Messages at first, and after each wish for more; the box's own limit. */
const HITS = 20;
const HITS_STEP = 80;
export const HITS_MAX = 1000;
const FILES_MAX = 20;

/** What the box finds for what is being typed; nothing while nothing is. */
export const finding = signal<Finding | undefined>(undefined);

let waiting: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | undefined;
let limit = HITS;

/** Asks when the person pauses; what was asked before is not waited for any more. */
export function look(words: string, only: string | undefined): void {
  clearTimeout(waiting);
  running?.abort();
  limit = HITS;
  const wanted = words.trim();
  if (wanted === '') {
    finding.value = undefined;
    return;
  }
  const before = finding.value;
  // What was found before stays until there is something else, unless it was looked for elsewhere.
  const kept = before?.only === only ? before : undefined;
  finding.value = { words: wanted, only, state: 'searching', people: kept?.people ?? [], hits: kept?.hits ?? [], more: false, files: kept?.files ?? [] };
  waiting = setTimeout(() => void run(wanted, only), WAIT_MS);
}

/** The same once more, for further messages. */
export function lookFurther(): void {
  const now = finding.value;
  if (!now) return;
  limit = Math.min(limit + HITS_STEP, HITS_MAX);
  running?.abort();
  finding.value = { ...now, state: 'searching' };
  void run(now.words, now.only);
}

async function run(words: string, only: string | undefined): Promise<void> {
  const mine = (running = new AbortController());
  try {
    const [people, found, files] = await Promise.all([
      only ? [] : search(words, mine.signal),
      hits(words, only, mine.signal),
      only ? [] : filesNamed(words, mine.signal),
    ]);
    if (!mine.signal.aborted) finding.value = { words, only, state: 'done', people, files, hits: found.hits, more: found.more };
  } catch {
    if (!mine.signal.aborted) finding.value = { words, only, state: 'failed', people: [], hits: [], more: false, files: [] };
  }
}

async function hits(substring: string, only: string | undefined, stop: AbortSignal): Promise<{ hits: Hit[]; more: boolean }> {
  const where = `/api/rainbow/enduser/v1.0/users/${session.value?.account.id ?? ''}/conversations/search/hits`;
  const peer = only === undefined ? {} : { peer: jidOf(only) };
  const { data, complete } = await ask<{ data: ListedHit[]; complete: boolean }>('GET', where, { query: { substring, limit, ...peer }, signal: stop });
  const all = data.map((one) => ({ peer: parts(one.peer).user, place: one.timestamp, excerpt: one.excerpt }));
  return { hits: all.slice(0, limit), more: !complete || all.length > limit };
}

/** One's own, and those that others shared; nothing else is ever told. */
async function filesNamed(fileName: string, stop: AbortSignal): Promise<Descriptor[]> {
  const query = { fileName, isUploaded: true, limit: FILES_MAX };
  const me = session.value?.account.id ?? '';
  const [own, received] = await Promise.all([DESCRIPTORS, `${DESCRIPTORS}/viewers/${me}`].map((path) => ask<Page<Descriptor>>('GET', path, { query, signal: stop })));
  const all = new Map([...(own?.data ?? []), ...(received?.data ?? [])].map((one) => [one.id, one]));
  return [...all.values()].filter((one) => one.isClean === true).sort((one, other) => (one.dateToSort < other.dateToSort ? 1 : -1)).slice(0, FILES_MAX);
}

/** What messages that were found say: `undefined` while it is asked for, `null` where there is nothing any more. */
const said = new Map<string, Signal<Received | null | undefined>>();
const SAID_MAX = 500;
const AT_ONCE = 4;
const wanted: (() => Promise<void>)[] = [];
let busy = 0;

export function words({ peer, place }: Hit): Received | null | undefined {
  const key = `${peer} ${place}`;
  return remembered(said, SAID_MAX, key, () => {
    const made = signal<Received | null | undefined>(undefined);
    wanted.push(() => read(peer, place, made, key));
    next();
    return made;
  }).value;
}

async function read(peer: string, place: number, into: Signal<Received | null | undefined>, key: string): Promise<void> {
  try {
    const { messages } = await historyWith(peer, { after: placeId(place - 1), max: 1 });
    into.value = messages.find((one) => one.archive === place && one.change !== 'deleted') ?? null;
  } catch {
    said.delete(key);
  }
}

function next(): void {
  while (busy < AT_ONCE) {
    const act = wanted.shift();
    if (!act) return;
    busy += 1;
    void act().finally(() => {
      busy -= 1;
      next();
    });
  }
}

/** Bubbles are named by their addresses. */
export const isRoomHit = (one: Hit): boolean => one.peer.startsWith(ROOM);
export const peerOfViewer = (viewer: { viewerId: string; type: 'user' | 'room' }): string => (viewer.type === 'room' ? peerOf(viewer.viewerId) : viewer.viewerId);

// What is deleted, changed or hidden from now on is found no more.
whenHeard((heard) => {
  const gone = heard.kind === 'cleared' || (heard.kind === 'message' && heard.message.change !== undefined) || heard.kind === 'bubble';
  if (gone) said.clear();
});

whenSignedOut(() => {
  clearTimeout(waiting);
  running?.abort();
  wanted.length = 0;
  said.clear();
  finding.value = undefined;
});
