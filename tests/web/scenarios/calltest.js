'use strict';
// "Why does my call not work?" in the settings: what works is told with its time, and what does not by the hop that is broken.

const assert = require('node:assert/strict');
const people = require('../people.js');
const { signIn: signInByRest } = require('../../sdk/web.js');
const { signIn } = require('../acts/sign_in.js');
const { like, words } = require('../strings.js');

const { gwen } = people;
const SERVERS = '**/settings/iceservers';
const at = {};

const button = (page, key) => page.getByRole('button', { name: words(key), exact: true });
const line = (page, key) => page.getByRole('listitem').filter({ hasText: words(key) });

/** Presses the button and waits for the sentence about all of it. */
async function test({ page }, told, again = true) {
  await button(page, again ? 'calltest_again' : 'calltest_start').click();
  await page.getByText(words(told), { exact: true }).waitFor({ timeout: 60_000 });
}

/** What is said of one hop. */
async function hop({ page }, name, grade, told) {
  const found = line(page, name);
  await found.getByText(words(`calltest_${grade}`), { exact: true }).waitFor();
  assert.match(await found.locator('p').last().innerText(), like(told));
}

/** What the box hands out, changed on its way: as somebody in between, or a mistake, would. */
async function change({ page }, change) {
  await page.unroute(SERVERS);
  await page.route(SERVERS, async (route) => {
    const { body } = await at.rest.call('GET', '/api/rainbow/geolocation/v1.0/settings/iceservers');
    body.data.forEach(change);
    await route.fulfill({ json: body });
  });
}

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'both ways through the relay work, and how long they take is told',
      ids: ['G1', 'G2', 'E1'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        at.gwen = await signIn(await world.browser.seat('gwen'), gwen, { address: '/#/settings/calls' });
        at.rest = await signInByRest(world.box, gwen);
        await test(at.gwen, 'calltest_all_good', false);
        await hop(at.gwen, 'calltest_udp', 'good', 'calltest_works');
        await hop(at.gwen, 'calltest_tls', 'good', 'calltest_works');
        await line(at.gwen.page, 'calltest_address').waitFor();
      },
    },
    {
      sentence: 'where UDP does not arrive that is said, and that calls work by TLS',
      ids: ['G1', 'E1'],
      limit_s: 90,
      async run() {
        // Nobody is at this address (RFC 5737).
        await change(at.gwen, (server) => {
          server.urls = server.urls.replace(/^(stun|turn):localhost/u, '$1:192.0.2.199');
        });
        await test(at.gwen, 'calltest_all_slow');
        await hop(at.gwen, 'calltest_udp', 'bad', 'calltest_udp_blocked');
        await hop(at.gwen, 'calltest_tls', 'good', 'calltest_works');
      },
    },
    {
      sentence: 'a certificate that the browser does not trust for that name is told from a port that is shut',
      ids: ['G1', 'E2'],
      limit_s: 90,
      async run() {
        await change(at.gwen, (server) => {
          server.urls = server.urls.replace(/^turns:localhost/u, 'turns:127.0.0.1');
        });
        await test(at.gwen, 'calltest_all_good');
        await hop(at.gwen, 'calltest_tls', 'bad', 'calltest_tls_blocked');
      },
    },
    {
      sentence: 'a relay that does not take the credential is told from one that cannot be reached',
      ids: ['G1'],
      limit_s: 90,
      async run() {
        await change(at.gwen, (server) => {
          if (server.credential) server.credential = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=';
        });
        await test(at.gwen, 'calltest_all_bad');
        await hop(at.gwen, 'calltest_udp', 'bad', 'calltest_refused');
      },
    },
    {
      sentence: 'a box that relays nothing says so',
      ids: ['G1'],
      limit_s: 60,
      async run() {
        await at.gwen.page.unroute(SERVERS);
        await at.gwen.page.route(SERVERS, (route) => route.fulfill({ json: { data: [], ttl: 60 } }));
        await test(at.gwen, 'calltest_all_none');
        assert.equal(await line(at.gwen.page, 'calltest_udp').count(), 0);
      },
    },
  ],
};
