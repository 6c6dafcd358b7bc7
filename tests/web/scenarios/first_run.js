'use strict';
// From an empty folder to the first message: the wizard, the administrator, a member who joins by a link, a bot on the SDK.

const assert = require('node:assert/strict');
const { request } = require('../../sdk/web.js');
const people = require('../people.js');
const chat = require('../acts/chat.js');
const setup = require('../acts/setup.js');
const { addByLink } = require('../acts/members.js');
const { fillIn, navigation, signIn } = require('../acts/sign_in.js');
const { barriers, portray, settled, sideways, strangers } = require('../look.js');
const { LANGUAGES, words } = require('../strings.js');
const { REFUSED } = require('../watch.js');

const DOMAIN = 'first.test';
const OFFICE = 'First Company & Sons <Ltd>';
const owner = { ...people.person('Olivia', 'Owner', 'first'), password: 'Opens-the-box-1!' };
const ada = people.person('Ada', 'Byron', 'first');
const robot = people.person('Robin', 'Bot', 'first');
const at = {};
/** What was found on the screens of the wizard: told by a step of its own, so that the first run goes on. */
const seen = [];

/** Each screen of the wizard is looked at once: in three languages, by axe, for its width, and drawn. */
async function look(world, name) {
  const { page } = at.owner;
  const found = [];
  for (const language of [...LANGUAGES].reverse()) {
    await page.getByRole('combobox').first().selectOption(language);
    await page.waitForFunction((wanted) => document.documentElement.lang === wanted, language);
    found.push(...(await strangers(page, language)));
  }
  for (const theme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme: theme });
    await settled(page);
    found.push(...(await barriers(page)));
  }
  for (const size of ['phone', 'desktop']) {
    await portray(page, world.options.screenshots, `setup-${name}`, ['dark', 'light'], [size]);
    found.push(...(await sideways(page)).map((line) => `${size}: ${line}`));
  }
  seen.push(...found.map((line) => `${name}: ${line}`));
}

