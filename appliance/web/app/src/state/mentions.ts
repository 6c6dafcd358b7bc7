import { isBubble } from '../protocol/bubbles';
import type { Mention } from '../protocol/incoming';
import { bubble, needMembers } from './bubbles';
import { language } from './language';
import { compare, folded } from './names';
import { type Person, isMe, person } from './people';

/** People who are in a bubble, but for this one; nobody before the box has told. */
function inside(peer: string): Person[] {
  const one = bubble(peer);
  if (!one) return [];
  needMembers(one);
  return (one.members ?? []).flatMap((member) => (member.status === 'accepted' && !isMe(member.user) ? person(member.user) ?? [] : []));
}

/** The beginning of a name that is being written: from the last `@` to the caret, if a name may stand there. */
export function begun(text: string, caret: number): { at: number; words: string } | undefined {
  const at = text.lastIndexOf('@', caret - 1);
  const before = text[at - 1];
  const words = text.slice(at + 1, caret);
  if (at < 0 || words.length > 40 || words.includes('\n') || (before !== undefined && !/[\s(]/u.test(before))) return undefined;
  return { at, words };
}

const FOUND_MAX = 6;

/** Whom the words may mean: those one of whose names begins with them, or whose whole name does. */
export function meant(peer: string, words: string): Person[] {
  if (!isBubble(peer)) return [];
  const wanted = folded(words);
  const fits = (one: Person) => folded(one.name).startsWith(wanted) || (!wanted.includes(' ') && folded(one.name).split(/\s+/u).some((part) => part.startsWith(wanted)));
  return inside(peer).filter(fits).sort((one, other) => compare(one.name, other.name, language.value)).slice(0, FOUND_MAX);
}

/** Members of the bubble whom a text names, `@` before the whole name; of two names that begin alike the longer one. */
export function mentionsIn(peer: string, text: string): Mention[] {
  if (!isBubble(peer) || !text.includes('@')) return [];
  const longest = inside(peer).sort((one, other) => other.name.length - one.name.length);
  const found: Mention[] = [];
  for (const one of longest) {
    const name = `@${one.name}`;
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      const size = name.length;
      const taken = found.some((other) => at < other.at + other.size && other.at < at + size);
      if (!taken && !/[\p{L}\p{N}]/u.test(text[at + size] ?? ' ')) found.push({ user: one.id, at, size });
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

interface Piece {
  at: number;
  text: string;
  /** Who is named by it. */
  user: string | undefined;
}

/** A text in pieces, those apart that name somebody. Places that are none of an `@` are not believed. */
export function pieces(text: string, mentions: readonly Mention[]): Piece[] {
  const all: Piece[] = [];
  let from = 0;
  for (const { user, at, size } of [...mentions].sort((one, other) => one.at - other.at)) {
    if (at < from || size < 2 || at + size > text.length || text[at] !== '@') continue;
    if (at > from) all.push({ at: from, text: text.slice(from, at), user: undefined });
    all.push({ at, text: text.slice(at, at + size), user });
    from = at + size;
  }
  if (from < text.length) all.push({ at: from, text: text.slice(from), user: undefined });
  return all;
}
