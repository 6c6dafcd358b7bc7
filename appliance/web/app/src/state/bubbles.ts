import { computed, signal } from '@preact/signals';
import { type Action, type Door, type Role, type Room, type RoomMember, type Status, allows, isBubble, peerOf } from '../protocol/bubbles';
import { Refusal, type Page } from '../protocol/rest';
import { enterBubble, whenHeard, whenOpened } from './connection';
import { text } from './language';
import { clean, preview } from './names';
import { discard, outbox } from './outbox';
import { lookAgain } from './people';
import { account, ask, session, whenSignedOut } from './session';

export interface Member {
  user: string;
  role: Role;
  status: Status;
  addedMs: number;
}

export interface Bubble {
  id: string;
  /** As conversations know it. */
  peer: string;
  name: string;
  topic: string;
  organizer: string;
  sharesHistory: boolean;
  /** Whom its link lets in. */
  door: Door;
  /** Its link asks for a password. */
  hasPassword: boolean;
  archived: boolean;
  createdMs: number;
  lastMs: number | undefined;
  /** When its picture was changed; none: it has no picture. */
  pictureMs: number | undefined;
  /** How many are in it. */
  count: number;
  /** How this person stands to it. */
  status: Status;
  /** Of who is in it. */
  role: Role | undefined;
  /** Everybody who has to do with it; asked for when somebody looks. */
  members: readonly Member[] | undefined;
}

const ROOMS = '/api/rainbow/enduser/v1.0/rooms';
const PAGE = 500;
const BUBBLES_MAX = 5000;
/** More than a bubble may have: everybody. */
const EVERYBODY = 2000;

export const bubbles = signal<ReadonlyMap<string, Bubble>>(new Map());
export const bubblesState = signal<'loading' | 'ready' | 'failed'>('loading');
export const bubble = (peer: string): Bubble | undefined => bubbles.value.get(peer);

/** Who asked this person in, as far as it was told while this page was open. */
const inviters = signal<ReadonlyMap<string, string>>(new Map());
export const inviter = (one: Bubble): string | undefined => inviters.value.get(one.id);

/** Bubbles that this person is asked into, the latest first. */
export const askedInto = computed(() => [...bubbles.value.values()].filter((one) => one.status === 'invited').sort((one, other) => other.createdMs - one.createdMs));
export const askedIntoCount = computed(() => askedInto.value.length);

/** Whether this person may do that there now (R2). */
export const may = (one: Bubble, action: Action): boolean =>
  one.archived ? action === 'delete' && one.organizer === account.value?.id : allows(one.role, action);

/** What it is called; also while it is not known, and when nothing of its name can be shown. */
export const titleOf = (one: Bubble | undefined): string => (one ? one.name || text('bubble_unnamed') : '…');

const ROLES = { moderator: 'coOrganizer', user: 'member', guest: 'guest' } as const;
const roleOf = (room: Room, member: RoomMember): Role => (member.userId === room.creator ? 'organizer' : ROLES[member.privilege]);
const momentOf = (date: string | null): number | undefined => (date ? Date.parse(date) : undefined);

function toBubble(room: Room, whole: boolean): Bubble {
  const own = room.users.find((one) => one.userId === account.value?.id);
  const toMember = (one: RoomMember): Member => ({ user: one.userId, role: roleOf(room, one), status: one.status, addedMs: Date.parse(one.additionDate) });
  return {
    id: room.id,
    peer: peerOf(room.id),
    name: clean(room.name),
    topic: preview(room.topic),
    organizer: room.creator,
    sharesHistory: room.history === 'all',
    door: room.autoRegister,
    hasPassword: room.hasPassword,
    archived: !room.isActive,
    createdMs: Date.parse(room.creationDate),
    lastMs: momentOf(room.lastActivityDate),
    pictureMs: momentOf(room.lastAvatarUpdateDate),
    count: room.activeUsersCounter,
    status: own?.status ?? 'unsubscribed',
    role: own?.status === 'accepted' ? roleOf(room, own) : undefined,
    members: whole ? room.users.map(toMember) : undefined,
  };
}

function put(one: Bubble): Bubble {
  const next = { ...one, members: one.members ?? bubbles.value.get(one.peer)?.members };
  bubbles.value = new Map(bubbles.value).set(one.peer, next);
  return next;
}

