import { effect, signal } from '@preact/signals';
import { Refusal, Unreachable } from '../protocol/rest';
import { type SetupStatus, readStatus } from '../protocol/setup';
import { session } from './session';

/** What is shown at the start: who is signed in gets the application at once, also without a network. */
export type Stage = 'asking' | 'unreachable' | 'setup' | 'ready';

export const stage = signal<Stage>(session.value ? 'ready' : 'asking');
export const status = signal<SetupStatus | undefined>(undefined);
/** When the box is asked again by itself, in milliseconds of `Date.now()`. */
export const againAt = signal<number | undefined>(undefined);

const AGAIN_FIRST_MS = 2_000;
const AGAIN_MAX_MS = 30_000;
let wait = AGAIN_FIRST_MS;
let timer: ReturnType<typeof setTimeout> | undefined;
let asking: Promise<void> | undefined;

/** Asks the box whether it has been set up. Asked again while an answer is on its way, it waits for that one. */
export function askBox(): Promise<void> {
  clearTimeout(timer);
  againAt.value = undefined;
  asking ??= decide().finally(() => {
    asking = undefined;
  });
  return asking;
}

async function decide(): Promise<void> {
  try {
    status.value = await readStatus();
    wait = AGAIN_FIRST_MS;
    stage.value = status.value.needed ? 'setup' : 'ready';
  } catch (failure) {
    // A box that does not know the question is an older one, and set up. One that refuses for now is there.
    if (failure instanceof Refusal) stage.value = 'ready';
    else if (failure instanceof Unreachable && stage.value !== 'ready' && stage.value !== 'setup') later();
    else if (!(failure instanceof Unreachable)) throw failure;
  }
}

function later(): void {
  stage.value = 'unreachable';
  againAt.value = Date.now() + wait;
  timer = setTimeout(() => void askBox(), wait);
  wait = Math.min(wait * 2, AGAIN_MAX_MS);
}

/** Nobody is signed in any more: perhaps because the box was emptied and wants to be set up again. */
effect(() => {
  if (session.value === undefined) void askBox();
});
if (session.value) void askBox();
addEventListener('online', () => {
  if (stage.value === 'unreachable') void askBox();
});
