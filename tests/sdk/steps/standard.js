'use strict';
const assert = require('node:assert/strict');
const { StandardClient } = require('../standard_client.js');
const { signIn } = require('../web.js');

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
