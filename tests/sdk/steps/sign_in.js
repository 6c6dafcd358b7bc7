'use strict';
const assert = require('node:assert/strict');

module.exports = [
  {
    sentence: 'Alice signs in with a registered application, Bob without one, and both get ready',
    ids: ['A1', 'A11'],
    limit_s: 60,
    decisive: true,
    async run({ alice, bob, remember }) {
      assert.ok(alice.application.appID && alice.application.appSecret, '`application add` printed an id and a secret');
      await Promise.all([alice.start(), bob.start()]);
      remember(alice);
      remember(bob);
      assert.equal(alice.sdk.connectedUser.loginEmail, alice.email);
    },
  },
  {
    sentence: 'a wrong password is refused with code 401',
    ids: ['A1'],
    async run({ people, person }) {
      const intruder = person({ ...people.bob, password: 'Not-bobs-password-9!' });
      await assert.rejects(intruder.start(), (error) => error.code === 401);
    },
  },
  {
    sentence: 'a wrong application secret is refused although the password is right',
    ids: ['A11'],
    async run({ alice, people, person }) {
      const bot = person(people.bob, { appID: alice.application.appID, appSecret: 'not-the-secret-of-it' });
      await assert.rejects(bot.start(), (error) => error.code >= 400 && error.code < 500);
    },
  },
];
