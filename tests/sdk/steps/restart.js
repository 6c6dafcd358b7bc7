'use strict';
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { signIn } = require('../web.js');
const { sendAndConfirm } = require('./messages.js');

const TOKEN_LIFE_S = 20;

module.exports = [
  {
    sentence: 'the server restarts, and both clients come back by themselves and go on talking',
    ids: [],
    limit_s: 180,
    decisive: true,
    async run({ alice, bob, box }) {
      for (const person of [alice, bob]) person.forget();
      await box.stop();
      await Promise.all([alice, bob].map((person) => person.event('reconnecting')));
      // From here on tokens are short, for the step below; those that are out keep their life.
      box.configure(`[sign_in]\ntoken_life_s = ${TOKEN_LIFE_S}\n`);
      await box.start();
      await Promise.all([alice, bob].map((person) => person.event('ready', () => true, 120_000)));
      await sendAndConfirm(alice, bob, 'Still there?');
      await sendAndConfirm(bob, alice, 'Yes, and so is the history');
    },
  },
  {
    sentence: 'a token of a short life is renewed before its end, and the session goes on beyond the first one\'s end',
    ids: ['A5'],
    limit_s: 90,
    async run({ alice, bob, box, people, person, remember }) {
      await bob.stop();
      const renewed = person(people.bob);
      await renewed.start();
      remember(renewed);
      const first = renewed.secrets.token;
      await pause((TOKEN_LIFE_S + 2) * 1000);
      const second = renewed.secrets.token;
      assert.notEqual(second, first, 'the SDK holds another token');
      remember(renewed);
      assert.equal(await renewed.sdk.contacts.getContactByLoginEmail(alice.email, true).then((contact) => contact.loginEmail), alice.email);
      await sendAndConfirm(alice, renewed, 'After the renewal');
      await assertRefused(box, first);
      await renewed.stop();
    },
  },
];

/** The first token is over by now; the one of a new sign-in is not. */
async function assertRefused(box, token) {
  const { request } = require('../web.js');
  const path = '/api/rainbow/authentication/v1.0/validator';
  const old = await request(box, 'GET', path, { authorization: `Bearer ${token}` });
  assert.equal(old.status, 401);
  const fresh = await signIn(box, require('../people.js').owner);
  assert.equal((await fresh.call('GET', path)).status, 200);
}
