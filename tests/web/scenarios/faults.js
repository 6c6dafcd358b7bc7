'use strict';
// The box goes away and comes back, and so does the network, while people go on writing.

const { setTimeout: pause } = require('node:timers/promises');
const people = require('../people.js');
const chat = require('../acts/chat.js');
const { signIn } = require('../acts/sign_in.js');
const { like, words } = require('../strings.js');
const { UNREACHABLE } = require('../watch.js');

const { fred, gina } = people;
const at = {};
/** Everything that Fred wrote to Gina, in order. */
const written = [];
const BACK_LIMIT_MS = 60_000;

async function say(text) {
  await chat.write(at.fred, gina, text);
  written.push(text);
}

/** Both show every message once, in the order in which it was written, and nothing waits any more. */
async function nothingLostOrDoubled() {
  const last = written.at(-1);
  await chat.message(at.gina.page, last).waitFor({ timeout: BACK_LIMIT_MS });
  await chat.status(at.fred, last, 'read');
  for (const seat of [at.fred, at.gina]) await chat.shows(seat, '»', written);
}

const signOf = (page) => page.getByText(like('connection_lost')).or(page.getByText(words('connection_opening'), { exact: true })).first();

async function saysThatItIsCut(seat) {
  await signOf(seat.page).waitFor({ timeout: BACK_LIMIT_MS });
}

async function saysNothingAnyMore(seat) {
  await signOf(seat.page).waitFor({ state: 'hidden', timeout: BACK_LIMIT_MS });
}

const everybody = () => [at.fred, at.gina];
const expectTrouble = (...seats) => seats.forEach((seat) => seat.watch.expect(...UNREACHABLE));

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'Fred and Gina talk, each over a way that can be cut',
      ids: ['C1'],
      decisive: true,
      async run(world) {
        [at.fred, at.gina] = await Promise.all([world.browser.seat('fred', { way: true }), world.browser.seat('gina', { way: true })]);
        await Promise.all([signIn(at.fred, fred), signIn(at.gina, gina)]);
        await Promise.all([chat.open(world, at.fred, gina), chat.open(world, at.gina, fred)]);
        await say('» 0 before anything happens');
        await nothingLostOrDoubled();
      },
    },
    {
      sentence: 'the server restarts, what is typed meanwhile waits and says so, and arrives once and in order when it is back',
      ids: ['C1', 'D3'],
      limit_s: 120,
      async run({ box }) {
        expectTrouble(...everybody());
        await box.stop();
        for (const number of [1, 2, 3]) await say(`» ${number} while the box is away`);
        await chat.message(at.fred.page, '» 3').getByText(words('chat_status_pending'), { exact: true }).waitFor({ state: 'attached' });
        await Promise.all(everybody().map(saysThatItIsCut));
        await box.start();
        await Promise.all(everybody().map(saysNothingAnyMore));
        await nothingLostOrDoubled();
      },
    },
    {
      sentence: 'the network is cut under one of them, for a moment and for longer, and nothing is lost or doubled',
      ids: ['C1'],
      limit_s: 120,
      async run({ chance, options }) {
        expectTrouble(at.fred);
        for (let round = 0; round < (options.full ? 15 : 3); round += 1) {
          const text = `» cut (${round})`;
          await say(text);
          at.fred.way.cut();
          await say(`${text} in the dark`);
          await pause(chance.below(1500));
          at.fred.way.open();
        }
        at.fred.way.cut();
        await saysThatItIsCut(at.fred);
        await say('» cut for longer');
        at.fred.way.open();
        await saysNothingAnyMore(at.fred);
        await nothingLostOrDoubled();
      },
    },
    {
      sentence: 'the network swallows everything without a word: the browser notices by itself, says so, and catches up',
      ids: ['C1'],
      limit_s: 120,
      async run() {
        expectTrouble(...everybody());
        at.gina.way.hang();
        at.fred.way.forget();
        await say('» hang while Gina hears nothing');
        await say('» hang into nowhere');
        await saysThatItIsCut(at.gina);
        at.gina.way.open();
        await saysNothingAnyMore(at.gina);
        await nothingLostOrDoubled();
      },
    },
    {
      sentence: 'a tab that is reloaded with messages still waiting sends them then',
      ids: ['C1'],
      limit_s: 90,
      async run(world) {
        expectTrouble(at.fred);
        at.fred.way.cut();
        await say('» reload waits');
        at.fred.way.open();
        await at.fred.page.reload();
        await chat.field(at.fred.page, gina.displayName).waitFor();
        await nothingLostOrDoubled();
      },
    },
  ],
};
