'use strict';
// Names and messages that try to be HTML, script or another direction, or are giant or empty: shown as text, and nothing else happens.

const assert = require('node:assert/strict');
const { Bot } = require('../bot.js');
const { addPerson } = require('../box.js');
const { SIZES } = require('../browser.js');
const { signIn: signInByRest } = require('../../sdk/web.js');
const people = require('../people.js');
const { FILES, ICONS, MARKED, MESSAGES, NAMES, chanceful } = require('../hostile.js');
const chat = require('../acts/chat.js');
const { signIn } = require('../acts/sign_in.js');
const { barriers, settled, sideways } = require('../look.js');
const { words } = require('../strings.js');
const { quiet } = require('../walk.js');
const { REFUSED } = require('../watch.js');

const { chief, mallory, victim } = people;
const CHANCEFUL = 30;
/** Of the processor: other things may keep it busy. */
const MARKED_LIMIT_S = 5;
const DIRECTIONS = /[\u202A-\u202E\u2066-\u2069]/u;
const at = {};
let sent = [];

/** As XML carries a text: line ends are one character. */
const carried = (text) => text.replace(/\r\n?/gu, '\n').trim();

/** Whatever stands on the page that only markup could have made. */
function made(page) {
  return page.evaluate(() => {
    const found = [];
    const say = (selector, what) => document.querySelectorAll(selector).forEach((element) => found.push(`${what}: ${element.outerHTML.slice(0, 120)}`));
    say('script:not([src])', 'a script');
    say('iframe, object, embed, form[action], base, svg animate, img[src="x"]', 'an element');
    say('a[href^="javascript:" i], a[href^="data:" i], a[href^="vbscript:" i]', 'a link');
    for (const element of document.querySelectorAll('*')) {
      for (const { name } of element.attributes) if (/^on/iu.test(name)) found.push(`a handler: ${name}`);
    }
    return found;
  });
}

/** No trick that turns text stands where a name does. */
function turned(page) {
  return page.evaluate((source) => {
    const pattern = new RegExp(source, 'u');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const ofMessage = node.parentElement.closest('[role="region"] li [dir="auto"]');
      if (pattern.test(node.data) && !ofMessage) found.push(`${node.parentElement.className}: ${JSON.stringify(node.data.slice(0, 60))}`);
    }
    return found;
  }, DIRECTIONS.source);
}

/** Seconds of the processor that the page has taken. */
async function spent(seat) {
  seat.chrome ??= await seat.context.newCDPSession(seat.page);
  await seat.chrome.send('Performance.enable', { timeDomain: 'threadTicks' });
  const { metrics } = await seat.chrome.send('Performance.getMetrics');
  return metrics.find((one) => one.name === 'TaskDuration').value;
}

async function harmless(seat, name) {
  const found = [...(await made(seat.page)), ...(await turned(seat.page))];
  for (const [size, measure] of Object.entries(SIZES)) {
    await seat.page.setViewportSize(measure);
    await settled(seat.page);
    found.push(...(await sideways(seat.page)).map((line) => `${size}: ${line}`));
  }
  await seat.page.setViewportSize(SIZES.desktop);
  return found.map((line) => `${name}: ${line}`);
}

