import { type Received, placeId } from '../protocol/incoming';
import type { Reaction } from '../protocol/reactions';

/** Pure rules of a window on a conversation: what messages add up to, in which order, how many. */
const RANK = { sent: 0, received: 1, read: 2 } as const;

const same = (one: Received, other: Received) => one.from === other.from && one.id === other.id;
const further = (one: Received['state'], other: Received['state']) => (RANK[one] >= RANK[other] ? one : other);

/** Later news of the same message: its content counts, what was known of its way is not forgotten. */
const updated = (old: Received, news: Received): Received => ({ ...news, reactions: reactionsOf(old, news), archive: news.archive ?? old.archive, atMs: news.archive ? news.atMs : old.atMs, state: further(old.state, news.state) });

/** A change does not bring them; the archive keeps nothing that its own author remarked before he changed it. */
const reactionsOf = (old: Received, news: Received) => news.reactions ?? (news.change ? old.reactions?.filter((one) => one.from !== news.from) : old.reactions);

/** Mine without a place is on its way to one, and the newest; theirs is of the kind that never gets one (protocol section 8). */
const order = (one: Received) => one.archive ?? (one.mine ? Number.MAX_SAFE_INTEGER : one.atMs * 1000);

/**
 * Both lists as one, oldest first, each message once. A message is known by its place in the archive; while that is not
 * known (just sent, or never archived) by its sender and id.
 */
export function merged(known: readonly Received[], more: readonly Received[]): Received[] {
  const placed = new Map<number, Received>();
  let loose: Received[] = [];
  for (const one of [...known, ...more]) {
    const unplaced = loose.find((other) => same(one, other));
    if (one.archive === undefined) {
      const there = unplaced ?? [...placed.values()].findLast((other) => same(one, other));
      if (!there) loose.push(one);
      continue;
    }
    const before = placed.get(one.archive) ?? unplaced;
    loose = loose.filter((other) => other !== unplaced);
    placed.set(one.archive, before ? updated(before, one) : one);
  }
  return [...placed.values(), ...loose].sort((one, other) => order(one) - order(other));
}

/** A change to a message that stands there already; anything else stays as it is. */
export function changed(known: readonly Received[], news: Received): readonly Received[] {
  const at = known.findLastIndex((one) => (one.archive !== undefined && one.archive === news.archive) || ((one.archive === undefined || news.archive === undefined) && same(one, news)));
  const old = known[at];
  return old ? known.map((one, index) => (index === at ? updated(old, news) : one)) : known;
}

/** By what a reaction names a message: its id, in a bubble its place in the archive, which all of them see alike (XEP-0444, 3.1). */
export const reactedAs = (one: Received, inBubble: boolean): string | undefined => (inBubble ? (one.archive === undefined ? undefined : placeId(one.archive)) : one.id);

/** The reactions to a message, once somebody reacts in another way. */
export function reactedBy(reactions: readonly Reaction[] | undefined, from: string, icons: readonly string[]): readonly Reaction[] {
  const others = (reactions ?? []).filter((one) => one.from !== from);
  return icons.length > 0 ? [...others, { from, icons }] : others;
}

export function reacted(known: readonly Received[], inBubble: boolean, of: string, from: string, icons: readonly string[]): readonly Received[] {
  const at = known.findLastIndex((one) => reactedAs(one, inBubble) === of && one.change !== 'deleted');
  return at < 0 ? known : known.map((one, index) => (index === at ? { ...one, reactions: reactedBy(one.reactions, from, icons) } : one));
}

/** Marks one of mine as received, or it and those before it as read (protocol section 7, step 4). */
export function marked(known: readonly Received[], id: string | undefined, state: 'received' | 'read'): readonly Received[] {
  const at = id === undefined ? known.length - 1 : known.findLastIndex((one) => one.mine && one.id === id);
  if (at < 0) return known;
  const covers = (index: number) => (state === 'read' ? index <= at : index === at);
  return known.map((one, index) => (one.mine && covers(index) && RANK[one.state] < RANK[state] ? { ...one, state } : one));
}

/** What I read of theirs, up to now. */
export const readByMe = (known: readonly Received[]): readonly Received[] => known.map((one) => (one.mine || one.state === 'read' ? one : { ...one, state: 'read' }));

/** In a bubble, whose archive does not say: all but so many of the newest of theirs are read. */
export function readButLast(known: readonly Received[], unread: number): readonly Received[] {
  let left = unread;
  const fresh = new Set<Received>();
  for (let at = known.length - 1; at >= 0 && left > 0; at -= 1) {
    const one = known[at];
    if (!one || one.mine) continue;
    fresh.add(one);
    left -= 1;
  }
  return known.map((one) => (one.mine || fresh.has(one) || one.state === 'read' ? one : { ...one, state: 'read' }));
}

export const unreadAmong = (known: readonly Received[]): number => known.filter((one) => !one.mine && one.state !== 'read').length;

/** The first message of theirs that I have not read: what follows is new. */
export function firstUnread(known: readonly Received[]): Received | undefined {
  const lastRead = known.findLastIndex((one) => one.mine || one.state === 'read');
  return known.slice(lastRead + 1)[0];
}

/** Place of the oldest, or of the newest, that has one. */
export const oldest = (known: readonly Received[]): number | undefined => known.find((one) => one.archive !== undefined)?.archive;
export const newest = (known: readonly Received[]): number | undefined => known.findLast((one) => one.archive !== undefined)?.archive;
