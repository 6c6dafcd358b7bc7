'use strict';
const assert = require('node:assert/strict');
const { ROOMS, bubbleWith, overRest, seenBy } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

/** Alice's folders as a sign-in of its own reads them. */
async function folders(box, people) {
  const session = await signIn(box, people.alice);
  const { body } = await session.call('GET', `${ROOMS}/containers`);
  return body.data.map(({ name, description, rooms }) => ({ name, description, rooms: [...rooms].sort() }));
}

module.exports = [
  {
    sentence: 'Alice puts a bubble into a folder; it is there for all her sign-ins and for nobody else',
    ids: ['C3'],
    limit_s: 60,
    async run(world) {
      const { alice, bob, box, people } = world;
      world.shelf = [await bubbleWith(alice, [bob], 'First on the shelf'), await bubbleWith(alice, [], 'Second on the shelf')];
      alice.forget();
      world.folder = await alice.sdk.bubbles.createBubbleContainer('My first Shelf', 'For reading', [world.shelf[0].id]);
      await alice.event('bubblescontainercreated', (event) => event.containerId === world.folder.id);
      assert.deepEqual(await folders(box, people), [{ name: 'My first Shelf', description: 'For reading', rooms: [world.shelf[0].id] }]);
      const { containerId, containerName } = (await overRest(box, people.alice, world.shelf[0])).body.data;
      assert.deepEqual({ containerId, containerName }, { containerId: world.folder.id, containerName: 'My first Shelf' });
      assert.equal((await overRest(box, people.bob, world.shelf[0])).body.data.containerId, null);
      const bobs = await signIn(box, people.bob);
      assert.equal((await bobs.call('GET', `${ROOMS}/containers/${world.folder.id}`)).status, 404);
    },
  },
  {
    sentence: 'a folder is found by the beginning of a word and by its id',
    ids: ['C3'],
    async run({ alice, folder, shelf }) {
      const found = async (name) => (await alice.sdk.bubbles.getAllBubblesContainers(name)).map((one) => one.id);
      assert.deepEqual([await found('shel'), await found('helf'), await found(null)], [[folder.id], [], [folder.id]]);
      assert.deepEqual((await alice.sdk.bubbles.getABubblesContainersById(folder.id)).rooms, [shelf[0].id]);
    },
  },
  {
    sentence: 'bubbles come into it and go out, and it gets another name; what another sign-in does is heard',
    ids: ['C3'],
    limit_s: 60,
    async run({ alice, box, people, folder, shelf }) {
      const ids = shelf.map((bubble) => bubble.id).sort();
      alice.forget();
      await alice.sdk.bubbles.addBubblesToContainerById(folder.id, [shelf[1].id]);
      await alice.event('bubblescontainerupdated');
      assert.deepEqual((await folders(box, people))[0].rooms, ids);
      await alice.sdk.bubbles.removeBubblesFromContainer(folder.id, [shelf[0].id]);
      assert.deepEqual((await folders(box, people))[0].rooms, [shelf[1].id]);
      await alice.sdk.bubbles.updateBubbleContainerNameAndDescriptionById(folder.id, 'Shelf 2', 'For later');
      assert.deepEqual(await folders(box, people), [{ name: 'Shelf 2', description: 'For later', rooms: [shelf[1].id] }]);
      alice.forget();
      const session = await signIn(box, people.alice);
      assert.equal((await session.call('PUT', `${ROOMS}/containers/${folder.id}/add`, { rooms: [shelf[0].id] })).status, 200);
      await alice.event('bubblescontainerupdated', (event) => event.containerName === 'Shelf 2');
      assert.equal((await seenBy(alice, shelf[0])).containerName, 'Shelf 2');
    },
  },
  {
    sentence: 'nobody puts what he does not see into a folder',
    ids: ['C3', 'B1'],
    async run({ bob, shelf }) {
      const made = await bob.sdk.bubbles.createBubbleContainer('Mine', '', [shelf[0].id]);
      await assert.rejects(bob.sdk.bubbles.addBubblesToContainerById(made.id, [shelf[1].id]), (error) => error.code === 404);
      await bob.sdk.bubbles.deleteBubbleContainer(made.id);
    },
  },
  {
    sentence: 'the folder goes, and its bubbles stay',
    ids: ['C3'],
    limit_s: 60,
    async run({ alice, box, people, folder, shelf }) {
      alice.forget();
      await alice.sdk.bubbles.deleteBubbleContainer(folder.id);
      await alice.event('bubblescontainerdeleted');
      assert.deepEqual(await folders(box, people), []);
      const { status, body } = await overRest(box, people.alice, shelf[0]);
      assert.deepEqual([status, body.data.containerId], [200, null]);
      for (const bubble of shelf) await alice.sdk.bubbles.deleteBubble(bubble);
    },
  },
];
