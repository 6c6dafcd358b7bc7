import type { Element } from '@xmpp/xml';
import { type Received, type Self, content } from './incoming';
import { NS, parts } from './namespaces';
import { type Range, history } from './stanzas';

export interface Page {
  /** Oldest first. */
  messages: Received[];
  /** Nothing lies beyond in the direction that was asked for. */
  complete: boolean;
}

interface Waiting {
  self: Self;
  messages: Received[];
}

/** Pages of the archive that were asked for and are still coming. */
const waiting = new Map<string, Waiting>();
let asked = 0;

/** Takes a stanza that is part of an answer; `false` when it is none. */
export function take(stanza: Element): boolean {
  const result = stanza.name === 'message' ? stanza.getChild('result', NS.archive) : undefined;
  const page = waiting.get(result?.attrs['queryid'] ?? '');
  // Only one's own archive speaks here (XEP-0313, 4.2: what others send under this name is to be thrown away).
  if (!result || !page || parts(stanza.attrs['from']).user !== page.self.user) return false;
  const forwarded = result.getChild('forwarded', NS.forward);
  const message = forwarded?.getChild('message');
  const read = message && content(message, page.self, result.attrs['id'], forwarded?.getChild('delay', NS.delay)?.attrs['stamp']);
  if (read) page.messages.push(read);
  return true;
}

/** One page of what was exchanged with somebody (at most 100 messages). */
export async function fetchPage(request: (iq: Element) => Promise<Element>, self: Self, peerJid: string, range: Range): Promise<Page> {
  const queryid = `page-${++asked}-${peerJid}`;
  const page: Waiting = { self, messages: [] };
  waiting.set(queryid, page);
  try {
    const answer = await request(history(peerJid, queryid, range));
    return { messages: page.messages, complete: answer.getChild('fin', NS.archive)?.attrs['complete'] === 'true' };
  } finally {
    waiting.delete(queryid);
  }
}
