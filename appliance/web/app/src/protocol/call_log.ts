/** The history of calls (J6), as the box keeps it. */
import xml, { type Element } from '@xmpp/xml';
import { NS, parts } from './namespaces';
import type { Self } from './incoming';

export interface CallRecord {
  id: string;
  /** Its place in the history. */
  atMs: number;
  peer: string;
  outgoing: boolean;
  medium: 'audio' | 'video';
  outcome: 'answered' | 'missed' | 'declined';
  durationMs: number;
  seen: boolean;
}

export type CallNews = { kind: 'entered'; record: CallRecord } | { kind: 'seen'; id: string } | { kind: 'stale' };

function record(of: Element | undefined, self: Self): CallRecord | undefined {
  const forwarded = of?.getChild('forwarded', NS.forward);
  const log = forwarded?.getChild('call_log', NS.callNews);
  if (!forwarded || !log) return undefined;
  const text = (name: string) => log.getChildText(name) ?? '';
  const [caller, callee] = [parts(text('caller')).user, parts(text('callee')).user];
  const outcome = text('state');
  const atMs = Date.parse(forwarded.getChild('delay', NS.delay)?.attrs['stamp'] ?? '');
  if (Number.isNaN(atMs) || (outcome !== 'answered' && outcome !== 'missed' && outcome !== 'declined')) return undefined;
  const outgoing = caller === self.user;
  return {
    id: text('call_id'),
    atMs,
    peer: outgoing ? callee : caller,
    outgoing,
    medium: text('media') === 'video' ? 'video' : 'audio',
    outcome,
    durationMs: Number(text('duration')) || 0,
    seen: forwarded.getChild('ack', NS.callNews)?.attrs['read'] === 'true',
  };
}

const fromMyself = (stanza: Element, self: Self): boolean => {
  const { user, domain } = parts(stanza.attrs['from']);
  return stanza.name === 'message' && user === self.user && domain === self.domain;
};

/** News of the history, which the box tells in one's own name. */
export function readNews(stanza: Element, self: Self): CallNews | undefined {
  if (!fromMyself(stanza, self)) return undefined;
  const entered = record(stanza.getChild('updated_call_log', NS.callNews), self);
  if (entered) return { kind: 'entered', record: entered };
  const seen = stanza.getChild('read', NS.callSeen)?.attrs['call_id'];
  if (seen !== undefined) return { kind: 'seen', id: seen };
  return stanza.getChild('deleted_call_log', NS.callNews) ? { kind: 'stale' } : undefined;
}

/** One record of a page that is coming. */
export const readResult = (stanza: Element, self: Self): CallRecord | undefined => (fromMyself(stanza, self) ? record(stanza.getChild('result', NS.callLog), self) : undefined);
export const isResult = (stanza: Element): boolean => stanza.name === 'message' && stanza.getChild('result', NS.callLog) !== undefined;

export const askLog = (max: number): Element =>
  xml('iq', { type: 'set' }, xml('query', NS.callLog, xml('set', NS.paging, xml('max', null, String(max)), xml('before', null))));
export const forget = (id: string | undefined): Element => xml('iq', { type: 'set' }, xml('delete', { xmlns: NS.callLog, call_id: id }));
export const sawAll = (self: Self): Element => xml('message', { to: `${self.user}@${self.domain}` }, xml('read', NS.callSeen));
