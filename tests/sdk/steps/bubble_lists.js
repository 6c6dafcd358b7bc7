'use strict';
const assert = require('node:assert/strict');
const { ROOMS, bubbleWith, contactOf, idOf, overRest, seenBy, until } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

const names = (bubbles) => bubbles.map((bubble) => bubble.name).sort();

module.exports = [
  {
    sentence: 'the lists of bubbles hold what others made, changed and ended',
    ids: ['C3'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, box, people } = world;
      world.open = await bubbleWith(alice, [bob], 'Listed, open');
      world.over = await bubbleWith(alice, [bob], 'Listed, over');
      bob.forget();
      const asked = await alice.sdk.bubbles.createBubble('Listed, asked', 'A question', 'none');
      await alice.sdk.bubbles.inviteContactToBubble(await contactOf(alice, bob), asked, false, true, 'Please');
      await bob.event('bubbleinvitationreceived');
      const session = await signIn(box, people.alice);
      assert.equal((await session.call('PUT', `${ROOMS}/${world.over.id}/archive`, {})).status, 200);
      await bob.event('bubbleownaffiliationchanged', (event) => event.status === 'unsubscribed');
      const mine = (bubbles) => names(bubbles).filter((name) => name.startsWith('Listed'));
      await until('Bob\'s lists', () => mine(bob.sdk.bubbles.getAllClosedBubbles()).length === 1);
      assert.deepEqual(mine(bob.sdk.bubbles.getAllActiveBubbles()), ['Listed, open']);
      assert.deepEqual(mine(bob.sdk.bubbles.getAllClosedBubbles()), ['Listed, over']);
      assert.deepEqual(mine(bob.sdk.bubbles.getAllPendingBubbles()), ['Listed, asked']);
      assert.deepEqual(mine(bob.sdk.bubbles.getAll()), ['Listed, asked', 'Listed, open', 'Listed, over']);
      assert.deepEqual(mine(bob.sdk.bubbles.getAllBubbles()), mine(bob.sdk.bubbles.getAll()));
      assert.deepEqual(mine(bob.sdk.bubbles.getAllOwnedBubbles()), []);
      assert.deepEqual(mine(alice.sdk.bubbles.getAllOwnedBubbles()), ['Listed, asked', 'Listed, open', 'Listed, over']);
      assert.ok(alice.sdk.bubbles.getAllOwnedIdBubbles().includes(world.open.id) && !bob.sdk.bubbles.getAllOwnedIdBubbles().includes(world.open.id));
      assert.equal(bob.sdk.bubbles.getStatusForConnectedUserInBubble(await seenBy(bob, world.open)), 'accepted');
      await bob.sdk.bubbles.declineInvitationToJoinBubble(bob.sdk.bubbles.getAllPendingBubbles().find((one) => one.id === asked.id)).catch((error) => {
        // Who declined sees the bubble no longer, and the SDK reads it once more.
        assert.equal(error.code, 404);
      });
      const { body } = await overRest(box, people.alice, asked);
      assert.equal(body.data.users.find((user) => user.userId === idOf(bob))?.status, 'rejected');
      await alice.sdk.bubbles.deleteBubble(asked);
    },
  },
  {
    sentence: 'bubbles are read by their addresses, by ids, and as far as one sees them',
    ids: ['C3'],
    limit_s: 60,
    async run({ alice, bob, open, over }) {
      const { bubbles } = bob.sdk;
      assert.equal((await bubbles.getBubbleByJid(open.jid, true)).id, open.id);
      const jids = await bubbles.getAllBubblesJidsOfAUserIsMemberOf(undefined, undefined, true, 100, 0);
      assert.ok(JSON.stringify(jids).includes(open.jid) && JSON.stringify(jids).includes(over.jid));
      const visible = JSON.stringify(await bubbles.getAllBubblesVisibleByTheUser('full'));
      assert.ok(visible.includes(open.id) && !visible.includes(over.id));
      const hidden = await alice.sdk.bubbles.createBubble('Not for Bob', 'Hidden', 'none');
      const some = JSON.stringify(await bubbles.getBubblesDataByListOfBubblesIds([open.id, hidden.id], 'full'));
      assert.ok(some.includes(open.id) && !some.includes('Not for Bob'));
      const users = await bubbles.getUsersFromBubble(open);
      const listed = (users.data ?? users).map((user) => user.userId).sort();
      assert.deepEqual(listed, [idOf(alice), idOf(bob)].sort());
      await alice.sdk.bubbles.deleteBubble(hidden);
    },
  },
  {
    sentence: 'what was archived elsewhere is so for the SDK, and the number of one\'s own bubbles is told',
    ids: ['C3'],
    limit_s: 60,
    async run({ alice, box, people, open, over }) {
      assert.equal(await alice.sdk.bubbles.isBubbleArchived(await seenBy(alice, over)), true);
      assert.equal(await alice.sdk.bubbles.isBubbleArchived(await seenBy(alice, open)), false);
      assert.equal(alice.sdk.bubbles.isBubbleClosed(await seenBy(alice, over)), true);
      const archived = await alice.sdk.bubbles.getAllOwnedArchivedBubbles();
      const others = await alice.sdk.bubbles.getAllOwnedNotArchivedBubbles();
      assert.ok(names(archived).includes('Listed, over') && names(others).includes('Listed, open') && !names(others).includes('Listed, over'));
      const before = await alice.sdk.bubbles.getBubblesConsumption();
      const session = await signIn(box, people.alice);
      const { body } = await session.call('POST', ROOMS, { name: 'One more', topic: '', history: 'none' });
      const after = await alice.sdk.bubbles.getBubblesConsumption();
      assert.equal(after.currentValue - before.currentValue, 1);
      assert.ok(after.maxValue > after.currentValue);
      await session.call('DELETE', `${ROOMS}/${body.data.id}`);
    },
  },
  {
    sentence: 'tags are set, found by others in the bubble, and taken off',
    ids: ['C3'],
    limit_s: 60,
    async run({ alice, bob, box, people, open }) {
      await alice.sdk.bubbles.setTagsOnABubble(open, [{ tag: 'harbour', color: 'blue' }, { tag: 'ships' }]);
      assert.deepEqual((await overRest(box, people.bob, open)).body.data.tags, [{ tag: 'harbour', color: 'blue', emoji: null }, 'ships']);
      const found = async (who, tags) => (await who.sdk.bubbles.retrieveAllBubblesByTags(tags)).rooms.map((room) => room.roomId);
      assert.deepEqual([await found(bob, ['harbour']), await found(bob, ['ships', 'nothing']), await found(bob, ['nothing'])], [[open.id], [open.id], []]);
      await assert.rejects(bob.sdk.bubbles.deleteTagOnABubble([open], 'harbour'), (error) => error.code === 403);
      await alice.sdk.bubbles.deleteTagOnABubble([open], 'harbour');
      assert.deepEqual((await overRest(box, people.bob, open)).body.data.tags, ['ships']);
      assert.deepEqual(await found(bob, ['harbour']), []);
    },
  },
];
