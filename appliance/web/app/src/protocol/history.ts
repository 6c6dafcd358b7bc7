import type { Element } from '@xmpp/xml';
import { type Received, type Self, content } from './incoming';
import { NS, ROOM, parts } from './namespaces';
import { reactionsBeside } from './reactions';
import { type Range, history } from './stanzas';

export interface Page {
  /** Oldest first. */
  messages: Received[];
  /** Nothing lies beyond in the direction that was asked for. */
  complete: boolean;
}

interface Waiting {
  self: Self;
  /** Whose archive was asked: one's own, or a bubble. */
  archive: string;
  messages: Received[];
}

/** Pages of the archive that were asked for and are still coming. */
const waiting = new Map<string, Waiting>();
let asked = 0;

/** Takes a stanza that is part of an answer; `false` when it is none. */
export function take(stanza: Element): boolean {
  const result = stanza.name === 'message' ? stanza.getChild('result', NS.archive) : undefined;
  const page = waiting.get(result?.attrs['queryid'] ?? '');
  // Only the archive that was asked speaks here (XEP-0313, 4.2: what others send under this name is to be thrown away).
  const { user, domain } = parts(stanza.attrs['from']);
  if (!result || !page || `${user}@${domain}` !== page.archive) return false;
  const forwarded = result.getChild('forwarded', NS.forward);
  const message = forwarded?.getChild('message');
  const read = message && content(message, page.self, result.attrs['id'], forwarded?.getChild('delay', NS.delay)?.attrs['stamp']);
  if (read && message) page.messages.push(read.change === 'deleted' ? read : { ...read, reactions: reactionsBeside(message) });
  return true;
}

/** One page of what was exchanged with somebody, or said in a bubble (at most 100 messages). */
export async function fetchPage(request: (iq: Element) => Promise<Element>, self: Self, peerJid: string, range: Range): Promise<Page> {
  const queryid = `page-${++asked}-${peerJid}`;
  const own = `${self.user}@${self.domain}`;
  const page: Waiting = { self, archive: peerJid.startsWith(ROOM) ? peerJid : own, messages: [] };
  waiting.set(queryid, page);
  try {
    const answer = await request(history(peerJid, own, queryid, range));
    return { messages: page.messages, complete: answer.getChild('fin', NS.archive)?.attrs['complete'] === 'true' };
  } finally {
    waiting.delete(queryid);
  }
}
