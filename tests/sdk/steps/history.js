'use strict';
const assert = require('node:assert/strict');
const { until } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

const WHILE_AWAY = ['Are you there?', 'Call me when you are back'];

/** The server's own view of the conversations of a person. */
async function conversations(box, person) {
  const session = await signIn(box, person);
  const { status, body } = await session.call('GET', `/api/rainbow/enduser/v1.0/users/${session.user.id}/conversations?format=full`);
  assert.equal(status, 200);
  return body.data;
}

module.exports = [
  {
    sentence: 'while Bob is away his conversation with Alice counts what he has not read',
    ids: ['C1'],
    limit_s: 60,
    async run({ alice, bob, box, people }) {
      await bob.stop();
      for (const text of WHILE_AWAY) {
        const sent = await alice.send(bob, text);
        await alice.event('messageserverreceiptreceived', (event) => event.id === sent.id);
      }
      const unread = (await conversations(box, people.bob)).map((conversation) => Number(conversation.unreadMessageNumber));
      assert.deepEqual(unread, [WHILE_AWAY.length]);
    },
  },
  {
    sentence: 'Bob comes back and gets what was sent meanwhile, in order; reading it brings the count to none',
    ids: ['C1'],
    limit_s: 60,
    async run({ bob, box, people }) {
      await bob.start();
      for (const text of WHILE_AWAY) await bob.event('messagereceived', (event) => event.content === text);
      // By the server's time: 2.42 looks the sender up between arrival and event, and may then swap two events.
      const received = bob.seen.filter((event) => event.name === 'messagereceived').sort((a, b) => a.date - b.date);
      assert.deepEqual(received.map((event) => event.content), WHILE_AWAY);
      // The SDK tells the box what it has read on its own way.
      const unread = async () => (await conversations(box, people.bob)).map((conversation) => Number(conversation.unreadMessageNumber)).join();
      await until('nothing is unread', async () => (await unread()) === '0');
    },
  },
  {
    sentence: 'the history on a fresh start holds both sides in order, the correction for the original, and nothing of what was deleted',
    ids: ['C1', 'C8'],
    limit_s: 60,
    async run({ alice, bob, corrected, deleted }) {
      await bob.stop();
      await bob.start();
      const conversation = await bob.conversationWith(alice);
      await bob.sdk.im.getMessagesFromConversation(conversation, 100);
      // The SDK keeps pages of history in an order of its own; the server's time decides.
      const messages = [...bob.sdk.conversations.getConversationById(conversation.id).messages].sort((a, b) => a.date - b.date);
      const texts = messages.filter((message) => message.id !== deleted).map((message) => message.content);
      assert.deepEqual(texts, ['Good morning, Bob <& "all">', 'Bonjour Alice, ça va ? 🌈', 'The meeting is at ten', ...WHILE_AWAY]);
      assert.equal(messages.filter((message) => message.id === corrected).length, 1);
      assert.ok(messages.filter((message) => message.id === deleted).every((message) => !message.content));
    },
  },
];
