'use strict';
// Every page and the states of it that look different: whose it is, its address, what opens it further. A page that the
// application's own table has and this list does not is an error.

const fs = require('node:fs');
const path = require('node:path');
const { signIn: signInByRest } = require('../sdk/web.js');
const people = require('./people.js');
const { EICAR } = require('../sdk/scanner.js');
const { addressOf, panel } = require('./acts/bubble.js');
const { field, idOf, message, pressOver } = require('./acts/chat.js');
const file = require('./acts/file.js');
const search = require('./acts/search.js');
const { fillIn, navigation } = require('./acts/sign_in.js');
const { words } = require('./strings.js');
const { REFUSED, UNREACHABLE } = require('./watch.js');

const TABLE = path.join(__dirname, '../../appliance/web/app/src/pages/table.ts');
/** Each of them is somebody of people.js, or nobody. */
const USER = people.lena;
const OWNER = people.owner;

const WORKSHOP = 'Workshop in Grenoble';

const button = (page, key, language, values) => page.getByRole('button', { name: words(key, values, language), exact: true });
const press = (key, values) => (page, language) => button(page, key, language, values).first().click();
const settings = (section, more = {}) => ({ name: `settings-${section}`, who: USER, address: () => `/#/settings/${section}`, ...more });
const bubble = (name, of, more = {}) => ({ name, who: USER, address: (world) => addressOf(world.box, USER, of), ...more });
/** The same with what the bubble is beside it. */
const about = (name, of, more = {}) => bubble(name, of, { address: async (world) => `${await addressOf(world.box, USER, of)}/details`, ...more });
const acme = async (world) => (await signInByRest(world.box, OWNER)).user.companyId;

