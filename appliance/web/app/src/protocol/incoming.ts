import type { Element } from '@xmpp/xml';
import { type Attached, attachedIn } from './files';
import { NS, ROOM, parts, roomsOf } from './namespaces';
import { type Level, levelOf } from './presence';
import { type Reaction, reactionIn } from './reactions';
import { type Urgency, isForwarded, markdownIn, urgencyIn } from './shape';

/** The message that one answers (protocol section 7). */
export interface Answered {
  id: string;
  atMs: number;
}

/** Somebody named in a text; `size` is 0 when it is not told where (protocol section 9.4). */
export interface Mention {
  user: string;
  at: number;
  size: number;
}

const MENTIONS_MAX = 50;

/** A message with content, as it came, was copied from another own device, or stands in the archive. */
export interface Received {
  /** The other person, or the bubble. */
  peer: string;
  /** Who wrote it. */
  from: string;
  mine: boolean;
  /** The sender's id for it, kept through corrections. */
  id: string;
  body: string;
  /** Place in the archive: microseconds since 1970; none for what is not archived. */
  archive: number | undefined;
  atMs: number;
  change: 'modified' | 'deleted' | undefined;
  answers: Answered | undefined;
  mentions: readonly Mention[];
  /** The file that it brings. */
  file: Attached | undefined;
  /** As the archive tells them; what comes live is told of without them. */
  reactions: readonly Reaction[] | undefined;
  /** The same text with marks for how it is to look. */
  markdown: string | undefined;
  urgency: Urgency | undefined;
  /** Somebody else's words, passed on. */
  forwarded: boolean;
  /** Of somebody else's client of XEP-0308: the id of the message that this one stands for. */
  replaces: string | undefined;
  state: 'sent' | 'received' | 'read';
}

export type Incoming =
  | { kind: 'message'; message: Received; wantsReceipt: boolean }
  /** `mine`: another own device told this to the peer. */
  | { kind: 'receipt'; peer: string; id: string; event: 'server' | 'received' | 'read'; mine: boolean }
  /** `of`: the id of the message, in a bubble its place. */
  | { kind: 'reacted'; peer: string; from: string; of: string; icons: readonly string[]; mine: boolean }
  | { kind: 'refused'; peer: string; id: string; condition: string }
  | { kind: 'typing'; peer: string; from: string; on: boolean }
  /** Of a device; `level` is missing when it has gone. */
  | { kind: 'presence'; user: string; resource: string; level: Level | undefined }
  | { kind: 'profile'; user: string }
  | { kind: 'network'; user: string; joined: boolean }
  | { kind: 'blocked'; user: string; on: boolean }
  /** `received`: I read theirs elsewhere; else: they read mine. */
  | { kind: 'all-read'; peer: string; received: boolean }
  | { kind: 'cleared'; peer: string }
  /** Something about a bubble is not as it was; `user` is whom it is about, if anybody. */
  | { kind: 'bubble'; id: string; user: string; status: string }
  | { kind: 'asked-in'; id: string; by: string }
  | { kind: 'notice'; topic: string; id: string; action: string; peer: string };

export interface Self {
  user: string;
  domain: string;
}

/** The box's archive ids: `a` and the microseconds since 1970 in hexadecimal, so they are in the order of the archive. */
export function placeOf(id: string | undefined): number | undefined {
  const hex = /^a([0-9a-f]{1,14})$/u.exec(id ?? '')?.[1];
  const place = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
  return Number.isSafeInteger(place) ? place : undefined;
}

export const placeId = (place: number): string => `a${place.toString(16)}`;

/** What a stanza of the box says; `undefined` when it is nothing that this client knows, or claims what its sender may not. */
export function read(stanza: Element, self: Self): Incoming | undefined {
  const from = parts(stanza.attrs['from']);
  const room = from.domain === roomsOf(self.domain);
  // Who is in a bubble at this moment is shown nowhere: who its members are is.
  if (stanza.name === 'presence') return room ? undefined : presence(stanza);
  if (stanza.name === 'iq') return push(stanza, self);
  if (stanza.name !== 'message') return undefined;
  const type = stanza.attrs['type'];
  if (type === 'management') return notice(stanza, self);
  if (type === 'error') return refusal(stanza);
  if (room !== (type === 'groupchat')) return undefined;
  if (from.user === self.user && from.domain === self.domain) return copied(stanza, self);
  return invitation(stanza, from.user) ?? polled(stanza, from) ?? chat(stanza, self, from.user);
}

