import xml, { type Element } from '@xmpp/xml';
import { NS } from './namespaces';

/** How much a message wants to be seen (protocol section 5, XEP-0131). */
export const URGENCIES = ['low', 'middle', 'high'] as const;
export type Urgency = (typeof URGENCIES)[number];

const MARKDOWN = 'text/markdown';
const TEXT_MAX = 20_000;

export function urgencyIn(stanza: Element): Urgency | undefined {
  const header = stanza.getChild('headers', NS.headers)?.getChildren('header').find((one) => one.attrs['name'] === 'Urgency');
  const said = header?.getText().trim();
  return URGENCIES.find((one) => one === said);
}

/** The same text with marks for how it is to look, if it has any (protocol section 7). */
export function markdownIn(stanza: Element): string | undefined {
  const found = stanza.getChildren('content', NS.content).find((one) => one.attrs['type'] === MARKDOWN);
  return found?.getText().slice(0, TEXT_MAX) || undefined;
}

export const urgency = (level: Urgency): Element => xml('headers', NS.headers, xml('header', { name: 'Urgency' }, level));
export const markdown = (text: string): Element => xml('content', { xmlns: NS.content, type: MARKDOWN }, text);

/** Who wrote what is passed on, as the passer-on says (XEP-0297); it proves nothing. */
export const forwarded = (id: string, from: string, body: string): Element =>
  xml('forwarded', NS.forward, xml('message', { xmlns: NS.client, id, from, type: 'chat' }, xml('body', null, body)));

export const isForwarded = (stanza: Element): boolean => stanza.getChild('forwarded', NS.forward) !== undefined;
