'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { archived, bubbleWith, contactOf, idOf, jidOf, overRest, say, seenBy, until } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

/** One red point. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');

module.exports = [
  {
    sentence: 'what Alice changes of her bubble Bob hears and reads: all at once, description, custom data, who comes in',
    ids: ['C3', 'R2'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, box, people, open } = world;
      bob.forget();
      await alice.sdk.bubbles.updateBubbleData(open.id, 'public', 'On the quay', 'Listed, wide open', undefined, 'lock');
      await bob.event('bubblenamechanged');
      const read = async () => (await overRest(box, people.bob, open)).body.data;
      const { name, topic, visibility, autoRegister } = await read();
      assert.deepEqual({ name, topic, visibility, autoRegister }, { name: 'Listed, wide open', topic: 'On the quay', visibility: 'public', autoRegister: 'lock' });
      await alice.sdk.bubbles.setBubbleAutoRegister(open, 'unlock');
      assert.equal((await read()).autoRegister, 'unlock');
      await alice.sdk.bubbles.updateDescriptionForBubble(open, 'Behind the quay');
      assert.equal((await seenBy(bob, open)).topic, 'Behind the quay');
      await alice.sdk.bubbles.updateCustomDataForBubble({ berth: 7 }, open);
      assert.deepEqual((await read()).customData, { berth: 7 });
      await alice.sdk.bubbles.deleteCustomDataForBubble(open);
      assert.deepEqual((await read()).customData, {});
      await assert.rejects(bob.sdk.bubbles.updateBubbleData(open.id, undefined, 'Mine'), (error) => error.code === 403);
    },
  },
  {
    sentence: 'a member becomes a co-organizer and a member again, as everybody reads',
    ids: ['R2'],
    limit_s: 60,
    async run({ alice, bob, box, people, open }) {
      const privilege = async () => (await overRest(box, people.bob, open)).body.data.users.find((user) => user.userId === idOf(bob)).privilege;
      await alice.sdk.bubbles.promoteContactInBubble(await contactOf(alice, bob), await seenBy(alice, open), true);
      assert.equal(await privilege(), 'moderator');
      bob.forget();
      await alice.sdk.bubbles.demoteContactFromModerator(await contactOf(alice, bob), await seenBy(alice, open));
      await bob.event('bubbleprivilegechanged');
      assert.equal(await privilege(), 'user');
    },
  },
  {
    sentence: 'a picture of a bubble is shown to who is in it, and taken off',
    ids: ['C3'],
    limit_s: 60,
    async run({ alice, bob, box, people, open }) {
      const file = path.join(box.folder, 'point.png');
      fs.writeFileSync(file, PICTURE);
      bob.forget();
      await alice.sdk.bubbles.updateAvatarForBubble(file, await seenBy(alice, open));
      await bob.event('bubbleavatarchanged');
      assert.ok((await overRest(box, people.bob, open)).body.data.lastAvatarUpdateDate);
      const address = new URL((await seenBy(bob, open)).avatar);
      const session = await signIn(box, people.bob);
      const picture = await session.call('GET', `${address.pathname}${address.search}`);
      assert.ok(picture.status === 200 && /PNG|JFIF/.test(picture.body), String(picture.body).slice(0, 40));
      assert.equal((await (await signIn(box, people.carol)).call('GET', address.pathname)).status, 404);
      await alice.sdk.bubbles.deleteAvatarFromBubble(open);
      assert.equal((await overRest(box, people.bob, open)).body.data.lastAvatarUpdateDate, null);
    },
  },
  {
    sentence: 'all that was said is deleted for one, then for everybody, by the SDK and by REST',
    ids: ['C8', 'D5'],
    limit_s: 90,
    async run({ alice, bob, box, people, open }) {
      const held = async (sent) => Promise.all([people.alice, people.bob].map(async (person) => (await archived(box, person, open.jid, 'room', sent.id)) !== ''));
      const out = await say(alice, open, [bob], 'The tide is out');
      bob.forget();
      await bob.sdk.conversations.openConversationForBubble(await seenBy(bob, open));
      await bob.sdk.bubbles.deleteAllMessagesInBubble(await seenBy(bob, open), jidOf(bob));
      await bob.event('allmessagedremovedfromconversationreceived');
      assert.deepEqual(await held(out), [true, false]);
      // The SDK hears no refusal of this request, so nobody waits for its answer.
      bob.sdk.bubbles.deleteAllMessagesInBubble(await seenBy(bob, open)).catch(() => undefined);
      const turns = await say(bob, open, [alice], 'The tide turns');
      assert.deepEqual([await held(out), await held(turns)], [[true, false], [true, true]], 'a member deletes nothing of others');
      bob.forget();
      await alice.sdk.bubbles.deleteAllMessagesInBubble(await seenBy(alice, open));
      await bob.event('allmessagedremovedfromconversationreceived');
      assert.deepEqual([await held(out), await held(turns)], [[false, false], [false, false]]);
      if (!alice.sdk.bubbles.clearRoomContent) return;
      const again = await say(bob, open, [alice], 'And out again');
      await assert.rejects(bob.sdk.bubbles.clearRoomContent(open.id, {}), (error) => error.code === 403);
      await alice.sdk.bubbles.clearRoomContent(open.id, {});
      assert.deepEqual(await held(again), [false, false]);
    },
  },
  {
    sentence: 'a bubble is closed, closed and deleted, and all of one\'s own go at once',
    ids: ['D5', 'C3'],
    limit_s: 120,
    async run({ alice, bob, box, people, open, over }) {
      const status = async (bubble) => (await overRest(box, people.bob, bubble)).status;
      await alice.sdk.bubbles.closeBubble(await seenBy(alice, open));
      const { body } = await overRest(box, people.alice, open);
      assert.ok(body.data.users.every((user) => user.status === 'unsubscribed'), JSON.stringify(body.data.users));
      await alice.sdk.bubbles.closeAndDeleteBubble(await seenBy(alice, open));
      assert.equal(await status(open), 404);
      await alice.sdk.bubbles.deleteBubble(over);
      const some = [await bubbleWith(bob, [alice], 'Bob\'s first'), await bubbleWith(bob, [], 'Bob\'s second')];
      await bob.sdk.bubbles.deleteAllBubbles();
      for (const bubble of some) await until('it is gone', async () => (await status(bubble)) === 404);
      const last = await bubbleWith(bob, [alice], 'Bob\'s last');
      await bob.sdk.bubbles.closeAnddeleteAllBubbles();
      await until('it is gone', async () => (await status(last)) === 404);
    },
  },
];
