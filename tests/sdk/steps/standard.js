'use strict';
const assert = require('node:assert/strict');
const { StandardClient } = require('../standard_client.js');
const { until } = require('../bubble.js');
const { signIn } = require('../web.js');

const SERVERS = '/api/rainbow/geolocation/v1.0/settings/iceservers';
const APPLICATION_PASSWORDS = '/api/edge/v1/application-passwords';

module.exports = [
  {
    sentence: 'a standard XMPP client signs in as Alice with an application password, sees Bob and talks with his SDK',
    ids: ['A2', 'A11'],
    async run(world) {
      const { bob, box, people, secrets } = world;
      world.session = await signIn(box, people.alice);
      const asked = { name: 'Standard client', currentPassword: people.alice.password };
      const { status, body } = await world.session.call('POST', APPLICATION_PASSWORDS, asked);
      assert.equal(status, 200, JSON.stringify(body));
      world.applicationPassword = body.data;
      secrets.add(body.data.password);

      const phone = new StandardClient(box, body.data.jid, body.data.password);
      world.phone = phone;
      await phone.start();
      const contact = phone.roster.find((item) => item.name === `${people.bob.firstName} ${people.bob.lastName}`);
      assert.equal(contact?.subscription, 'both', `Bob is among ${JSON.stringify(phone.roster)}`);
      phone.say(contact.jid, 'Hello from a standard client');
      await bob.event('messagereceived', (event) => event.content === 'Hello from a standard client');
      await bob.send(people.alice, 'Hello from the SDK');
      await phone.hears('Hello from the SDK');
    },
  },
  {
    sentence: 'it is told of the relays for calls with credentials of Alice\'s own, as the SDK is over Rainbow\'s call, and Bob gets others',
    ids: ['G1'],
    async run({ alice, bob, box, phone }) {
      const given = async (who) => {
        const rest = who.sdk._core._rest;
        const { data, ttl } = await rest.http.get(`${SERVERS}?nbServers=2`, rest.getRequestHeader(), undefined);
        assert.ok(ttl > 0 && ttl <= 43_200, `after ${ttl} s one asks again`);
        return data;
      };
      await until('the media node is there', async () => (await given(alice)).length > 0);
      const urls = [`stun:${box.name}:${box.https}`, `turn:${box.name}:${box.https}?transport=udp`, `turns:${box.name}:${box.https}?transport=tcp`];
      const [ofSdk, ofBob] = [await given(alice), await given(bob)];
      assert.deepEqual(ofSdk.map((one) => one.urls), urls);
      const { services } = await phone.client.getServices(phone.client.config.server);
      const told = services.map(({ type, host, port, transport }) => `${type}:${host}:${port}${type === 'stun' ? '' : `?transport=${transport}`}`);
      assert.deepEqual(told, urls);
      const who = (name) => name.split(':')[1];
      const names = [ofSdk[1].username, services[1].username, ofBob[1].username].map(who);
      assert.equal(names[0], names[1], 'one person, whichever client asks');
      assert.notEqual(names[0], names[2]);
      assert.ok(services[1].password && ofSdk[1].credential && !services[0].username);
    },
  },
  {
    sentence: 'its stream ends when the application password is removed, and neither that nor the account\'s own opens another',
    ids: ['A2', 'A11'],
    async run({ applicationPassword: { id, jid, password }, box, people, phone, session }) {
      const ended = phone.end();
      const { status } = await session.call('DELETE', `${APPLICATION_PASSWORDS}/${id}`);
      assert.equal(status, 200);
      await ended;
      for (const wrong of [password, people.alice.password]) {
        await assert.rejects(new StandardClient(box, jid, wrong).start(), /refused/);
      }
    },
  },
];
