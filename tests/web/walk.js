'use strict';
// A walk over every page of pages.js, in one language, as those whose pages they are.

const { signIn } = require('./acts/sign_in.js');
const { act, message, open, write } = require('./acts/chat.js');
const file = require('./acts/file.js');
const { furnish, name, openBubble } = require('./acts/bubble.js');
const { react } = require('./acts/reaction.js');
const people = require('./people.js');
const { PAGES, OWNER, USER } = require('./pages.js');
const { settled } = require('./look.js');
const { words } = require('./strings.js');

const LOCALES = { en: 'en-GB', fr: 'fr-FR', de: 'de-DE' };

class Walk {
  /** Everybody has signed in, and Lena's conversation with Tom has something in it. */
  static async begin(world, language = 'en', options = {}) {
    const walk = new Walk(world, language);
    const seat = (name) => world.browser.seat(`${name}-${language}`, { way: true, locale: LOCALES[language], ...options });
    const [nobody, user, owner] = await Promise.all(['nobody', 'user', 'owner'].map(seat));
    walk.seats = new Map([[undefined, nobody], [USER, user], [OWNER, owner]]);
    await Promise.all([signIn(user, USER, { language }), signIn(owner, OWNER, { language })]);
    await converse(world);
    return walk;
  }

  constructor(world, language) {
    Object.assign(this, { world, language });
  }

  /** `look(page, row, seat)` at each page once it is quiet. Collects what it returns, a line each. */
  async each(look, rows = PAGES) {
    // Everybody walks at the same time: pages of one are mostly waiting while those of another work.
    const found = await Promise.all([...this.seats].map(([who, seat]) => this.walk(seat, rows.filter((row) => row.who === who), look)));
    return together(found.flat());
  }

  async walk(seat, rows, look) {
    const found = [];
    for (const row of rows) {
      seat.watch.expect(...(row.expected ?? []));
      try {
        await this.go(seat, row);
        found.push(...(await look(seat.page, row, seat)).map((line) => [line, row.name]));
      } catch (error) {
        found.push([error.message.split('\n').slice(0, 4).join(' '), row.name]);
      }
      await this.leave(seat, row);
    }
    return found;
  }

  async go(seat, row) {
    const { page } = seat;
    await page.goto(await row.address(this.world));
    await row.ready?.(page, this.language);
    await quiet(page);
    await row.open?.(page, this.language, seat);
    await settled(page);
  }

  async leave(seat, row) {
    await Promise.resolve(row.close?.(seat)).catch(() => undefined);
    // Dialogs and menus of this page are nothing of the next one's.
    if (row.open) await seat.page.reload().catch(() => undefined);
  }
}

/** The same finding on many pages is one line. */
function together(found) {
  const pages = new Map();
  for (const [line, name] of found) pages.set(line, [...(pages.get(line) ?? []), name]);
  return [...pages].map(([line, names]) => `${line} (${names.join(', ')})`);
}

/** The heading is there, and nothing stands in for content that is still coming. */
function quiet(page) {
  return page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.skeleton, main [aria-busy="true"]'));
}

/** Sends a file with some words. */
async function share(seat, text, one) {
  await file.choose(seat, [one]);
  await seat.page.getByRole('textbox').fill(text);
  await file.send(seat);
  await message(seat.page, text).waitFor();
}

let said = new WeakSet();

async function converse(world) {
  if (said.has(world.box)) return;
  said.add(world.box);
  const [lena, tom] = await Promise.all(['lena', 'tom'].map((name) => world.browser.seat(name)));
  await Promise.all([signIn(lena, people.lena), signIn(tom, people.tom)]);
  await Promise.all([open(world, lena, people.tom), open(world, tom, people.lena)]);
  await write(tom, people.lena, 'Are you coming to the workshop in Grenoble? The train leaves at 9:12, and https://example.org/plan has the rest.');
  await write(lena, people.tom, 'Yes! 🎉');
  await write(lena, people.tom, 'I bring the cables and the spare screen. Could you print the list of people, twice, in case that one gets lost on the way?');
  await write(tom, people.lena, 'Of course.');
  await share(tom, 'The hall is this large', { name: 'hall.png', mimeType: 'image/png', buffer: file.png(900, 500) });
  await share(lena, 'And the list', file.text('Participants of the workshop in Grenoble, second and last version.csv', 'name;town\n'));
  await act(tom, 'The hall is this large', 'chat_answer');
  await share(tom, 'Here is the plan of it', file.text('plan.txt', 'soon deleted'));
  await act(tom, 'Here is the plan of it', 'file_delete');
  await tom.page.getByRole('dialog').getByRole('button', { name: words('file_delete'), exact: true }).click();
  await tom.page.getByText(words('file_deleted'), { exact: true }).waitFor();
  await write(lena, people.tom, 'See you there');
  await react(tom, 'See you there', '👍');
  for (const command of ['chat_pin', 'chat_mark']) await act(lena, 'Are you coming to the workshop', command);
  await furnish(world, people.lena, people.tom, [people.karl, people.chief]);
  await Promise.all([openBubble(world, lena, 'Workshop in Grenoble'), openBubble(world, tom, 'Workshop in Grenoble')]);
  const workshop = { displayName: 'Workshop in Grenoble' };
  await write(tom, workshop, 'The hall opens at eight, and the projector is booked until the evening.');
  await write(tom, workshop, 'Who brings the badges?');
  await act(lena, 'Who brings the badges?', 'chat_answer');
  await write(lena, workshop, 'I do. They are printed already.');
  await name(tom, 'Workshop in Grenoble', people.lena);
  await write(tom, workshop, `@${people.lena.displayName} you are the best.`);
  await Promise.all([world.browser.leave(lena), world.browser.leave(tom)]);
}

module.exports = { Walk, quiet };
