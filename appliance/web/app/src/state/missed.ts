import { signal } from '@preact/signals';
import { whenSignedOut } from './session';

/** Calls that this person missed and has not seen; the history of calls counts them. */
export const missed = signal(0);

whenSignedOut(() => {
  missed.value = 0;
});