const PAGES = [
  { name: 'sign-in', address: () => '/#/sign-in' },
  {
    name: 'sign-in-wrong',
    address: () => '/#/sign-in',
    expected: [REFUSED(401)],
    open: async (page, language) => {
      await fillIn(page, { email: 'nobody@acme.test', password: 'Not-a-password-1' }, language);
      await page.getByText(words('sign_in_wrong', {}, language)).waitFor();
    },
  },
  { name: 'join', address: async (world) => (await invitation(world)).address },
  { name: 'join-gone', address: () => '/#/join/nothing', expected: [REFUSED(404), REFUSED(400)] },
  { name: 'meet', address: async (world) => `/#/meet/${await meeting(world)}`, ready: (page, language) => button(page, 'meet_knock', language).waitFor() },
  { name: 'meet-gone', address: () => '/#/meet/nothing', expected: [REFUSED(404)] },
  {
    name: 'meet-waiting',
    address: async (world) => `/#/meet/${await meeting(world)}`,
    open: async (page, language, seat) => {
      seat.watch.expect(REFUSED(403));
      await page.getByLabel(words('meet_name', {}, language), { exact: true }).fill('Greta Gast');
      await page.getByLabel(words('meet_password', {}, language), { exact: true }).fill(meetings.get('password'));
      await button(page, 'meet_knock', language).click();
      await page.getByRole('heading', { level: 1, name: words('meet_waiting', {}, language) }).waitFor();
    },
    // The next page is nobody's again.
    close: ({ page }) => page.evaluate(() => sessionStorage.clear()),
  },
  {
    name: 'unreachable',
    address: () => '/#/sign-in',
    expected: UNREACHABLE,
    open: async (page, language, seat) => {
      seat.way.cut();
      await page.reload().catch(() => undefined);
      await page.getByRole('heading', { level: 1, name: words('start_unreachable', {}, language) }).waitFor();
    },
    close: (seat) => seat.way.open(),
  },

  { name: 'chat-list', who: USER, address: () => '/#/chat' },
  { name: 'chat', who: USER, address: async (world) => `/#/chat/${await idOf(world.box, people.tom)}`, ready: thread },
  {
    name: 'chat-first',
    who: USER,
    address: async (world) => `/#/chat/${await idOf(world.box, people.chief)}`,
    ready: (page, language) => page.getByText(words('chat_first', { name: people.chief.displayName }, language)).waitFor(),
  },
  { name: 'chat-emoji', who: USER, address: async (world) => `/#/chat/${await idOf(world.box, people.tom)}`, ready: thread, open: press('chat_emoji') },
  {
    name: 'chat-delete',
    who: USER,
    address: async (world) => `/#/chat/${await idOf(world.box, people.tom)}`,
    ready: thread,
    open: async (page, language) => {
      const row = page.getByRole('listitem').filter({ hasText: 'See you there' }).last();
      await pressOver(row, words('chat_actions', {}, language));
      await row.getByRole('menuitem', { name: words('chat_delete', {}, language), exact: true }).click();
    },
  },
  tom('chat-files', {
    open: (page) => page.locator('[data-scroller]').getByRole('img').first().scrollIntoViewIfNeeded(),
  }),
  tom('chat-files-chosen', {
    open: async (page, language) => {
      await file.choose({ page }, [hall('hall.png'), file.text('Participants of the workshop in Grenoble, second and last version.csv', 'name'), file.text('notes.md', 'x'.repeat(2_345_678))], language);
      await file.chips(page, language).locator('img').waitFor();
    },
  }),
  tom('chat-files-dropping', {
    open: async (page, language) => {
      const data = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['1'], 'one.txt'));
        return transfer;
      });
      await field(page, people.tom.displayName, language).dispatchEvent('dragover', { dataTransfer: data });
      await page.getByText(words('file_drop', { name: people.tom.displayName }, language), { exact: true }).waitFor();
    },
  }),
  tom('chat-files-sending', {
    open: sending,
    close: async ({ page, context }) => {
      const cancel = page.locator('.tray__acts button:last-child');
      while ((await cancel.count()) > 0) await cancel.first().click();
      await page.getByRole('textbox').fill('');
      await file.pace({ page, context }, -1);
    },
  }),
  tom('chat-picture', {
    open: async (page) => {
      await page.locator('.file__picture').first().click();
      await page.locator('img[data-whole="true"]').waitFor();
    },
  }),
  tom('chat-search', {
    open: async (page, language) => {
      await search.field(page, language).fill('hall');
      await search.results(page, language).getByRole('link').first().waitFor();
    },
    close: ({ page }) => page.getByRole('searchbox').fill(''),
  }),
  tom('chat-search-nothing', {
    open: async (page, language) => {
      await search.field(page, language).fill('nowhere to be found');
      await page.getByText(words('search_nothing', {}, language), { exact: true }).waitFor();
    },
    close: ({ page }) => page.getByRole('searchbox').fill(''),
  }),
  tom('chat-commands', { open: over('chat_actions') }),
  tom('chat-react', { open: over('chat_react') }),
  tom('chat-forward', {
    open: async (page, language) => {
      await over('chat_actions')(page, language);
      await page.getByRole('menuitem', { name: words('chat_forward', {}, language), exact: true }).click();
    },
  }),
  tom('chat-urgency', { open: press('chat_urgency') }),
  tom('call', {
    open: async (page, language) => {
      await button(page, 'call_video', language, { name: people.tom.displayName }).click();
      await page.locator('.call__own').waitFor();
    },
    close: ({ page }) => page.locator('.call__ways button').last().click(),
  }),
  bubble('bubble', WORKSHOP, { ready: workshop }),
  bubble('bubble-names', WORKSHOP, {
    ready: workshop,
    open: async (page, language) => {
      await field(page, WORKSHOP, language).pressSequentially('@to');
      await page.getByRole('option', { name: people.tom.displayName }).waitFor();
    },
    close: ({ page }) => page.getByRole('textbox').fill(''),
  }),
  about('bubble-about', WORKSHOP, { ready: members }),
  about('bubble-door', 'Open day', {
    address: async (world) => {
      await meeting(world);
      return `${await addressOf(world.box, USER, 'Open day')}/details`;
    },
    ready: async (page, language) => {
      await page.getByRole('heading', { name: words('door_title', {}, language), exact: true }).scrollIntoViewIfNeeded();
    },
  }),
  about('bubble-member', WORKSHOP, { ready: members, open: press('people_more', { name: people.tom.displayName }) }),
  about('bubble-edit', WORKSHOP, { ready: members, open: press('bubble_edit') }),
  about('bubble-add', WORKSHOP, { ready: members, open: press('bubble_add') }),
  about('bubble-poll-new', WORKSHOP, { ready: members, open: press('poll_new') }),
  bubble('bubble-poll', WORKSHOP, {
    ready: workshop,
    open: async (page) => {
      await page.getByRole('button', { name: 'Where do we have lunch' }).first().click();
      await page.getByRole('dialog').waitFor();
    },
  }),
  about('bubble-delete', WORKSHOP, { ready: members, open: press('bubble_delete') }),
  bubble('bubble-asked', 'Summer party', { ready: (page, language) => button(page, 'bubble_accept', language).waitFor() }),
  about('bubble-archived', 'Move of 2025', { ready: (page, language) => page.getByText(words('bubble_archived_text', {}, language), { exact: true }).waitFor() }),
  { name: 'bubble-gone', who: USER, address: () => '/#/chat/room_b000000000000000000000ff', ready: (page, language) => page.getByText(words('bubble_gone', {}, language), { exact: true }).waitFor() },
  { name: 'bubble-new', who: USER, address: () => '/#/chat', open: press('bubble_new') },
  { name: 'files', who: USER, address: () => '/#/files', ready: (page) => page.getByRole('row').filter({ hasText: 'Participants' }).waitFor() },
  { name: 'files-received', who: USER, address: () => '/#/files/received', ready: (page) => page.getByRole('row').filter({ hasText: 'hall.png' }).waitFor() },
  {
    name: 'files-places',
    who: USER,
    address: () => '/#/files',
    open: async (page, language) => {
      await page.getByRole('row').filter({ hasText: 'Participants' }).getByRole('button').last().click();
      await page.getByRole('menuitem', { name: words('files_places', {}, language), exact: true }).click();
    },
  },
  { name: 'own-menu', who: USER, address: () => '/#/chat', open: (page) => navigation(page).or(page.getByRole('navigation')).first().getByRole('button').click() },
  { name: 'calls', who: USER, address: () => '/#/calls' },
  { name: 'people', who: USER, address: () => '/#/people' },
  { name: 'people-person', who: USER, address: async (world) => `/#/people/${await idOf(world.box, people.tom)}` },
  {
    name: 'people-block',
    who: USER,
    address: async (world) => `/#/people/${await idOf(world.box, people.tom)}`,
    open: async (page, language) => {
      await button(page, 'people_more', language, { name: people.tom.displayName }).click();
      await page.getByRole('menuitem', { name: words('people_block', {}, language), exact: true }).click();
    },
  },
  { name: 'people-invitations', who: USER, address: () => '/#/people/invitations' },
  {
    name: 'people-search',
    who: USER,
    address: () => '/#/people',
    open: async (page, language) => {
      await page.getByRole('searchbox', { name: words('people_search', {}, language) }).fill('tom');
      await page.getByText(words('people_found_network', {}, language)).waitFor();
    },
    close: ({ page }) => page.getByRole('searchbox').fill(''),
  },

  settings('profile'),
  settings('appearance'),
  settings('notifications'),
  settings('calls'),
  { ...settings('calls'), name: 'settings-calls-test', open: async (page, language) => { await press('settings_calls_try')(page, language); await page.locator('.devices__picture').waitFor(); } },
  settings('security'),
  settings('applications'),
  { ...settings('applications'), name: 'settings-application-new', open: press('settings_app_add') },
  settings('blocked'),
  settings('about'),

  { name: 'company-members', who: OWNER, address: () => '/#/company/members' },
  { name: 'company-add', who: OWNER, address: () => '/#/company/members', open: press('company_add') },
  { name: 'company-member', who: OWNER, address: async (world) => `/#/company/members/${await idOf(world.box, people.tom)}` },
  { name: 'company-disable', who: OWNER, address: async (world) => `/#/company/members/${await idOf(world.box, people.tom)}`, open: press('company_disable') },
  { name: 'company-details', who: OWNER, address: () => '/#/company/details' },
  { name: 'box-companies', who: OWNER, address: () => '/#/box/companies' },
  { name: 'box-company-add', who: OWNER, address: () => '/#/box/companies', open: press('box_company_add') },
  { name: 'box-company-details', who: OWNER, address: async (world) => `/#/box/companies/${await acme(world)}/details` },
  { name: 'box-organisations', who: OWNER, address: () => '/#/box/organisations' },
  { name: 'box-health', who: OWNER, address: () => '/#/box/health' },
];

