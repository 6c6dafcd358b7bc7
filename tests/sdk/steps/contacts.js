'use strict';
const assert = require('node:assert/strict');

module.exports = [
  {
    sentence: 'Alice finds her colleague Bob in her network without inviting him',
    ids: ['B6'],
    async run({ alice, bob }) {
      const bobs = alice.sdk.contacts.getAll().filter((contact) => contact.loginEmail === bob.email);
      assert.equal(bobs.length, 1, 'Bob is among the contacts that the SDK loaded by itself');
      assert.equal(bobs[0].displayName, `${bob.firstName} ${bob.lastName}`);
      const contact = await alice.sdk.contacts.getContactByLoginEmail(bob.email, true);
      assert.equal(contact.id, bobs[0].id);
    },
  },
  {
    sentence: 'a person of a private company is in nobody else\'s network and is not found by e-mail',
    ids: ['B1', 'B3'],
    async run({ alice, people }) {
      const all = alice.sdk.contacts.getAll();
      assert.ok(all.every((contact) => contact.loginEmail !== people.outsider.email));
      const found = await alice.sdk.contacts.getContactByLoginEmail(people.outsider.email, true).catch(() => null);
      assert.equal(found, null);
    },
  },
];
