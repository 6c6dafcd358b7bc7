'use strict';
// The first run of a box that runs in a machine: a person reads code and fingerprint from its screen and does the rest in a browser.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { EICAR } = require('../../sdk/scanner.js');
const { request, signIn: signInByRest } = require('../../sdk/web.js');
const people = require('../people.js');
const chat = require('../acts/chat.js');
const file = require('../acts/file.js');
const setup = require('../acts/setup.js');
const { addByLink, joinBy } = require('../acts/members.js');
const { fillIn, navigation } = require('../acts/sign_in.js');
const { words } = require('../strings.js');

const DOMAIN = 'image.test';
const owner = { ...people.person('Olivia', 'Owner', 'image'), password: 'Opens-the-box-1!' };
const ada = people.person('Ada', 'Byron', 'image');
const robot = people.person('Robin', 'Bot', 'image');
const FIRST = 'The first message of this machine';
const SECOND = 'And its answer';
const at = {};

module.exports = {
  box: 'image',
  steps: [
    {
      sentence: 'the code from the screen opens the wizard; the browser trusts the CA whose fingerprint stands beside it',
      ids: ['I8', 'E2'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        at.owner = await world.browser.seat('owner');
        await at.owner.page.goto('/#/chat');
        await setup.enterCode(at.owner.page, await world.box.setupCode());
        await setup.heading(at.owner.page, 'setup_language').waitFor();
      },
    },
    {
      sentence: 'language, name, company, the first account and the recovery key are answered',
      ids: ['I8', 'D2'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        const { page } = at.owner;
        await setup.go(page);
        await setup.nameBox(page, world.box.name, DOMAIN);
        await setup.nameCompany(page, 'Image Company');
        await setup.makeAccount(page, owner);
        at.key = await setup.readKey(page);
        await setup.checkKey(page, at.key);
        await setup.heading(page, 'setup_summary').waitFor();
      },
    },
    {
      sentence: 'the machine becomes what was answered',
      ids: ['I8', 'A10'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        const { page } = at.owner;
        await setup.go(page, 'setup_finish');
        await setup.heading(page, 'setup_done').waitFor({ timeout: 60_000 * world.options.slowness });
        await setup.go(page, 'setup_done_go');
        await fillIn(page, owner);
        await navigation(page).waitFor();
        // From here on a later scenario can go on, whatever follows.
        fs.writeFileSync(world.options.kept, JSON.stringify({ owner, ada, robot, key: at.key, texts: [FIRST, SECOND] }, null, 2));
      },
    },
    {
      sentence: 'a person and a bot join by their links',
      ids: ['A1', 'A10', 'J9'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        const { page } = at.owner;
        await page.goto('/#/company/members');
        const links = { ada: await addByLink(page, ada), robot: await addByLink(page, robot) };
        at.ada = await world.browser.seat('ada');
        await joinBy(at.ada.page, links.ada, ada);
        const token = links.robot.split('/').at(-1);
        const joined = await request(world.box, 'POST', `/api/edge/v1/join/${token}`, {}, { password: robot.password });
        assert.equal(joined.status, 200, JSON.stringify(joined.body));
        at.robot = await world.bot(robot);
      },
    },
    {
      sentence: 'a message goes from the browser to the official SDK and one comes back',
      ids: ['C1', 'J9'],
      limit_s: 90,
      async run(world) {
        await chat.open(world, at.ada, robot);
        await chat.write(at.ada, robot, FIRST);
        await at.robot.event('messagereceived', { content: FIRST });
        await at.robot.send(ada, SECOND);
        await chat.message(at.ada.page, SECOND).waitFor();
      },
    },
    {
      sentence: "a picture passes the machine's virus scanner and its worker makes it small; the test virus is refused",
      ids: ['C6', 'I5', 'I1'],
      limit_s: 120,
      async run(world) {
        const found = async (name, fits) => {
          for (;;) {
            const [one] = await file.found(world.box, ada, name);
            if (one && fits(one)) return one;
            await pause(500);
          }
        };
        await file.choose(at.ada, [{ name: 'view.png', mimeType: 'image/png', buffer: file.png(900, 600) }]);
        await file.send(at.ada);
        await file.picture(at.ada.page, 'view.png').waitFor();
        const small = await found('view.png', (one) => one.thumbnail.availableThumbnail);
        assert.deepEqual([small.original_w, small.original_h, small.thumbnail.typeMIME], [900, 600, 'image/jpeg']);
        await file.choose(at.ada, [file.text('virus.com', EICAR)]);
        await file.send(at.ada);
        const refused = await found('virus.com', (one) => one.isClean !== null);
        assert.equal(refused.isClean, false, JSON.stringify(refused));
        const by = await signInByRest(world.box, owner);
        const { body } = await by.call('GET', '/api/edge/v1/health');
        const service = body.data.services.find(({ name }) => name === 'files');
        assert.match(service.detail, /ClamAV [\d.]+ without official signatures/u);
      },
    },
  ],
};