/** Pages that this list reaches in another way: the first needs a partner company, and is the second. */
const ELSEWHERE = ['customers'];

function tom(name, more) {
  return { name, who: USER, address: async (world) => `/#/chat/${await idOf(world.box, people.tom)}`, ready: thread, ...more };
}

/** A button that stands beside a message while the mouse is over it. */
function over(key) {
  return async (page, language) => {
    const row = page.getByRole('listitem').filter({ hasText: 'Are you coming to the workshop' });
    await pressOver(row, words(key, {}, language));
  };
}

const hall = (name) => ({ name, mimeType: 'image/png', buffer: file.png(900, 500) });

/** One that was refused, and one that stands still on its way. */
async function sending(page, language, { context }) {
  await file.choose({ page }, [{ name: 'invoice.pdf', mimeType: 'application/pdf', buffer: Buffer.from(EICAR) }], language);
  await file.send({ page }, language);
  await page.locator('.tray__line').getByRole('alert').waitFor();
  await file.pace({ page, context }, 100_000);
  await file.choose({ page }, [{ name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(3_000_000) }, hall('hall-2.png')], language);
  await file.send({ page }, language);
  await page.waitForFunction(() => document.querySelector('progress')?.value > 50_000);
  await file.act(page, 'file_pause', 'film.mp4', language).click();
  await file.act(page, 'file_pause', 'hall-2.png', language).click();
}

