import xml, { type Element } from '@xmpp/xml';
import { NS } from './namespaces';

/** What this application can, for who wants to call it (XEP-0030): in the order of XEP-0115, 5.1. */
export const FEATURES: readonly string[] = [
  NS.caps,
  NS.info,
  NS.jingle,
  NS.dtls,
  NS.grouping,
  NS.rtp,
  'urn:xmpp:jingle:apps:rtp:audio',
  NS.feedback,
  NS.extensions,
  NS.sources,
  'urn:xmpp:jingle:apps:rtp:video',
  NS.ring,
  NS.ice,
  NS.ping,
].sort();
export const IDENTITY = { category: 'client', type: 'web', name: 'Rainbow Edge' };
const NODE = 'https://github.com/rainbow-edge/web';
/** The hash of the two above; `scripts/protocol.mjs` computes it. */
export const VERSION = '2YfeCuufi6ogOsxDohSEKIVA7zM=';

export const caps = (): Element => xml('c', { xmlns: NS.caps, hash: 'sha-1', node: NODE, ver: VERSION });

/** The answer to another device's question; `undefined`: it asked for something else. */
export function answer(iq: Element): Element | undefined {
  if (iq.name !== 'iq' || iq.attrs['type'] !== 'get') return undefined;
  const { from, id } = iq.attrs;
  const query = iq.getChild('query', NS.info);
  if (iq.getChild('ping', NS.ping)) return xml('iq', { type: 'result', to: from, id });
  if (!query) return undefined;
  const features = FEATURES.map((name) => xml('feature', { var: name }));
  return xml('iq', { type: 'result', to: from, id }, xml('query', { xmlns: NS.info, node: query.attrs['node'] }, xml('identity', IDENTITY), ...features));
}
