'use strict';
// Somebody without an account comes into a bubble by its link: waits, is let in, writes, sees a file, is put out.

const assert = require('node:assert/strict');
const { request, signIn: signInByRest } = require('../../sdk/web.js');
const people = require('../people.js');
const bubble = require('../acts/bubble.js');
const chat = require('../acts/chat.js');
const file = require('../acts/file.js');
const { navigation, signIn } = require('../acts/sign_in.js');
const { barriers, sideways } = require('../look.js');
const { words } = require('../strings.js');
const { REFUSED } = require('../watch.js');

const { gwen, hugo } = people;
const NAME = 'Open house';
const AS = bubble.as(NAME);
const GUEST = { displayName: 'Greta Gast' };
const NOSY = { displayName: 'Nosy <i>Nick</i>' };
const ROOMS = '/api/rainbow/enduser/v1.0/rooms';
/** As the box tells a stranger that there is nothing, or that it is not for him. */
const KEPT_OUT = [REFUSED(401), REFUSED(403), REFUSED(404)];

const at = {};

/** The text that stands to be copied under a heading of the panel. */
const copyable = (page, label) => bubble.panel(page).locator('.copyable').filter({ hasText: words(label) }).locator('code').first();
const door = (page, choice) => bubble.panel(page).getByRole('radio', { name: words(choice) });

/** Fills in the page behind the link. */
async function knock({ page }, name, password = undefined, key = 'meet_knock') {
  await page.getByLabel(words('meet_name'), { exact: true }).fill(name);
  if (password !== undefined) await page.getByLabel(words('meet_password'), { exact: true }).fill(password);
  await bubble.button(page, key).click();
}

