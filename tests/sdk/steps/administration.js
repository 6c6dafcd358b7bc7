'use strict';
const assert = require('node:assert/strict');
const channel = require('node:diagnostics_channel');
const { signIn } = require('../web.js');

/** Whatever a process asks by HTTP. */
const REQUESTS = 'http.client.request.start';
const NOT_SERVED = 'dial';

module.exports = [
  {
    sentence: 'an account that the administrator disabled cannot sign in, and can again when it is enabled',
    ids: ['A8'],
    limit_s: 90,
    async run({ box, people, person }) {
      const carol = await signIn(box, people.carol);
      const admin = await signIn(box, people.owner);
      const path = `/api/rainbow/admin/v1.0/users/${carol.user.id}`;
      assert.equal((await admin.call('PUT', path, { isActive: false })).status, 200);
      await assert.rejects(person(people.carol).start(), (error) => error.code === 401 || error.code === 403);
      assert.equal((await admin.call('PUT', path, { isActive: true })).status, 200);
      const back = person(people.carol);
      await back.start();
      await back.stop();
    },
  },
  {
    sentence: 'a user who is no administrator cannot disable anybody',
    ids: ['A8'],
    async run({ box, people }) {
      const [alice, carol] = [await signIn(box, people.alice), await signIn(box, people.carol)];
      const answer = await alice.call('PUT', `/api/rainbow/admin/v1.0/users/${carol.user.id}`, { isActive: false });
      assert.ok([403, 404].includes(answer.status), `answered ${answer.status}`);
      await signIn(box, people.carol);
    },
  },
  {
    sentence: 'what Rainbow has and the box does not serve is told to the SDK at once, and it goes on',
    ids: ['J8'],
    limit_s: 20,
    async run({ alice }) {
      const asked = [];
      const note = ({ request }) => request.path.includes(NOT_SERVED) && asked.push(request.path);
      channel.subscribe(REQUESTS, note);
      await assert.rejects(alice.sdk.bubbles.getDialInPhoneNumbersList(true), (error) => {
        assert.equal(error.code, 501);
        assert.match(JSON.stringify(error), /this box does not serve GET .* yet/);
        return true;
      });
      channel.unsubscribe(REQUESTS, note);
      assert.equal(asked.length, 1, `it is asked once, not again and again: ${asked}`);
      assert.ok(await alice.sdk.contacts.getContactByLoginEmail(alice.email, true));
    },
  },
];
