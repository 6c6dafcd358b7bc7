/** Namespaces of the stanzas that this client reads and writes (protocol section 5). */
export const NS = {
  client: 'jabber:client',
  receipts: 'urn:xmpp:receipts',
  states: 'http://jabber.org/protocol/chatstates',
  hints: 'urn:xmpp:hints',
  correct: 'urn:xmpp:message-correct:0',
  reactions: 'urn:xmpp:reactions:0',
  remarks: 'urn:rainbow-edge:remarks',
  content: 'urn:xmpp:content',
  headers: 'http://jabber.org/protocol/shim',
  attention: 'urn:xmpp:attention:0',
  file: 'jabber:x:oob',
  carbons: 'urn:xmpp:carbons:2',
  forward: 'urn:xmpp:forward:0',
  delay: 'urn:xmpp:delay',
  archived: 'urn:xmpp:mam:tmp',
  archive: 'urn:xmpp:mam:1',
  form: 'jabber:x:data',
  paging: 'http://jabber.org/protocol/rsm',
  configuration: 'jabber:iq:configuration',
  application: 'jabber:iq:application',
  roster: 'jabber:iq:roster',
  blocking: 'urn:xmpp:blocking',
  profile: 'vcard-temp:x:update',
  ping: 'urn:xmpp:ping',
  rooms: 'http://jabber.org/protocol/muc',
  conference: 'jabber:x:conference',
  errors: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  info: 'http://jabber.org/protocol/disco#info',
  caps: 'http://jabber.org/protocol/caps',
  ring: 'urn:xmpp:jingle-message:0',
  jingle: 'urn:xmpp:jingle:1',
  jingleErrors: 'urn:xmpp:jingle:errors:1',
  rtp: 'urn:xmpp:jingle:apps:rtp:1',
  rtpInfo: 'urn:xmpp:jingle:apps:rtp:info:1',
  feedback: 'urn:xmpp:jingle:apps:rtp:rtcp-fb:0',
  extensions: 'urn:xmpp:jingle:apps:rtp:rtp-hdrext:0',
  sources: 'urn:xmpp:jingle:apps:rtp:ssma:0',
  dtls: 'urn:xmpp:jingle:apps:dtls:0',
  grouping: 'urn:xmpp:jingle:apps:grouping:0',
  ice: 'urn:xmpp:jingle:transports:ice-udp:1',
  callLog: 'jabber:iq:telephony:call_log',
  callNews: 'jabber:iq:notification:telephony:call_log',
  callSeen: 'urn:xmpp:telephony:call_log:receipts',
} as const;

/** Bubbles are rooms of a service of their own: `room_ID@muc.DOMAIN` (protocol section 9). */
export const ROOM = 'room_';
export const roomsOf = (domain: string): string => `muc.${domain}`;

/** `user@domain/resource`, apart. A JID without a local part is a service. */
export function parts(jid: string | undefined): { user: string; domain: string; resource: string } {
  const [address = '', ...resource] = (jid ?? '').split('/');
  const at = address.indexOf('@');
  return { user: at < 0 ? '' : address.slice(0, at), domain: address.slice(at + 1), resource: resource.join('/') };
}
