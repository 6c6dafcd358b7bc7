'use strict';
const assert = require('node:assert/strict');

module.exports = [
  {
    sentence: 'Alice signs out, her SDK says that it stopped, and the box ends cleanly',
    ids: [],
    limit_s: 60,
    async run({ alice, box }) {
      const stopped = alice.event('stopped');
      await alice.stop();
      await stopped;
      await box.stop();
    },
  },
  {
    sentence: 'no password, XMPP secret or token of anybody is in the log of the box',
    ids: ['A2'],
    async run({ box, people, secrets }) {
      const log = box.log();
      assert.ok(log.length > 0, 'the box wrote a log');
      const passwords = Object.values(people).map((person) => person.password).filter(Boolean);
      const all = [...passwords, ...secrets];
      assert.ok(secrets.size >= 4 && all.every((secret) => secret.length >= 8), 'there is something to look for');
      const found = all.filter((secret) => log.includes(secret) || log.includes(Buffer.from(secret).toString('base64')));
      assert.deepEqual(found.length, 0);
    },
  },
];
