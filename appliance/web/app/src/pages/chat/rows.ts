import type { Answered, Mention, Received } from '../../protocol/incoming';
import type { Attached } from '../../protocol/files';
import type { Entry } from '../../state/outbox';
import { dayOf } from '../../state/time';

/** A message as it is drawn: what the box has, and over it what waits to be sent. */
export interface Row {
  key: string;
  id: string;
  /** Who wrote it; nothing while it waits. */
  from: string;
  mine: boolean;
  body: string;
  atMs: number;
  status: 'pending' | 'failed' | 'sent' | 'received' | 'read';
  change: 'modified' | 'deleted' | undefined;
  answers: Answered | undefined;
  mentions: readonly Mention[];
  file: Attached | undefined;
  /** What the box refused of it. */
  failed: Entry | undefined;
  /** First of a day: its heading stands above. */
  day: boolean;
  /** First that was new. */
  fresh: boolean;
  /** First, and last, of what one person wrote in one go. */
  first: boolean;
  last: boolean;
}

/** Messages of one person within this time stand together. */
const TOGETHER_MS = 5 * 60_000;

const NOBODY: readonly Mention[] = [];

type Bare = Omit<Row, 'day' | 'fresh' | 'first' | 'last'>;

/** In a bubble two people may give their messages the same id. */
const keyOf = (one: Received) => `${one.mine ? 'm' : `t${one.from} `}${one.id}`;

function fromBox(one: Received, changes: readonly Entry[]): Bare {
  const change = changes.at(-1);
  const asked = change && !change.failed ? change : undefined;
  return {
    key: keyOf(one),
    id: one.id,
    from: one.from,
    mine: one.mine,
    body: asked ? asked.body : one.body,
    atMs: one.atMs,
    status: change?.failed ? 'failed' : asked ? 'pending' : one.state,
    change: asked ? (asked.kind === 'delete' ? 'deleted' : 'modified') : one.change,
    answers: asked ? asked.answers : one.answers,
    mentions: asked ? asked.mentions ?? NOBODY : one.mentions,
    file: one.file,
    failed: change?.failed ? change : undefined,
  };
}

function waiting(one: Entry, changes: readonly Entry[]): Bare {
  const change = changes.findLast((entry) => !entry.failed);
  return {
    key: `m${one.id}`,
    id: one.id,
    from: '',
    mine: true,
    body: change ? change.body : one.body,
    atMs: one.atMs,
    status: one.failed ? 'failed' : 'pending',
    change: change?.kind === 'delete' ? 'deleted' : undefined,
    answers: (change ?? one).answers,
    mentions: (change ?? one).mentions ?? NOBODY,
    file: one.file,
    failed: one.failed ? one : undefined,
  };
}

/** Some other client used an id twice: both messages stay, under keys of their own. */
function unique(rows: Bare[]): Bare[] {
  const used = new Map<string, number>();
  return rows.map((row) => {
    const times = used.get(row.key) ?? 0;
    used.set(row.key, times + 1);
    return times > 0 ? { ...row, key: `${row.key} ${times}` } : row;
  });
}

/** Corrections of other clients are messages of their own that name the first one (XEP-0308). */
function corrected(messages: readonly Received[]): readonly Received[] {
  if (!messages.some((one) => one.replaces)) return messages;
  const all: Received[] = [];
  for (const one of messages) {
    const at = one.replaces === undefined ? -1 : all.findLastIndex((other) => other.from === one.from && other.id === one.replaces);
    const original = all[at];
    if (original) all[at] = { ...original, body: one.body, change: 'modified' };
    else all.push(one);
  }
  return all;
}

/** What is drawn of a conversation, oldest first. */
export function rows(messages: readonly Received[], outbox: readonly Entry[], newFrom: Received | undefined, atEnd: boolean): Row[] {
  const byId = new Map<string, Entry[]>();
  for (const entry of outbox) if (entry.kind !== 'send') byId.set(entry.id, [...(byId.get(entry.id) ?? []), entry]);
  const mine = new Set(messages.filter((one) => one.mine).map((one) => one.id));
  const bare = [
    ...corrected(messages).map((one) => fromBox(one, one.mine ? byId.get(one.id) ?? [] : [])),
    ...(atEnd ? outbox.filter((entry) => entry.kind === 'send' && !mine.has(entry.id)).map((entry) => waiting(entry, byId.get(entry.id) ?? [])) : []),
  ];
  const freshKey = newFrom && keyOf(newFrom);
  const all = unique(bare);
  const apart = (one: Bare | undefined, next: Bare | undefined) => !one || !next || one.mine !== next.mine || (!one.mine && one.from !== next.from) || dayOf(one.atMs) !== dayOf(next.atMs) || next.atMs - one.atMs > TOGETHER_MS || next.key === freshKey;
  return all.map((row, index) => ({
    ...row,
    day: index === 0 || dayOf(row.atMs) !== dayOf(all[index - 1]?.atMs ?? 0),
    fresh: row.key === freshKey && !row.mine,
    first: apart(all[index - 1], row),
    last: apart(row, all[index + 1]),
  }));
}

const alike = (one: Row, other: Row) => (Object.keys(one) as (keyof Row)[]).every((name) => one[name] === other[name]);

/** The new rows, but those that are as before are the very same: they need not be drawn again. */
export function kept(before: readonly Row[], after: readonly Row[]): readonly Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  return after.map((row) => {
    const old = known.get(row.key);
    return old && alike(old, row) ? old : row;
  });
}
