/** Calls ring before there is a session (XEP-0353), and what a device says of what it can (XEP-0115). */
import xml, { type Element } from '@xmpp/xml';
import { type Self } from '../incoming';
import { NS, parts } from '../namespaces';

export type Medium = 'audio' | 'video';
const WORDS = ['propose', 'ringing', 'proceed', 'accept', 'reject', 'retract', 'finish'] as const;
type Word = (typeof WORDS)[number];

/** A word about a call. */
export interface Ring {
  word: Word;
  sid: string;
  /** Who said it: somebody, or another device of this person (`own`). */
  from: string;
  resource: string;
  own: boolean;
  /** With whom the call is. */
  peer: string;
  medium: Medium;
}

const SID = /^[\x21-\x7E]{1,128}$/u;

/** The word in a message of somebody, or in the copy of one that another own device sent; the latter is from this account alone. */
export function readRing(stanza: Element, self: Self): Ring | undefined {
  if (stanza.name !== 'message' || stanza.attrs['type'] === 'error') return undefined;
  const from = parts(stanza.attrs['from']);
  if (from.domain !== self.domain) return undefined;
  const own = from.user === self.user;
  const sent = own ? stanza.getChild('sent', NS.carbons)?.getChild('forwarded', NS.forward)?.getChild('message') : undefined;
  const message = sent ?? stanza;
  const said = message.getChildElements().find((child) => child.getNS() === NS.ring);
  const word = WORDS.find((one) => one === said?.getName());
  const sid = said?.attrs['id'] ?? '';
  if (!said || !word || !SID.test(sid)) return undefined;
  const to = parts(message.attrs['to']).user;
  const pictures = said.getChildren('description', NS.rtp).some(({ attrs }) => attrs['media'] === 'video');
  const resource = parts((sent ?? stanza).attrs['from']).resource;
  return { word, sid, from: from.user, resource, own, peer: own ? to : from.user, medium: pictures ? 'video' : 'audio' };
}

function message(to: string, said: Element): Element {
  return xml('message', { to, type: 'chat', id: `ring_${crypto.randomUUID()}` }, said, xml('store', NS.hints));
}

export function propose(to: string, sid: string, medium: Medium): Element {
  const description = (media: Medium) => xml('description', { xmlns: NS.rtp, media });
  return message(to, xml('propose', { xmlns: NS.ring, id: sid }, description('audio'), medium === 'video' && description('video')));
}

export const ring = (to: string, word: Exclude<Word, 'propose'>, sid: string, reason?: string): Element =>
  message(to, xml(word, { xmlns: NS.ring, id: sid }, reason !== undefined && xml('reason', NS.jingle, xml(reason, null))));

/** Tells the box that this device takes calls. */
export const takeCalls = (): Element => xml('iq', { type: 'set' }, xml('enable', NS.ring));
