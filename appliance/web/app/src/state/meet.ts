import { peerOf } from '../protocol/bubbles';
import type { Arrival, LinkPage } from '../protocol/door';
import { Refusal, call } from '../protocol/rest';
import { language } from './language';
import { plain } from './plain';
import { replace } from './route';
import { type LoginAnswer, account, ask, begin, forget, isGuest, session } from './session';

/** Coming to a bubble by its link (C4, C5). */
const OPEN_INVITES = '/api/rainbow/enduser/v1.0/rooms/open-invites';
const MEET = '/api/edge/v1/meet';
const ROOMS = '/api/rainbow/enduser/v1.0/rooms';

/** Where a link leads. What others have named is as it may stand within a sentence. */
export async function lookAt(token: string): Promise<LinkPage> {
  const { data } = await call<{ data: LinkPage }>('GET', `${OPEN_INVITES}/validate`, { query: { openInviteId: token } });
  const { roomName, roomTopic, invitingFirstName, invitingLastName, invitingCompanyName } = data;
  return {
    ...data,
    roomName: plain(roomName),
    roomTopic: plain(roomTopic),
    invitingFirstName: plain(invitingFirstName),
    invitingLastName: plain(invitingLastName),
    invitingCompanyName: plain(invitingCompanyName),
  };
}

/** As a guest of that name; who is signed in here is not any more. */
export async function enterAsGuest(token: string, name: string, password: string): Promise<Arrival> {
  const body = { name, language: language.value, roomPassword: password || undefined };
  const answer = await call<LoginAnswer & { meeting: Arrival }>('POST', `${MEET}/${encodeURIComponent(token)}`, { body });
  begin(answer, false);
  return answer.meeting;
}

/** With one's own account. */
export async function enterAsMember(token: string, password: string): Promise<Arrival> {
  const body = { openInviteId: token, roomPassword: password || undefined };
  return (await ask<{ data: Arrival }>('POST', OPEN_INVITES, { body })).data;
}

export const goInside = (room: string): void => replace('chat', peerOf(room));

/** How it stands with somebody who waits. */
export async function standing(room: string): Promise<'waiting' | 'inside' | 'refused'> {
  try {
    const { data } = await ask<{ data: Arrival }>('GET', MEET);
    if (data.status === 'waiting' && data.roomId === room) return 'waiting';
  } catch (failure) {
    if (!(failure instanceof Refusal) || ![401, 404].includes(failure.status)) throw failure;
    if (!session.value) return 'refused';
  }
  try {
    await ask('GET', `${ROOMS}/${room}`, { query: { nbUsersToKeep: 1 } });
    return 'inside';
  } catch (failure) {
    if (failure instanceof Refusal && [401, 404].includes(failure.status)) return 'refused';
    throw failure;
  }
}

/** Where a guest is who comes back to the page. */
export async function whereGuestIs(): Promise<Arrival | undefined> {
  if (!isGuest.value) return undefined;
  try {
    return (await ask<{ data: Arrival }>('GET', MEET)).data;
  } catch {
    return undefined;
  }
}

/** Goes away from the lobby, or out of the bubble; a guest is one no longer. */
export async function goAway(room: string): Promise<void> {
  const own = `${ROOMS}/${room}/users/${account.value?.id ?? ''}`;
  await ask('PUT', own, { body: { status: 'unsubscribed' } }).catch(() => undefined);
  if (isGuest.value) forget(undefined);
}

/** The way out of a guest. */
export async function endVisit(): Promise<void> {
  const at = await whereGuestIs();
  if (at) await goAway(at.roomId);
  else forget(undefined);
}
