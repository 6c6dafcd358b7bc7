'use strict';
const assert = require('node:assert/strict');
const { bubbleWith, idOf } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

const path = (session, more = '') => `/api/rainbow/enduser/v1.0/users/${session.user.id}/favorites${more}`;

async function overRest(box, people) {
  const session = await signIn(box, people.alice);
  const { body } = await session.call('GET', path(session));
  return body.data.sort((a, b) => a.position - b.position).map((favorite) => favorite.peerId);
}

module.exports = [
  {
    sentence: 'Bob is a favourite of Alice\'s at every sign-in; one made elsewhere her SDK hears',
    ids: ['B6'],
    async run({ alice, bob, box, people }) {
      alice.forget();
      await alice.sdk.favorites.createFavorite(idOf(bob), 'user');
      assert.deepEqual(await overRest(box, people), [idOf(bob)]);
      const session = await signIn(box, people.alice);
      const carols = (await signIn(box, people.carol)).user.id;
      assert.equal((await session.call('POST', path(session), { peerId: carols, type: 'user' })).status, 200);
      await alice.event('favoritecreated', (event) => event.peerId === carols || !event.peerId);
      const all = await alice.sdk.favorites.fetchAllFavorites();
      assert.deepEqual(all.map((favorite) => favorite.peerId).sort(), [idOf(bob), carols].sort());
      assert.equal((await alice.sdk.favorites.getFavorite(carols)).peerId, carols);
    },
  },
  {
    sentence: 'a favourite is looked up by its id and by whom it is, and is moved to another place',
    ids: ['B6'],
    async run({ alice, bob, box, people }) {
      const one = await alice.sdk.favorites.getFavorite(idOf(bob));
      assert.equal((await alice.sdk.favorites.getFavoriteById(one.id)).peerId, idOf(bob));
      const checked = await alice.sdk.favorites.checkIsPeerSettedAsFavorite(idOf(bob));
      assert.match(JSON.stringify(checked), /true/);
      const listed = await alice.sdk.favorites.getAllUserFavoriteList(idOf(bob));
      assert.ok(JSON.stringify(listed).includes(one.id));
      const before = await overRest(box, people);
      await alice.sdk.favorites.moveFavoriteToPosition((await alice.sdk.favorites.getFavorite(before[1])).id, 0);
      assert.deepEqual(await overRest(box, people), [before[1], before[0]]);
    },
  },
  {
    sentence: 'a bubble is a favourite beside people, as long as one sees it',
    ids: ['C3'],
    limit_s: 60,
    async run({ alice, box, people }) {
      const bubble = await bubbleWith(alice, [], 'A favourite one');
      alice.forget();
      await alice.sdk.favorites.createFavorite(bubble.id, 'bubble');
      await alice.event('favoritecreated', (event) => event.type === 'room' && event.peerId === bubble.id);
      assert.equal((await overRest(box, people)).pop(), bubble.id);
      assert.match(JSON.stringify(await alice.sdk.favorites.checkIsPeerSettedAsFavorite(bubble.id)), /true/);
      await alice.sdk.bubbles.deleteBubble(bubble);
      assert.ok(!(await overRest(box, people)).includes(bubble.id));
    },
  },
  {
    sentence: 'a favourite that is taken off is one nowhere',
    ids: ['B6'],
    async run({ alice, bob, box, people }) {
      for (const peer of await overRest(box, people)) {
        await alice.sdk.favorites.deleteFavorite((await alice.sdk.favorites.getFavorite(peer)).id);
      }
      assert.deepEqual(await overRest(box, people), []);
      assert.match(JSON.stringify(await alice.sdk.favorites.checkIsPeerSettedAsFavorite(idOf(bob))), /false/);
    },
  },
];
