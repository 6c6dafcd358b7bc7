import { signal } from '@preact/signals';
import type { Element } from '@xmpp/xml';
import { type CallRecord, askLog, forget, isResult, readNews, readResult, sawAll } from '../protocol/call_log';
import { isOnline, request, self, send, whenOpened, whenStanza } from '../state/connection';
import { missed } from '../state/missed';
import { whenSignedOut } from '../state/session';

/** The newest calls, newest first (J6). */
export const records = signal<readonly CallRecord[]>([]);
export const recordsState = signal<'loading' | 'ready' | 'failed'>('loading');

const SHOWN = 100;
let coming: CallRecord[] | undefined;

function keep(all: readonly CallRecord[]): void {
  records.value = all;
  missed.value = all.filter((one) => one.outcome === 'missed' && !one.outgoing && !one.seen).length;
}

export async function fetchLog(): Promise<void> {
  if (coming) return;
  coming = [];
  try {
    await request(askLog(SHOWN));
    keep(coming.reverse());
    recordsState.value = 'ready';
  } catch {
    if (recordsState.value === 'loading') recordsState.value = 'failed';
  } finally {
    coming = undefined;
  }
}

/** The person looks at the list: what he missed he has seen. */
export function sawMissed(): void {
  if (missed.value > 0) send(sawAll(self()));
}

export async function clearLog(id?: string): Promise<void> {
  await request(forget(id));
  await fetchLog();
}

whenStanza((stanza: Element) => {
  if (isResult(stanza)) {
    const record = readResult(stanza, self());
    if (record) coming?.push(record);
    return true;
  }
  const news = readNews(stanza, self());
  if (!news) return false;
  if (news.kind === 'entered') keep([news.record, ...records.value.filter((one) => one.id !== news.record.id)].slice(0, SHOWN));
  else if (news.kind === 'seen') keep(records.value.map((one) => (one.id === news.id ? { ...one, seen: true } : one)));
  else void fetchLog();
  return true;
});

whenOpened(() => void fetchLog());
if (isOnline.value) void fetchLog();

whenSignedOut(() => {
  records.value = [];
  recordsState.value = 'loading';
});
