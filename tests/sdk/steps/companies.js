'use strict';
const assert = require('node:assert/strict');
const { sendAndConfirm } = require('./messages.js');

// Otto's company is private: he finds Alice, whose company is public, and she does not find him.

/** Otto asks Alice into his network by what his search shows; her SDK's invitation. */
async function invite({ alice, otto }) {
  alice.forget();
  const found = await otto.sdk.contacts.searchUsers(20, `${alice.firstName} ${alice.lastName}`);
  const contacts = found.data ?? found;
  assert.equal(contacts.length, 1, 'one Alice Archer is found');
  await otto.sdk.contacts.addToContactsList(contacts[0]);
  const { id } = await alice.event('userinvitereceived');
  // The SDK tells it before its own list holds it.
  return alice.sdk.invitations.getServerInvitation(id);
}

const texts = (conversation) => conversation.messages.map((message) => message.content);

module.exports = [
  {
    sentence: 'Otto of the private company signs in and has nobody in his network',
    ids: ['B6'],
    limit_s: 60,
    decisive: true,
    async run(world) {
      world.otto = world.person(world.people.outsider);
      await world.otto.start();
      world.remember(world.otto);
      const roster = world.otto.sdk.contacts.getAll().filter((contact) => contact.roster);
      assert.deepEqual(roster.map((contact) => contact.loginEmail).filter((email) => email !== world.otto.email), []);
    },
  },
  {
    sentence: 'Alice of the public company does not find Otto, and Otto cannot write to her before they are joined',
    ids: ['B3', 'B7'],
    async run({ alice, otto }) {
      const found = await alice.sdk.contacts.searchUsers(20, `${otto.firstName} ${otto.lastName}`);
      assert.equal((found.data ?? found).length, 0);
      assert.equal(await alice.sdk.contacts.getContactByLoginEmail(otto.email, true).catch(() => null), null);
    },
  },
  {
    sentence: 'Otto invites Alice and takes it back; her SDK sees that it is canceled',
    ids: ['B6'],
    async run(world) {
      const { alice, otto } = world;
      const sent = await invite(world);
      await otto.sdk.invitations.cancelOneSendInvitation(sent);
      await otto.event('userinvitecanceled');
      assert.equal((await alice.sdk.invitations.getServerInvitation(sent.id)).status, 'canceled');
    },
  },
  {
    sentence: 'Otto invites Alice again, she accepts, and each is in the other\'s network',
    ids: ['B6'],
    async run(world) {
      const { alice, otto } = world;
      otto.forget();
      const invitation = await invite(world);
      await alice.sdk.contacts.acceptInvitation(invitation);
      await otto.event('userinviteaccepted');
      const emails = async (of) => (await of.sdk._core._rest.getContacts()).map((contact) => contact.loginEmail);
      assert.ok((await emails(otto)).includes(alice.email));
      assert.ok((await emails(alice)).includes(otto.email));
    },
  },
  {
    sentence: 'each sees the other\'s presence',
    ids: ['B6', 'C2'],
    limit_s: 60,
    async run({ alice, otto }) {
      for (const [actor, watcher] of [[alice, otto], [otto, alice]]) {
        for (const [set, seen] of [['dnd', 'dnd'], ['online', 'online']]) {
          watcher.forget();
          await actor.choosePresence(set);
          await watcher.event('contactpresencechanged', (event) => event.loginEmail === actor.email && event.presence === seen);
        }
      }
    },
  },
  {
    sentence: 'messages with their receipts, a correction and a deletion cross between the companies',
    ids: ['C1', 'C8'],
    limit_s: 60,
    async run({ alice, otto }) {
      await sendAndConfirm(alice, otto, 'Good day to your company');
      await sendAndConfirm(otto, alice, 'And to yours');
      const sent = await sendAndConfirm(alice, otto, 'We pay on Monday');
      const conversation = await alice.conversationWith(otto);
      await alice.sdk.conversations.sendCorrectedChatMessage(conversation, 'We pay on Tuesday', sent.id);
      await otto.event('messagereceived', (event) => event.id === sent.id && event.content === 'We pay on Tuesday');
      const slip = await sendAndConfirm(alice, otto, 'This was not for you');
      await alice.sdk.conversations.deleteMessage(conversation, slip.id);
      await otto.event('messagereceived', (event) => event.id === slip.id && !event.content);
    },
  },
  {
    sentence: 'both read the same history, each from the own company',
    ids: ['C1', 'C8'],
    async run({ alice, otto }) {
      const histories = [];
      for (const [reader, other] of [[alice, otto], [otto, alice]]) {
        const conversation = await reader.conversationWith(other);
        conversation.reset?.();
        await reader.sdk.im.getMessagesFromConversation(conversation, 30);
        histories.push(texts(conversation).filter(Boolean));
      }
      for (const expected of ['Good day to your company', 'And to yours', 'We pay on Tuesday']) {
        for (const history of histories) assert.ok(history.includes(expected), `${expected} in ${JSON.stringify(history)}`);
      }
      for (const history of histories) assert.ok(!history.includes('We pay on Monday') && !history.includes('This was not for you'));
    },
  },
  {
    sentence: 'Alice revokes it: Otto\'s SDK hears that she has gone, and his messages reach her no longer',
    ids: ['B6'],
    async run({ alice, otto }) {
      const conversation = await otto.conversationWith(alice);
      for (const person of [alice, otto]) person.forget();
      const contact = await alice.sdk.contacts.getContactByLoginEmail(otto.email);
      await alice.sdk.contacts.removeFromNetwork(contact);
      await otto.event('contactremovedfromnetwork');
      await alice.event('contactpresencechanged', (event) => event.loginEmail === otto.email && event.presence === 'offline');
      alice.forget();
      await otto.sdk.im.sendMessageToConversation(conversation, 'Are you there?', 'en', null, undefined);
      // Whatever Alice gets next comes after what did not come: a message of a colleague.
      await otto.choosePresence('away');
    },
  },
  {
    sentence: 'after that nothing of Otto reached Alice',
    ids: ['B6'],
    async run({ alice, bob, otto }) {
      await sendAndConfirm(bob, alice, 'A word among colleagues');
      const heard = alice.seen.filter((event) => event.loginEmail === otto.email || event.content === 'Are you there?');
      assert.deepEqual(heard, []);
      await otto.stop();
    },
  },
];
