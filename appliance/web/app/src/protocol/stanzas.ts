import xml, { type Element } from '@xmpp/xml';
import type { Answered } from './incoming';
import { type Attached, attachment } from './files';
import { NS, ROOM, roomsOf } from './namespaces';
import { caps } from './caps';
import { type Activity, type Choice, announced } from './presence';
import { reaction as reactionTo, withReactions } from './reactions';
import { type Urgency, forwarded, markdown, urgency } from './shape';

/** Longest text of a message, in UTF-16 units (protocol section 5). */
export const TEXT_MAX = 16_384;

/** Characters that XML 1.0 cannot carry (section 2.2) would end the stream. */
export function sendable(text: string): string {
  return text.replace(/\r\n?/gu, '\n').replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDFFF]/gu, '');
}

export interface Me {
  userId: string;
  companyId: string;
}

export function presence(level: Choice, idle: boolean, activity: Activity | undefined, me: Me): Element {
  const { show, status } = announced(level, idle, activity);
  return xml(
    'presence',
    null,
    xml('application', NS.application, xml('userid', null, me.userId), xml('companyid', null, me.companyId), xml('xrbclient', null, 'web_edge')),
    caps(),
    xml('priority', null, '5'),
    show && xml('show', null, show),
    status && xml('status', null, status),
  );
}

export const carbons = (): Element => xml('iq', { type: 'set' }, xml('enable', NS.carbons));

const kindOf = (to: string) => (to.startsWith(ROOM) ? 'groupchat' : 'chat');

/** This device enters one bubble, under its own full address; what was said before it asks for by itself (protocol section 9.2). */
export const enter = (room: string, own: string): Element =>
  xml('presence', { to: `${room}/${own}` }, xml('x', NS.rooms, xml('history', { maxchars: '0' })));

/** The same for every bubble of the person. */
export const enterAll = (domain: string, own: string): Element =>
  xml('presence', { to: `${roomsOf(domain)}/${own}` }, xml('x', NS.rooms, xml('options', { xmlns: NS.application, webinar: 'false', acknowledge: 'true' })));

/** What a text refers to: the message that it answers, people whom it names where, the file that it brings; and how it is meant. */
export interface Context {
  answers: Answered | undefined;
  mentions: readonly { jid: string; at: number; size: number }[];
  file: Attached | undefined;
  /** The text has marks for how it is to look. */
  marked: boolean;
  urgency: Urgency | undefined;
  /** Whose words are passed on. */
  forwards: { id: string; jid: string } | undefined;
}

const context = (body: string, { answers, mentions, file, marked, urgency: level, forwards }: Context) => [
  marked && markdown(body),
  level && urgency(level),
  forwards && forwarded(forwards.id, forwards.jid, body),
  answers && xml('answeredMsg', { stamp: answers.atMs }, answers.id),
  mentions.length > 0 && xml('mention', NS.attention, ...mentions.map(({ jid, at, size }) => xml('jid', { pos: at, size }, jid))),
  file && attachment(file),
];

/** The same arguments make the same bytes: that is how the box knows a message that is sent again (protocol section 7). */
export function message(to: string, id: string, body: string, about: Context): Element {
  return xml(
    'message',
    { to, type: kindOf(to), id },
    xml('body', null, body),
    ...context(body, about),
    xml('request', NS.receipts),
    xml('active', NS.states),
    xml('store', NS.hints),
  );
}

/** New text for the message of this id. */
export function correction(to: string, id: string, body: string, about: Context): Element {
  return xml('message', { to, type: kindOf(to), id }, xml('body', null, body), ...context(body, about), xml('modified', NS.correct), xml('store', NS.hints));
}

/** All that one reacts with to a message; nothing takes it back. */
export const reaction = (to: string, own: string, of: string, icons: readonly string[]): Element => reactionTo(to, kindOf(to), own, of, icons);

/** The end of the message of this id (C8). */
export function deletion(to: string, id: string): Element {
  return xml('message', { to, type: kindOf(to), id }, xml('body', null), xml('deleted', NS.correct), xml('store', NS.hints));
}

/** To the sender of a message: it is on this device, or it was read (and so were those before it). */
export function receipt(to: string, id: string, event: 'received' | 'read'): Element {
  return xml('message', { to, type: kindOf(to), id: `${event}_${id}`.slice(0, 256) }, xml('received', { xmlns: NS.receipts, event, entity: 'client', id }));
}

export function typing(to: string, on: boolean): Element {
  return xml('message', { to, type: kindOf(to) }, xml(on ? 'composing' : 'active', NS.states));
}

export interface Range {
  /** Only what is older, or newer, than this place of the archive. */
  before?: string;
  after?: string;
  max: number;
}

/**
 * XEP-0313 as the box has it (protocol section 8): the newest of the range unless `after` is given. A bubble is asked itself,
 * for what its asker may see.
 */
export function history(peer: string, own: string, queryid: string, range: Range): Element {
  const room = peer.startsWith(ROOM);
  const field = (name: string, value: string, type?: string) => xml('field', { var: name, type }, xml('value', null, value));
  const place = range.after === undefined ? xml('before', null, range.before) : xml('after', null, range.after);
  return xml(
    'iq',
    { type: 'set', id: queryid, to: room ? peer : undefined },
    xml(
      'query',
      { xmlns: NS.archive, queryid },
      xml('x', { xmlns: NS.form, type: 'submit' }, field('FORM_TYPE', NS.archive, 'hidden'), field('with', room ? own : peer)),
      withReactions(),
      xml('set', NS.paging, xml('max', null, String(range.max)), place),
    ),
  );
}
