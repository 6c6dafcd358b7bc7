'use strict';
// Everybody sees the pages of the own role, by the navigation and by direct addresses, and the box refuses what lies behind the others.

const assert = require('node:assert/strict');
const { signIn: signInByRest } = require('../../sdk/web.js');
const people = require('../people.js');
const { idOf } = require('../acts/chat.js');
const { navigation, signIn } = require('../acts/sign_in.js');
const { quiet } = require('../walk.js');
const { words } = require('../strings.js');
const { REFUSED } = require('../watch.js');

const { ada, chief, gert, otto, owner, tom } = people;
const EVERYBODY = ['nav_chat', 'nav_people', 'nav_calls', 'nav_files', 'nav_settings'];
const COMPANY = ['/#/company/members', '/#/company/details'];
const BOX = ['/#/box', '/#/box/companies', '/#/box/organisations', '/#/box/health'];
const CUSTOMERS = ['/#/customers'];
/** What only administration asks of the box. */
const ADMINISTRATION = /\/api\/rainbow\/admin\/|\/api\/edge\/v1\/(?:health|users\/)/u;

async function entries(page) {
  const names = await navigation(page).getByRole('link').allInnerTexts();
  return names.map((name) => name.replace(/\d+\+?/u, '').trim());
}

/** Signs in, and notes every request of administration from then on. */
async function enter(world, person) {
  const seat = await signIn(await world.browser.seat(person.firstName.toLowerCase()), person);
  seat.asked = [];
  seat.page.on('request', (request) => ADMINISTRATION.test(request.url()) && seat.asked.push(`${request.method()} ${request.url()}`));
  return seat;
}

async function shows(seat, keys) {
  assert.deepEqual((await entries(seat.page)).sort(), keys.map((key) => words(key)).sort(), `the navigation of ${seat.name}`);
}

/** Every one of these addresses leads to what everybody may have, without a question to the box. */
async function leadsNowhere(seat, addresses) {
  for (const address of addresses) {
    await seat.page.goto(address);
    await quiet(seat.page);
    const current = await navigation(seat.page).locator('[aria-current="page"]').innerText();
    assert.ok(EVERYBODY.map((key) => words(key)).includes(current.replace(/\d+\+?/u, '').trim()), `${address} shows ${seat.name} "${current}"`);
  }
  assert.deepEqual(seat.asked, [], `${seat.name} asked for administration`);
}

