import { signal } from '@preact/signals';
import type { Page } from '../protocol/rest';
import { whenHeard, whenOpened } from './connection';
import { ask, whenSignedOut } from './session';

const PATH = '/api/edge/v1/blocklist';

/** Ids of the people whom this person blocked (B6). */
const blocked = signal<ReadonlySet<string>>(new Set());

export const isBlocked = (user: string): boolean => blocked.value.has(user);

async function fetchBlocked(): Promise<void> {
  const answer = await ask<Page<{ id: string }>>('GET', PATH).catch(() => undefined);
  if (answer) blocked.value = new Set(answer.data.map((one) => one.id));
}

function note(user: string, on: boolean): void {
  const next = new Set(blocked.value);
  if (on) next.add(user);
  else next.delete(user);
  blocked.value = next;
}

export async function setBlocked(user: string, on: boolean): Promise<void> {
  await ask(on ? 'PUT' : 'DELETE', `${PATH}/${user}`);
  note(user, on);
}

whenOpened(() => void fetchBlocked());
whenHeard((heard) => {
  if (heard.kind === 'blocked') note(heard.user, heard.on);
});
whenSignedOut(() => {
  blocked.value = new Set();
});
