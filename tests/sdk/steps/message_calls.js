'use strict';
const assert = require('node:assert/strict');
const { archived, bubbleWith, contactOf, idOf, jidOf, say, seenBy, texts, until } = require('../bubble.js');
const { Person } = require('../person.js');
const { otherSignIn: signIn } = require('../web.js');

/** The whole of a message that somebody got, which the events tell in part. */
async function got(who, id) {
  await who.event('messagereceived', (event) => event.id === id);
  return until(`${who.firstName} holds ${id}`, () => who.sdk.conversations.getAllConversations().flatMap((one) => [...one.messages]).find((one) => one.id === id));
}

module.exports = [
  {
    sentence: 'what one sends in a bubble one\'s own SDK holds too, with the receipts of the box and of the others',
    ids: ['C1'],
    limit_s: 90,
    async run(world) {
      const { alice, bob } = world;
      world.quay = await bubbleWith(alice, [bob], 'Quay');
      alice.forget();
      const conversation = await alice.sdk.conversations.openConversationForBubble(world.quay);
      const sent = await alice.sdk.im.sendMessageToConversation(conversation, 'Mine as well', 'en', null, undefined);
      const same = (event) => event.id === sent.id;
      await alice.event('messageserverreceiptreceived', same);
      await alice.event('messagereceiptreceived', same);
      await alice.event('messagereceiptreadreceived', same);
      await until('Alice holds what she said', () => conversation.getMessageById(sent.id));
      // Of its own words the SDK holds the alternative content, not the text.
      assert.equal((await alice.sdk.im.getMessageFromBubbleById(world.quay, sent.id)).id, sent.id);
    },
  },
  {
    sentence: 'it is corrected and deleted by the SDK without reading the history, and shown so on both sides',
    ids: ['C1', 'C8'],
    limit_s: 90,
    async run({ alice, bob, quay, box, people }) {
      const conversation = await alice.sdk.conversations.openConversationForBubble(quay);
      const sent = await alice.sdk.im.sendMessageToConversation(conversation, 'We sail at nine', 'en', null, undefined);
      await until('Alice holds it', () => conversation.getMessageById(sent.id));
      await got(bob, sent.id);
      bob.forget();
      await alice.sdk.conversations.sendCorrectedChatMessage(conversation, 'We sail at ten', sent.id);
      await bob.event('messagereceived', (event) => event.id === sent.id && event.content === 'We sail at ten');
      await until('Alice sees her correction', () => conversation.getMessageById(sent.id).content === 'We sail at ten');
      assert.match(await archived(box, people.bob, quay.jid, 'room', sent.id), /We sail at ten/);
      await alice.sdk.conversations.deleteMessage(conversation, sent.id);
      await bob.event('messagereceived', (event) => event.id === sent.id && !event.content);
      await until('Alice sees it deleted', () => !conversation.getMessageById(sent.id).content);
      assert.doesNotMatch(await archived(box, people.bob, quay.jid, 'room', sent.id), /We sail/);
    },
  },
  {
    sentence: 'markdown, a subject and urgency reach the other and the archive, whatever way one sends',
    ids: ['C1'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, box, people, quay } = world;
      const markdown = { type: 'text/markdown', message: '**now** or _never_' };
      const one = await alice.sdk.im.sendMessageToContact('now or never', await contactOf(alice, bob), 'en', markdown, 'Haste', 'high');
      const message = await got(bob, one.id);
      assert.deepEqual(message.alternativeContent.map(({ type, message: text, content }) => [type, text ?? content]), [['text/markdown', '**now** or _never_']]);
      assert.deepEqual([message.urgency, message.subject], ['high', 'Haste']);
      const kept = await archived(box, people.bob, jidOf(alice), 'user', one.id);
      assert.match(kept, /\*\*now\*\* or _never_/);
      assert.match(kept, /Urgency/);
      const two = await alice.sdk.im.sendMessageToJid('By address', jidOf(bob), 'en', null, undefined, 'middle');
      assert.equal((await got(bob, two.id)).urgency, 'middle');
      const three = await alice.sdk.im.sendMessageToBubble('To all of you', quay, 'en', markdown, 'News', [jidOf(bob)], 'low');
      const inBubble = await got(bob, three.id);
      assert.equal(inBubble.urgency, 'low');
      // The SDK sends no place of a mention, and shows none without one.
      const mentioned = await archived(box, people.bob, quay.jid, 'room', three.id);
      assert.ok(mentioned.includes('urn:xmpp:attention:0') && mentioned.includes(jidOf(bob)), mentioned);
      const four = await alice.sdk.im.sendMessageToBubbleJid('By its address', quay.jid, 'en', null, undefined);
      assert.equal((await got(bob, four.id)).content, 'By its address');
      Object.assign(world, { urgent: message, urgentId: one.id });
    },
  },
  {
    sentence: 'an answer names what it answers, between two and in a bubble; an urgent message is acknowledged, or ignored',
    ids: ['C1'],
    limit_s: 90,
    async run({ alice, bob, quay, urgent, urgentId }) {
      const answer = await bob.sdk.im.sendMessageToJidAnswer('Now', jidOf(alice), 'en', null, undefined, urgent);
      assert.equal((await got(alice, answer.id)).answeredMsgId, urgentId);
      alice.forget();
      await bob.sdk.im.sendMessageToJidAcknowledged(urgent, 'EN', 'Seen');
      const { id } = await alice.event('messagereceived', (event) => event.content === 'Seen');
      assert.equal((await got(alice, id)).answeredMsgId, urgentId);
      await bob.sdk.im.sendMessageToJidIgnored(urgent, 'EN', 'Later');
      await alice.event('messagereceived', (event) => event.content === 'Later');
      const asked = await alice.sdk.im.sendMessageToBubble('Who comes?', quay, 'en');
      const question = await got(bob, asked.id);
      const reply = await bob.sdk.im.sendMessageToBubbleJidAnswer('I do', quay.jid, 'en', null, undefined, question);
      assert.equal((await got(alice, reply.id)).answeredMsgId, asked.id);
    },
  },
  {
    sentence: 'a message is passed on to somebody else, who sees that it was',
    ids: ['C1'],
    limit_s: 60,
    async run({ alice, bob, quay, box, people }) {
      if (!alice.sdk.im.sendForwardMessageToJid) return;
      const original = await alice.sdk.im.sendMessageToConversation(await alice.conversationWith(bob), 'The original', 'en', null, undefined);
      const sent = await alice.sdk.im.sendForwardMessageToJid(quay.jid, { ...original, from: jidOf(alice), to: jidOf(bob), content: 'The original', lang: 'en' });
      const message = await got(bob, sent.id);
      assert.equal(message.isForwarded, true);
      assert.match(await archived(box, people.bob, quay.jid, 'room', sent.id), /urn:xmpp:forward:0/);
    },
  },
  {
    sentence: 'messages of applications reach theirs on the other side, and wait for who is away',
    ids: ['C1', 'C10'],
    limit_s: 90,
    async run({ alice, bob, quay, people, person }) {
      const loaded = require(`${alice.package}/../@xmpp/xml`);
      const xml = loaded.xml ?? loaded;
      bob.forget();
      await alice.sdk.im.sendApplicationMessageContactJid(jidOf(bob), xml('berth', {}, '7'));
      await bob.event('rainbowcpaasreceived');
      bob.forget();
      await alice.sdk.im.sendApplicationMessageBubbleJid(quay.jid, xml('berth', {}, '8'));
      await bob.event('rainbowcpaasreceived');
      const carol = person(people.carol);
      await alice.sdk.im.sendApplicationMessageContactJid((await contactOf(alice, carol)).jid_im, xml('berth', {}, '9'));
      await carol.start();
      await carol.event('rainbowcpaasreceived');
      await carol.stop();
    },
  },
  {
    sentence: 'who types in a bubble, or to somebody, is seen to',
    ids: ['C1'],
    async run({ alice, bob, quay }) {
      bob.forget();
      await alice.sdk.im.sendIsTypingStateInBubble(quay, true);
      await bob.event('chatstate', (event) => event.chatstate === 'composing' && event.type === 'groupchat');
      bob.forget();
      await alice.sdk.conversations.sendIsTypingState(await alice.conversationWith(bob), true);
      await bob.event('chatstate', (event) => event.chatstate === 'composing');
    },
  },
  {
    sentence: 'a message is marked as read by hand, and only then',
    ids: ['C1'],
    limit_s: 60,
    async run({ alice, people, person }) {
      const carol = person(people.carol);
      const { options } = Person.prototype;
      carol.options = () => ({ ...options.call(carol), im: { ...options.call(carol).im, sendReadReceipt: false } });
      await carol.start();
      alice.forget();
      const sent = await alice.send(carol, 'Read me when you like');
      const same = (event) => event.id === sent.id;
      const message = await got(carol, sent.id);
      await alice.event('messagereceiptreceived', same);
      assert.ok(!alice.seen.some((event) => event.name === 'messagereceiptreadreceived' && same(event)));
      await carol.sdk.im.markMessageAsRead(message);
      await alice.event('messagereceiptreadreceived', same);
      await carol.stop();
    },
  },
  {
    sentence: 'messages are pinned, read, moved to another message and taken off, at every sign-in',
    ids: ['C1'],
    limit_s: 60,
    async run({ alice, bob, quay, box, people }) {
      const pins = async (kind, peer) => {
        const session = await signIn(box, people.alice);
        const { body } = await session.call('GET', `/api/rainbow/enduser/v1.0/users/${session.user.id}/pins/${kind}/${peer}`);
        return body.data.map((pin) => pin.messageId);
      };
      const [first, second] = [await say(alice, quay, [bob], 'Pin me'), await say(alice, quay, [bob], 'Or me')];
      const pin = await alice.sdk.im.addPinWithPeerId(quay.id, 'rooms', { peerId: quay.id, messageId: first.id, text: 'Pin me' });
      assert.deepEqual(await pins('rooms', quay.id), [first.id]);
      assert.equal((await alice.sdk.im.getPinWithPeerIdById('rooms', quay.id, pin.id)).messageId, first.id);
      await alice.sdk.im.updatePinWithPeerId(quay.id, 'rooms', pin.id, { peerId: quay.id, messageId: second.id, text: 'Or me' });
      const listed = await alice.sdk.im.getAllPinsWithPeerId('rooms', quay.id);
      assert.ok(JSON.stringify(listed).includes(second.id));
      assert.deepEqual(await pins('rooms', quay.id), [second.id]);
      await alice.sdk.im.removefromWithPeerIdAndPinId('rooms', quay.id, pin.id);
      assert.deepEqual([await pins('rooms', quay.id), await pins('users', idOf(bob))], [[], []]);
    },
  },
  {
    sentence: 'one message is looked up by its id, held or in the archive, and the history is loaded whole',
    ids: ['C1'],
    limit_s: 90,
    async run({ alice, bob, quay }) {
      const conversation = await alice.sdk.conversations.openConversationForBubble(await seenBy(alice, quay));
      const sent = await say(bob, quay, [alice], 'Find me again');
      assert.equal((await alice.sdk.im.getMessageFromConversationById(conversation, sent.id)).content, 'Find me again');
      const stamp = String(new Date(conversation.getMessageById(sent.id).date).getTime());
      const all = await texts(alice, conversation);
      conversation.reset?.();
      assert.equal(conversation.getMessageById(sent.id) ?? null, null);
      assert.equal((await alice.sdk.conversations.getOneMessageFromConversationId(conversation.id, sent.id, stamp)).content, 'Find me again');
      const loaded = async (load) => {
        conversation.reset?.();
        await load();
        return [...conversation.messages].sort((a, b) => a.date - b.date).map((message) => message.content).filter(Boolean);
      };
      assert.deepEqual(await loaded(() => alice.sdk.conversations.loadConversationHistory(conversation, 5)), all);
      const told = loaded(async () => {
        alice.forget();
        const completed = alice.event('loadConversationHistoryCompleted');
        alice.sdk.conversations.loadConversationHistoryAsync(conversation, 5);
        await completed;
      });
      assert.deepEqual(await told, all);
      const messages = await alice.sdk.conversations.getContactsMessagesFromConversationId(conversation.id);
      assert.deepEqual(messages.map((message) => message.content).filter(Boolean).sort(), [...all].sort());
      await alice.sdk.bubbles.deleteBubble(await seenBy(alice, quay));
    },
  },
];
