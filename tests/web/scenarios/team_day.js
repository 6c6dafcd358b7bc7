'use strict';
// A team's day: two companies at their browsers, a telephone and a bot on the official SDK, from the morning to the archive.

const assert = require('node:assert/strict');
const path = require('node:path');
const { signIn: signInByRest } = require('../../sdk/web.js');
const { Bot } = require('../bot.js');
const { SIZES, SMALLEST } = require('../browser.js');
const people = require('../people.js');
const bubble = require('../acts/bubble.js');
const chat = require('../acts/chat.js');
const file = require('../acts/file.js');
const reaction = require('../acts/reaction.js');
const search = require('../acts/search.js');
const { navigation, signIn } = require('../acts/sign_in.js');
const { barriers, portray, settled, sideways } = require('../look.js');
const { words } = require('../strings.js');
const { REFUSED } = require('../watch.js');

const { mira, greta, milo, otto } = people;
const TEAM = 'Harbour launch';
const AS = bubble.as(TEAM);
/** More than the window of a conversation holds. */
const LOG_LINES = 330;
const PLAN = '**Launch plan** for _Thursday_\n1. Tests on `crane-2`\n2. Sign-off by Greta\n> No deploy after 17:00';
const NEEDLE = 'The spare key is in locker 714';

const at = {};
const both = () => [at.mira, at.greta];

/** Desktop and telephone, light and dark, into the folder of pictures. */
const picture = (world, seat, name, sizes = ['desktop']) => portray(seat.page, world.options.screenshots, `team-day-${name}`, ['light', 'dark'], sizes);

/** Everybody can use what is on the screen now, and nothing hangs out on the smallest telephone. */
async function sound({ page }, name) {
  const found = await barriers(page);
  await page.setViewportSize(SMALLEST);
  await settled(page);
  found.push(...(await sideways(page)));
  await page.setViewportSize(SIZES.desktop);
  await settled(page);
  assert.deepEqual(found, [], name);
}

const item = (page, key) => page.getByRole('menuitem', { name: words(key), exact: true });
const files = (page, name) => page.getByRole('row').filter({ hasText: name });

async function fileAct(seat, name, key) {
  await files(seat.page, name).getByRole('button', { name: words('files_acts_of', { name }), exact: true }).click();
  await item(seat.page, key).click();
}

/** What is drawn of it may be other than what was typed. */
async function say({ page }, text) {
  await chat.field(page, TEAM).fill(text);
  await chat.field(page, TEAM).press('Enter');
}

async function presence({ page }, level) {
  await navigation(page).getByRole('button').click();
  await page.getByRole('menuitemradio').filter({ hasText: words(`presence_${level}`) }).click();
}

