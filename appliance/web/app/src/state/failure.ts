import { Refusal, Unreachable } from '../protocol/rest';
import { type StringKey, text } from './language';
import { NoRoom } from './no_room';

/** Refusals that say more by their number than by their status. */
const NUMBERED: Record<number, StringKey> = { 409_004: 'bubble_full', 409_005: 'bubble_over', 403_005: 'bubble_refused', 403_009: 'meet_locked', 403_010: 'meet_password_wrong' };

/** What a person is told when something did not work: what, and what to do. */
export function explain(failure: unknown): string {
  if (failure instanceof Unreachable) return text('failed_unreachable');
  if (failure instanceof NoRoom) return text('chat_no_room');
  if (!(failure instanceof Refusal)) return text('failed_box');
  const numbered = NUMBERED[failure.detailsCode];
  if (numbered) return text(numbered);
  if (failure.status === 429 || (failure.status === 401 && failure.retryAfterS)) return text('failed_wait', { seconds: failure.retryAfterS ?? 1 });
  if (failure.status === 403) return text('failed_forbidden');
  if (failure.status === 404) return text('failed_gone');
  if (failure.status >= 500) return text('failed_box');
  return text('failed_said', { details: failure.details });
}