module.exports = {
  box: 'empty',
  steps: [
    {
      sentence: 'a box without data asks for the code that its terminal shows, and for nothing else',
      ids: ['I8', 'A10'],
      decisive: true,
      async run(world) {
        at.owner = await world.browser.seat('owner');
        await at.owner.page.goto('/#/chat');
        await setup.heading(at.owner.page, 'setup_welcome').waitFor();
        at.code = await world.box.setupCode();
        await look(world, 'code');
        const authorization = `Basic ${Buffer.from([owner.email, owner.password].join(':')).toString('base64')}`;
        assert.equal((await request(world.box, 'GET', '/api/rainbow/authentication/v1.0/login', { authorization })).status, 404);
        assert.equal((await request(world.box, 'GET', '/api/edge/v1/setup/answers')).status, 401);
      },
    },
    {
      sentence: 'wrong codes are refused and their number is told; after ten of them the terminal shows another one',
      ids: ['I8', 'A5'],
      decisive: true,
      async run(world) {
        const { page, watch } = at.owner;
        watch.expect(REFUSED(403));
        await setup.enterCode(page, 'WRONG-CODE');
        await page.getByText(words('setup_code_wrong_other', { count: 9 })).waitFor();
        for (let left = 8; left > 0; left -= 1) {
          assert.equal((await request(world.box, 'POST', '/api/edge/v1/setup/code', {}, { code: 'ZZZZ-ZZZZ' })).status, 403);
        }
        await setup.enterCode(page, 'ZZZZ-ZZZZ');
        await page.getByText(words('setup_code_new')).waitFor();
        assert.notEqual(await world.box.setupCode(at.code), at.code);
        await setup.enterCode(page, at.code);
        await page.getByText(words('setup_code_wrong_other', { count: 9 })).waitFor();
      },
    },
    {
      sentence: 'the right code opens, however it is typed',
      ids: ['I8'],
      decisive: true,
      async run(world) {
        const code = await world.box.setupCode();
        await setup.enterCode(at.owner.page, ` ${code.toLowerCase().replaceAll('-', ' ')} `);
        await setup.heading(at.owner.page, 'setup_language').waitFor();
      },
    },
    {
      sentence: 'the steps language, name and company are answered, and what is wrong is said beside the field',
      ids: ['I8', 'B2'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        const { page } = at.owner;
        await look(world, 'language');
        await page.getByRole('radio', { name: 'Deutsch' }).check();
        await setup.heading(page, 'setup_language', 'de').waitFor();
        await page.getByRole('radio', { name: 'English' }).check();
        await setup.go(page);
        await setup.nameBox(page, 'not a name!', DOMAIN);
        await page.getByText(words('setup_name_wrong')).first().waitFor();
        await look(world, 'name-wrong');
        await setup.nameBox(page, 'localhost', DOMAIN);
        await setup.nameCompany(page, ' ');
        await page.getByText(words('setup_company_needed')).waitFor();
        await look(world, 'company');
        await setup.nameCompany(page, OFFICE);
        await setup.heading(page, 'setup_admin').waitFor();
      },
    },
    {
      sentence: 'answers outlive a reload and a restart of the box, which asks for its new code then',
      ids: ['I8', 'D3'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        const { page, watch } = at.owner;
        await page.reload();
        await setup.heading(page, 'setup_admin').waitFor();
        watch.expect(REFUSED(401), /net::ERR_/u);
        const before = await world.box.setupCode();
        await world.box.stop();
        await world.box.startEmpty();
        await page.reload();
        await setup.heading(page, 'setup_welcome').waitFor();
        const after = await world.box.setupCode(before);
        await setup.enterCode(page, after);
        await setup.heading(page, 'setup_admin').waitFor();
      },
    },
    {
      sentence: 'the first account needs a password that keeps the rules',
      ids: ['A1', 'I8'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        const { page } = at.owner;
        await setup.makeAccount(page, { ...owner, password: 'short' });
        await page.getByText(words('setup_admin_password_wrong')).waitFor();
        await look(world, 'administrator-wrong');
        await setup.makeAccount(page, owner);
        await setup.heading(page, 'setup_key').waitFor();
        await look(world, 'recovery');
      },
    },
    {
      sentence: 'the recovery key is shown once, and typing it in, as it was noted, is what leads on',
      ids: ['D2', 'I8', 'J4'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        const { page, watch } = at.owner;
        at.key = await setup.readKey(page);
        assert.match(at.key, /^[A-Z0-9]{4}(?:-[A-Z0-9]{4})+$/u);
        watch.expect(REFUSED(400));
        await setup.checkKey(page, `${at.key.slice(0, -1)}${at.key.endsWith('A') ? 'B' : 'A'}`);
        await page.getByText(words('setup_key_wrong')).waitFor();
        await look(world, 'recovery-check');
        await setup.checkKey(page, at.key.toLowerCase().replaceAll('-', ' '));
        await setup.heading(page, 'setup_summary').waitFor();
        assert.ok(!(await page.content()).includes(at.key));
        await look(world, 'summary');
      },
    },
    {
      sentence: 'the box becomes what was answered on the same address, and asks for no code any more',
      ids: ['I8', 'A10'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        const { page } = at.owner;
        await setup.go(page, 'setup_finish');
        await setup.heading(page, 'setup_done').waitFor({ timeout: 60_000 });
        await look(world, 'done');
        const said = await request(world.box, 'GET', '/api/edge/v1/setup');
        assert.deepEqual([said.status, said.body.data.needed], [200, false]);
        const calls = [
          ['POST', 'code', { code: at.code }],
          ['PUT', 'answers/language', { language: 'fr' }],
          ['POST', 'finish', { password: owner.password }],
        ];
        for (const [method, path, body] of calls) {
          assert.equal((await request(world.box, method, `/api/edge/v1/setup/${path}`, {}, body)).status, 409, path);
        }
        const log = world.box.log();
        for (const secret of [at.key, owner.password]) assert.ok(!log.includes(secret), 'a secret in the log');
      },
    },
    {
      sentence: 'every screen of the wizard speaks three languages, has no barrier that axe knows, and room on a phone',
      ids: ['I8', 'J9'],
      async run() {
        assert.deepEqual(seen, []);
      },
    },
    {
      sentence: 'the administrator signs in and adds two members, each with a link to hand over',
      ids: ['A1', 'A8', 'A10'],
      decisive: true,
      limit_s: 60,
      async run() {
        const { page } = at.owner;
        await setup.go(page, 'setup_done_go');
        await fillIn(page, owner);
        await navigation(page).waitFor();
        await page.goto('/#/company/members');
        at.links = { ada: await addByLink(page, ada), robot: await addByLink(page, robot) };
        assert.match(at.links.ada, /^https:\/\/localhost:\d+\/#\/join\/\S+$/u);
      },
    },
    {
      sentence: 'Ada joins with hers at another browser, chooses a password, and is signed in; the link works once',
      ids: ['A1', 'A3', 'A10'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        at.ada = await world.browser.seat('ada');
        const { page, watch } = at.ada;
        await page.goto(at.links.ada);
        await page.getByRole('heading', { level: 1, name: words('join_heading', { company: OFFICE }) }).waitFor();
        await page.getByText(ada.email).waitFor();
        await page.getByLabel(words('join_password'), { exact: true }).fill('too-simple');
        await page.getByRole('button', { name: words('join_go'), exact: true }).click();
        await page.getByText(words('join_password_wrong')).waitFor();
        await page.getByLabel(words('join_password'), { exact: true }).fill(ada.password);
        await page.getByRole('button', { name: words('join_go'), exact: true }).click();
        await navigation(page).waitFor();
        watch.expect(REFUSED(404), REFUSED(410));
        await page.goto(at.links.ada);
        await page.getByRole('heading', { level: 1, name: words('join_gone') }).waitFor();
        await page.goto('/#/chat');
        await navigation(page).waitFor();
      },
    },
    {
      sentence: 'the bot’s account joins over the interface, and the bot signs in with the official SDK, unchanged',
      ids: ['A1', 'A11', 'J9'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        const token = at.links.robot.split('/').at(-1);
        const joined = await request(world.box, 'POST', `/api/edge/v1/join/${token}`, {}, { password: robot.password });
        assert.equal(joined.status, 200, JSON.stringify(joined.body));
        at.robot = await world.bot(robot);
      },
    },
    {
      sentence: 'the first message goes from the browser to the bot, the second back, each with its receipts',
      ids: ['C1', 'J9'],
      async run(world) {
        const { page } = at.ada;
        await page.goto('/#/people');
        await page.getByRole('link').filter({ hasText: robot.displayName }).click();
        await page.getByRole('button', { name: words('people_write'), exact: true }).click();
        await chat.write(at.ada, robot, 'The first message of this box');
        const heard = await at.robot.event('messagereceived', { content: 'The first message of this box' });
        assert.ok(heard.fromJid.includes(`@${DOMAIN}`), heard.fromJid);
        await chat.status(at.ada, 'The first message of this box', 'read');
        const id = await at.robot.send(ada, 'And the second');
        await chat.message(page, 'And the second').waitFor();
        await at.robot.event('messagereceiptreadreceived', { id });
      },
    },
    {
      sentence: 'after a restart everybody is there again, and what was written',
      ids: ['D3', 'I8'],
      limit_s: 90,
      async run(world) {
        const { UNREACHABLE } = require('../watch.js');
        for (const seat of [at.owner, at.ada]) seat.watch.expect(...UNREACHABLE);
        await world.box.stop();
        await world.box.start();
        const again = await signIn(await world.browser.seat('ada-again'), ada);
        await chat.open(world, again, robot);
        await chat.message(again.page, 'The first message of this box').waitFor();
        await chat.message(again.page, 'And the second').waitFor();
      },
    },
  ],
};
