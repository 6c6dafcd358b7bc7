'use strict';
const assert = require('node:assert/strict');
const { idOf, until } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

const USERS = '/api/rainbow/enduser/v1.0/users';

module.exports = [
  {
    sentence: 'what Alice says of herself Bob reads, and it goes again',
    ids: ['C2'],
    async run({ alice, bob, box, people }) {
      if (!alice.sdk.presence.setCustomStatus) return;
      alice.forget();
      await alice.sdk.presence.setCustomStatus(idOf(alice), 'At the dentist', '🦷', '2999-01-01T00:00:00.000Z');
      await alice.event('customstatusreceived');
      const { status, emoji, expirationDate } = await bob.sdk.presence.getCustomStatus(idOf(alice));
      assert.deepEqual({ status, emoji, expirationDate }, { status: 'At the dentist', emoji: '🦷', expirationDate: '2999-01-01T00:00:00.000Z' });
      const session = await signIn(box, people.bob);
      assert.equal((await session.call('GET', `${USERS}/${idOf(alice)}/custom-status`)).body.data.status, 'At the dentist');
      await alice.sdk.presence.deleteCustomStatus(idOf(alice));
      assert.equal((await bob.sdk.presence.getCustomStatus(idOf(alice))).status, null);
    },
  },
  {
    sentence: 'a presence that was announced is read by oneself and by the administrator, and the chosen one at every sign-in',
    ids: ['C2'],
    limit_s: 60,
    async run({ alice, box, people, person }) {
      await alice.choosePresence('dnd');
      const session = await signIn(box, people.alice);
      assert.equal((await session.call('GET', `${USERS}/${idOf(alice)}/settings`)).body.data.presence, 'dnd');
      await until('the own presence is read', async () => JSON.stringify(await alice.sdk.presence.getMyPresenceInformation()).includes('dnd'));
      const owner = person(people.owner);
      await owner.start();
      assert.match(JSON.stringify(await owner.sdk.admin.getUserPresenceInformation(idOf(alice))), /dnd/);
      await assert.rejects(alice.sdk.admin.getUserPresenceInformation(idOf(owner)), (error) => error.code === 403);
      await owner.stop();
      assert.equal((await session.call('PUT', `${USERS}/${idOf(alice)}/settings`, { presence: 'online' })).status, 200);
      assert.equal((await alice.sdk.settings.getUserSettings()).presence, 'online');
      await alice.choosePresence('online');
    },
  },
  {
    sentence: 'an administrator looks through the accounts of his company, and asks a token on behalf of one',
    ids: ['A8'],
    limit_s: 60,
    async run({ people, person, box }) {
      const owner = person(people.owner);
      await owner.start();
      const found = JSON.stringify(await owner.sdk.admin.getAllUsersByFilter(undefined, undefined, people.carol.email));
      assert.ok(found.includes(people.carol.firstName) && !found.includes(people.alice.email), found.slice(0, 500));
      const { token } = await owner.sdk.admin.askTokenOnBehalf(people.carol.email, people.carol.password);
      const { request } = require('../web.js');
      const me = await request(box, 'GET', `${USERS}/me`, { authorization: `Bearer ${token}` });
      assert.equal(me.body.data.loginEmail, people.carol.email);
      await owner.stop();
    },
  },
  {
    sentence: 'the administrator orders the bubbles of his company from his SDK, and reads nothing in them',
    ids: ['R1', 'C3'],
    limit_s: 90,
    async run({ alice, bob, people, person, box }) {
      const { bubbleWith, overRest } = require('../bubble.js');
      const ours = await bubbleWith(alice, [bob], 'Ordered');
      const owner = person(people.owner);
      await owner.start();
      const { admin } = owner.sdk;
      if (admin.promoteBubbleUsers) {
        const read = async () => (await overRest(box, people.alice, ours)).body.data;
        assert.ok(JSON.stringify(await admin.getBubbles({ name: 'Ordered' })).includes(ours.id));
        assert.equal((await admin.getBubbleById(ours.id)).name, 'Ordered');
        await admin.updateBubble(ours.id, { name: 'In order' });
        assert.equal((await read()).name, 'In order');
        await admin.promoteBubbleUsers(ours.id, { users: [idOf(bob)] });
        await admin.rehostBubble(ours.id, { userId: idOf(bob) });
        assert.equal((await read()).creator, idOf(bob));
        await admin.demoteBubbleUsers(ours.id, { users: [idOf(alice)] });
        await admin.deleteBubbleUsers(ours.id, { users: [idOf(alice)] });
        assert.equal((await read()).users.find((user) => user.userId === idOf(alice)).status, 'unsubscribed');
        const made = await admin.createBubble({ name: 'Given to Bob', owner: idOf(bob) });
        assert.equal((await overRest(box, people.bob, made)).status, 200);
        await admin.deleteBubble(made.id);
        assert.equal((await overRest(box, people.bob, made)).status, 404);
        await admin.deleteBubble(ours.id);
      }
      assert.equal((await overRest(box, people.owner, ours)).status, 404);
      await owner.stop();
    },
  },
];