function drop(id: string): void {
  const rest = new Map(bubbles.value);
  if (rest.delete(peerOf(id))) bubbles.value = rest;
  dropWords();
}

/** What was written for a bubble that is no more is for nobody. */
function dropWords(): void {
  if (bubblesState.value !== 'ready') return;
  for (const entry of outbox.value) if (isBubble(entry.peer) && !bubbles.value.has(entry.peer)) discard(entry);
}

async function list(): Promise<Bubble[]> {
  const all: Bubble[] = [];
  for (;;) {
    // One person of each is enough: the box begins with who asks.
    const query = { format: 'full', unsubscribed: true, nbUsersToKeep: 1, limit: PAGE, offset: all.length };
    const page = await ask<Page<Room>>('GET', ROOMS, { query });
    all.push(...page.data.map((room) => toBubble(room, false)));
    if (page.data.length < PAGE || all.length >= BUBBLES_MAX) return all;
  }
}

let turns = 0;
/** The look at the list that is on its way; 0: none. */
let listing = 0;
/** Bubbles of which something was told while the list was on its way. */
const touched = new Set<string>();

export async function fetchBubbles(): Promise<void> {
  const turn = (listing = ++turns);
  touched.clear();
  const mine = session.value?.account.id;
  try {
    const all = await list();
    if (session.value?.account.id !== mine || turn !== listing) return;
    // Members may have changed while nobody told: those of whom somebody looks at are asked for again.
    const looked = all.filter((one) => bubbles.value.get(one.peer)?.members).map((one) => one.id);
    bubbles.value = new Map(all.map((one) => [one.peer, { ...one, members: bubbles.value.get(one.peer)?.members }]));
    bubblesState.value = 'ready';
    listing = 0;
    dropWords();
    for (const id of new Set([...touched, ...looked])) void fetchBubble(id);
  } catch {
    if (turn !== listing) return;
    listing = 0;
    if (bubblesState.value !== 'ready') bubblesState.value = 'failed';
  }
}

const asking = new Map<string, Promise<void>>();
const stale = new Set<string>();

/** One bubble as the box has it now; what changes meanwhile is asked for again. */
export function fetchBubble(id: string): Promise<void> {
  if (listing > 0) touched.add(id);
  const running = asking.get(id);
  if (running) stale.add(id);
  const made = running ?? read(id).finally(() => {
    asking.delete(id);
    if (stale.delete(id)) void fetchBubble(id);
  });
  asking.set(id, made);
  return made;
}

async function read(id: string): Promise<void> {
  const mine = session.value?.account.id;
  const whole = bubbles.value.get(peerOf(id))?.members !== undefined || wanted.has(id);
  try {
    const { data } = await ask<{ data: Room }>('GET', `${ROOMS}/${id}`, { query: { format: 'full', nbUsersToKeep: whole ? EVERYBODY : 1 } });
    if (session.value?.account.id !== mine) return;
    put(toBubble(data, whole));
  } catch (failure) {
    if (failure instanceof Refusal && failure.status === 404) drop(id);
  }
}

/** Bubbles whose members are on the screen. */
const wanted = new Set<string>();

/** Asks for everybody in it, if that was not done yet. */
export function needMembers(one: Bubble): void {
  if (one.members || wanted.has(one.id)) return;
  wanted.add(one.id);
  void fetchBubble(one.id).finally(() => wanted.delete(one.id));
}

/** Does something that the box answers with the bubble as it is then. */
async function change(id: string, what: Promise<unknown>): Promise<void> {
  try {
    await what;
  } finally {
    await fetchBubble(id);
  }
}

/** Does something after which the bubble is nothing to this person any more. */
async function end(one: Bubble, what: Promise<unknown>): Promise<void> {
  await what;
  drop(one.id);
}

export async function create(name: string, topic: string, sharesHistory: boolean): Promise<Bubble> {
  const body = { name: name.trim(), topic: topic.trim(), history: sharesHistory ? 'all' : 'none', visibility: 'private' };
  const { data } = await ask<{ data: Room }>('POST', ROOMS, { body });
  const made = put(toBubble(data, true));
  enterBubble(made.peer);
  return made;
}

