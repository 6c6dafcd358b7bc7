import { signal } from '@preact/signals';
import { whenSignedOut } from './session';
import { type Person, search as ask } from './people';

export interface Found {
  words: string;
  state: 'searching' | 'done' | 'failed';
  people: readonly Person[];
}

/** What the box finds for what is being typed; nothing while too little is. */
export const found = signal<Found | undefined>(undefined);

const WAIT_MS = 250;
const SHORTEST = 1;
let waiting: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | undefined;

/** Asks when the person pauses; what was asked before is not waited for any more. */
export function look(words: string): void {
  clearTimeout(waiting);
  running?.abort();
  const wanted = words.trim();
  if (wanted.length < SHORTEST) {
    found.value = undefined;
    return;
  }
  found.value = { words: wanted, state: 'searching', people: found.value?.people ?? [] };
  waiting = setTimeout(() => void run(wanted), WAIT_MS);
}

async function run(words: string): Promise<void> {
  const mine = new AbortController();
  running = mine;
  try {
    const people = await ask(words, mine.signal);
    if (!mine.signal.aborted) found.value = { words, state: 'done', people };
  } catch {
    if (!mine.signal.aborted) found.value = { words, state: 'failed', people: [] };
  }
}

whenSignedOut(() => {
  clearTimeout(waiting);
  running?.abort();
  found.value = undefined;
});
