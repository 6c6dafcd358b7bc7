'use strict';
const assert = require('node:assert/strict');
const { signIn } = require('../web.js');

const { sdk: folder } = JSON.parse(process.env.TASK);
const RING = 'urn:xmpp:jingle-message:0';

/** A device of Alice's that calls: the SDK makes no calls. */
async function caller(box, person) {
  const beside = (name) => require(require.resolve(name, { paths: [folder, `${folder}/node_modules/@xmpp/websocket`] }));
  globalThis.WebSocket ??= beside('ws');
  const { client, xml } = beside('@xmpp/client');
  const { user } = await signIn(box, person);
  const [username, domain] = user.jid_im.split('@');
  const xmpp = client({ service: `wss://${box.name}:${box.https}/websocket`, domain, username, password: user.jid_password, resource: 'node_caller' });
  xmpp.on('error', () => undefined);
  await xmpp.start();
  const say = (to, word, sid, ...children) => xmpp.send(xml('message', { to, type: 'chat', id: `${word}_${sid}` }, xml(word, { xmlns: RING, id: sid }, ...children)));
  return {
    id: user.id,
    jid: user.jid_im,
    ring: (to, sid) => say(to, 'propose', sid, xml('description', { xmlns: 'urn:xmpp:jingle:apps:rtp:1', media: 'audio' })),
    giveUp: (to, sid) => say(to, 'retract', sid),
    leave: () => xmpp.stop(),
  };
}

module.exports = [
  {
    sentence: 'a call that Alice gave up stands in the history of Bob’s SDK as missed, and is told of at once',
    ids: ['J6'],
    limit_s: 60,
    async run({ box, people, bob }) {
      const alice = await caller(box, people.alice);
      const to = (await signIn(box, people.bob)).user.jid_im;
      const { calllog } = bob.sdk;
      bob.forget();
      await alice.ring(to, 'sdk-call-1');
      await alice.giveUp(to, 'sdk-call-1');
      await bob.event('calllogupdated');
      const [missed] = calllog.getAll();
      assert.deepEqual([missed.state, missed.direction, missed.type, missed.read], ['missed', 'incoming', 'webrtc', false]);
      assert.equal(missed.contact, alice.id);
      assert.equal(calllog.getMissedCallLogCounter(), 1);
      await alice.leave();
    },
  },
];
