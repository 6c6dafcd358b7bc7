import { signal } from '@preact/signals';
import { DESCRIPTORS, type Descriptor } from '../protocol/files';
import type { Page } from '../protocol/rest';
import { whenHeard, whenOpened } from './connection';
import { ask, session } from './session';
import { askOne } from './asked';

export const KINDS = ['all', 'image', 'video', 'audio', 'text', 'application'] as const;
export type Kind = (typeof KINDS)[number];
export const ORDERS = ['newest', 'oldest', 'name', 'largest', 'smallest'] as const;
export type Order = (typeof ORDERS)[number];

export const FILES_PER_PAGE = 25;
const SOON_MS = 300;

const SORTED: Record<Order, { sortField: string; sortOrder: 1 | -1 }> = {
  newest: { sortField: 'dateToSort', sortOrder: -1 },
  oldest: { sortField: 'dateToSort', sortOrder: 1 },
  name: { sortField: 'fileName', sortOrder: 1 },
  largest: { sortField: 'size', sortOrder: -1 },
  smallest: { sortField: 'size', sortOrder: 1 },
};

export interface Wish {
  /** Those that others shared with this person, or in bubbles; else his own. */
  received: boolean;
  name: string;
  kind: Kind;
  order: Order;
  offset: number;
}

export function listFiles({ received, name, kind, order, offset }: Wish, stop: AbortSignal): Promise<Page<Descriptor>> {
  const query = { limit: FILES_PER_PAGE, offset, fileName: name.trim() || undefined, typeMIME: kind === 'all' ? undefined : kind, ...SORTED[order] };
  return ask<Page<Descriptor>>('GET', received ? `${DESCRIPTORS}/viewers/${session.value?.account.id ?? ''}` : DESCRIPTORS, { query, signal: stop });
}

export interface Consumption {
  maxValue: number;
  currentValue: number;
}

/** How much of his share this person uses, in bytes. */
export const readConsumption = (stop: AbortSignal): Promise<Consumption> => askOne<Consumption>('GET', '/api/rainbow/filestorage/v1.0/users/consumption', { signal: stop });

/** Changes when a file may be another than it was: made, scanned, shared, deleted, on any device. */
export const filesChanged = signal(0);
let soon: ReturnType<typeof setTimeout> | undefined;

function tell(): void {
  clearTimeout(soon);
  soon = setTimeout(() => (filesChanged.value += 1), SOON_MS);
}

whenHeard((heard) => {
  if (heard.kind === 'notice' && ['file', 'vscan'].includes(heard.topic)) tell();
});
whenOpened(tell);