function workshop(page, language) {
  return field(page, WORKSHOP, language).waitFor().then(() => page.getByText('you are the best').last().waitFor());
}

function members(page, language) {
  return panel(page, language).getByText(people.tom.displayName).first().waitFor();
}

function thread(page, language) {
  return field(page, people.tom.displayName, language).waitFor().then(() => page.getByText('See you there').last().waitFor());
}

/** A fresh link for somebody who has not joined; made once a box. */
const invitations = new Map();
async function invitation(world) {
  const key = world.box.https;
  if (!invitations.has(key)) {
    const owner = await signInByRest(world.box, OWNER);
    const made = await owner.call('POST', '/api/rainbow/admin/v1.0/users', { loginEmail: 'nina@acme.test', firstName: 'Nina', lastName: 'New', roles: ['user'] });
    const link = await owner.call('POST', `/api/edge/v1/users/${made.body.data.id}/invitation`, {});
    invitations.set(key, { ...link.body.data, address: `/#/join/${link.body.data.token}` });
  }
  return invitations.get(key);
}

/** The link of a bubble with a lobby and a password. */
const meetings = new Map();
async function meeting(world) {
  const key = world.box.https;
  if (!meetings.has(key)) {
    const by = await signInByRest(world.box, USER);
    const rooms = '/api/rainbow/enduser/v1.0/rooms';
    const room = (await by.call('POST', rooms, { name: 'Open day', topic: 'Who wants to see the workshop', autoRegister: 'unlock_ack' })).body.data;
    meetings.set('password', (await by.call('PUT', `${rooms}/${room.id}/passwords`, { hasPassword: true })).body.data.password);
    const link = await by.call('POST', `/api/rainbow/enduser/v1.0/users/${by.user.id}/public-links/bind`, { roomId: room.id });
    meetings.set(key, link.body.data.openInviteId);
  }
  return meetings.get(key);
}

/** Paths in the application's table that no row above leads to. */
function forgotten() {
  const known = [...fs.readFileSync(TABLE, 'utf8').matchAll(/\bpath: '([\w-]+)'/gu)].map((match) => match[1]);
  const sources = PAGES.map((page) => `${page.name} ${page.address}`);
  return known.filter((one) => !ELSEWHERE.includes(one) && !sources.some((source) => source.includes(`#/${one}`)));
}

module.exports = { PAGES, USER, OWNER, forgotten, message };
