import { type Signal, computed, signal } from '@preact/signals';
import type { Page } from '../protocol/rest';
import { whenHeard, whenOpened } from './connection';
import { language } from './language';
import { clean, compare } from './names';
import { account, ask, session, whenSignedOut } from './session';

/** Somebody as the box shows him (protocol section 12). */
interface User {
  id: string;
  companyId: string;
  companyName: string | null;
  displayName: string;
  jobTitle: string | null;
  title: string | null;
  nickName: string | null;
  country: string | null;
  loginEmail: string | null;
}

export interface Person {
  id: string;
  name: string;
  company: string;
  companyId: string;
  jobTitle: string;
  /** Told to who is near only. */
  email: string | undefined;
}

const USERS = '/api/rainbow/enduser/v1.0/users';
const SEARCH = '/api/rainbow/search/v1.0/users';
const NETWORK_MAX = 10_000;
/** People of one request by id, and how long requests are collected. */
const ASKED_MAX = 100;
const COLLECT_MS = 20;
/** The network is big: it is asked for again at most this often. */
const AGAIN_MS = 30_000;

const book = new Map<string, Signal<Person | null | undefined>>();
/** Ids of the people in the network. */
const ids = signal<ReadonlySet<string>>(new Set());
export const networkState = signal<'loading' | 'ready' | 'failed'>('loading');

function entry(id: string): Signal<Person | null | undefined> {
  const known = book.get(id);
  if (known) return known;
  const made = signal<Person | null | undefined>(undefined);
  book.set(id, made);
  return made;
}

function toPerson(user: User): Person {
  return {
    id: user.id,
    name: clean(user.displayName),
    company: clean(user.companyName),
    companyId: user.companyId,
    jobTitle: clean(user.jobTitle),
    email: user.loginEmail ?? undefined,
  };
}

function note(user: User): Person {
  const person = toPerson(user);
  entry(user.id).value = person;
  return person;
}

/** Somebody by id. `undefined` while the box is asked; `null`: nobody whom this person may know of. */
export function person(id: string): Person | null | undefined {
  const known = entry(id);
  if (known.value === undefined) need(id);
  return known.value;
}

/** Somebody who could not be seen before may be now: two people who share a bubble see one another's names. */
export function lookAgain(id: string): void {
  // Also while an older question about him is on its way.
  if (book.has(id) && !book.get(id)?.value) need(id);
}

export const inNetwork = (id: string): boolean => ids.value.has(id);
export const isMe = (id: string): boolean => id === account.value?.id;
export const isColleague = (one: Person): boolean => one.companyId === account.value?.companyId;

/** The people in the network, by name. */
export const network = computed<readonly Person[]>(() => {
  const people = [...ids.value].flatMap((id) => entry(id).value ?? []);
  return people.sort((one, other) => compare(one.name, other.name, language.value) || (one.id < other.id ? -1 : 1));
});

let wanted = new Set<string>();
let collecting: ReturnType<typeof setTimeout> | undefined;

function need(id: string): void {
  if (!session.value || !id) return;
  wanted.add(id);
  collecting ??= setTimeout(() => void fetchWanted(), COLLECT_MS);
}

async function fetchWanted(): Promise<void> {
  const lot = [...wanted].slice(0, ASKED_MAX);
  collecting = undefined;
  wanted = new Set([...wanted].slice(ASKED_MAX));
  if (wanted.size > 0) collecting = setTimeout(() => void fetchWanted(), COLLECT_MS);
  try {
    const { data } = await ask<Page<User>>('POST', `${USERS}/ids`, { body: { id: lot } });
    for (const user of data) note(user);
    for (const id of lot) if (entry(id).value === undefined) entry(id).value = null;
  } catch {
    // Asked for again at the next sign of life of the box.
    for (const id of lot) missed.add(id);
  }
}

const missed = new Set<string>();

async function refetch(id: string): Promise<void> {
  const answer = await ask<{ data: User }>('GET', `${USERS}/${id}`).catch(() => undefined);
  if (answer) note(answer.data);
}

let fetchedAt = 0;
let again: ReturnType<typeof setTimeout> | undefined;

/** Asks for the whole network: now, or when it may be asked for again. */
function refresh(): void {
  const wait = fetchedAt + AGAIN_MS - Date.now();
  clearTimeout(again);
  if (wait > 0 && networkState.value === 'ready') again = setTimeout(refresh, wait);
  else void fetchNetwork();
}

export async function fetchNetwork(): Promise<void> {
  fetchedAt = Date.now();
  const mine = session.value?.account.id;
  try {
    const { data } = await ask<Page<User>>('GET', `${USERS}/networks`, { query: { format: 'full', limit: NETWORK_MAX } });
    if (session.value?.account.id !== mine) return;
    for (const user of data) note(user);
    ids.value = new Set(data.map((user) => user.id));
    networkState.value = 'ready';
  } catch {
    if (networkState.value !== 'ready') networkState.value = 'failed';
    fetchedAt = 0;
  }
}

/** People whose names begin with these words, of every company that this person may see (B7). */
export async function search(words: string, signal: AbortSignal): Promise<Person[]> {
  const { data } = await ask<Page<User>>('GET', SEARCH, { query: { displayName: words, limit: 50 }, signal });
  return data.map(note);
}

export async function leave(id: string): Promise<void> {
  await ask('DELETE', `${USERS}/networks/${id}`);
  setJoined(id, false);
}

function setJoined(id: string, joined: boolean): void {
  const next = new Set(ids.value);
  if (joined) next.add(id);
  else next.delete(id);
  ids.value = next;
}

whenOpened(() => {
  refresh();
  const lot = [...missed];
  missed.clear();
  lot.forEach(need);
});

whenHeard((heard) => {
  if (heard.kind === 'profile' && book.has(heard.user)) void refetch(heard.user);
  if (heard.kind !== 'network') return;
  setJoined(heard.user, heard.joined);
  // What is shown of somebody depends on how near he is. Many may come at once: a whole department gets its accounts.
  need(heard.user);
});

whenSignedOut(() => {
  clearTimeout(again);
  clearTimeout(collecting);
  collecting = undefined;
  wanted.clear();
  missed.clear();
  fetchedAt = 0;
  book.clear();
  ids.value = new Set();
  networkState.value = 'loading';
});
