import { type ReadonlySignal, type Signal, effect, signal, untracked } from '@preact/signals';
import { CAPABILITIES, DESCRIPTORS, type Descriptor, bytesOf } from '../protocol/files';
import { Refusal } from '../protocol/rest';
import { askOne } from './asked';
import { isOnline, whenHeard, whenOpened } from './connection';
import { remembered } from './remembered';
import { account, ask, whenSignedOut } from './session';
import { release } from './thumbnails';

/** What is known of a file that a message brings. */
export type FileState =
  | { is: 'asking' | 'deleted' | 'gone' | 'failed' }
  | { is: 'there' | 'held' | 'refused'; of: Descriptor };

interface Known {
  state: Signal<FileState>;
  /** The stream under which it was asked for: what happened between two streams was not told. */
  turn: number;
}

const known = new Map<string, Known>();
const KNOWN_MAX = 1000;
const wanted: string[] = [];
const AT_ONCE = 4;
let busy = 0;

/** Changes with each stream. */
export const turn = signal(1);

/** Bytes of a part that the box takes; nothing while it takes no files, or it is not known whether it does. */
export const taking = signal<number | undefined>(undefined);

async function askTaking(): Promise<void> {
  try {
    const { maxChunkSizeUpload } = await askOne<{ maxChunkSizeUpload: number }>('GET', CAPABILITIES);
    taking.value = maxChunkSizeUpload > 0 ? maxChunkSizeUpload : undefined;
  } catch (failure) {
    if (failure instanceof Refusal) taking.value = undefined;
  }
}

/** Until the next stream the box is not asked to take another one. */
export const takesNone = (): void => {
  taking.value = undefined;
};

effect(() => {
  if (isOnline.value && account.value) untracked(() => void askTaking());
});

const entry = (id: string): Known => remembered(known, KNOWN_MAX, id, () => ({ state: signal<FileState>({ is: 'asking' }), turn: 0 }));

export const file = (id: string): ReadonlySignal<FileState> => entry(id).state;

const ENDED = new Set<FileState['is']>(['deleted', 'gone']);

/** Asks the box for a file that comes into sight, unless it is known under this stream. */
export function look(id: string): void {
  const one = entry(id);
  if (one.turn === turn.peek() || ENDED.has(one.state.peek().is)) return;
  one.turn = turn.peek();
  wanted.push(id);
  next();
}

function lookAgain(id: string): void {
  const one = known.get(id);
  if (!one || one.turn === 0 || one.state.peek().is === 'deleted') return;
  one.turn = turn.peek();
  wanted.push(id);
  next();
}

function next(): void {
  while (busy < AT_ONCE) {
    // The newest first: that is what is being looked at.
    const id = wanted.pop();
    if (id === undefined) return;
    busy += 1;
    void load(id).finally(() => {
      busy -= 1;
      next();
    });
  }
}

async function load(id: string): Promise<void> {
  const one = entry(id);
  try {
    const of = await describe(id);
    if (one.state.peek().is !== 'deleted') one.state.value = { is: of.isClean ? 'there' : of.isClean === false ? 'refused' : 'held', of };
  } catch (failure) {
    const before = one.state.peek();
    if (failure instanceof Refusal && failure.status === 404) {
      release(id);
      if (before.is !== 'deleted') one.state.value = { is: 'gone' };
    } else {
      one.turn = 0;
      if (before.is === 'asking') one.state.value = { is: 'failed' };
    }
  }
}

export const describe = (id: string): Promise<Descriptor> => askOne<Descriptor>('GET', `${DESCRIPTORS}/${id}`);

/** For everybody, on all devices (C8). */
export async function removeFile(id: string): Promise<void> {
  try {
    await ask('DELETE', `${DESCRIPTORS}/${id}`);
  } catch (failure) {
    if (!(failure instanceof Refusal) || failure.status !== 404) throw failure;
  }
  deleted(id);
}

function deleted(id: string): void {
  release(id);
  entry(id).state.value = { is: 'deleted' };
}

/** Puts it where the browser puts downloads, which fetches it by itself: from a link that lives some minutes. */
export async function download(id: string, name: string): Promise<void> {
  try {
    const { url } = await askOne<{ url: string }>('GET', `${bytesOf(id)}/temporary-url`);
    const link = document.createElement('a');
    link.href = new URL(url).pathname;
    link.download = name;
    link.click();
  } catch (failure) {
    if (failure instanceof Refusal) lookAgain(id);
    throw failure;
  }
}

whenHeard((heard) => {
  if (heard.kind !== 'notice' || !['file', 'vscan'].includes(heard.topic) || !heard.id) return;
  if (heard.topic === 'file' && heard.action === 'delete') deleted(heard.id);
  else lookAgain(heard.id);
});

whenOpened(() => {
  turn.value += 1;
});

whenSignedOut(() => {
  wanted.length = 0;
  known.clear();
  taking.value = undefined;
});
