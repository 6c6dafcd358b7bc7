import { type Signal, signal } from '@preact/signals';
import { idOf, isBubble } from '../protocol/bubbles';
import type { Page } from '../protocol/rest';
import { askOne } from './asked';
import { whenOpened } from './connection';
import { remembered } from './remembered';
import { ask, session, whenSignedOut } from './session';

/** A message that this person keeps at hand. */
export interface Pin {
  id: string;
  messageId: string;
  /** In the archive. */
  place: number;
  text: string;
}

interface Listed {
  id: string;
  messageId: string;
  messageTimestamp: number;
  text: string;
}

const KNOWN_MAX = 50;
const known = new Map<string, Signal<readonly Pin[]>>();
const path = (peer: string, rest = ''): string =>
  `/api/rainbow/enduser/v1.0/users/${session.value?.account.id ?? ''}/pins/${isBubble(peer) ? `room/${idOf(peer)}` : `user/${peer}`}${rest}`;
const toPin = (one: Listed): Pin => ({ id: one.id, messageId: one.messageId, place: one.messageTimestamp, text: one.text });

const entry = (peer: string): Signal<readonly Pin[]> =>
  remembered(known, KNOWN_MAX, peer, () => {
    void fetchPins(peer);
    return signal<readonly Pin[]>([]);
  });

/** The newest message first. */
export const pins = (peer: string): readonly Pin[] => entry(peer).value;

/** The box as it is now: pins of other devices are told by nothing else. */
export async function fetchPins(peer: string): Promise<void> {
  const answer = await ask<Page<Listed>>('GET', path(peer), { query: { limit: 100 } }).catch(() => undefined);
  if (answer && known.has(peer)) entry(peer).value = answer.data.map(toPin);
}

export async function pin(peer: string, messageId: string): Promise<void> {
  const made = await askOne<Listed>('POST', path(peer), { body: { messageId } });
  const others = entry(peer).value.filter((one) => one.id !== made.id);
  entry(peer).value = [...others, toPin(made)].sort((one, other) => other.place - one.place);
}

export async function unpin(peer: string, of: Pin): Promise<void> {
  await ask('DELETE', path(peer, `/${of.id}`));
  entry(peer).value = entry(peer).value.filter((one) => one.id !== of.id);
}

whenOpened(() => {
  for (const peer of known.keys()) void fetchPins(peer);
});
whenSignedOut(() => known.clear());
