import { text } from '../../state/language';
import type { Person } from '../../state/people';

/** What somebody is called; also whoever has gone, or is not known yet. */
export function nameOf(one: Person | null | undefined): string {
  if (one === undefined) return '…';
  return one === null ? text('chat_somebody') : one.name;
}
