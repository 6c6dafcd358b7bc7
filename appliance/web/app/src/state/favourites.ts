import { signal } from '@preact/signals';
import { idOf, isBubble, peerOf } from '../protocol/bubbles';
import type { Page } from '../protocol/rest';
import { whenHeard, whenOpened } from './connection';
import { ask, session, whenSignedOut } from './session';

interface Favourite {
  id: string;
  peerId: string;
  type: 'user' | 'room';
  position: number;
}

const path = (rest = '') => `/api/rainbow/enduser/v1.0/users/${session.value?.account.id ?? ''}/favorites${rest}`;

/** Id of the favourite by the person or bubble as conversations know it, in the order of the list. */
const favourites = signal<ReadonlyMap<string, string>>(new Map());

export const isFavourite = (peer: string): boolean => favourites.value.has(peer);

async function fetchFavourites(): Promise<void> {
  const answer = await ask<Page<Favourite>>('GET', path()).catch(() => undefined);
  if (!answer) return;
  const inOrder = [...answer.data].sort((one, other) => one.position - other.position);
  favourites.value = new Map(inOrder.map((one) => [one.type === 'room' ? peerOf(one.peerId) : one.peerId, one.id]));
}

export async function setFavourite(peer: string, on: boolean): Promise<void> {
  const known = favourites.value.get(peer);
  try {
    if (on) await ask('POST', path(), { body: isBubble(peer) ? { peerId: idOf(peer), type: 'room' } : { peerId: peer, type: 'user' } });
    else if (known) await ask('DELETE', path(`/${known}`));
  } finally {
    await fetchFavourites();
  }
}

whenOpened(() => void fetchFavourites());
whenHeard((heard) => {
  if (heard.kind === 'notice' && heard.topic === 'favorite') void fetchFavourites();
});
whenSignedOut(() => {
  favourites.value = new Map();
});
