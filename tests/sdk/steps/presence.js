'use strict';

const SEEN_AS = [['dnd', 'dnd'], ['away', 'away'], ['online', 'online']];

module.exports = [
  {
    sentence: 'Bob sees that Alice is busy, then away, then online',
    ids: ['C2'],
    limit_s: 60,
    async run({ alice, bob }) {
      for (const [set, seen] of SEEN_AS) {
        bob.forget();
        await alice.choosePresence(set);
        await bob.event('contactpresencechanged', (event) => event.loginEmail === alice.email && event.presence === seen);
      }
    },
  },
  {
    sentence: 'Bob sees that Alice left, and that she came back',
    ids: ['C2'],
    limit_s: 60,
    async run({ alice, bob }) {
      bob.forget();
      await alice.stop();
      await bob.event('contactpresencechanged', (event) => event.loginEmail === alice.email && event.presence === 'offline');
      bob.forget();
      await alice.start();
      await bob.event('contactpresencechanged', (event) => event.loginEmail === alice.email && event.presence === 'online');
    },
  },
];
