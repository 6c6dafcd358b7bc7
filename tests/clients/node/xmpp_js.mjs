// @xmpp/client by WebSocket.

import { client, xml } from '@xmpp/client';
import { bare, domain, local, obey, password, tell, websocket } from './lines.mjs';
import { ScramSha256 } from './scram_sha_256.mjs';

const PAGE = 3;
const xmpp = client({ service: websocket, domain, username: local, password });
xmpp.saslFactory.use(ScramSha256);
xmpp.reconnect.delay = 50;

xmpp.on('error', (error) => {
  if (error.name === 'SASLError') tell('refused', { text: String(error) });
});
xmpp.on('offline', () => tell('gone'));
xmpp.on('send', (element) => {
  if (element.is('authenticate', 'urn:xmpp:sasl:2')) tell('authenticates', { mechanism: element.attrs.mechanism });
});
xmpp.streamManagement.on('resumed', () => tell('resumed'));
xmpp.streamManagement.on('fail', (stanza) => tell('failed', { stanza: String(stanza) }));
xmpp.on('online', async (address) => {
  const roster = await ask(xml('iq', { type: 'get' }, xml('query', 'jabber:iq:roster')));
  await xmpp.send(xml('presence'));
  const jids = roster.getChild('query').getChildren('item').map((item) => item.attrs.jid);
  tell('started', { jid: String(address), roster: jids });
});
xmpp.on('stanza', (stanza) => {
  const sender = bare(stanza.attrs.from);
  if (stanza.is('presence') && !stanza.attrs.type) tell('presence', { jid: sender });
  if (stanza.is('message') && stanza.getChild('body')) {
    tell('message', { sender, id: stanza.attrs.id, body: stanza.getChildText('body') });
  }
});

/**
 * Sends a request. `iqCaller` takes the answer before stream management could count it, which then tells the box of one stanza
 * less and would get it again.
 */
async function ask(iq) {
  const answer = await xmpp.iqCaller.request(iq);
  xmpp.streamManagement.inbound += 1;
  return answer;
}

/** The whole archive with somebody, page by page (XEP-0313). */
async function archive(peer) {
  const bodies = [];
  const collect = (stanza) => {
    const kept = stanza.getChild('result', 'urn:xmpp:mam:2')?.getChild('forwarded', 'urn:xmpp:forward:0');
    if (kept) bodies.push(kept.getChild('message').getChildText('body'));
  };
  xmpp.on('stanza', collect);
  for (let after = '', complete = false; !complete; ) {
    const field = (name, value, type) => xml('field', { var: name, type }, xml('value', {}, value));
    const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, field('FORM_TYPE', 'urn:xmpp:mam:2', 'hidden'), field('with', peer));
    const page = xml('set', 'http://jabber.org/protocol/rsm', xml('max', {}, PAGE), after && xml('after', {}, after));
    const answer = await ask(xml('iq', { type: 'set' }, xml('query', 'urn:xmpp:mam:2', form, page)));
    const end = answer.getChild('fin', 'urn:xmpp:mam:2');
    after = end.getChild('set', 'http://jabber.org/protocol/rsm')?.getChildText('last');
    complete = end.attrs.complete === 'true';
  }
  xmpp.off('stanza', collect);
  return bodies;
}

await xmpp.start().catch((error) => tell('refused', { text: String(error) }));
await obey({
  send: ({ to, body }) => xmpp.send(xml('message', { type: 'chat', to }, xml('body', {}, body))),
  ping: () => ask(xml('iq', { type: 'get' }, xml('ping', 'urn:xmpp:ping'))).then(() => tell('pong')),
  archive: async ({ with: peer }) => tell('archive', { bodies: await archive(peer) }),
  leave: () => xmpp.stop(),
});
