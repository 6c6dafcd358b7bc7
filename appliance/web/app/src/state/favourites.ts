import { signal } from '@preact/signals';
import type { Page } from '../protocol/rest';
import { whenHeard, whenOpened } from './connection';
import { ask, session, whenSignedOut } from './session';

interface Favourite {
  id: string;
  peerId: string;
  position: number;
}

const path = (rest = '') => `/api/rainbow/enduser/v1.0/users/${session.value?.account.id ?? ''}/favorites${rest}`;

/** Id of the favourite by id of the person, in the order of the list. */
const favourites = signal<ReadonlyMap<string, string>>(new Map());

export const isFavourite = (user: string): boolean => favourites.value.has(user);

async function fetchFavourites(): Promise<void> {
  const answer = await ask<Page<Favourite>>('GET', path()).catch(() => undefined);
  if (!answer) return;
  const inOrder = [...answer.data].sort((one, other) => one.position - other.position);
  favourites.value = new Map(inOrder.map((one) => [one.peerId, one.id]));
}

export async function setFavourite(user: string, on: boolean): Promise<void> {
  const known = favourites.value.get(user);
  try {
    if (on) await ask('POST', path(), { body: { peerId: user, type: 'user' } });
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
