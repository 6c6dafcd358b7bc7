'use strict';
const assert = require('node:assert/strict');

/** Sends, and waits for the message and its three receipts: server, client, read. */
async function sendAndConfirm(sender, receiver, text) {
  const sent = await sender.send(receiver, text);
  const same = (event) => event.id === sent.id;
  const received = await receiver.event('messagereceived', (event) => event.content === text);
  assert.equal(received.id, sent.id);
  await sender.event('messageserverreceiptreceived', same);
  await sender.event('messagereceiptreceived', same);
  await sender.event('messagereceiptreadreceived', same);
  return sent;
}

module.exports = [
  {
    sentence: 'a message from Alice reaches Bob, and she gets the receipts of server, device and reader',
    ids: ['C1'],
    async run({ alice, bob }) {
      await sendAndConfirm(alice, bob, 'Good morning, Bob <& "all">');
    },
  },
  {
    sentence: 'and the other way round',
    ids: ['C1'],
    async run({ alice, bob }) {
      await sendAndConfirm(bob, alice, 'Bonjour Alice, ça va ? 🌈');
    },
  },
  {
    sentence: 'Bob sees that Alice is typing, and that she stopped',
    ids: ['C1'],
    async run({ alice, bob }) {
      const conversation = await alice.conversationWith(bob);
      await alice.sdk.im.sendIsTypingStateInConversation(conversation, true);
      await bob.event('chatstate', (event) => event.chatstate === 'composing');
      bob.forget();
      await alice.sdk.im.sendIsTypingStateInConversation(conversation, false);
      await bob.event('chatstate', (event) => event.chatstate === 'active');
    },
  },
  {
    sentence: 'a correction reaches Bob under the id of the message that it corrects',
    ids: ['C1'],
    async run(world) {
      const { alice, bob } = world;
      const sent = await sendAndConfirm(alice, bob, 'The meeting is at nine');
      const conversation = await alice.conversationWith(bob);
      await alice.sdk.conversations.sendCorrectedChatMessage(conversation, 'The meeting is at ten', sent.id);
      await bob.event('messagereceived', (event) => event.id === sent.id && event.content === 'The meeting is at ten');
      world.corrected = sent.id;
    },
  },
  {
    sentence: 'a deletion reaches Bob under the id of the message that it deletes',
    ids: ['C8'],
    async run(world) {
      const { alice, bob } = world;
      const sent = await sendAndConfirm(alice, bob, 'Forget this at once');
      const conversation = await alice.conversationWith(bob);
      await alice.sdk.conversations.deleteMessage(conversation, sent.id);
      await bob.event('messagereceived', (event) => event.id === sent.id && !event.content);
      world.deleted = sent.id;
    },
  },
];

module.exports.sendAndConfirm = sendAndConfirm;
