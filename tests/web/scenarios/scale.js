'use strict';
// Ten thousand messages and five thousand people: what is drawn stays little, and so does what is held.

const assert = require('node:assert/strict');
const { Bot } = require('../bot.js');
const { abreast, addPerson, made } = require('../box.js');
const { signIn: signInByRest } = require('../../sdk/web.js');
const people = require('../people.js');
const { say } = require('../play.js');
const chat = require('../acts/chat.js');
const { signIn } = require('../acts/sign_in.js');
const { like, words } = require('../strings.js');

const MESSAGES = 10_000;
const PEOPLE = 5_000;
const ABREAST = 24;
/** Elements on the page, whatever is behind it. */
const ELEMENTS_MAX = 6_000;
/** What the page holds beyond what it held before the scrolling. */
const GROWTH_MAX_BYTES = 48 * 1024 * 1024;
const FRAMES = { normal: 600, full: 6_000 };

const cora = people.person('Cora', 'Crowd', 'crowd', ['user', 'admin']);
const carl = people.person('Carlo', 'Crowd', 'crowd');
const at = {};

/** {elements, bytes} once what can be freed is. */
async function weight(seat) {
  const chrome = (seat.chrome ??= await seat.context.newCDPSession(seat.page));
  // What the first round frees may have held what the next one frees.
  for (let round = 0; round < 3; round += 1) await chrome.send('HeapProfiler.collectGarbage');
  await chrome.send('Performance.enable');
  const { metrics } = await chrome.send('Performance.getMetrics');
  const value = (name) => metrics.find((one) => one.name === name).value;
  return { elements: await seat.page.evaluate(() => document.querySelectorAll('*').length), bytes: value('JSHeapUsedSize') };
}

/** Scrolls by `step` pixels each frame, that many frames, and says how long the frames took. `most`: elements that were ever drawn. */
function scroll(locator, step, frames) {
  return locator.evaluate(async (element, { step, frames }) => {
    const took = [];
    let most = 0;
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < frames; frame += 1) {
      element.scrollTop += step;
      const now = await new Promise(requestAnimationFrame);
      took.push(now - last);
      last = now;
      if (frame % 20 === 0) most = Math.max(most, document.querySelectorAll('*').length);
    }
    took.sort((one, other) => one - other);
    const part = (share) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))] * 10) / 10;
    return { p50: part(0.5), p95: part(0.95), max: part(1), most };
  }, { step, frames });
}

const scrollerOf = (inner) => inner.locator('xpath=ancestor-or-self::*[contains(@class,"windowed") or @data-scroller]').last();
const told = (what, frames) => say(`    ${what}: frames p50 ${frames.p50} ms, p95 ${frames.p95} ms, max ${frames.max} ms; at most ${frames.most} elements`);

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: `a company of ${PEOPLE} people and a conversation of ${MESSAGES} messages are made`,
      ids: ['B6', 'C1'],
      decisive: true,
      limit_s: 150,
      async run({ box }) {
        const owner = await signInByRest(box, people.owner);
        const crowd = await made(owner, 'admin/v1.0/companies', { name: 'Crowd', visibility: 'isolated' });
        for (const person of [cora, carl]) await addPerson(owner, person, crowd.id);
        const rows = Array.from({ length: PEOPLE - 2 }, (_, number) => ({ email: `member${number}@crowd.test`, firstName: `Member${number}`, lastName: `No${number % 97}` }));
        await Promise.all([
          abreast(rows, ABREAST, (row) => addPerson(owner, row, crowd.id)),
          Bot.seed(box, [cora, carl], MESSAGES, 'Message # of a long conversation. It says a little, and then a little more, so that lines wrap now and then.'),
        ]);
      },
    },
    {
      sentence: 'the list of five thousand people scrolls, with few of them drawn, and finds one of them',
      ids: ['B6', 'B7'],
      limit_s: 90,
      async run(world) {
        at.cora = await signIn(await world.browser.seat('cora'), cora);
        const { page } = at.cora;
        await page.goto('/#/people');
        await page.getByText(words('people_network_count_other', { count: '4,999' })).waitFor({ timeout: 30_000 });
        const before = await weight(at.cora);
        const list = page.getByRole('list', { name: words('people_network') }).or(page.getByRole('list').filter({ hasText: 'Member0' })).last();
        const frames = await scroll(scrollerOf(list), 400, world.options.full ? 1000 : 300);
        told('people', frames);
        const after = await weight(at.cora);
        assert.ok(frames.most < ELEMENTS_MAX, `${frames.most} elements`);
        assert.ok(after.bytes - before.bytes < GROWTH_MAX_BYTES, `grew by ${after.bytes - before.bytes} bytes`);
        await page.getByRole('searchbox', { name: words('people_search') }).fill('Member4711');
        await page.getByRole('link').filter({ hasText: 'Member4711' }).waitFor();
      },
    },
    {
      sentence: 'the list of its members as the administrator has it comes page by page',
      ids: ['A8'],
      async run() {
        const { page } = at.cora;
        await page.goto('/#/company/members');
        await page.getByText(like('company_count_other')).waitFor();
        await page.getByRole('button', { name: words('pager_last'), exact: true }).click();
        await page.getByText(/of 5,000/u).waitFor();
        assert.ok((await weight(at.cora)).elements < ELEMENTS_MAX);
      },
    },
    {
      sentence: 'a conversation of ten thousand messages opens at its end and scrolls up, with few of them drawn and held',
      ids: ['C1'],
      limit_s: 240,
      async run(world) {
        const { page } = at.cora;
        await chat.open(world, at.cora, carl);
        await chat.message(page, `Message ${MESSAGES} of`).waitFor();
        const before = await weight(at.cora);
        const up = await scroll(chat.history(page), -250, world.options.full ? FRAMES.full : FRAMES.normal);
        told('messages, upwards', up);
        await page.waitForTimeout(500);
        const after = await weight(at.cora);
        assert.equal(await chat.message(page, `Message ${MESSAGES} of`).count(), 0, 'the newest is not drawn any more');
        const down = await scroll(chat.history(page), 250, FRAMES.normal / 2);
        told('messages, downwards', down);
        for (const { most } of [up, down]) assert.ok(most < ELEMENTS_MAX, `${most} elements`);
        assert.ok(after.bytes - before.bytes < GROWTH_MAX_BYTES, `grew by ${after.bytes - before.bytes} bytes`);
        say(`    held: ${Math.round(before.bytes / 1e6)} MB before, ${Math.round(after.bytes / 1e6)} MB after, ${after.elements} elements`);
        await page.getByRole('button', { name: words('chat_jump'), exact: true }).click();
        await chat.message(page, `Message ${MESSAGES} of`).waitFor();
      },
    },
  ],
};
