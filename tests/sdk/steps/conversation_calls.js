'use strict';
const assert = require('node:assert/strict');
const { archived, bubbleWith, contactOf, idOf, jidOf, say, seenBy } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

/** A person's conversations as a sign-in of its own reads them, by peer. */
async function listed(box, person) {
  const session = await signIn(box, person);
  const { body } = await session.call('GET', `/api/rainbow/enduser/v1.0/users/${session.user.id}/conversations?format=full`);
  return Object.fromEntries(body.data.map((one) => [one.peerId, one]));
}

module.exports = [
  {
    sentence: 'a conversation is found by each of its names, and is the one that the box knows',
    ids: ['C1'],
    limit_s: 60,
    async run(world) {
      const { alice, bob, box, people } = world;
      world.mole = await bubbleWith(alice, [bob], 'Mole');
      await say(bob, world.mole, [alice], 'On the mole');
      const { conversations } = alice.sdk;
      const withBob = await conversations.openConversationForContact(await contactOf(alice, bob));
      const inMole = await conversations.openConversationForBubble(await seenBy(alice, world.mole));
      const known = await listed(box, people.alice);
      assert.equal(withBob.dbId, known[idOf(bob)].id);
      assert.equal(conversations.getConversationByDbId(withBob.dbId), withBob);
      assert.equal(conversations.getConversationById(withBob.id), withBob);
      assert.equal(await conversations.getConversationByBubbleId(world.mole.id), inMole);
      assert.equal(conversations.getConversationByBubbleJid(world.mole.jid), inMole);
      assert.equal(await conversations.getBubbleConversation(world.mole.jid), inMole);
      assert.ok(conversations.getAllConversations().includes(withBob) && conversations.getAllConversations().includes(inMole));
      assert.equal(known[world.mole.id].lastMessageText, 'On the mole');
    },
  },
  {
    sentence: 'all of a conversation is marked as read at once, and a message in it keeps a bookmark',
    ids: ['C1'],
    limit_s: 90,
    async run({ alice, bob, box, people }) {
      await alice.stop();
      const sent = await bob.send(alice, 'You were away');
      await bob.event('messageserverreceiptreceived', (event) => event.id === sent.id);
      const session = await signIn(box, people.alice);
      const before = (await listed(box, people.alice))[idOf(bob)];
      assert.equal(before.unreadMessageNumber, 1);
      await session.call('PUT', `/api/rainbow/enduser/v1.0/users/${session.user.id}/conversations/${before.id}`, { mute: false });
      await alice.start();
      await alice.event('messagereceived', (event) => event.id === sent.id);
      await alice.sdk.conversations.ackAllMessages(before.id, false);
      assert.equal((await listed(box, people.alice))[idOf(bob)].unreadMessageNumber, 0);
      await alice.sdk.conversations.updateConversationBookmark(undefined, before.id, sent.id);
      assert.equal((await listed(box, people.alice))[idOf(bob)].bookmark.messageId, sent.id);
      await alice.sdk.conversations.deleteConversationBookmark(undefined, before.id);
      assert.ok(!(await listed(box, people.alice))[idOf(bob)].bookmark);
    },
  },
  {
    sentence: 'a conversation is closed and is off the list until something is said; old ones are tidied away',
    ids: ['C1'],
    limit_s: 90,
    async run({ alice, bob, box, people }) {
      const conversation = await alice.conversationWith(bob);
      const { dbId } = conversation;
      await alice.sdk.conversations.deleteServerConversation(dbId);
      assert.equal((await listed(box, people.alice))[idOf(bob)], undefined);
      alice.forget();
      const sent = await bob.send(alice, 'There again');
      await alice.event('messagereceived', (event) => event.id === sent.id);
      assert.equal((await listed(box, people.alice))[idOf(bob)].lastMessageText, 'There again');
      await alice.sdk.conversations.closeConversation(await alice.conversationWith(bob));
      assert.equal((await listed(box, people.alice))[idOf(bob)], undefined);
      const before = Object.keys(await listed(box, people.alice)).length;
      assert.ok(before < 15, 'too few for the SDK to take one away');
      await alice.sdk.conversations.cleanConversations();
      assert.equal(Object.keys(await listed(box, people.alice)).length, before);
    },
  },
  {
    sentence: 'all messages of a conversation are hidden from who wishes so, and from nobody else; a part of them never',
    ids: ['C8'],
    limit_s: 90,
    async run({ alice, bob, box, people }) {
      const held = async (sent) => [
        (await archived(box, people.alice, jidOf(bob), 'user', sent.id)) !== '',
        (await archived(box, people.bob, jidOf(alice), 'user', sent.id)) !== '',
      ];
      const received = async (text) => {
        const sent = await bob.send(alice, text);
        await alice.event('messagereceived', (event) => event.id === sent.id);
        return sent;
      };
      const hidden = await received('To be hidden');
      const conversation = await alice.conversationWith(bob);
      // The SDK says that it did, before it hears the refusal.
      alice.sdk.conversations.removeMessagesFromConversation(conversation, new Date(0), 1).catch(() => undefined);
      const still = await received('Still all there');
      assert.deepEqual([await held(hidden), await held(still)], [[true, true], [true, true]]);
      alice.forget();
      await alice.sdk.conversations.deleteAllMessageInOneToOneConversation(conversation);
      await alice.event('allmessagedremovedfromconversationreceived');
      assert.deepEqual([await held(hidden), await held(still)], [[false, true], [false, true]]);
      const again = await received('And once more');
      assert.deepEqual(await held(again), [true, true]);
      alice.forget();
      await alice.sdk.conversations.removeAllMessages(conversation);
      await alice.event('allmessagedremovedfromconversationreceived');
      assert.deepEqual(await held(again), [false, true]);
    },
  },
];
