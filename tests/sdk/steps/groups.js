'use strict';
const assert = require('node:assert/strict');
const { contactOf, idOf } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

const path = (session, more = '') => `/api/rainbow/enduser/v1.0/users/${session.user.id}/groups${more}`;

/** Alice's groups as a sign-in of its own reads them. */
async function overRest(box, people) {
  const session = await signIn(box, people.alice);
  return (await session.call('GET', path(session))).body.data;
}

module.exports = [
  {
    sentence: 'Alice makes a group; another sign-in of hers reads it, and what that one makes the SDK hears',
    ids: ['B6'],
    async run({ alice, box, people }) {
      alice.forget();
      await alice.sdk.groups.createGroup('Neighbours', 'Across the hall', false);
      assert.deepEqual((await overRest(box, people)).map(({ name, comment, isFavorite }) => ({ name, comment, isFavorite })), [
        { name: 'Neighbours', comment: 'Across the hall', isFavorite: false },
      ]);
      const session = await signIn(box, people.alice);
      const made = await session.call('POST', path(session), { name: 'Writers', comment: '', isFavorite: true });
      await alice.event('groupcreated', (event) => event.id === made.body.data.id);
      assert.deepEqual(alice.sdk.groups.getAll().map((group) => group.name).sort(), ['Neighbours', 'Writers']);
      assert.equal((await alice.sdk.groups.getGroupById(made.body.data.id, true)).name, 'Writers');
      assert.equal((await alice.sdk.groups.getGroupByName('Writers', true)).id, made.body.data.id);
      assert.deepEqual(alice.sdk.groups.getFavoriteGroups().map((group) => group.name), ['Writers']);
    },
  },
  {
    sentence: 'its name, its comment and its star change for every sign-in',
    ids: ['B6'],
    async run({ alice, box, people }) {
      const group = await alice.sdk.groups.getGroupByName('Neighbours', true);
      await alice.sdk.groups.updateGroupName(group, 'Friends');
      await alice.sdk.groups.updateGroupComment(group, 'Down the road');
      await alice.sdk.groups.setGroupAsFavorite(group);
      const read = async () => {
        const { name, comment, isFavorite } = (await overRest(box, people)).find((one) => one.id === group.id);
        return { name, comment, isFavorite };
      };
      assert.deepEqual(await read(), { name: 'Friends', comment: 'Down the road', isFavorite: true });
      await alice.sdk.groups.unsetGroupAsFavorite(group);
      assert.equal((await read()).isFavorite, false);
    },
  },
  {
    sentence: 'Bob is put into it and taken out again; who puts him in elsewhere is heard',
    ids: ['B6'],
    async run({ alice, bob, box, people }) {
      const group = await alice.sdk.groups.getGroupByName('Friends', true);
      const contact = await contactOf(alice, bob);
      const inIt = async () => (await overRest(box, people)).find((one) => one.id === group.id).usersIds;
      const filled = await alice.sdk.groups.addUserInGroup(contact, group);
      assert.deepEqual(await inIt(), [idOf(bob)]);
      await alice.sdk.groups.removeUserFromGroup(contact, filled);
      assert.deepEqual(await inIt(), []);
      alice.forget();
      const session = await signIn(box, people.alice);
      assert.equal((await session.call('POST', path(session, `/${group.id}/users/${idOf(bob)}`), {})).status, 200);
      await alice.event('useraddedingroup');
      assert.deepEqual((await alice.sdk.groups.getGroupById(group.id, true)).users.map((user) => user.id), [idOf(bob)]);
    },
  },
  {
    sentence: 'a group goes, then all of them; the people stay',
    ids: ['B6'],
    async run({ alice, bob, box, people }) {
      await alice.sdk.groups.deleteGroup(await alice.sdk.groups.getGroupByName('Writers', true));
      assert.deepEqual((await overRest(box, people)).map((group) => group.name), ['Friends']);
      await alice.sdk.groups.createGroup('Third', '', false);
      await alice.sdk.groups.deleteAllGroups();
      assert.deepEqual(await overRest(box, people), []);
      assert.ok(await contactOf(alice, bob));
    },
  },
];