/** What each trap of this suite is for, done to a page by force. */
function hurt() {
  const attempt = (act) => {
    try {
      act();
    } catch {
      // Refused by the page's policy: that is told by itself.
    }
  };
  const add = (name, attributes = {}, text = '') => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) attempt(() => element.setAttribute(key, value));
    attempt(() => element.append(text));
    document.body.append(element);
    return element;
  };
  add('script', {}, 'sprung("script")');
  attempt(() => add('p').insertAdjacentHTML('beforeend', '<b>markup</b>'));
  add('img', { src: 'x', onerror: 'sprung("handler")' });
  add('a', { href: 'javascript:sprung("link")' }, 'a link');
  add('p', {}, 'turned \u202E around');
  add('p', {}, 'wide').style.width = '3000px';
  console.error('said');
}

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'the traps of this suite catch what they are for, and the page’s policy stops script that is put into it by force',
      ids: ['E2'],
      decisive: true,
      async run({ browser }) {
        const seat = await browser.seat('trap');
        await seat.page.goto('/');
        await quiet(seat.page);
        await seat.page.evaluate(hurt);
        await seat.page.waitForTimeout(500);
        const kinds = [/^policy: /u, /^console: said/u];
        await chat.becomes(async () => kinds.every((kind) => seat.watch.problems.some((line) => kind.test(line))), true, 'both are told');
        assert.ok((await made(seat.page)).length >= 2);
        assert.ok((await turned(seat.page)).length >= 1);
        assert.ok((await sideways(seat.page)).length >= 1);
        assert.ok((await barriers(seat.page)).some((line) => line.startsWith('image-alt')));
        const seen = seat.watch.take();
        assert.ok(!seen.some((line) => line.includes(': executed: ')), seen.join('\n'));
        await browser.leave(seat);
      },
    },
    {
      sentence: 'people with hostile names exist, and one of them writes everything that hurts',
      ids: ['C1'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        const owner = await signInByRest(world.box, people.owner);
        at.people = [];
        for (const [number, [firstName, lastName]] of NAMES.entries()) {
          const made = await addPerson(owner, { ...people.person('Hostile', String(number), 'acme'), email: `hostile${number}@acme.test`, firstName, lastName });
          at.people.push(made.id);
        }
        sent = [...MESSAGES, ...chanceful(world.chance, CHANCEFUL)];
        await Bot.tell(world.box, mallory, victim, sent);
        at.victim = await signIn(await world.browser.seat('victim'), victim);
      },
    },
    {
      sentence: 'every message is shown as exactly the text that was sent, in order, and none of it does anything',
      ids: ['C1'],
      limit_s: 60,
      async run(world) {
        await chat.open(world, at.victim, mallory);
        await chat.message(at.victim.page, `#${CHANCEFUL - 1} `).waitFor();
        const shown = await chat.history(at.victim.page).locator('li[data-key] [dir="auto"]').evaluateAll((all) => all.map((one) => one.textContent));
        assert.deepEqual(shown.map((text) => text.trim()), sent.map(carried));
        assert.deepEqual(await harmless(at.victim, 'chat'), []);
        const links = await chat.history(at.victim.page).getByRole('link').evaluateAll((all) => all.map((link) => [link.protocol, link.rel, link.target]));
        for (const [protocol, rel, target] of links) {
          assert.match(protocol, /^https?:$/u);
          assert.match(rel, /noopener/u);
          assert.equal(target, '_blank');
        }
      },
    },
    {
      sentence: 'each message keeps its own direction: what overrides it ends with it',
      ids: ['C1'],
      async run() {
        const messages = chat.history(at.victim.page).locator('li[data-key] [dir="auto"]');
        const ways = await messages.evaluateAll((all) => all.map((one) => getComputedStyle(one).unicodeBidi));
        assert.equal(ways.length, sent.length);
        for (const way of ways) assert.match(way, /isolate|plaintext/u);
      },
    },
    {
      sentence: 'files that are none, under names and addresses that hurt, are said not to be there, and nothing follows them',
      ids: ['C6'],
      async run(world) {
        at.victim.watch.expect(REFUSED(404));
        const asked = [];
        const note = (request) => asked.push(request.url());
        at.victim.page.on('request', note);
        await Bot.tell(world.box, mallory, victim, FILES);
        const last = chat.message(at.victim.page, `file ${FILES.length - 1}`);
        await last.scrollIntoViewIfNeeded();
        await last.getByText(words('file_gone'), { exact: true }).waitFor();
        // Each is asked for by itself.
        await chat.becomes(() => chat.history(at.victim.page).getByText(words('file_gone'), { exact: true }).count(), 3, 'files that are gone');
        at.victim.page.off('request', note);
        for (const url of asked) assert.match(url, /\/filestorage\/v1\.0\/files\/a0+[123]$|\/conversations/u);
        assert.deepEqual(await harmless(at.victim, 'files'), []);
      },
    },
    {
      sentence: 'texts with marks are drawn with them and are no markup, none takes long, and reactions that are none are left out',
      ids: ['C1'],
      async run(world) {
        const { page } = at.victim;
        const before = await spent(at.victim);
        await Bot.tell(world.box, mallory, victim, MARKED);
        await page.waitForFunction((count) => document.querySelectorAll('.marked').length >= count, MARKED.length);
        const took_s = (await spent(at.victim)) - before;
        assert.ok(took_s < MARKED_LIMIT_S, `drawn with ${took_s} s of the processor`);
        const drawn = await chat.history(page).locator('.marked').evaluateAll((all) => all.map((one) => [...one.querySelectorAll('*')].map((element) => element.tagName)).flat());
        const strange = [...new Set(drawn)].filter((name) => !['P', 'BR', 'STRONG', 'EM', 'S', 'CODE', 'PRE', 'UL', 'OL', 'LI', 'BLOCKQUOTE', 'A'].includes(name));
        assert.deepEqual(strange, []);
        for (const protocol of await chat.history(page).getByRole('link').evaluateAll((all) => all.map((link) => link.protocol))) assert.match(protocol, /^https?:$/u);
        await chat.write(at.victim, mallory, 'React to this');
        const id = (await chat.message(page, 'React to this').getAttribute('data-key')).slice(1);
        await Bot.tell(world.box, mallory, victim, [{ text: id, icons: ICONS }]);
        const chips = chat.message(page, 'React to this').getByRole('list', { name: words('chat_reactions'), exact: true }).getByRole('listitem');
        await chips.first().waitFor();
        assert.equal(await chips.count(), 12, 'so many as one person may take');
        for (const text of ['WWW', '<b>', '7']) assert.equal(await chips.filter({ hasText: text }).count(), 0, text);
        assert.deepEqual(await harmless(at.victim, 'marked'), []);
      },
    },
    {
      sentence: 'in the lists of conversations and people, on cards and in the search, hostile names are lines of text',
      ids: ['B6', 'B7', 'C1'],
      limit_s: 90,
      async run() {
        const { page } = at.victim;
        const found = [];
        const look = async (name, address) => {
          await page.goto(address);
          await quiet(page);
          found.push(...(await harmless(at.victim, name)));
        };
        await look('conversations', '/#/chat');
        await look('people', '/#/people');
        for (const [number, id] of at.people.entries()) await look(`card ${number}`, `/#/people/${id}`);
        await look('conversation', `/#/chat/${at.people[0]}`);
        await look('conversation', `/#/chat/${at.people[6]}`);
        assert.deepEqual(found, []);
      },
    },
    {
      sentence: 'so are the names and topics of bubbles, for who is in them and for who is asked',
      ids: ['C3'],
      limit_s: 90,
      async run(world) {
        const rooms = '/api/rainbow/enduser/v1.0/rooms';
        const by = await signInByRest(world.box, mallory);
        const mine = await signInByRest(world.box, victim);
        const allowed = (text) => [...text.replace(/\p{Cc}/gu, ' ')].slice(0, 255).join('').trim();
        const names = NAMES.map((name) => allowed(name.join(' '))).filter(Boolean);
        const found = [];
        for (const [number, name] of names.entries()) {
          const topic = allowed(MESSAGES[number % MESSAGES.length]);
          const { body } = await by.call('POST', rooms, { name, topic, history: 'all' });
          for (const user of [mine.user.id, at.people[number % at.people.length]]) await by.call('POST', `${rooms}/${body.data.id}/users`, { userId: user, status: 'invited' });
          if (number % 2 === 0) await mine.call('PUT', `${rooms}/${body.data.id}/users/${mine.user.id}`, { status: 'accepted' });
          await at.victim.page.goto(`/#/chat/room_${body.data.id}/details`);
          await at.victim.page.getByRole('region').or(at.victim.page.getByRole('complementary')).first().waitFor();
          await quiet(at.victim.page);
          found.push(...(await harmless(at.victim, `bubble ${number}`)));
        }
        await at.victim.page.goto('/#/people/invitations');
        await quiet(at.victim.page);
        found.push(...(await harmless(at.victim, 'invitations')));
        assert.deepEqual(found, []);
      },
    },
    {
      sentence: 'so they are for the administrator, in the list of members and on their pages',
      ids: ['A8'],
      limit_s: 90,
      async run(world) {
        at.chief = await signIn(await world.browser.seat('chief'), chief);
        const found = [];
        for (const address of ['/#/company/members', ...at.people.slice(0, 7).map((id) => `/#/company/members/${id}`)]) {
          await at.chief.page.goto(address);
          await quiet(at.chief.page);
          found.push(...(await harmless(at.chief, address)));
        }
        assert.deepEqual(found, []);
      },
    },
    {
      sentence: 'a text that is too long is not sent and says by how much, and one of nothing but blanks is none',
      ids: ['C1'],
      async run(world) {
        await chat.open(world, at.victim, mallory);
        const field = chat.field(at.victim.page, mallory.displayName);
        const send = at.victim.page.getByRole('button', { name: words('chat_send'), exact: true });
        await field.fill('x'.repeat(16_385));
        await at.victim.page.getByText(words('chat_too_long', { count: 1 })).waitFor();
        assert.ok(await send.isDisabled());
        await field.fill(' \n \t ');
        assert.ok(await send.isDisabled());
        await field.fill('x'.repeat(16_384));
        await field.press('Enter');
        await chat.status(at.victim, 'x'.repeat(16_384), 'sent').catch(() => chat.status(at.victim, 'x'.repeat(16_384), 'received'));
      },
    },
  ],
};
