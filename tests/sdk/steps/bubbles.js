'use strict';
const assert = require('node:assert/strict');
const { signIn } = require('../web.js');

// Otto is of another company; the steps before put him and Alice into one another's network and took them out again.

const bubbleOf = (who, world) => who.sdk.bubbles.getBubbleById(world.bubble.id, true);
/** As the invitation told it: the SDK enters what it looks up, and waits half a minute where it is not let in yet. */
const invitedTo = (who, world) => who.sdk.bubbles.getAll().find((bubble) => bubble.id === world.bubble.id);
const contactOf = async (who, other) => {
  const contact = await who.sdk.contacts.getContactByLoginEmail(other.email);
  assert.ok(contact, `${who.firstName} does not find ${other.email}`);
  return contact;
};

/** What somebody is in the bubble, as the box tells the one who asks. */
async function membership(asker, other, world) {
  const bubble = await bubbleOf(asker, world);
  const found = bubble.users.find((user) => user.jid_im === other.sdk._core._rest.loggedInUser.jid_im);
  return found && { status: found.status, privilege: found.privilege };
}

/** Says something in the bubble and waits until everybody of `heard` has it. */
async function say(speaker, heard, text, world) {
  const conversation = await speaker.sdk.conversations.openConversationForBubble(await bubbleOf(speaker, world));
  const sent = await speaker.sdk.im.sendMessageToConversation(conversation, text, 'en', null, undefined);
  for (const who of heard) {
    const received = await who.event('messagereceived', (event) => event.content === text);
    assert.equal(received.id, sent.id);
    assert.equal(received.type, 'groupchat');
  }
  return sent;
}

/** The texts of the bubble's history, as a fresh conversation reads them. */
async function history(who, world) {
  const conversation = await who.sdk.conversations.openConversationForBubble(await bubbleOf(who, world));
  conversation.reset?.();
  await who.sdk.im.getMessagesFromConversation(conversation, 50);
  return [...conversation.messages].sort((a, b) => a.date - b.date).map((message) => message.content).filter(Boolean);
}

