import { signal } from '@preact/signals';
import { say } from '../components/toast';
import { peerOf } from '../protocol/bubbles';
import type { OpenLink, Waiter } from '../protocol/door';
import type { Page } from '../protocol/rest';
import { type Bubble, bubble, fetchBubble, titleOf } from './bubbles';
import { whenHeard } from './connection';
import { text } from './language';
import { clean } from './names';
import { account, ask, whenSignedOut } from './session';

/** The link of a bubble, its password and who waits in its lobby: for its organizers (C4, C5, R2). */
export interface DoorState {
  /** `null`: it has none. */
  link: string | null | undefined;
  password: string | null | undefined;
  waiting: readonly Waiter[] | undefined;
}

const ROOMS = '/api/rainbow/enduser/v1.0/rooms';
const NOTHING: DoorState = { link: undefined, password: undefined, waiting: undefined };
const doors = signal<ReadonlyMap<string, DoorState>>(new Map());
export const door = (one: Bubble): DoorState => doors.value.get(one.id) ?? NOTHING;

function put(id: string, change: Partial<DoorState>): void {
  doors.value = new Map(doors.value).set(id, { ...NOTHING, ...doors.value.get(id), ...change });
}

const links = (rest = ''): string => `/api/rainbow/enduser/v1.0/users/${account.value?.id ?? ''}/public-links${rest}`;

async function readLink(id: string): Promise<void> {
  const { data } = await ask<Page<OpenLink>>('GET', links(), { query: { roomId: id } });
  put(id, { link: data[0]?.invitationURL ?? null });
}

async function readPassword(id: string): Promise<void> {
  const { data } = await ask<{ data: { password: string | null } }>('GET', `/api/edge/v1/rooms/${id}/password`);
  put(id, { password: data.password });
}

async function readLobby(id: string): Promise<void> {
  const { data } = await ask<{ data: { lobby: Waiter[] } }>('GET', `${ROOMS}/${id}/lobbies/pending`);
  put(id, { waiting: data.lobby.map((one) => ({ ...one, displayName: clean(one.displayName) })) });
}

/** What the organizer sees of it; a co-organizer sees who waits (R2). */
export async function readDoor(one: Bubble, whole: boolean): Promise<void> {
  await Promise.all([readLobby(one.id), ...(whole ? [readLink(one.id), readPassword(one.id)] : [])]);
}

export async function makeLink(one: Bubble, fresh: boolean): Promise<void> {
  const { data } = await ask<{ data: OpenLink }>(fresh ? 'PUT' : 'POST', links(fresh ? '/reset' : '/bind'), { body: { roomId: one.id } });
  put(one.id, { link: data.invitationURL });
}

export async function removeLink(one: Bubble): Promise<void> {
  await ask('PUT', links('/unbind'), { body: { roomId: one.id } });
  put(one.id, { link: null });
}

export async function setPassword(one: Bubble, what: 'on' | 'off' | 'fresh'): Promise<void> {
  const path = `${ROOMS}/${one.id}/passwords${what === 'fresh' ? '/reset' : ''}`;
  const { data } = await ask<{ data: { password: string | null } }>('PUT', path, { body: { hasPassword: what !== 'off' } });
  put(one.id, { password: data.password });
  await fetchBubble(one.id);
}

/** Lets people in who wait, or sends them away. */
export async function answer(one: Bubble, users: readonly string[], letIn: boolean): Promise<void> {
  await ask('PUT', `${ROOMS}/${one.id}/lobbies/${letIn ? 'accept' : 'deny'}`, { body: { scope: 'some', users } });
  await Promise.all([readLobby(one.id), fetchBubble(one.id)]);
}

whenHeard((heard) => {
  if (heard.kind !== 'notice') return;
  const { topic, id } = heard;
  if (topic === 'newIncoming') say(text('door_somebody_waits', { name: titleOf(bubble(peerOf(id))) }));
  const known = doors.value.get(id);
  if (!known) return;
  if (topic === 'newIncoming' || topic === 'roomlobby') void readLobby(id).catch(() => undefined);
  if (topic === 'openinvite' && known.link !== undefined) void readLink(id).catch(() => undefined);
  if (topic === 'roompassword' && known.password !== undefined) void readPassword(id).catch(() => undefined);
});

whenSignedOut(() => {
  doors.value = new Map();
});
