// StanzaJS (`stanza`) by WebSocket.

import stanza from 'stanza';
import { bare, jid, obey, password, tell, websocket } from './lines.mjs';

const PAGE = 3;
const client = stanza.createClient({ jid, password, transports: { websocket, bosh: false }, autoReconnect: true, maxReconnectBackoff: 0.1 });

client.on('auth:failed', () => tell('refused'));
client.on('stream:management:resumed', () => tell('resumed'));
client.on('stream:management:failed', () => tell('failed'));
client.on('disconnected', () => tell('gone'));
client.on('available', ({ from }) => tell('presence', { jid: bare(from) }));
client.on('message', ({ from, id, body }) => body !== undefined && tell('message', { sender: bare(from), id, body }));
client.on('session:started', async () => {
  const { items } = await client.getRoster();
  client.sendPresence();
  tell('started', { jid: client.jid, roster: items.map((item) => item.jid) });
});

/** The whole archive with somebody, page by page (XEP-0313). */
async function archive(peer) {
  const bodies = [];
  for (let after, complete = false; !complete; ) {
    const page = await client.searchHistory({ with: peer, paging: { max: PAGE, after } });
    bodies.push(...page.results.map((result) => result.item.message.body));
    after = page.paging.last;
    complete = page.complete;
  }
  return bodies;
}

client.connect();
await obey({
  send: ({ to, body }) => client.sendMessage({ to, body, type: 'chat' }),
  ping: () => client.ping().then(() => tell('pong')),
  archive: async ({ with: peer }) => tell('archive', { bodies: await archive(peer) }),
  leave: () => client.disconnect(),
});
