import { computed, signal } from '@preact/signals';
import type { Page } from '../protocol/rest';
import { whenHeard, whenOpened } from './connection';
import { ask, session, whenSignedOut } from './session';

/** An invitation into somebody's network that waits for its answer (B6). */
interface Invitation {
  id: string;
  invitingUserId: string;
  invitedUserId: string | null;
  invitedUserEmail: string | null;
  invitingDate: string;
  status: string;
}

export interface Waiting {
  id: string;
  /** The other side; unknown when somebody was invited by an address. */
  user: string | undefined;
  email: string | undefined;
  atMs: number;
}

const LIMIT = 500;
const path = (rest = '') => `/api/rainbow/enduser/v1.0/users/${session.value?.account.id ?? ''}/invitations${rest}`;

export const received = signal<readonly Waiting[]>([]);
export const sent = signal<readonly Waiting[]>([]);
export const invitationsState = signal<'loading' | 'ready' | 'failed'>('loading');
export const receivedCount = computed(() => received.value.length);

export const receivedFrom = (user: string): Waiting | undefined => received.value.find((one) => one.user === user);
export const sentTo = (user: string): Waiting | undefined => sent.value.find((one) => one.user === user);

async function list(side: 'sent' | 'received'): Promise<Waiting[]> {
  const { data } = await ask<Page<Invitation>>('GET', path(`/${side}`), { query: { format: 'full', status: 'pending', limit: LIMIT } });
  return data.map((one) => ({
    id: one.id,
    user: (side === 'sent' ? one.invitedUserId : one.invitingUserId) ?? undefined,
    email: side === 'sent' ? one.invitedUserEmail ?? undefined : undefined,
    atMs: Date.parse(one.invitingDate),
  }));
}

let asking = false;
let stale = false;

/** Both lists, as the box has them. What changes meanwhile is asked for afterwards. */
export async function fetchInvitations(): Promise<void> {
  stale = true;
  if (asking) return;
  asking = true;
  const mine = session.value?.account.id;
  try {
    while (stale) {
      stale = false;
      const both = await Promise.all([list('received'), list('sent')]);
      if (session.value?.account.id !== mine) return;
      [received.value, sent.value] = both;
    }
    invitationsState.value = 'ready';
  } catch {
    if (invitationsState.value !== 'ready') invitationsState.value = 'failed';
  } finally {
    asking = false;
  }
}

async function change(what: () => Promise<unknown>): Promise<void> {
  try {
    await what();
  } finally {
    await fetchInvitations();
  }
}

export const invite = (user: string): Promise<void> => change(() => ask('POST', path(), { body: { invitedUserId: user } }));
export const inviteByEmail = (email: string): Promise<void> => change(() => ask('POST', path(), { body: { email } }));
export const answer = (id: string, said: 'accept' | 'decline'): Promise<void> => change(() => ask('POST', path(`/${id}/${said}`)));
export const cancel = (id: string): Promise<void> => change(() => ask('POST', path(`/${id}/cancel`)));

whenOpened(() => void fetchInvitations());
whenHeard((heard) => {
  if (heard.kind === 'notice' && heard.topic === 'userinvite') void fetchInvitations();
});
whenSignedOut(() => {
  received.value = [];
  sent.value = [];
  invitationsState.value = 'loading';
});
