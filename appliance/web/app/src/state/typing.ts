import { signal } from '@preact/signals';
import { typing as sign } from '../protocol/stanzas';
import { jidOf, send, whenHeard, whenOpened } from './connection';
import { whenSignedOut } from './session';

/** Who is writing now, by conversation (XEP-0085). A sign that is not renewed ends by itself. */
const writers = signal<ReadonlyMap<string, readonly string[]>>(new Map());
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const SHOWN_MS = 20_000;
/** While one writes it is told again after this; who stops is told of after that. */
const AGAIN_MS = 8000;
const STILL_AFTER_MS = 5000;

const NOBODY: readonly string[] = [];

/** Ids of those who are writing there; in a bubble there may be several. */
export const typing = (peer: string): readonly string[] => writers.value.get(peer) ?? NOBODY;
export const isTyping = (peer: string): boolean => writers.value.has(peer);

function set(peer: string, who: string, on: boolean): void {
  const key = `${peer} ${who}`;
  clearTimeout(timers.get(key));
  timers.delete(key);
  if (on) timers.set(key, setTimeout(() => set(peer, who, false), SHOWN_MS));
  const before = typing(peer);
  if (before.includes(who) === on) return;
  const after = on ? [...before, who] : before.filter((one) => one !== who);
  const next = new Map(writers.value).set(peer, after);
  if (after.length === 0) next.delete(peer);
  writers.value = next;
}

let mine: { peer: string; toldMs: number } | undefined;
let still: ReturnType<typeof setTimeout> | undefined;

/** The person changed the text for somebody. */
export function wrote(peer: string, empty: boolean): void {
  if (mine && (mine.peer !== peer || empty)) stopped();
  if (empty) return;
  if (!mine || Date.now() - mine.toldMs > AGAIN_MS) {
    if (send(sign(jidOf(peer), true))) mine = { peer, toldMs: Date.now() };
  }
  clearTimeout(still);
  still = setTimeout(stopped, STILL_AFTER_MS);
}

export function stopped(): void {
  clearTimeout(still);
  if (mine) send(sign(jidOf(mine.peer), false));
  mine = undefined;
}

/** A message ends the sign by itself. */
export function sentTo(peer: string): void {
  clearTimeout(still);
  if (mine?.peer === peer) mine = undefined;
}

whenHeard((heard) => {
  if (heard.kind === 'typing') set(heard.peer, heard.from, heard.on);
  else if (heard.kind === 'message' && !heard.message.mine) set(heard.message.peer, heard.message.from, false);
  else if (heard.kind === 'network' && !heard.joined) set(heard.user, heard.user, false);
});

function clear(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  writers.value = new Map();
  mine = undefined;
}

whenOpened(clear);
whenSignedOut(clear);
