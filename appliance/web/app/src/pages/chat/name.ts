import { text } from '../../state/language';
import { type Person, person } from '../../state/people';
import { typing } from '../../state/typing';

/** What somebody is called; also whoever has gone, or is not known yet. */
export function nameOf(one: Person | null | undefined): string {
  if (one === undefined) return '…';
  return one === null ? text('chat_somebody') : one.name;
}

/** The same of somebody in a bubble: whoever is only asked in is known to those who may know of him. */
export function nameInBubble(user: string): string {
  const one = person(user);
  return one === null ? text('bubble_somebody') : nameOf(one);
}

/** Who is writing in a conversation, as a sentence. */
export function writers(peer: string): string {
  const all = typing(peer);
  const name = (at: number) => nameInBubble(all[at] ?? '');
  if (all.length > 2) return text('chat_many_typing', { count: all.length });
  return all.length === 2 ? text('chat_two_typing', { one: name(0), other: name(1) }) : text('chat_is_typing', { name: name(0) });
}
