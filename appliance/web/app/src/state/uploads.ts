import { effect, signal, untracked } from '@preact/signals';
import type { Answered, Mention } from '../protocol/incoming';
import type { Attached } from '../protocol/files';
import type { Urgency } from '../protocol/shape';
import { Refusal, Unreachable } from '../protocol/rest';
import { takeChosen } from './attachments';
import { isOnline, whenHeard, whenOpened } from './connection';
import { draft, setDraft } from './drafts';
import { describe, removeFile, takesNone } from './files';
import { type Why, isLasting, whyRefused, whyScanned } from './file_refusals';
import { all, drop, keep } from './kept';
import { type About, freshId, write } from './outbox';
import { send } from './send_file';
import { account, whenSignedOut } from './session';

/** A file on its way into a conversation: its message is sent once the box has found it clean (C6). */
export interface Upload {
  /** Where it is kept; in the order of choosing. */
  key: string;
  /** Files that were chosen for one message. */
  batch: string;
  /** Of the message, from the beginning: sent by two tabs it is delivered once. */
  messageId: string;
  peer: string;
  name: string;
  sizeBytes: number;
  /** What was written with it; without it, the file's name is said. */
  body: string;
  answers?: Answered | undefined;
  mentions?: readonly Mention[];
  urgency?: Urgency | undefined;
  step: 'waiting' | 'sending' | 'paused' | 'cut' | 'scan' | 'failed';
  sentBytes: number;
  /** Once the box knows it. */
  fileId?: string | undefined;
  why?: Why | undefined;
}

const KEY = 'file/';
const UPLOADS_MAX = 60;
/** All together, one a conversation: what was chosen first comes first. */
const AT_ONCE = 2;
const LOOK_EVERY_MS = 4000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
/** Refusals that may pass, one after another. */
const TRIES_MAX = 6;

export const uploads = signal<readonly Upload[]>([]);
/** Changes when a text comes back into a draft. */
export const returned = signal(0);

/** The bytes; of those that are only waiting for the scan after a reload there are none any more. */
const sources = new Map<string, File>();
const running = new Map<string, AbortController>();
const judging = new Set<string>();
const tries = new Map<string, number>();

let lastMs = 0;
const freshKey = () => {
  lastMs = Math.max(Date.now(), lastMs + 1);
  return `${KEY}${String(lastMs).padStart(15, '0')}-${crypto.randomUUID().slice(0, 8)}`;
};

export const upload = (key: string): Upload | undefined => uploads.peek().find((one) => one.key === key);

function change(key: string, to: Partial<Upload>): void {
  uploads.value = uploads.peek().map((one) => (one.key === key ? { ...one, ...to } : one));
}

function forget(key: string): void {
  drop(key);
  sources.delete(key);
  tries.delete(key);
  uploads.value = uploads.peek().filter((one) => one.key !== key);
}

/** The files that were chosen for a conversation, and what was written with them. `false`: too many are on their way. */
export function sendChosen(peer: string, body: string, about: About): boolean {
  const batch = freshKey();
  if (uploads.peek().length >= UPLOADS_MAX) return false;
  const fresh = takeChosen(peer).map(({ file, name }, index): Upload => {
    const key = freshKey();
    sources.set(key, file);
    return { key, batch, messageId: freshId(), peer, name, sizeBytes: file.size, body: '', step: 'waiting', sentBytes: 0, ...(index === 0 && { body, ...about }) };
  });
  uploads.value = [...uploads.peek(), ...fresh];
  next();
  return true;
}

function next(): void {
  const busy = new Set([...running.keys()].map((key) => upload(key)?.peer));
  for (const one of uploads.peek()) {
    if (running.size >= AT_ONCE) return;
    if (one.step !== 'waiting' || busy.has(one.peer)) continue;
    busy.add(one.peer);
    void run(one.key);
  }
}

async function run(key: string): Promise<void> {
  const control = new AbortController();
  const source = sources.get(key);
  const one = upload(key);
  if (!source || !one) return;
  running.set(key, control);
  change(key, { step: 'sending', why: undefined });
  try {
    await send(one, source, control.signal, {
      known: (fileId) => change(key, { fileId }),
      sent: (sentBytes) => {
        tries.delete(key);
        change(key, { sentBytes });
      },
    });
    if (!control.signal.aborted) hold(key);
  } catch (failure) {
    // Whoever stopped it has said what it is now.
    if (!control.signal.aborted) await lost(key, source, failure);
  } finally {
    if (running.get(key) === control) running.delete(key);
    next();
  }
}

/** All of it has come: this device has nothing to do but to wait for the scanner, also after a reload. */
function hold(key: string): void {
  const one = upload(key);
  change(key, { step: 'scan', sentBytes: one?.sizeBytes ?? 0 });
  keep(key, upload(key));
  void judge(key);
}

