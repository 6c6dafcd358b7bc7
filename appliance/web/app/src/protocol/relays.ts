/** Which relays there are for calls, with credentials of this person's own (XEP-0215). */
import xml, { type Element } from '@xmpp/xml';

const SERVICES = 'urn:xmpp:extdisco:2';
const KINDS = ['stun', 'stuns', 'turn', 'turns'];
const SERVERS_MAX = 8;

export const askRelays = (domain: string): Element => xml('iq', { type: 'get', to: domain }, xml('services', SERVICES));

export function relaysIn(answer: Element): RTCIceServer[] {
  const services = answer.getChild('services', SERVICES)?.getChildren('service') ?? [];
  const usable = services.filter(({ attrs }) => KINDS.includes(attrs['type'] ?? '') && attrs['host']);
  return usable.slice(0, SERVERS_MAX).map(({ attrs: { type = '', host = '', port = '', transport, username, password } }) => {
    const at = `${type}:${host.includes(':') ? `[${host}]` : host}${port && `:${port}`}`;
    // RFC 7065: relays alone are told how to be reached.
    const urls = type.startsWith('turn') && transport ? `${at}?transport=${transport}` : at;
    return { urls, ...(username !== undefined && password !== undefined && { username, credential: password }) };
  });
}
