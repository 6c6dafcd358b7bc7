'use strict';
// Bubbles for steps that need one of their own.

const assert = require('node:assert/strict');
const { otherSignIn: signIn } = require('./web.js');

const ROOMS = '/api/rainbow/enduser/v1.0/rooms';

const idOf = (who) => who.sdk._core._rest.loggedInUser.id;
const jidOf = (who) => who.sdk._core._rest.loggedInUser.jid_im;

async function contactOf(who, other) {
  const contact = await who.sdk.contacts.getContactByLoginEmail(other.email);
  assert.ok(contact, `${who.firstName} does not find ${other.email}`);
  return contact;
}

/** A bubble of the organizer's with these people in it, who have all entered it. */
async function bubbleWith(organizer, others, name, history = 'all') {
  [organizer, ...others].forEach((who) => who.forget());
  const bubble = await organizer.sdk.bubbles.createBubble(name, `About ${name}`, history);
  const inIt = (event) => event.id === bubble.id || event.jid === bubble.jid || !event.id;
  await organizer.event('bubblepresencechanged', inIt);
  for (const other of others) {
    await organizer.sdk.bubbles.inviteContactToBubble(await contactOf(organizer, other), bubble, false, false, 'Come in');
    await other.event('bubblepresencechanged', inIt);
  }
  return organizer.sdk.bubbles.getBubbleById(bubble.id, true);
}

/** The same bubble as somebody else's SDK reads it now. */
const seenBy = (who, bubble) => who.sdk.bubbles.getBubbleById(bubble.id, true);

/** What the box says of a bubble to a sign-in of its own: another door than any SDK. */
async function overRest(box, person, bubble) {
  const session = await signIn(box, person);
  return session.call('GET', `${ROOMS}/${bubble.id}`);
}

/** Says something in a bubble and waits until everybody of `heard` has it. */
async function say(speaker, bubble, heard, text) {
  const sent = await speaker.sdk.im.sendMessageToBubble(text, await seenBy(speaker, bubble), 'en');
  for (const who of heard) await who.event('messagereceived', (event) => event.id === sent.id && event.content === text);
  return sent;
}

/** What the archive holds for somebody: the texts, oldest first, read anew. */
async function texts(who, conversation) {
  conversation.reset?.();
  await who.sdk.im.getMessagesFromConversation(conversation, 50);
  return [...conversation.messages].sort((a, b) => a.date - b.date).map((message) => message.content).filter(Boolean);
}

/**
 * What the archive holds under an id, nothing where it is not there or not for this person, as another sign-in of the same person reads it. The SDK's own reading of an empty history
 * never ends.
 */
async function archived(box, person, peer, type, msgId) {
  const session = await signIn(box, person);
  const asked = { ims: [{ peer, msgId, type }] };
  const { body } = await session.call('POST', `/api/rainbow/enduser/v1.0/users/${session.user.id}/ims`, asked);
  return body.data.map((found) => found.xml ?? '').join('');
}

/** Waits until something is so; what it is so far is told when it never is. */
async function until(what, look, limit_ms = 45_000) {
  const end = Date.now() + limit_ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`never so: ${what}; last: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

module.exports = { ROOMS, archived, bubbleWith, contactOf, idOf, jidOf, overRest, say, seenBy, texts, until };
