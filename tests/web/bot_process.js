'use strict';
// What a bot does when it is asked over the channel to the suite. Started by bot.js.

const path = require('node:path');
const { Person } = require('../sdk/person.js');
const { signIn } = require('../sdk/web.js');
const { resolve } = require('./names.js');
const { Raw } = require('./raw.js');

const SDK = path.join(__dirname, '../sdk/sdk-246/node_modules/rainbow-node-sdk');
const box = JSON.parse(process.env.BOX);
if (box.address) resolve(box.name, box.address);
let me;

const conversationWith = (other) => me.conversationWith(other);

/** As an invitation or the box told it. */
const bubbleOf = (name) => me.sdk.bubbles.getAll().find((bubble) => bubble.name === name);

const ACTS = {
  async start(person) {
    me = new Person(SDK, box, person);
    await me.start();
  },
  async send(other, text) {
    return (await me.send(other, text)).id;
  },
  event: (name, fields) => me.event(name, (event) => Object.entries(fields).every(([key, value]) => event[key] === value), 40_000),
  forget: () => me.forget(),
  async typing(other, isTyping) {
    await me.sdk.im.sendIsTypingStateInConversation(await conversationWith(other), isTyping);
  },
  async correct(other, text, id) {
    await me.sdk.conversations.sendCorrectedChatMessage(await conversationWith(other), text, id);
  },
  async remove(other, id) {
    await me.sdk.conversations.deleteMessage(await conversationWith(other), id);
  },
  async join(name) {
    await me.event('bubbleinvitationreceived');
    await me.sdk.bubbles.acceptInvitationToJoinBubble(bubbleOf(name));
    await me.event('bubbleownaffiliationchanged', (event) => event.status === 'accepted');
    await me.event('bubblepresencechanged');
  },
  async say(name, text) {
    const conversation = await me.sdk.conversations.openConversationForBubble(bubbleOf(name));
    return (await me.sdk.im.sendMessageToConversation(conversation, text, 'en', null, undefined)).id;
  },
  async sendFile(other, file, text) {
    await me.sdk.fileStorage.uploadFileToConversation(await conversationWith(other), file, text);
  },
  async typingIn(name, isTyping) {
    await me.sdk.im.sendIsTypingStateInBubble(bubbleOf(name), isTyping);
  },
  async presence(level) {
    await me.sdk.presence.setPresenceTo(level);
  },
  /** `count` messages, written by the two in turns of a hundred; `text` has `#` where the number of the message stands. */
  async seed(one, other, count, text) {
    const ends = await Promise.all([one, other].map(async (person) => ({ raw: await Raw.open(box, person), jid: (await signIn(box, person)).user.jid_im })));
    const numbers = Array.from({ length: count }, (_, at) => at + 1);
    for (let at = 0; at < count; at += 100) {
      const [from, to] = (at / 100) % 2 === 0 ? ends : [...ends].reverse();
      await from.raw.send(to.jid, numbers.slice(at, at + 100).map((number) => text.replaceAll('#', String(number))));
    }
    await Promise.all(ends.map((end) => end.raw.close()));
  },
  async tellIn(person, jid, texts) {
    const raw = await Raw.open(box, person);
    await raw.enter(jid);
    await raw.send(jid, texts);
    await raw.close();
  },
  async tell(person, other, texts) {
    const raw = await Raw.open(box, person);
    await raw.send((await signIn(box, other)).user.jid_im, texts);
    await raw.close();
  },
  stop: () => me?.stop(),
};

process.on('message', async ({ id, act, words }) => {
  try {
    const value = await ACTS[act](...words);
    process.send({ id, value: value && JSON.parse(JSON.stringify(value)) });
  } catch (error) {
    process.send({ id, error: error?.stack ?? JSON.stringify(error) ?? 'failed without a reason' });
  }
});
process.on('disconnect', () => process.exit(0));
