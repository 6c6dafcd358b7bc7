import { signal } from '@preact/signals';
import { typing } from '../protocol/stanzas';
import { jidOf, send, whenHeard, whenOpened } from './connection';
import { whenSignedOut } from './session';

/** Who is writing to this person now (XEP-0085). A sign that is not renewed ends by itself. */
const writers = signal<ReadonlySet<string>>(new Set());
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const SHOWN_MS = 20_000;
/** While one writes it is told again after this; who stops is told of after that. */
const AGAIN_MS = 8000;
const STILL_AFTER_MS = 5000;

export const isTyping = (peer: string): boolean => writers.value.has(peer);

function set(peer: string, on: boolean): void {
  clearTimeout(timers.get(peer));
  timers.delete(peer);
  if (on) timers.set(peer, setTimeout(() => set(peer, false), SHOWN_MS));
  if (writers.value.has(peer) === on) return;
  const next = new Set(writers.value);
  if (on) next.add(peer);
  else next.delete(peer);
  writers.value = next;
}

let mine: { peer: string; toldMs: number } | undefined;
let still: ReturnType<typeof setTimeout> | undefined;

/** The person changed the text for somebody. */
export function wrote(peer: string, empty: boolean): void {
  if (mine && (mine.peer !== peer || empty)) stopped();
  if (empty) return;
  if (!mine || Date.now() - mine.toldMs > AGAIN_MS) {
    if (send(typing(jidOf(peer), true))) mine = { peer, toldMs: Date.now() };
  }
  clearTimeout(still);
  still = setTimeout(stopped, STILL_AFTER_MS);
}

export function stopped(): void {
  clearTimeout(still);
  if (mine) send(typing(jidOf(mine.peer), false));
  mine = undefined;
}

/** A message ends the sign by itself. */
export function sentTo(peer: string): void {
  clearTimeout(still);
  if (mine?.peer === peer) mine = undefined;
}

whenHeard((heard) => {
  if (heard.kind === 'typing') set(heard.peer, heard.on);
  else if (heard.kind === 'message' && !heard.message.mine) set(heard.message.peer, false);
  else if (heard.kind === 'network' && !heard.joined) set(heard.user, false);
});

function clear(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  writers.value = new Set();
  mine = undefined;
}

whenOpened(clear);
whenSignedOut(clear);