async function paste({ page, context }, bytes) {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(async (base64) => {
    const blob = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: 'image/png' });
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
  }, bytes.toString('base64'));
  await chat.field(page, TEAM).press('Control+v');
  await file.chips(page).locator('img').waitFor();
}

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'Mira and Greta of two companies sign in and come into one another’s networks, a bot beside them; each sees what the other’s presence is',
      ids: ['A1', 'B6', 'C2', 'J9'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        [at.mira, at.greta] = await Promise.all([world.browser.seat('mira'), world.browser.seat('greta')]);
        [at.milo] = await Promise.all([world.bot(milo), signIn(at.mira, mira), signIn(at.greta, greta)]);
        await at.mira.page.goto('/#/people/invitations');
        await at.mira.page.getByLabel(words('people_by_email')).fill(greta.email);
        await bubble.button(at.mira.page, 'people_by_email_send').click();
        await at.greta.page.goto('/#/people/invitations');
        await bubble.button(at.greta.page, 'people_accept').click();
        await chat.open(world, at.mira, greta);
        const head = at.mira.page.getByRole('region', { name: greta.displayName, exact: true });
        await head.getByText(`${words('presence_online')} · ${people.OTHER_COMPANY}`).waitFor();
        await presence(at.greta, 'dnd');
        await head.getByText(`${words('presence_dnd')} · ${people.OTHER_COMPANY}`).waitFor();
        await presence(at.greta, 'online');
        await head.getByText(`${words('presence_online')} · ${people.OTHER_COMPANY}`).waitFor();
      },
    },
    {
      sentence: 'Mira makes a bubble over both companies and asks Greta and the bot in; both come',
      ids: ['C3', 'J9'],
      decisive: true,
      limit_s: 60,
      async run() {
        await bubble.make(at.mira, { name: TEAM, topic: 'Everything for Thursday', people: [greta, milo] });
        await at.greta.page.goto('/#/chat');
        await bubble.open(at.greta, TEAM);
        await bubble.button(at.greta.page, 'bubble_accept').click();
        await chat.field(at.greta.page, TEAM).waitFor();
        await at.milo.join(TEAM);
        await bubble.look(at.mira, TEAM);
        await bubble.panel(at.mira.page).getByText(words('bubble_members_other', { count: 3 })).first().waitFor();
        await bubble.button(bubble.panel(at.mira.page), 'close').click();
      },
    },
    {
      sentence: 'a text with marks is drawn with them and stays text for the bot; what only looks like marks is left alone',
      ids: ['C1', 'J9'],
      async run() {
        await say(at.mira, PLAN);
        const drawn = chat.message(at.greta.page, 'Launch plan').locator('.marked');
        await drawn.locator('strong', { hasText: 'Launch plan' }).waitFor();
        for (const [element, text] of [['em', 'Thursday'], ['code', 'crane-2'], ['blockquote', 'No deploy'], ['ol > li', 'Sign-off']]) await drawn.locator(element, { hasText: text }).waitFor();
        await at.milo.event('messagereceived', { content: PLAN });
        await chat.write(at.greta, AS, 'I take build_crane_two and the 2 * 3 * 4 mm bolts');
        assert.equal(await chat.message(at.mira.page, 'build_crane_two').locator('em, strong').count(), 0);
        await at.milo.say(TEAM, 'Build 1482 passed');
        for (const { page } of both()) await bubble.said(page, milo).waitFor();
      },
    },
    {
      sentence: 'somebody is named, a message is answered and a press on what was answered leads there; what is urgent says so',
      ids: ['C1'],
      async run() {
        await bubble.name(at.mira, TEAM, greta);
        await chat.field(at.mira.page, TEAM).pressSequentially('**please** sign off');
        await chat.field(at.mira.page, TEAM).press('Enter');
        const named = chat.message(at.greta.page, 'please sign off');
        await named.getByText(words('chat_named')).waitFor({ state: 'attached' });
        assert.equal(await named.locator('.bubble__named').innerText(), `@${greta.displayName}`);
        await chat.act(at.greta, 'Build 1482 passed', 'chat_answer');
        await chat.field(at.greta.page, TEAM).fill('Then I sign off.');
        await chat.field(at.greta.page, TEAM).press('Enter');
        const answer = chat.message(at.mira.page, 'Then I sign off.');
        await answer.getByRole('button', { name: 'Build 1482 passed' }).click();
        await search.sought(at.mira.page).filter({ hasText: 'Build 1482 passed' }).waitFor();
        await bubble.button(at.mira.page.locator('.composer'), 'chat_urgency').click();
        await at.mira.page.getByRole('menuitemradio', { name: words('chat_urgency_high'), exact: true }).click();
        await chat.write(at.mira, AS, 'Crane two stops at noon');
        await chat.message(at.greta.page, 'Crane two stops at noon').getByText(words('chat_urgency_high'), { exact: true }).waitFor();
        await chat.write(at.mira, AS, 'The next one is as usual');
        assert.equal(await chat.message(at.mira.page, 'The next one is as usual').locator('.bubble__urgency').count(), 0);
      },
    },
    {
      sentence: 'people react by mouse and by keyboard; everybody sees how many, who, and what is taken back, also after a reload',
      ids: ['C1', 'J9'],
      limit_s: 60,
      async run(world) {
        await reaction.react(at.greta, 'build_crane_two', '🎉');
        await reaction.shows(at.mira, 'build_crane_two', '🎉', 1, [greta.displayName]);
        const { page } = at.mira;
        await chat.message(page, 'The next one is as usual').getByRole('button', { name: words('chat_actions'), exact: true }).focus();
        const row = chat.message(page, 'build_crane_two').getByRole('button', { name: words('chat_actions'), exact: true });
        for (let step = 0; step < 10 && !(await row.evaluate((one) => one === document.activeElement)); step += 1) await page.keyboard.press('ArrowUp');
        await page.keyboard.press('Enter');
        await item(page, 'chat_react').press('Enter');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('Enter');
        for (const seat of both()) await reaction.shows(seat, 'build_crane_two', '🎉', 2, [seat === at.mira ? words('chat_you') : mira.displayName]);
        await reaction.react(at.greta, 'build_crane_two', '👍');
        await at.greta.page.reload();
        await reaction.shows(at.greta, 'build_crane_two', '🎉', 2, [mira.displayName, words('chat_you')]);
        assert.equal(await reaction.chip(at.greta.page, 'build_crane_two', '🎉').getAttribute('aria-pressed'), 'true');
        await reaction.chip(at.greta.page, 'build_crane_two', '🎉').click();
        await reaction.shows(at.mira, 'build_crane_two', '🎉', 1, [words('chat_you')]);
        await reaction.shows(at.mira, 'build_crane_two', '👍', 1, [greta.displayName]);
        await bubble.look(at.mira, TEAM);
        await bubble.member(page, milo).waitFor();
        await picture(world, at.mira, 'morning');
        await bubble.button(bubble.panel(page), 'close').click();
        await chat.act(at.mira, 'build_crane_two', 'chat_reacted_show');
        await page.getByRole('dialog', { name: words('chat_reactions'), exact: true }).getByText(greta.displayName).waitFor();
        await page.keyboard.press('Escape');
      },
    },
    {
      sentence: 'between two people of two companies a reaction crosses as well, and a correction keeps what the other reacted with',
      ids: ['C1', 'B6'],
      async run(world) {
        await Promise.all([chat.open(world, at.mira, greta), chat.open(world, at.greta, mira)]);
        await chat.write(at.mira, greta, 'Lunch at twleve?');
        await reaction.react(at.greta, 'Lunch at twleve?', '👍');
        await reaction.shows(at.mira, 'Lunch at twleve?', '👍', 1, [greta.displayName]);
        await chat.act(at.mira, 'Lunch at twleve?', 'chat_edit');
        await chat.field(at.mira.page, greta.displayName).fill('Lunch at twelve?');
        await chat.field(at.mira.page, greta.displayName).press('Enter');
        await chat.message(at.greta.page, 'Lunch at twelve?').getByText(words('chat_edited')).waitFor();
        for (const seat of both()) await reaction.chip(seat.page, 'Lunch at twelve?', '👍').waitFor();
        await at.mira.page.reload();
        await reaction.shows(at.mira, 'Lunch at twelve?', '👍', 1, [greta.displayName]);
      },
    },
    {
      sentence: 'the last message is edited and deleted for everybody, and is found by nobody',
      ids: ['C1', 'C8', 'B7'],
      async run() {
        await Promise.all(both().map((seat) => seat.page.goto('/#/chat')));
        await Promise.all(both().map((seat) => bubble.open(seat, TEAM)));
        await chat.write(at.mira, AS, 'The pasword is zanzibar');
        await chat.act(at.mira, 'The pasword is zanzibar', 'chat_edit');
        await chat.field(at.mira.page, TEAM).fill('The password is zanzibar');
        await chat.field(at.mira.page, TEAM).press('Enter');
        await chat.message(at.greta.page, 'The password is zanzibar').waitFor();
        await search.look(at.greta, 'ZANZIBÁR');
        await search.marked(at.greta.page, 'The password is', 'zanzibar').waitFor();
        await search.look(at.greta, '');
        await chat.act(at.mira, 'The password is zanzibar', 'chat_delete');
        await bubble.button(bubble.dialog(at.mira.page, 'chat_delete_title'), 'chat_delete').click();
        for (const { page } of both()) await chat.message(page, 'zanzibar').waitFor({ state: 'detached' });
        for (const seat of both()) {
          await search.findsNothing(seat, 'zanzibar');
          await search.look(seat, '');
        }
      },
    },
    {
      sentence: 'a file is dragged into the bubble, a picture is pasted, and both are there for the others',
      ids: ['C6'],
      limit_s: 60,
      async run(world) {
        await file.drop(at.greta, file.text('sign-off.csv', 'crane;state\n2;signed\n'));
        await chat.field(at.greta.page, TEAM).fill('Signed');
        await file.send(at.greta);
        await file.card(at.mira.page, 'sign-off.csv').waitFor();
        await paste(at.mira, file.png(960, 540));
        await chat.field(at.mira.page, TEAM).fill('This is how it looks');
        await chat.field(at.mira.page, TEAM).press('Enter');
        const shown = chat.message(at.greta.page, 'This is how it looks').getByRole('img');
        await shown.waitFor();
        await reaction.react(at.greta, 'This is how it looks', '❤️');
        await reaction.shows(at.mira, 'This is how it looks', '❤️', 1, [greta.displayName]);
        await at.milo.say(TEAM, 'Build 1483 passed');
        await reaction.react(at.mira, 'Build 1483 passed', '🎉');
        await reaction.react(at.greta, 'Build 1483 passed', '🎉');
        await reaction.react(at.greta, 'Signed', '👍');
        await chat.field(at.greta.page, TEAM).focus();
        await at.greta.page.mouse.move(0, 0);
        await reaction.shows(at.greta, 'Build 1483 passed', '🎉', 2, [mira.displayName]);
        await picture(world, at.greta, 'talk', ['desktop', 'phone']);
        await at.greta.page.setViewportSize(SIZES.desktop);
      },
    },
    {
      sentence: 'a message is pinned and marked for oneself alone, and passed on to somebody else together with its file',
      ids: ['C1', 'C6'],
      limit_s: 60,
      async run(world) {
        const { page } = at.mira;
        await chat.act(at.mira, 'Launch plan', 'chat_pin');
        await page.locator('.kept').getByRole('button', { name: 'Launch plan' }).waitFor();
        await chat.act(at.mira, 'Crane two stops at noon', 'chat_mark');
        await page.locator('.messages__marked').waitFor();
        await page.reload();
        await page.locator('.kept').getByText(words('chat_mark_lead'), { exact: true }).click();
        await search.sought(page).filter({ hasText: 'Crane two stops at noon' }).waitFor();
        assert.equal(await at.greta.page.locator('.kept').count(), 0);
        await picture(world, at.mira, 'bubble', ['desktop', 'phone']);
        await sound(at.mira, 'the bubble');
        await chat.act(at.mira, 'Signed', 'chat_forward');
        const form = bubble.dialog(page, 'chat_forward');
        await form.getByRole('searchbox').fill(milo.firstName);
        await form.getByRole('listitem').filter({ hasText: milo.displayName }).getByRole('checkbox').check();
        await picture(world, at.mira, 'forward');
        await bubble.button(form, 'chat_send').click();
        await form.waitFor({ state: 'detached' });
        await at.milo.event('messagereceived', { content: 'Signed' });
        await chat.open(world, at.mira, milo);
        await chat.message(page, 'Signed').getByText(words('chat_forwarded'), { exact: true }).waitFor();
        await file.card(page, 'sign-off.csv').waitFor();
        assert.equal((await file.found(world.box, mira, 'sign-off.csv')).length, 1, 'a copy of one’s own');
      },
    },
    {
      sentence: 'what was said long ago is found among messages, people, bubbles and files, and opens at its place; who is outside finds nothing of it',
      ids: ['B7', 'C1'],
      limit_s: 90,
      async run(world) {
        const room = await bubble.found(world.box, milo, TEAM);
        await Bot.tellIn(world.box, milo, room.jid, [NEEDLE, ...Array.from({ length: LOG_LINES }, (_, line) => `Log line ${line + 1}: all quiet`)]);
        await at.mira.page.keyboard.press('Control+k');
        await at.mira.page.keyboard.type('locker 714');
        const { page } = at.mira;
        await search.result(page, NEEDLE).getByRole('link').click();
        await search.sought(page).filter({ hasText: NEEDLE }).waitFor();
        const isSeen = () => search.sought(page).evaluate((row) => {
          const [one, all] = [row.getBoundingClientRect(), row.closest('[data-scroller]').getBoundingClientRect()];
          return one.top >= all.top && one.bottom <= all.bottom;
        });
        await chat.becomes(isSeen, true, 'what was found is in sight');
        await chat.message(page, 'This is how it looks').waitFor({ state: 'attached' });
        await chat.message(page, 'Log line 20: all quiet').waitFor({ state: 'attached' });
        assert.equal(await chat.message(page, `Log line ${LOG_LINES}:`).count(), 0, 'the newest is far from there');
        await search.look(at.mira, 'harbour');
        await search.result(page, TEAM).first().waitFor();
        await search.look(at.mira, 'Greta');
        await search.result(page, people.OTHER_COMPANY).waitFor();
        await search.result(page, 'Sign-off by Greta').waitFor();
        await search.look(at.mira, 'sign-off');
        await search.result(page, 'sign-off.csv').first().waitFor();
        await search.result(page, 'Sign-off by Greta').waitFor();
        await picture(world, at.mira, 'search', ['desktop', 'phone']);
        await sound(at.mira, 'the search');
        await page.getByRole('checkbox', { name: words('search_only', { name: TEAM }), exact: true }).check();
        await search.result(page, 'Sign-off by Greta').waitFor();
        await search.result(page, 'sign-off.csv').locator('.file__icon').first().waitFor({ state: 'detached' });
        await page.keyboard.press('Escape');
        await chat.list(page).waitFor();
        await page.locator('.thread__jump').getByRole('button').click();
        await chat.message(page, `Log line ${LOG_LINES}:`).waitFor();
        const stranger = await signIn(await world.browser.seat('otto'), otto);
        for (const text of ['locker 714', TEAM, 'sign-off', 'crane']) await search.findsNothing(stranger, text);
        await world.browser.leave(stranger);
      },
    },
    {
      sentence: 'what is read at the desk is read on the telephone, and what is muted there is muted here',
      ids: ['C1', 'J9'],
      limit_s: 60,
      async run(world) {
        const phone = await signIn(await world.browser.seat('mira-phone', { size: 'phone' }), mira);
        await at.mira.page.goto('/#/settings');
        await chat.write(at.greta, AS, 'Back from lunch');
        const count = (seat) => chat.entry(seat.page, TEAM).getByText(words('chat_unread_one', { count: 1 }), { exact: true });
        await count(phone).waitFor({ state: 'attached' });
        await picture(world, phone, 'list', ['phone']);
        await phone.page.setViewportSize(SIZES.phone);
        await bubble.open(phone, TEAM);
        await chat.message(phone.page, 'Back from lunch').waitFor();
        await at.mira.page.goto('/#/chat');
        await count(at.mira).waitFor({ state: 'detached' });
        await reaction.react(at.greta, 'Back from lunch', '😂');
        await reaction.chip(phone.page, 'Back from lunch', '😂').click();
        await reaction.shows(at.greta, 'Back from lunch', '😂', 2, [mira.displayName]);
        await bubble.open(at.mira, TEAM);
        await bubble.look(at.mira, TEAM);
        await bubble.button(bubble.panel(at.mira.page), 'chat_mute').click();
        await phone.page.goto('/#/chat');
        await chat.entry(phone.page, TEAM).getByText(words('chat_is_muted')).waitFor({ state: 'attached' });
        await bubble.button(bubble.panel(at.mira.page), 'close').click();
        await world.browser.leave(phone);
      },
    },
    {
      sentence: 'one’s own files are listed with where they are shared and what room they take; they are sorted, filtered, shared on, and end for everybody',
      ids: ['C6', 'C8', 'B6'],
      limit_s: 90,
      async run(world) {
        const { page } = at.mira;
        await navigation(page).getByRole('link', { name: words('nav_files') }).click();
        const pasted = words('file_pasted');
        await files(page, pasted).getByText(TEAM, { exact: true }).waitFor();
        await files(page, 'sign-off.csv').getByText(milo.displayName, { exact: true }).waitFor();
        await page.getByRole('progressbar').waitFor();
        await picture(world, at.mira, 'files', ['desktop', 'phone']);
        await sound(at.mira, 'the files');
        const names = () => page.locator('.files__what .filename').evaluateAll((all) => all.map((one) => one.textContent));
        await page.getByLabel(words('files_order'), { exact: true }).selectOption('smallest');
        await page.waitForFunction(() => document.querySelector('.files__what')?.textContent.includes('sign-off'));
        await chat.becomes(async () => (await names()).length, 2, 'both files');
        await page.getByLabel(words('files_kind'), { exact: true }).selectOption('image');
        await files(page, 'sign-off.csv').waitFor({ state: 'detached' });
        await files(page, pasted).waitFor();
        await page.getByLabel(words('files_kind'), { exact: true }).selectOption('all');
        await chat.open(world, at.greta, mira);
        const name = (await file.found(world.box, mira, 'sign-off.csv'))[0].fileName;
        await fileAct(at.mira, name, 'files_share');
        const form = bubble.dialog(page, 'files_share_title', { name });
        await form.getByRole('listitem').filter({ hasText: greta.displayName }).getByRole('checkbox').check();
        await bubble.button(form, 'chat_send').click();
        await file.card(at.greta.page, name).waitFor();
        await files(page, name).getByText(greta.displayName, { exact: true }).waitFor();
        at.greta.watch.expect(REFUSED(404));
        await fileAct(at.mira, name, 'files_places');
        await bubble.button(page, 'files_stop_for', { name: greta.displayName }).click();
        await bubble.button(page, 'files_stop_for', { name: greta.displayName }).waitFor({ state: 'detached' });
        await bubble.button(bubble.dialog(page, 'files_places_title', { name }), 'close').click();
        await at.greta.page.reload();
        await chat.history(at.greta.page).getByText(words('file_gone'), { exact: true }).waitFor();
        const whole = (await names()).find((one) => one.includes(pasted));
        const shown = whole.slice(0, whole.lastIndexOf('.png') >= 0 ? whole.indexOf('.png') + 4 : undefined);
        await fileAct(at.mira, shown, 'file_delete');
        await bubble.button(page.getByRole('dialog'), 'file_delete').click();
        await files(page, pasted).waitFor({ state: 'detached' });
        await at.greta.page.goto('/#/files/received');
        await files(at.greta.page, pasted).waitFor({ state: 'detached' });
        await at.greta.page.getByRole('heading', { level: 1, name: words('nav_files') }).waitFor();
      },
    },
    {
      sentence: 'the same day in the other languages: every word, and room for it on the smallest telephone',
      ids: ['I8', 'J9'],
      limit_s: 60,
      async run(world) {
        for (const [language, locale] of [['fr', 'fr-FR'], ['de', 'de-DE']]) {
          const seat = await signIn(await world.browser.seat(`mira-${language}`, { locale }), mira, { language });
          await seat.page.goto(await bubble.addressOf(world.box, mira, TEAM));
          await chat.field(seat.page, TEAM, language).waitFor();
          await seat.page.getByText('Back from lunch').last().waitFor();
          await picture(world, seat, `bubble-${language}`);
          await sound(seat, language);
          await search.look(seat, 'crane', language);
          await search.results(seat.page, language).getByRole('link').first().waitFor();
          await sound(seat, language);
          await world.browser.leave(seat);
        }
      },
    },
    {
      sentence: 'in the evening the bubble is archived: it is read and found, and nobody writes or reacts in it',
      ids: ['D5', 'R2', 'B7'],
      async run(world) {
        await at.mira.page.goto(await bubble.addressOf(world.box, mira, TEAM));
        await bubble.look(at.mira, TEAM);
        await bubble.button(bubble.panel(at.mira.page), 'bubble_archive').click();
        await bubble.button(bubble.dialog(at.mira.page, 'bubble_archive_title', { name: TEAM }), 'bubble_archive').click();
        await at.mira.page.getByText(words('bubble_archived_text'), { exact: true }).waitFor();
        await at.greta.page.goto('/#/chat');
        await search.look(at.greta, 'locker 714');
        await search.result(at.greta.page, NEEDLE).getByRole('link').click();
        await search.sought(at.greta.page).filter({ hasText: NEEDLE }).waitFor();
        await search.sought(at.greta.page).hover();
        assert.equal(await search.sought(at.greta.page).getByRole('button', { name: words('chat_react'), exact: true }).count(), 0);
        await picture(world, at.greta, 'archived');
      },
    },
  ],
};