const title = (page, key) => page.getByRole('heading', { level: 1, name: words(key), exact: true });

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'the organizer makes a link, takes it with her, and sets a lobby; a member sees nothing of either',
      ids: ['C4', 'C5', 'R2'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        [at.gwen, at.hugo] = await Promise.all([world.browser.seat('gwen'), world.browser.seat('hugo')]);
        await Promise.all([signIn(at.gwen, gwen), signIn(at.hugo, hugo)]);
        await bubble.make(at.gwen, { name: NAME, topic: 'Come and see', people: [hugo] });
        await chat.write(at.gwen, AS, 'Before anybody came');
        const theirs = await signInByRest(world.box, hugo);
        at.room = (await bubble.found(world.box, gwen, NAME)).id;
        assert.equal((await theirs.call('PUT', `${ROOMS}/${at.room}/users/${theirs.user.id}`, { status: 'accepted' })).status, 200);
        await bubble.look(at.gwen, NAME);
        await bubble.button(bubble.panel(at.gwen.page), 'door_make').click();
        at.link = await copyable(at.gwen.page, 'door_link').innerText();
        assert.match(at.link, /\/#\/meet\/[\w-]{43}$/u);
        await door(at.gwen.page, 'door_lobby').click();
        await bubble.open(at.hugo, NAME);
        await bubble.look(at.hugo, NAME);
        await bubble.member(at.hugo.page, gwen).waitFor();
        assert.equal(await bubble.panel(at.hugo.page).getByRole('heading', { name: words('door_title'), exact: true }).count(), 0);
      },
    },
    {
      sentence: 'a stranger opens it on a small phone, says a name and waits; the organizer sees who it is, and nothing of the bubble is shown before',
      ids: ['C4', 'C5', 'J9'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        [at.greta, at.nick] = await Promise.all([world.browser.seat('greta', { size: 'phone', viewport: { width: 360, height: 640 } }), world.browser.seat('nick')]);
        for (const seat of [at.greta, at.nick]) await seat.page.goto(at.link);
        await at.greta.page.getByRole('heading', { level: 1, name: NAME, exact: true }).waitFor();
        await at.greta.page.getByText(words('meet_lead', { name: gwen.displayName, company: people.COMPANY })).waitFor();
        assert.deepEqual(await sideways(at.greta.page), []);
        assert.deepEqual(await barriers(at.greta.page), []);
        await bubble.button(at.greta.page, 'meet_knock').click();
        await at.greta.page.getByText(words('meet_name_needed'), { exact: true }).waitFor();
        await knock(at.greta, GUEST.displayName);
        await knock(at.nick, NOSY.displayName);
        for (const { page } of [at.greta, at.nick]) await title(page, 'meet_waiting').waitFor();
        assert.deepEqual(await sideways(at.greta.page), []);
        assert.deepEqual(await barriers(at.greta.page), []);
        for (const who of [GUEST, NOSY]) await bubble.button(bubble.panel(at.gwen.page), 'door_let_in_name', { name: who.displayName }).waitFor();
        assert.deepEqual(await barriers(at.gwen.page), []);
        assert.equal(await bubble.panel(at.hugo.page).getByText(GUEST.displayName).count(), 0);
      },
    },
    {
      sentence: 'one is let in, the other is not, and both are told; over a reload who waits goes on waiting',
      ids: ['C5'],
      decisive: true,
      limit_s: 60,
      async run() {
        at.nick.watch.expect(...KEPT_OUT);
        at.greta.watch.expect(...KEPT_OUT);
        await at.greta.page.reload();
        await title(at.greta.page, 'meet_waiting').waitFor();
        await bubble.button(bubble.panel(at.gwen.page), 'door_let_in_name', { name: GUEST.displayName }).click();
        await chat.field(at.greta.page, NAME).waitFor();
        await bubble.button(bubble.panel(at.gwen.page), 'door_refuse_name', { name: NOSY.displayName }).click();
        await title(at.nick.page, 'meet_refused').waitFor();
        for (const seat of [at.gwen, at.hugo]) await bubble.member(seat.page, GUEST).getByText(words('bubble_guest'), { exact: true }).waitFor();
      },
    },
    {
      sentence: 'the guest writes and reads with the others, gets a file, and sees nothing from before',
      ids: ['C4', 'C1', 'C6'],
      decisive: true,
      limit_s: 60,
      async run() {
        await chat.write(at.greta, AS, 'Good day from outside');
        await chat.message(at.hugo.page, 'Good day from outside').waitFor();
        await bubble.said(at.hugo.page, GUEST).waitFor();
        await chat.write(at.hugo, AS, 'Welcome, Greta');
        await chat.message(at.greta.page, 'Welcome, Greta').waitFor();
        await bubble.said(at.greta.page, hugo).waitFor();
        assert.equal(await chat.message(at.greta.page, 'Before anybody came').count(), 0);
        await file.choose(at.hugo, [file.text('plan.txt', 'the plan of the house')]);
        await file.send(at.hugo);
        await file.card(at.greta.page, 'plan.txt').waitFor();
        const got = await file.downloaded(at.greta, file.card(at.greta.page, 'plan.txt'));
        assert.equal(got.bytes.toString(), 'the plan of the house');
      },
    },
    {
      sentence: 'there is nobody to look for and nothing to administer: the guest has one bubble and the way out',
      ids: ['C4', 'A8', 'B7'],
      async run() {
        const { page } = at.greta;
        await page.goto('/#/chat');
        await chat.becomes(() => navigation(page).getByRole('link').allInnerTexts(), [words('nav_chat')], 'where the guest can go');
        for (const address of ['/#/people', '/#/settings', '/#/company', '/#/box']) {
          await page.goto(address);
          await chat.list(page).waitFor();
        }
        assert.equal(await chat.list(page).getByRole('link').count(), 1);
        assert.equal(await page.getByRole('button', { name: words('bubble_new'), exact: true }).count(), 0);
        await bubble.open(at.greta, NAME);
        await bubble.look(at.greta, NAME);
        await bubble.member(page, gwen).getByText(words('bubble_organizer'), { exact: true }).waitFor();
        assert.equal(await bubble.panel(page).getByRole('link').count(), 0);
        assert.equal(await bubble.panel(page).getByRole('button', { name: words('bubble_add'), exact: true }).count(), 0);
        assert.deepEqual(await barriers(page), []);
        assert.deepEqual(await sideways(page), []);
        at.token = await page.evaluate(() => JSON.parse(sessionStorage.getItem('session')).token);
      },
    },
    {
      sentence: 'the organizer puts the guest out: it ends at once, and nothing can be done with what is left',
      ids: ['C4'],
      decisive: true,
      async run(world) {
        at.greta.watch.expect(...KEPT_OUT);
        await bubble.command(at.gwen, GUEST, 'bubble_exclude');
        const asked = bubble.dialog(at.gwen.page, 'bubble_exclude_title', { name: GUEST.displayName });
        await asked.getByText(words('bubble_exclude_guest'), { exact: true }).waitFor();
        await bubble.button(asked, 'bubble_exclude').click();
        await at.greta.page.getByText(words('meet_over'), { exact: true }).waitFor();
        assert.equal(await at.greta.page.getByLabel(words('sign_in_email'), { exact: true }).inputValue(), '');
        const bearer = { authorization: `Bearer ${at.token}` };
        for (const path of [`${ROOMS}/${at.room}`, ROOMS, '/api/edge/v1/meet', '/api/rainbow/enduser/v1.0/users/me']) {
          assert.equal((await request(world.box, 'GET', path, bearer)).status, 401, path);
        }
        await chat.message(at.hugo.page, 'Good day from outside').waitFor();
      },
    },
    {
      sentence: 'with a password the link alone is not enough; a new link voids the older one, and without one nobody comes',
      ids: ['C4', 'C5'],
      limit_s: 60,
      async run() {
        at.greta.watch.expect(...KEPT_OUT);
        const mine = bubble.panel(at.gwen.page);
        await door(at.gwen.page, 'door_open').click();
        await mine.getByRole('checkbox', { name: words('door_password') }).click();
        const password = await copyable(at.gwen.page, 'door_password_is').innerText();
        await at.greta.page.goto(at.link);
        await knock(at.greta, GUEST.displayName, '0000-0000', 'meet_enter');
        await at.greta.page.getByText(words('meet_password_wrong'), { exact: true }).waitFor();
        await knock(at.greta, GUEST.displayName, password.toLowerCase(), 'meet_enter');
        await chat.field(at.greta.page, NAME).waitFor();
        await bubble.button(mine, 'door_fresh').click();
        await bubble.button(bubble.dialog(at.gwen.page, 'door_fresh_title'), 'door_fresh').click();
        await at.greta.page.getByText(words('meet_over'), { exact: true }).waitFor();
        await at.greta.page.goto(at.link);
        await title(at.greta.page, 'meet_gone').waitFor();
        await bubble.button(mine, 'door_remove').click();
        await bubble.button(bubble.dialog(at.gwen.page, 'door_remove_title'), 'door_remove').click();
        await bubble.button(mine, 'door_make').waitFor();
      },
    },
  ],
};
