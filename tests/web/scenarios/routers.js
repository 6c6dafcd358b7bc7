'use strict';
// Two at home behind routers, and a box on the street between them: what the test of calls says there, and a call that the box
// relays, in whose middle an address changes. It runs in a network of its own (tests/web/town.js).

const assert = require('node:assert/strict');
const people = require('../people.js');
const call = require('../acts/call.js');
const chat = require('../acts/chat.js');
const { signIn } = require('../acts/sign_in.js');
const { like, words } = require('../strings.js');
const { UNREACHABLE } = require('../watch.js');

const { cleo, dean } = people;
/** Nobody's: relayed addresses are told under it, as by an owner who has entered a wrong one. */
const WRONG = '203.0.113.250';
const AUDIBLE = 0.01;
const MOVING = ({ moved, width }) => width > 0 && moved > 5;
const at = {};

const line = (page, key) => page.getByRole('listitem').filter({ hasText: words(key) });

/** Tests from this seat; `told` is the sentence about all of it, `hops` what is said of each. */
async function test({ page }, told, hops) {
  await page.goto('/#/settings/calls');
  await page.getByRole('button', { name: words('calltest_start'), exact: true }).click();
  await page.getByText(words(told), { exact: true }).waitFor({ timeout: 60_000 });
  for (const [name, grade, why] of hops) {
    await line(page, name).getByText(words(`calltest_${grade}`), { exact: true }).waitFor();
    assert.match(await line(page, name).locator('p').last().innerText(), like(why));
  }
}

/** In the page, before its first script: the connections of its calls can be looked at. */
function keepLines() {
  const lines = [];
  Object.defineProperty(globalThis, '__lines', { value: lines });
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      lines.push(this);
    }
  };
}

/** The kinds of addresses by which the two of a call speak to each other, this side's first. */
const ways = (seat) => seat.page.evaluate(async () => {
  const told = await globalThis.__lines.at(-1).getStats();
  const pair = [...told.values()].find((one) => one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded');
  return [told.get(pair.localCandidateId), told.get(pair.remoteCandidateId)].map((one) => [one.candidateType, one.relayProtocol ?? one.protocol].join(' '));
});

async function seat(world, home, person) {
  const browser = await world.browserAt(home, person.firstName);
  const made = await browser.seat(person.firstName);
  await made.context.addInitScript(keepLines);
  return signIn(made, person);
}

module.exports = {
  box: 'town',
  steps: [
    {
      sentence: 'Cleo is at home behind a symmetric router, Dean behind one that lets no UDP through',
      ids: ['G1'],
      decisive: true,
      async run(world) {
        await world.box.settle([cleo, dean], `[media]\nexternal_addresses = ["${WRONG}", "203.0.113.2"]\n`);
        at.home = await world.town.home('symmetric');
        const blocked = await world.town.home('blocked');
        [at.cleo, at.dean] = await Promise.all([seat(world, at.home, cleo), seat(world, blocked, dean)]);
      },
    },
    {
      sentence: 'the test of calls names the symmetric router, the wrong address of the relay, and UDP that does not pass, each in words',
      ids: ['G1', 'E1'],
      async run() {
        await Promise.all([
          test(at.cleo, 'calltest_all_good', [
            ['calltest_address', 'warn', 'calltest_address_symmetric'],
            ['calltest_udp', 'good', 'calltest_works'],
            ['calltest_relayed', 'warn', 'calltest_relayed_unreached'],
          ]),
          test(at.dean, 'calltest_all_slow', [
            ['calltest_udp', 'bad', 'calltest_udp_blocked'],
            ['calltest_tls', 'good', 'calltest_works'],
          ]),
        ]);
      },
    },
    {
      sentence: 'they call each other, one by UDP and one by TLS to the box, and see and hear the other',
      ids: ['G1', 'G2', 'E1'],
      decisive: true,
      async run(world) {
        await Promise.all([chat.open(world, at.cleo, dean), chat.open(world, at.dean, cleo)]);
        await call.start(at.cleo, dean, 'video');
        await call.rings(at.dean, cleo);
        await call.answer(at.dean, cleo, 'call_accept_video');
        await Promise.all([call.talks(at.cleo, dean), call.talks(at.dean, cleo)]);
        await Promise.all([call.sees(at.cleo, MOVING, 'a moving picture'), call.sees(at.dean, MOVING, 'a moving picture')]);
        for (const heard of await Promise.all([call.hears(at.cleo), call.hears(at.dean)])) assert.ok(heard.loud > AUDIBLE, JSON.stringify(heard));
        assert.equal((await ways(at.dean))[0], 'relay tls', 'the only way out that there is');
      },
    },
    {
      sentence: 'the address of one changes in the middle of the call: it is told, comes back by itself, and goes on',
      ids: ['G2'],
      async run(world) {
        const before = await call.transport(at.cleo);
        for (const one of [at.cleo, at.dean]) one.watch.expect(...UNREACHABLE);
        await world.town.renumber(at.home);
        await at.cleo.page.waitForFunction((old) => !globalThis.__lines.at(-1).currentLocalDescription.sdp.includes(`a=ice-ufrag:${old}\r`), before, { timeout: 60_000 });
        await Promise.all([call.talks(at.cleo, dean), call.talks(at.dean, cleo)]);
        await Promise.all([call.sees(at.cleo, MOVING, 'a moving picture'), call.sees(at.dean, MOVING, 'a moving picture')]);
        for (const heard of await Promise.all([call.hears(at.cleo), call.hears(at.dean)])) assert.ok(heard.loud > AUDIBLE, JSON.stringify(heard));
        await call.button(at.dean.page, 'call_hang_up').click();
        await Promise.all([call.isOver(at.cleo, dean), call.isOver(at.dean, cleo)]);
      },
    },
  ],
};
