import { text } from '../../state/language';
import { type Person, person } from '../../state/people';
import { typing } from '../../state/typing';

/** What somebody is called; also whoever has gone, or is not known yet. */
export function nameOf(one: Person | null | undefined): string {
  if (one === undefined) return '…';
  return one === null ? text('chat_somebody') : one.name;
}

/** Who is writing in a conversation, as a sentence. */
export function writers(peer: string): string {
  const all = typing(peer);
  const name = (at: number) => nameOf(person(all[at] ?? ''));
  if (all.length > 2) return text('chat_many_typing', { count: all.length });
  return all.length === 2 ? text('chat_two_typing', { one: name(0), other: name(1) }) : text('chat_is_typing', { name: name(0) });
}