/** The box itself refuses, whatever a page would do. */
async function refuses(box, person, calls) {
  const session = await signInByRest(box, person);
  for (const [method, path, body] of calls) {
    const { status } = await session.call(method, path, body);
    assert.ok([403, 404].includes(status), `${person.email}: ${method} ${path} answered ${status}`);
  }
}

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'who is not signed in gets the sign-in page whatever the address is',
      ids: ['A8'],
      async run({ browser }) {
        const { page } = await browser.seat('nobody');
        for (const address of ['/', '/#/chat', '/#/people', '/#/settings/security', ...COMPANY, ...BOX]) {
          await page.goto(address);
          await page.getByRole('heading', { level: 1, name: words('sign_in_title'), exact: true }).waitFor();
          assert.equal(await page.getByRole('navigation').count(), 0, address);
        }
      },
    },
    {
      sentence: 'a user has messages, people, files and settings, and no address of administration leads anywhere',
      ids: ['A8', 'R1'],
      async run(world) {
        const seat = await enter(world, tom);
        await shows(seat, EVERYBODY);
        await leadsNowhere(seat, [...COMPANY, `/#/company/members/${await idOf(world.box, ada)}`, ...BOX, ...CUSTOMERS]);
        await refuses(world.box, tom, [
          ['GET', '/api/edge/v1/health'],
          ['GET', `/api/edge/v1/users/${await idOf(world.box, ada)}/sessions`],
          ['POST', '/api/rainbow/admin/v1.0/users', { loginEmail: 'made@acme.test', password: people.PASSWORD }],
        ]);
      },
    },
    {
      sentence: 'a company administrator has the own company besides, and neither the box nor another company',
      ids: ['A8', 'R1', 'B1'],
      async run(world) {
        const seat = await enter(world, chief);
        await shows(seat, [...EVERYBODY, 'nav_company']);
        await leadsNowhere(seat, [...BOX, ...CUSTOMERS]);
        await seat.page.goto('/#/company/members');
        await seat.page.getByRole('link', { name: ada.displayName }).waitFor();
        assert.equal(await seat.page.getByText(otto.displayName).count(), 0);
        seat.watch.expect(REFUSED(404), REFUSED(403));
        await seat.page.goto(`/#/company/members/${await idOf(world.box, otto)}`);
        await quiet(seat.page);
        assert.ok(!(await seat.page.content()).includes(otto.lastName), 'a member of another company');
        await refuses(world.box, chief, [
          ['GET', '/api/edge/v1/health'],
          ['GET', `/api/rainbow/admin/v1.0/users/${await idOf(world.box, otto)}`],
          ['PUT', `/api/rainbow/admin/v1.0/users/${await idOf(world.box, ada)}`, { roles: ['user', 'superadmin'] }],
        ]);
      },
    },
    {
      sentence: 'the box owner has all of it, every company included',
      ids: ['A8', 'R1'],
      async run(world) {
        const seat = await enter(world, owner);
        await shows(seat, [...EVERYBODY, 'nav_company', 'nav_box']);
        await seat.page.goto('/#/box/companies');
        for (const name of [people.COMPANY, people.OTHER_COMPANY]) await seat.page.getByRole('link', { name, exact: true }).waitFor();
        await seat.page.getByRole('link', { name: people.OTHER_COMPANY, exact: true }).click();
        await seat.page.getByRole('link', { name: otto.displayName }).waitFor();
        await seat.page.goto('/#/box/health');
        await seat.page.getByText(words('box_vault_text')).waitFor();
      },
    },
    {
      sentence: 'the administrator of a private company sees its members only, and its members are found by nobody else',
      ids: ['A8', 'B1', 'B3', 'B7'],
      async run(world) {
        const seat = await enter(world, gert);
        await shows(seat, [...EVERYBODY, 'nav_company']);
        await seat.page.goto('/#/company/members');
        await seat.page.getByRole('link', { name: otto.displayName }).waitFor();
        assert.equal(await seat.page.getByText(ada.displayName).count(), 0);
        const stranger = await enter(world, ada);
        await stranger.page.goto('/#/people');
        await stranger.page.getByRole('searchbox', { name: words('people_search') }).fill('Otto');
        await stranger.page.getByText(words('people_found_none'), { exact: true }).waitFor();
        stranger.watch.expect(REFUSED(404));
        await stranger.page.goto(`/#/people/${await idOf(world.box, otto)}`);
        await stranger.page.getByText(words('people_gone'), { exact: true }).waitFor();
        await stranger.page.goto(`/#/chat/${await idOf(world.box, otto)}`);
        await stranger.page.getByText(words('chat_gone'), { exact: true }).waitFor();
      },
    },
    {
      sentence: 'who loses a role loses its pages with the next look at them, and what was open refuses',
      ids: ['A8'],
      async run(world) {
        const boss = await signInByRest(world.box, owner);
        const path = `/api/rainbow/admin/v1.0/users/${await idOf(world.box, tom)}`;
        assert.equal((await boss.call('PUT', path, { roles: ['user', 'admin'] })).status, 200);
        const seat = await enter(world, tom);
        await shows(seat, [...EVERYBODY, 'nav_company']);
        assert.equal((await boss.call('PUT', path, { roles: ['user'] })).status, 200);
        seat.watch.expect(REFUSED(403), REFUSED(401), REFUSED(404));
        await seat.page.goto('/#/company/members');
        await seat.page.waitForFunction(() => document.querySelector('h1'));
        await seat.page.waitForTimeout(500);
        assert.equal(await seat.page.getByRole('link', { name: ada.displayName }).count(), 0);
        const again = await signIn(await world.browser.seat('tom-again'), tom);
        await shows(again, EVERYBODY);
      },
    },
  ],
};