/** From one's own account: copies of what other devices sent (XEP-0280; nobody else may send such), or what they did. */
function copied(stanza: Element, self: Self): Incoming | undefined {
  for (const way of ['sent', 'received']) {
    const inner = stanza.getChild(way, NS.carbons)?.getChild('forwarded', NS.forward)?.getChild('message');
    if (inner) return chat(inner, self, parts(inner.attrs[way === 'sent' ? 'to' : 'from']).user);
  }
  const read = stanza.getChild('mark_as_read');
  if (read) return { kind: 'all-read', peer: parts(read.attrs['with']).user, received: read.attrs['id'] !== 'all-sent' };
  const cleared = stanza.getChild('deleted', NS.client);
  if (cleared) return { kind: 'cleared', peer: parts(cleared.attrs['with']).user };
  return chat(stanza, self, self.user);
}

/** Somebody asks this person into a bubble (protocol section 9.3). */
function invitation(stanza: Element, by: string): Incoming | undefined {
  const asked = stanza.getChild('x', NS.conference);
  const event = stanza.getChild('event', NS.configuration);
  return asked && event?.attrs['name'] === 'invitation' ? { kind: 'asked-in', id: bubbleOf(asked.attrs['jid']), by } : undefined;
}

/** What becomes of a poll happens in its bubble; the bubble itself tells it, nobody who speaks there. */
function polled(stanza: Element, from: ReturnType<typeof parts>): Incoming | undefined {
  const name = stanza.getChild('event', NS.configuration)?.attrs['name'] ?? '';
  if (from.resource !== '' || !name.startsWith('poll')) return undefined;
  return { kind: 'notice', topic: 'poll', id: bubbleOf(stanza.attrs['from']), action: name, peer: '' };
}

const bubbleOf = (jid: string | undefined): string => parts(jid).user.slice(ROOM.length);

/** In a bubble the address ends with the full one of who speaks (protocol section 9.4). */
function speaker(stanza: Element): string {
  const { user, resource } = parts(stanza.attrs['from']);
  return stanza.attrs['type'] === 'groupchat' ? parts(resource).user : user;
}

function chat(stanza: Element, self: Self, peer: string): Incoming | undefined {
  const from = speaker(stanza);
  const mine = from === self.user;
  const receipt = stanza.getChild('received', NS.receipts);
  if (receipt) {
    const event = receipt.attrs['entity'] === 'server' ? 'server' : receipt.attrs['event'] === 'read' ? 'read' : 'received';
    return { kind: 'receipt', peer, id: receipt.attrs['id'] ?? '', event, mine };
  }
  const reacted = reactionIn(stanza);
  if (reacted) return { kind: 'reacted', peer, from, mine, ...reacted };
  const archived = stanza.getChild('archived', NS.archived);
  const message = content(stanza, self, archived?.attrs['id'], archived?.attrs['stamp'] ?? stanza.getChild('delay', NS.delay)?.attrs['stamp']);
  if (message) return { kind: 'message', message, wantsReceipt: stanza.getChild('request', NS.receipts) !== undefined };
  if (mine) return undefined;
  if (stanza.getChild('composing', NS.states)) return { kind: 'typing', peer, from, on: true };
  const still = ['active', 'paused', 'inactive', 'gone'].some((state) => stanza.getChild(state, NS.states));
  return still ? { kind: 'typing', peer, from, on: false } : undefined;
}

