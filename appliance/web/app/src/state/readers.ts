import { type Signal, signal } from '@preact/signals';
import { idOf, isBubble } from '../protocol/bubbles';
import { placeId, placeOf } from '../protocol/incoming';
import { askOne } from './asked';
import { bubble } from './bubbles';
import { whenHeard, whenOpened } from './connection';
import { remembered } from './remembered';
import { whenSignedOut } from './session';
import { soon } from './soon';

/** How many of those who may read a message of one's own in a bubble have received and read it. */
export interface Reach {
  of: number;
  received: number;
  read: number;
}

export interface Reader {
  user: string;
  state: 'sent' | 'received' | 'read';
}

interface Told extends Reach {
  message: string;
  people?: { userId: string; state: Reader['state'] }[];
}

/** Messages that are asked about at once: the box's own limit. */
const PLACES_MAX = 50;
const KNOWN_MAX = 5;
/** Receipts come in bursts. */
const PAUSE_MS = 500;

interface Known {
  readonly reaches: Signal<ReadonlyMap<number, Reach>>;
  /** The messages on the screen, the newest last. */
  places: readonly number[];
}

const known = new Map<string, Known>();

const entry = (peer: string): Known => remembered(known, KNOWN_MAX, peer, () => ({ reaches: signal<ReadonlyMap<number, Reach>>(new Map()), places: [] }));

/** How far a message of one's own has come, as far as it was told. */
export const reach = (peer: string, place: number | undefined): Reach | undefined =>
  place === undefined || !isBubble(peer) ? undefined : entry(peer).reaches.value.get(place);

const path = (peer: string, places: readonly number[], more = ''): string =>
  `/api/edge/v1/rooms/${idOf(peer)}/readers?${places.map((place) => `message=${placeId(place)}`).join('&')}${more}`;

/** Everybody who may read it, and how far it has come to each. */
export async function readersOf(peer: string, place: number, stop: AbortSignal): Promise<readonly Reader[]> {
  const [told] = await askOne<Told[]>('GET', path(peer, [place], '&format=full'), { signal: stop });
  return (told?.people ?? []).map(({ userId, state }) => ({ user: userId, state }));
}

/** These messages of one's own are looked at; it is asked about the newest. */
export function follow(peer: string, all: readonly number[]): void {
  const [of, places] = [entry(peer), all.slice(-PLACES_MAX)];
  const news = places.some((place) => !of.places.includes(place));
  of.places = places;
  if (news) askSoon(peer);
}

const askSoon = soon(PAUSE_MS, (peer) => void askFor(peer));

async function askFor(peer: string): Promise<void> {
  // Whoever is in it no longer is told nothing new.
  if (bubble(peer)?.status !== 'accepted') return;
  const of = entry(peer);
  const before = of.reaches.value;
  // What everybody has read stays so.
  const open = of.places.filter((place) => {
    const told = before.get(place);
    return !told || told.read < told.of;
  });
  if (open.length === 0) return;
  const answer = await askOne<Told[]>('GET', path(peer, open)).catch(() => undefined);
  if (!answer || known.get(peer) !== of) return;
  const next = new Map([...before].filter(([place]) => of.places.includes(place)));
  for (const { message, of: all, received, read } of answer) next.set(placeOf(message) ?? 0, { of: all, received, read });
  of.reaches.value = next;
}

whenHeard((heard) => {
  if (heard.kind === 'receipt' && heard.event !== 'server' && !heard.mine && known.has(heard.peer)) askSoon(heard.peer);
});
whenOpened(() => {
  for (const peer of known.keys()) askSoon(peer);
});
whenSignedOut(() => known.clear());
