import { computed, signal } from '@preact/signals';
import { Refusal } from '../protocol/rest';
import * as wire from '../protocol/setup';
import { language } from './language';
import { askBox, stage, status } from './start';

/** Setting up the box from this browser. The box keeps the answers; only its token and the password are held here. */
const KEPT = 'setup';

const token = signal<string | undefined>(sessionStorage.getItem(KEPT) ?? undefined);
export const sheet = signal<wire.Sheet | undefined>(undefined);
/** Never leaves the memory of this page before the last step. */
export const password = signal('');
/** The recovery key while it is shown. */
export const recoveryKey = signal<string | undefined>(undefined);
export const finished = signal<wire.Finished | undefined>(undefined);
/** The box has been started anew since the code was entered: it has made another one. */
export const relocked = signal(false);
/** Whether a code that was entered before still holds; asked at the start. */
export const resuming = signal(token.value !== undefined);

export const unlocked = computed(() => token.value !== undefined && sheet.value !== undefined);
export const answers = computed<wire.Answers>(() => sheet.value?.answers ?? {});

function lock(): void {
  sessionStorage.removeItem(KEPT);
  relocked.value = token.value !== undefined;
  token.value = undefined;
  sheet.value = undefined;
  recoveryKey.value = undefined;
}

/** A token that no longer holds asks for the code again; a box that has been set up meanwhile needs none of this. */
async function asUnlocked<T>(act: (token: string) => Promise<T>): Promise<T> {
  try {
    return await act(token.value ?? '');
  } catch (failure) {
    if (failure instanceof Refusal && token.value !== undefined && [401, 403].includes(failure.status)) lock();
    if (failure instanceof Refusal && failure.status === 409) await askBox();
    throw failure;
  }
}

/** Goes on where this tab was left, if the box still knows it. */
export async function resume(): Promise<void> {
  if (token.value === undefined) return;
  try {
    sheet.value = await asUnlocked(wire.readAnswers);
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure;
    lock();
  } finally {
    resuming.value = false;
  }
}

export async function unlock(code: string): Promise<void> {
  const answer = await asUnlocked(() => wire.sendCode(code.trim()));
  sheet.value = await wire.readAnswers(answer.token);
  sessionStorage.setItem(KEPT, answer.token);
  relocked.value = false;
  token.value = answer.token;
}

export async function save<K extends wire.Answerable>(step: K, body: NonNullable<wire.Answers[K]>): Promise<void> {
  sheet.value = await asUnlocked((held) => wire.putAnswer(held, step, body));
}

export async function makeRecoveryKey(): Promise<void> {
  const { key } = await asUnlocked(wire.makeRecoveryKey);
  confirm(false);
  recoveryKey.value = key;
}

export async function checkRecoveryKey(entered: string): Promise<void> {
  await asUnlocked((held) => wire.checkRecoveryKey(held, entered));
  recoveryKey.value = undefined;
  confirm(true);
}

function confirm(confirmed: boolean): void {
  const known = sheet.value;
  if (known) sheet.value = { ...known, answers: { ...known.answers, recovery: { confirmed } } };
}

/** At the end a box is asked whether it is ready: so long while it says nothing, so long while it is still at work, and how often. */
const SILENT_MS = 40_000;
const AT_WORK_MS = 180_000;
const PAUSE_MS = 2_000;

export async function finish(): Promise<void> {
  try {
    finished.value = await asUnlocked((held) => wire.finish(held, password.value));
  } catch (failure) {
    if (failure instanceof Refusal || !(await becameReady())) throw failure;
    const { name } = answers.value;
    finished.value = { address: `https://${name?.name ?? location.host}`, domain: name?.domain ?? '', name: name?.name ?? '' };
  }
  password.value = '';
  sessionStorage.removeItem(KEPT);
  token.value = undefined;
}

/** The answer may be late on a slow machine, or lost where the box changes from one way of being to the other: then the box is asked. */
async function becameReady(): Promise<boolean> {
  const end = Date.now() + AT_WORK_MS;
  let heard = Date.now();
  while (Date.now() < Math.min(end, heard + SILENT_MS)) {
    const now = await wire.readStatus().catch(() => undefined);
    if (now && !now.needed) return true;
    if (now) heard = Date.now();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return false;
}

/**
 * From the wizard to the application. Under its new name the box has a new certificate: a browser that has made an exception
 * for the one before asks again, which it does for a page and not for what a page asks.
 */
export async function leave(): Promise<void> {
  const reached = await wire.readStatus().catch(() => undefined);
  if (!reached) return location.reload();
  status.value = reached;
  stage.value = 'ready';
}

/** What is offered as the language's answer: what one reads here. */
export const spoken = computed(() => answers.value.language?.language ?? language.value);
