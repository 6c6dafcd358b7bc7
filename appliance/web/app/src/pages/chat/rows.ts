import { isBubble } from '../../protocol/bubbles';
import type { Attached } from '../../protocol/files';
import type { Answered, Mention, Received } from '../../protocol/incoming';
import { isMarkdown } from '../../protocol/markdown';
import type { Reaction } from '../../protocol/reactions';
import type { Urgency } from '../../protocol/shape';
import type { Entry } from '../../state/outbox';
import { dayOf } from '../../state/time';
import { reactedAs, reactedBy } from '../../state/window';

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
  /** Its place in the archive, once it has one. */
  place: number | undefined;
  /** By what reactions name it; none where nobody can react yet. */
  reactedAs: string | undefined;
  reactions: readonly Reaction[];
  markdown: string | undefined;
  urgency: Urgency | undefined;
  forwarded: boolean;
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
const NONE: readonly Reaction[] = [];

type Bare = Omit<Row, 'day' | 'fresh' | 'first' | 'last'>;

/** In a bubble two people may give their messages the same id. */
const keyOf = (one: Received) => `${one.mine ? 'm' : `t${one.from} `}${one.id}`;

const markdownOf = (body: string) => (isMarkdown(body) ? body : undefined);

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
    place: one.archive,
    reactedAs: reactedAs(one, isBubble(one.peer)),
    reactions: one.reactions ?? NONE,
    markdown: asked ? markdownOf(asked.body) : one.markdown,
    urgency: one.urgency,
    forwarded: one.forwarded,
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
    place: undefined,
    reactedAs: undefined,
    reactions: NONE,
    markdown: markdownOf((change ?? one).body),
    urgency: one.urgency,
    forwarded: one.forwards !== undefined,
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
    if (original) all[at] = { ...original, body: one.body, markdown: one.markdown, change: 'modified' };
    else all.push(one);
  }
  return all;
}

/** A reaction of one's own is shown before the box has it. */
function withOwn(row: Bare, reacting: ReadonlyMap<string, readonly string[]>, me: string): Bare {
  const icons = row.reactedAs === undefined ? undefined : reacting.get(row.reactedAs);
  return icons ? { ...row, reactions: reactedBy(row.reactions, me, icons) } : row;
}

/** What is drawn of a conversation, oldest first. */
export function rows(messages: readonly Received[], outbox: readonly Entry[], newFrom: Received | undefined, atEnd: boolean, me: string): Row[] {
  const byId = new Map<string, Entry[]>();
  for (const entry of outbox) if (entry.kind !== 'send' && entry.kind !== 'react') byId.set(entry.id, [...(byId.get(entry.id) ?? []), entry]);
  const mine = new Set(messages.filter((one) => one.mine).map((one) => one.id));
  const bare = [
    ...corrected(messages).map((one) => fromBox(one, one.mine ? byId.get(one.id) ?? [] : [])),
    ...(atEnd ? outbox.filter((entry) => entry.kind === 'send' && !mine.has(entry.id)).map((entry) => waiting(entry, byId.get(entry.id) ?? [])) : []),
  ];
  const reacting = new Map(outbox.filter((one) => one.kind === 'react' && !one.failed).map((one) => [one.id, one.icons ?? []]));
  if (reacting.size > 0) for (const [at, row] of bare.entries()) bare[at] = withOwn(row, reacting, me);
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