async function lost(key: string, source: File, failure: unknown): Promise<void> {
  const times = (tries.get(key) ?? 0) + 1;
  tries.set(key, times);
  const readable = await source.slice(0, 1).arrayBuffer().then(() => true, () => false);
  if (!upload(key)) return;
  if (!readable) return fail(key, { key: 'file_changed', again: false });
  if (!(failure instanceof Unreachable) && (isLasting(failure) || times > TRIES_MAX)) {
    const why = whyRefused(failure, upload(key)?.peer ?? '');
    if (why.key === 'file_no_scanner' || why.key === 'file_off') takesNone();
    return fail(key, why);
  }
  change(key, { step: 'cut' });
  setTimeout(() => goOn(key), Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times - 1)));
}

function fail(key: string, why: Why): void {
  drop(key);
  change(key, { step: 'failed', why });
  passBody(key);
}

/** What was written with a file that does not come goes with the next one of the same message, or stays where it is. */
function passBody(key: string): void {
  const one = upload(key);
  const heir = one?.body ? uploads.peek().find((other) => other.batch === one.batch && other.key > key && other.step !== 'failed') : undefined;
  if (!one || !heir) return;
  const { body, answers, mentions, urgency } = one;
  change(heir.key, { body, answers, mentions: mentions ?? [], urgency });
  change(key, { body: '', answers: undefined, mentions: [], urgency: undefined });
  if (heir.step === 'scan') keep(heir.key, upload(heir.key));
}

function goOn(key: string): void {
  if (upload(key)?.step !== 'cut') return;
  change(key, { step: 'waiting' });
  next();
}

export function pause(key: string): void {
  if (!['waiting', 'sending', 'cut'].includes(upload(key)?.step ?? '')) return;
  change(key, { step: 'paused' });
  stop(key);
}

export function resume(key: string): void {
  if (upload(key)?.step !== 'paused') return;
  change(key, { step: 'waiting' });
  next();
}

/** Tries again what the box refused; what it has already is not sent again. */
export function retry(key: string): void {
  tries.delete(key);
  change(key, { step: sources.has(key) ? 'waiting' : 'scan', why: undefined });
  if (sources.has(key)) next();
  else hold(key);
}

function stop(key: string): void {
  running.get(key)?.abort();
  running.delete(key);
  next();
}

/** Takes it back, or off the list; what was written with it is not lost. */
export function dismiss(key: string): void {
  passBody(key);
  const one = upload(key);
  if (!one) return;
  forget(key);
  stop(key);
  // Offline the box forgets it by itself, after a day.
  if (one.fileId) void removeFile(one.fileId).catch(() => undefined);
  if (!one.body) return;
  setDraft(one.peer, [one.body, draft(one.peer)].filter(Boolean).join('\n'));
  returned.value += 1;
}

/** Looks what the scanner says. */
async function judge(key: string): Promise<void> {
  const one = upload(key);
  if (!one?.fileId || one.step !== 'scan' || judging.has(key)) return;
  judging.add(key);
  try {
    const of = await describe(one.fileId);
    if (upload(key)?.step !== 'scan') return;
    if (of.isClean) say(key, { id: of.id, name: of.fileName, type: of.typeMIME, sizeBytes: of.size });
    else if (of.isClean === false) fail(key, whyScanned(of.avReport ?? ''));
    else if (!of.isUploaded) startAnew(key);
  } catch (failure) {
    if (failure instanceof Refusal && failure.status === 404 && upload(key)?.step === 'scan') fail(key, { key: 'file_vanished', again: false });
  } finally {
    judging.delete(key);
  }
}

/** The box was restarted before it was scanned, and gave it back. */
function startAnew(key: string): void {
  if (!sources.has(key)) return fail(key, { key: 'file_lost', again: false });
  drop(key);
  change(key, { step: 'waiting', sentBytes: 0 });
  next();
}

function say(key: string, file: Attached): void {
  const one = upload(key);
  if (!one) return;
  const { answers, mentions = [], urgency } = one;
  if (write(one.peer, one.body || file.name, { answers, mentions, file, urgency }, one.messageId)) forget(key);
  else fail(key, { key: 'chat_no_room', again: true });
}

const judgeAll = (): void => uploads.peek().forEach((one) => void judge(one.key));

whenHeard((heard) => {
  if (heard.kind !== 'notice' || !['file', 'vscan'].includes(heard.topic)) return;
  const one = uploads.peek().find(({ fileId }) => fileId !== undefined && fileId === heard.id);
  if (one) void judge(one.key);
});

whenOpened(judgeAll);
setInterval(judgeAll, LOOK_EVERY_MS);

/** With the stream the box is there again. */
effect(() => {
  if (isOnline.value) untracked(() => uploads.peek().forEach((one) => goOn(one.key)));
});

effect(() => {
  const mine = account.value?.id;
  untracked(() => {
    if (!mine) return;
    const there = new Set(uploads.peek().map((one) => one.key));
    uploads.value = [...uploads.peek(), ...all<Upload>(KEY).filter((one) => !there.has(one.key))];
    judgeAll();
  });
});

/** What is being sent ends with this page. */
addEventListener('beforeunload', (event) => {
  if (uploads.peek().some((one) => ['waiting', 'sending', 'paused', 'cut'].includes(one.step))) event.preventDefault();
});

whenSignedOut(() => {
  for (const control of running.values()) control.abort();
  for (const held of [running, sources, tries]) held.clear();
  uploads.value = [];
});