module.exports = [
  {
    sentence: 'Alice makes a bubble; she is its organizer and in it at once',
    ids: ['C3'],
    limit_s: 60,
    decisive: true,
    async run(world) {
      const { alice } = world;
      alice.forget();
      world.bubble = await alice.sdk.bubbles.createBubble('Release', 'What we ship', 'none');
      assert.match(world.bubble.jid, /^room_[0-9a-f]+@muc\./);
      await alice.event('bubblepresencechanged');
      assert.deepEqual(await membership(alice, alice, world), { status: 'accepted', privilege: 'moderator' });
      assert.equal((await bubbleOf(alice, world)).topic, 'What we ship');
    },
  },
  {
    sentence: 'Bob is asked in, accepts, and both hear what the other says',
    ids: ['C3', 'C1'],
    limit_s: 90,
    async run(world) {
      const { alice, bob } = world;
      bob.forget();
      await alice.sdk.bubbles.inviteContactToBubble(await contactOf(alice, bob), await bubbleOf(alice, world), false, true, 'Join us');
      await bob.event('bubbleinvitationreceived');
      assert.deepEqual(await membership(alice, bob, world), { status: 'invited', privilege: 'user' });
      alice.forget();
      await bob.sdk.bubbles.acceptInvitationToJoinBubble(invitedTo(bob, world));
      await bob.event('bubbleownaffiliationchanged', (event) => event.status === 'accepted');
      await alice.event('bubbleaffiliationchanged', (event) => event.status === 'accepted');
      await bob.event('bubblepresencechanged');
      await say(alice, [bob], 'Welcome to the release', world);
      await say(bob, [alice], 'Glad to be here', world);
    },
  },
  {
    sentence: 'the history holds what was said, for both, in order',
    ids: ['C1'],
    async run(world) {
      for (const who of [world.alice, world.bob]) {
        assert.deepEqual(await history(who, world), ['Welcome to the release', 'Glad to be here']);
      }
    },
  },
  {
    sentence: 'the bubble is among both\'s conversations; a text is found in it, a deleted one by nobody',
    ids: ['C1', 'C3', 'C8'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, box, people, bubble } = world;
      const listed = async (person) => {
        const session = await signIn(box, person);
        const { body } = await session.call('GET', `/api/rainbow/enduser/v1.0/users/${session.user.id}/conversations?format=full`);
        return body.data.find((conversation) => conversation.jid_im === bubble.jid);
      };
      const found = async (who, text) => {
        const { data } = await who.sdk.conversations.showAllMatchingMessagesForAPeer(undefined, text, bubble.jid, true, 20);
        return data.map((hit) => hit.msgId);
      };
      for (const person of [people.alice, people.bob]) {
        const { type, peerId, lastMessageText, unreadMessageNumber } = await listed(person);
        assert.deepEqual({ type, peerId, lastMessageText, unreadMessageNumber }, { type: 'room', peerId: bubble.id, lastMessageText: 'Glad to be here', unreadMessageNumber: 0 });
      }
      const slip = await say(bob, [alice], 'A slip of the tongue', world);
      assert.deepEqual(await found(alice, 'SLIP of the'), [slip.id]);
      const { data: [kept] } = await alice.sdk.im.retrieveXMPPMessagesByListOfMessageIds([{ peer: bubble.jid, msgId: slip.id, type: 'room' }]);
      assert.match(kept.xml, /A slip of the tongue/);
      alice.forget();
      const conversation = await bob.sdk.conversations.openConversationForBubble(await bubbleOf(bob, world));
      // The SDK deletes what it holds, and holds of its own words in a bubble what it read in the history.
      conversation.reset?.();
      await bob.sdk.im.getMessagesFromConversation(conversation, 50);
      await bob.sdk.conversations.deleteMessage(conversation, slip.id);
      await alice.event('messagereceived', (event) => event.id === slip.id && !event.content);
      assert.deepEqual([await found(alice, 'slip'), await found(bob, 'slip')], [[], []]);
      assert.equal((await listed(people.alice)).lastMessageText, '');
      assert.deepEqual(await history(alice, world), ['Welcome to the release', 'Glad to be here']);
    },
  },
  {
    sentence: 'the history in bulk is the same',
    ids: ['C1'],
    async run(world) {
      const { alice } = world;
      const conversation = await alice.sdk.conversations.openConversationForBubble(await bubbleOf(alice, world));
      conversation.reset?.();
      await alice.sdk.conversations.getHistoryPage(conversation, 50, true);
      const messages = [...conversation.messages].sort((a, b) => a.date - b.date).map((message) => message.content).filter(Boolean);
      assert.deepEqual(messages, ['Welcome to the release', 'Glad to be here']);
    },
  },
  {
    sentence: 'Carol is put in without being asked; she reads nothing of what was said before',
    ids: ['C3'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, people } = world;
      world.carol = world.person(people.carol);
      await world.carol.start();
      await alice.sdk.bubbles.inviteContactToBubble(await contactOf(alice, world.carol), await bubbleOf(alice, world), false, false);
      await world.carol.event('bubbleownaffiliationchanged', (event) => event.status === 'accepted');
      await world.carol.event('bubblepresencechanged');
      await say(bob, [alice, world.carol], 'Hello Carol', world);
      assert.deepEqual(await history(world.carol, world), ['Hello Carol']);
    },
  },
  {
    sentence: 'a simple member changes nothing: no name, no member, no end of it',
    ids: ['R2', 'C3'],
    async run(world) {
      const { box, people, bubble } = world;
      const [carol, bob] = [await signIn(box, people.carol), await signIn(box, people.bob)];
      const path = `/api/rainbow/enduser/v1.0/rooms/${bubble.id}`;
      for (const [method, to, body] of [
        ['PUT', path, { name: 'Mine' }],
        ['PUT', `${path}/users/${bob.user.id}`, { status: 'unsubscribed' }],
        ['PUT', `${path}/users/${carol.user.id}`, { privilege: 'moderator' }],
        ['PUT', `${path}/archive`, {}],
        ['PUT', path, { owner: carol.user.id }],
        ['DELETE', path],
      ]) {
        assert.equal((await carol.call(method, to, body)).status, 403, `${method} ${to} ${JSON.stringify(body)}`);
      }
      const otto = await signIn(box, people.outsider);
      assert.equal((await otto.call('GET', path)).status, 404);
    },
  },
  {
    sentence: 'Bob is made a co-organizer and renames it; everybody hears the name, the topic and the custom data',
    ids: ['R2', 'C3'],
    limit_s: 90,
    async run(world) {
      const { alice, bob } = world;
      [alice, bob, world.carol].forEach((who) => who.forget());
      await alice.sdk.bubbles.promoteContactToModerator(await contactOf(alice, bob), await bubbleOf(alice, world));
      await bob.event('bubbleprivilegechanged');
      assert.equal((await membership(world.carol, bob, world)).privilege, 'moderator');
      await bob.sdk.bubbles.setBubbleName(await bubbleOf(bob, world), 'Release 2');
      await alice.event('bubblenamechanged');
      assert.equal((await bubbleOf(world.carol, world)).name, 'Release 2');
      await bob.sdk.bubbles.setBubbleTopic(await bubbleOf(bob, world), 'What we ship next');
      await alice.event('bubbletopicchanged');
      assert.equal((await bubbleOf(world.carol, world)).topic, 'What we ship next');
      await bob.sdk.bubbles.setBubbleCustomData(await bubbleOf(bob, world), { board: 'green' });
      await alice.event('bubblecustomdatachanged');
      assert.equal((await bubbleOf(world.carol, world)).customData.board, 'green');
    },
  },
  {
    sentence: 'Otto of another company, in Alice\'s network, is asked in; he meets Bob there and nowhere else',
    ids: ['C3', 'B3', 'B6'],
    limit_s: 120,
    async run(world) {
      const { alice, bob, otto } = world;
      if (!otto.sdk) await otto.start();
      [alice, otto].forEach((who) => who.forget());
      const found = await otto.sdk.contacts.searchUsers(20, `${alice.firstName} ${alice.lastName}`);
      await otto.sdk.contacts.addToContactsList((found.data ?? found)[0]);
      const { id } = await alice.event('userinvitereceived');
      await alice.sdk.contacts.acceptInvitation(await alice.sdk.invitations.getServerInvitation(id));
      await otto.event('userinviteaccepted');
      await alice.sdk.bubbles.inviteContactToBubble(await contactOf(alice, otto), await bubbleOf(alice, world), false, false);
      await otto.event('bubbleinvitationreceived');
      assert.equal((await membership(alice, otto, world)).status, 'invited', 'nobody is put in from outside without being asked');
      otto.forget();
      await otto.sdk.bubbles.acceptInvitationToJoinBubble(invitedTo(otto, world));
      await otto.event('bubblepresencechanged');
      await say(otto, [alice, bob], 'Good day from Globex', world);
      await say(bob, [otto], 'Good day to Globex', world);
    },
  },
  {
    sentence: 'Otto is put out: he hears nothing more, and reads what came before',
    ids: ['C3'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, otto } = world;
      otto.forget();
      await bob.sdk.bubbles.removeContactFromBubble(await contactOf(alice, otto), await bubbleOf(bob, world));
      await otto.event('bubbleownaffiliationchanged', (event) => event.status === 'unsubscribed');
      await say(alice, [bob], 'He has gone', world);
      assert.ok(!otto.seen.some((event) => event.content === 'He has gone'));
      assert.deepEqual(await history(otto, world), ['Good day from Globex', 'Good day to Globex']);
    },
  },
  {
    sentence: 'the organizer leaves only after handing over to a co-organizer',
    ids: ['C3', 'R2'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, carol } = world;
      await assert.rejects(alice.sdk.bubbles.leaveBubble(await bubbleOf(alice, world)));
      await assert.rejects(alice.sdk.bubbles.changeBubbleOwner(await bubbleOf(alice, world), await contactOf(alice, carol)));
      await alice.sdk.bubbles.changeBubbleOwner(await bubbleOf(alice, world), await contactOf(alice, bob));
      assert.equal((await bubbleOf(carol, world)).creator, bob.sdk._core._rest.loggedInUser.id);
      carol.forget();
      await carol.sdk.bubbles.leaveBubble(await bubbleOf(carol, world));
      await carol.event('bubbleownaffiliationchanged', (event) => event.status === 'unsubscribed');
    },
  },
  {
    sentence: 'after a fresh start Alice is in the bubble again by herself',
    ids: ['C3'],
    limit_s: 90,
    async run(world) {
      const { alice, bob } = world;
      await alice.stop();
      await alice.start();
      world.remember(alice);
      await say(bob, [alice], 'Are you back?', world);
    },
  },
  {
    sentence: 'Bob archives it: it is read and no longer written; then he deletes it, and it is nowhere',
    ids: ['R2', 'C3', 'D5'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, box, people, carol } = world;
      await bob.sdk.bubbles.archiveBubble(await bubbleOf(bob, world));
      await alice.event('bubbleownaffiliationchanged', (event) => event.status === 'unsubscribed');
      assert.ok((await history(alice, world)).includes('Are you back?'));
      alice.forget();
      const session = await signIn(box, people.bob);
      assert.equal((await session.call('DELETE', `/api/rainbow/enduser/v1.0/rooms/${world.bubble.id}`)).status, 200);
      const path = `/api/rainbow/enduser/v1.0/rooms/${world.bubble.id}`;
      for (const who of [people.alice, people.bob]) assert.equal((await (await signIn(box, who)).call('GET', path)).status, 404);
      await carol.stop();
    },
  },
];