/** The message in a stanza; none when it has no content. */
export function content(stanza: Element, self: Self, archive: string | undefined, stamp: string | undefined): Received | undefined {
  const change = stanza.getChild('deleted', NS.correct) ? 'deleted' : stanza.getChild('modified', NS.correct) ? 'modified' : undefined;
  const file = stanza.getChild('x', NS.file);
  const body = stanza.getChildText('body') || file?.getChildText('filename') || '';
  if (!change && !file && stanza.getChild('body') === undefined) return undefined;
  const from = speaker(stanza);
  const mine = from === self.user;
  const side = mine && stanza.attrs['type'] !== 'groupchat' ? 'to' : 'from';
  const ack = stanza.getChild('ack');
  const place = placeOf(archive);
  const at = Date.parse(stamp ?? '');
  return {
    peer: parts(stanza.attrs[side]).user,
    from,
    mine,
    id: stanza.attrs['id'] ?? `archive_${archive ?? ''}`,
    body: change === 'deleted' ? '' : body,
    archive: place,
    atMs: place ? Math.floor(place / 1000) : Number.isFinite(at) ? at : Date.now(),
    change,
    answers: change === 'deleted' ? undefined : answered(stanza),
    mentions: change === 'deleted' ? [] : mentions(stanza),
    file: change === 'deleted' ? undefined : attachedIn(stanza),
    reactions: change === 'deleted' ? [] : undefined,
    markdown: change === 'deleted' ? undefined : markdownIn(stanza),
    urgency: change === 'deleted' ? undefined : urgencyIn(stanza),
    forwarded: isForwarded(stanza),
    replaces: stanza.getChild('replace', NS.correct)?.attrs['id'],
    state: ack?.attrs['read'] === 'true' ? 'read' : ack?.attrs['received'] === 'true' ? 'received' : 'sent',
  };
}

function answered(stanza: Element): Answered | undefined {
  const found = stanza.getChild('answeredMsg');
  const atMs = Number(found?.attrs['stamp']);
  const id = found?.getText() ?? '';
  return id && Number.isSafeInteger(atMs) ? { id, atMs } : undefined;
}

function mentions(stanza: Element): Mention[] {
  const whole = (text: string | undefined) => (/^\d{1,6}$/u.test(text ?? '') ? Number(text) : 0);
  const named = stanza.getChild('mention', NS.attention)?.getChildren('jid') ?? [];
  return named.slice(0, MENTIONS_MAX).map((one) => ({ user: parts(one.getText()).user, at: whole(one.attrs['pos']), size: whole(one.attrs['size']) }));
}

function refusal(stanza: Element): Incoming {
  const error = stanza.getChild('error');
  const condition = error?.getChildElements().find((child) => child.getNS() === NS.errors && child.getName() !== 'text');
  return { kind: 'refused', peer: parts(stanza.attrs['from']).user, id: stanza.attrs['id'] ?? '', condition: condition?.getName() ?? 'undefined-condition' };
}

function presence(stanza: Element): Incoming | undefined {
  const { user, resource } = parts(stanza.attrs['from']);
  const type = stanza.attrs['type'];
  if (!user || (type !== undefined && type !== 'unavailable')) return undefined;
  if (stanza.getChild('x', NS.profile)) return { kind: 'profile', user };
  if (type === 'unavailable') return { kind: 'presence', user, resource, level: undefined };
  const text = (name: string) => stanza.getChildText(name)?.trim() ?? '';
  return { kind: 'presence', user, resource, level: levelOf(text('show'), text('status')) };
}

/** The box's own questions to this device, on behalf of the account (RFC 6121, 2.1.6). */
function push(stanza: Element, self: Self): Incoming | undefined {
  const from = parts(stanza.attrs['from']);
  if (stanza.attrs['type'] !== 'set' || (from.user !== '' && from.user !== self.user)) return undefined;
  const item = stanza.getChild('query', NS.roster)?.getChild('item');
  if (item) return { kind: 'network', user: parts(item.attrs['jid']).user, joined: item.attrs['subscription'] === 'both' };
  for (const name of ['block', 'unblock']) {
    const blocked = stanza.getChild(name, NS.blocking)?.getChild('item');
    if (blocked) return { kind: 'blocked', user: parts(blocked.attrs['jid']).user, on: name === 'block' };
  }
  return undefined;
}

/** Only the box itself tells of changes that were made by REST (protocol section 12). */
function notice(stanza: Element, self: Self): Incoming | undefined {
  const from = parts(stanza.attrs['from']);
  const body = stanza.getChildElements().find((child) => child.getNS() === NS.configuration);
  if (from.user !== '' || from.domain !== self.domain || !body) return undefined;
  if (body.getName() === 'room') {
    const { roomid = '', userjid, status = '' } = body.attrs;
    return { kind: 'bubble', id: roomid, user: parts(userjid).user, status };
  }
  const { id = '', action = '', conversation = '', fileId = '', roomid = '' } = body.attrs;
  const named = (child: string): string => body.getChildText(child) ?? '';
  return { kind: 'notice', topic: body.getName(), id: id || conversation || fileId || roomid || named('fileid') || named('roomid'), action, peer: named('peerId') };
}
