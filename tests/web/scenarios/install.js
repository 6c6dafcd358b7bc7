'use strict';
// The application as one that is installed: its manifest, its worker, without a network, and told of messages while it is closed.

const assert = require('node:assert/strict');
const people = require('../people.js');
const chat = require('../acts/chat.js');
const { navigation, signIn } = require('../acts/sign_in.js');
const { like, words } = require('../strings.js');
const { UNREACHABLE } = require('../watch.js');

const { iris, tom } = people;
const at = {};
/** Errors of an installability check that this window has by itself. */
const OF_THE_TEST = ['in-incognito'];

/** Push services are on the internet, and no test is: a subscription as a browser would give it. */
function stubPush() {
  const endpoint = 'https://push.example.org/send/one';
  const keys = {
    p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
    auth: 'tBHItJI5svbpez7KI4CCXg',
  };
  let current = null;
  const made = (options) => ({
    endpoint,
    options,
    toJSON: () => ({ endpoint, keys }),
    unsubscribe: async () => {
      current = null;
      return true;
    },
  });
  PushManager.prototype.subscribe = async function subscribe(options) {
    globalThis.subscribedWith = options;
    current = made(options);
    return current;
  };
  PushManager.prototype.getSubscription = async () => current;
}

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'the manifest is one that browsers install from, with every picture that it names',
      ids: ['J9'],
      decisive: true,
      async run(world) {
        at.iris = await world.browser.seat('iris', { way: true, permissions: ['notifications'] });
        await at.iris.context.addInitScript(stubPush);
        const { page, context } = at.iris;
        await page.goto('/');
        const chrome = await context.newCDPSession(page);
        const manifest = await chrome.send('Page.getAppManifest');
        assert.deepEqual(manifest.errors, []);
        const said = JSON.parse(manifest.data);
        assert.ok(said.name && said.short_name && said.start_url && said.display === 'standalone');
        for (const { src, type } of said.icons) {
          const answer = await page.evaluate(async (address) => {
            const got = await fetch(address);
            return [got.status, got.headers.get('content-type')];
          }, src);
          assert.deepEqual(answer, [200, type], src);
        }
        const { installabilityErrors } = await chrome.send('Page.getInstallabilityErrors');
        assert.deepEqual(installabilityErrors.map((one) => one.errorId).filter((id) => !OF_THE_TEST.includes(id)), []);
      },
    },
    {
      sentence: 'its service worker is registered under the strict policy and has the page in hand',
      ids: ['J9', 'E2'],
      decisive: true,
      async run() {
        const { page } = at.iris;
        const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
        assert.equal(scope, `${new URL(page.url()).origin}/`);
        await page.reload();
        await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      },
    },
    {
      sentence: 'without a network it starts all the same, says so, keeps what is written and sends it later',
      ids: ['J9', 'C1'],
      limit_s: 90,
      async run(world) {
        await signIn(at.iris, iris);
        await chat.open(world, at.iris, tom);
        await chat.write(at.iris, tom, 'With a network');
        await chat.status(at.iris, 'With a network', 'sent');
        at.iris.watch.expect(...UNREACHABLE);
        at.iris.way.cut();
        await at.iris.page.reload();
        await navigation(at.iris.page).waitFor();
        const sign = at.iris.page.getByText(like('connection_lost')).or(at.iris.page.getByText(words('connection_opening'), { exact: true })).first();
        await sign.waitFor();
        // Who it is for is not known before the box says it; the conversation is.
        await at.iris.page.getByRole('textbox', { name: like('chat_write') }).fill('Without a network');
        await at.iris.page.keyboard.press('Enter');
        await chat.message(at.iris.page, 'Without a network').waitFor();
        at.iris.way.open();
        await sign.waitFor({ state: 'hidden', timeout: 45_000 });
        await chat.field(at.iris.page, tom.displayName).waitFor();
        await chat.status(at.iris, 'Without a network', 'sent');
        await chat.shows(at.iris, 'With', ['With a network', 'Without a network']);
      },
    },
    {
      sentence: 'notifications are turned on by a click, with the key of the box, and off again',
      ids: ['J9'],
      async run() {
        const { page } = at.iris;
        await page.goto('/#/settings/notifications');
        await page.getByRole('button', { name: words('settings_push_turn_on'), exact: true }).click();
        await page.getByText(words('settings_push_on'), { exact: true }).waitFor();
        const asked = await page.evaluate(() => {
          const { userVisibleOnly, applicationServerKey } = globalThis.subscribedWith;
          return [userVisibleOnly, new Uint8Array(applicationServerKey).length];
        });
        assert.deepEqual(asked, [true, 65]);
        await page.getByRole('button', { name: words('settings_push_turn_off'), exact: true }).click();
        await page.getByText(words('settings_push_off'), { exact: true }).waitFor();
      },
    },
  ],
};