const member = (one: Bubble, user: string): string => `${ROOMS}/${one.id}/users/${user}`;
const me = (): string => account.value?.id ?? '';

const asked = (one: Bubble, user: string): Promise<unknown> =>
  ask('POST', `${ROOMS}/${one.id}/users`, { body: { userId: user, reason: '', privilege: 'user', status: 'invited' } });

export const invite = (one: Bubble, user: string): Promise<void> => change(one.id, asked(one, user));
/** Everybody is asked whatever becomes of the others; answers whom the box refused, and why. */
export async function inviteAll(one: Bubble, users: readonly string[]): Promise<(readonly [user: string, failure: unknown])[]> {
  const refused: (readonly [string, unknown])[] = [];
  for (const user of users) {
    await asked(one, user).catch((failure: unknown) => refused.push([user, failure]));
  }
  await fetchBubble(one.id);
  return refused;
}

export const accept = (one: Bubble): Promise<void> => change(one.id, ask('PUT', member(one, me()), { body: { status: 'accepted' } }));
export const decline = (one: Bubble): Promise<void> => end(one, ask('PUT', member(one, me()), { body: { status: 'rejected' } }));
export const leave = (one: Bubble): Promise<void> => change(one.id, ask('PUT', member(one, me()), { body: { status: 'unsubscribed' } }));
export const exclude = (one: Bubble, user: string): Promise<void> => change(one.id, ask('PUT', member(one, user), { body: { status: 'unsubscribed' } }));
/** Takes an invitation back, or somebody off the list who is in it no longer. */
export const takeOff = (one: Bubble, user: string): Promise<void> => change(one.id, ask('DELETE', member(one, user)));
export const forget = (one: Bubble): Promise<void> => end(one, ask('DELETE', member(one, me())));
export const promote = (one: Bubble, user: string, up: boolean): Promise<void> =>
  change(one.id, ask('PUT', member(one, user), { body: { privilege: up ? 'moderator' : 'user' } }));
export const handOver = (one: Bubble, user: string): Promise<void> => change(one.id, ask('PUT', `${ROOMS}/${one.id}`, { body: { owner: user } }));
/** What is not given stays. */
export const describe = (one: Bubble, name: string | undefined, topic: string | undefined): Promise<void> =>
  change(one.id, ask('PUT', `${ROOMS}/${one.id}`, { body: { name: name?.trim(), topic: topic?.trim() } }));
/** Whom the link lets in from now on. */
export const setDoor = (one: Bubble, door: Door): Promise<void> => change(one.id, ask('PUT', `${ROOMS}/${one.id}`, { body: { autoRegister: door } }));
export const archive = (one: Bubble): Promise<void> => change(one.id, ask('PUT', `${ROOMS}/${one.id}/archive`, { body: {} }));
export const remove = (one: Bubble): Promise<void> => end(one, ask('DELETE', `${ROOMS}/${one.id}`));
export const setPicture = (one: Bubble, picture: Blob | undefined): Promise<void> =>
  change(one.id, ask(picture ? 'POST' : 'DELETE', `${ROOMS}/${one.id}/avatar`, picture && { body: picture }));

/** Whoever stands like this to a bubble does not see it. */
const ENDED = new Set(['deleted', 'rejected']);

whenOpened(() => void fetchBubbles());

whenHeard((heard) => {
  if (heard.kind === 'asked-in') {
    inviters.value = new Map(inviters.value).set(heard.id, heard.by);
    lookAgain(heard.by);
    void fetchBubble(heard.id);
  } else if (heard.kind === 'bubble') {
    // Where one has just been let in, this device hears nothing before it is in as well.
    if (heard.user === me() && ENDED.has(heard.status)) return drop(heard.id);
    if (heard.user === me() && heard.status === 'accepted') enterBubble(peerOf(heard.id));
    else if (heard.user) lookAgain(heard.user);
    void fetchBubble(heard.id);
  }
});

whenSignedOut(() => {
  listing = 0;
  touched.clear();
  stale.clear();
  wanted.clear();
  bubbles.value = new Map();
  inviters.value = new Map();
  bubblesState.value = 'loading';
});

