'use strict';
// Everybody can use every page: what axe finds, and the way from signing in to a sent message without a mouse.

const assert = require('node:assert/strict');
const people = require('../people.js');
const chat = require('../acts/chat.js');
const { navigation } = require('../acts/sign_in.js');
const { words } = require('../strings.js');
const { TOUR_LIMIT_S, found } = require('../tour.js');

const { karl, tom } = people;
/** More presses than this from one place to the next is no way. */
const TABS_MAX = 40;

/** What has the focus: its name as a person hears it, and whether it is seen, on itself or on the frame around it. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labels = [...(element.labels ?? [])].map((label) => label.textContent.trim());
    const marked = (one) => {
      const style = getComputedStyle(one);
      return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    };
    return { name: element.getAttribute('aria-label') ?? labels[0] ?? element.textContent.trim(), shown: marked(element) || marked(element.parentElement) };
  });
}

/** Presses Tab, or Shift and Tab, until something with that name has the focus, and the focus is seen at each stop. */
async function tabTo(page, wanted, key = 'Tab') {
  const way = [];
  for (let press = 0; press < TABS_MAX; press += 1) {
    const { name, shown } = await focused(page);
    if (way.length > 0) assert.ok(shown, `the focus on "${name}" cannot be seen`);
    if (name.replace(/\s+/gu, ' ').startsWith(wanted)) return;
    way.push(name.slice(0, 40));
    await page.keyboard.press(key);
  }
  assert.fail(`Tab does not lead to "${wanted}"; it went over ${way.join(' | ')}`);
}

module.exports = {
  box: 'furnished',
  steps: [
    ...['light', 'dark'].map((theme) => ({
      sentence: `axe finds nothing serious on any page, dialog or menu in the ${theme} theme`,
      ids: ['J9'],
      limit_s: TOUR_LIMIT_S,
      async run(world) {
        assert.deepEqual(await found(world, `axe, ${theme}`), []);
      },
    })),
    {
      sentence: 'with the keyboard alone one signs in, finds a colleague, writes, corrects and signs out',
      ids: ['A1', 'C1', 'J9'],
      limit_s: 60,
      async run({ browser }) {
        const seat = await browser.seat('karl');
        const { page } = seat;
        await page.goto('/');
        await page.getByRole('heading', { level: 1, name: words('sign_in_title') }).waitFor();
        await tabTo(page, words('sign_in_email'));
        await page.keyboard.type(karl.email);
        await tabTo(page, words('sign_in_password'));
        await page.keyboard.type(karl.password);
        await page.keyboard.press('Enter');
        await navigation(page).waitFor();
        await tabTo(page, words('nav_people'));
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: words('nav_people') }).waitFor();
        await tabTo(page, words('people_search'));
        await page.keyboard.type('tom');
        await page.getByText(words('people_found_network')).waitFor();
        const found = page.getByRole('link').filter({ hasText: tom.displayName });
        await found.waitFor();
        const isThere = () => found.evaluate((element) => element === document.activeElement);
        for (let press = 0; press < TABS_MAX && !(await isThere()); press += 1) await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: words('people_write'), exact: true }).waitFor();
        await tabTo(page, words('people_write'));
        await page.keyboard.press('Enter');
        await chat.field(page, tom.displayName).waitFor();
        await tabTo(page, words('chat_write', { name: tom.displayName }));
        await page.keyboard.type('Written without a moose');
        await page.keyboard.press('Enter');
        await chat.message(page, 'Written without a moose').waitFor();
        await page.keyboard.press('ArrowUp');
        await page.getByText(words('chat_editing')).waitFor();
        await page.waitForFunction(() => document.activeElement.value === 'Written without a moose');
        await page.keyboard.press('Control+A');
        await page.keyboard.type('Written without a mouse');
        await page.keyboard.press('Enter');
        await chat.message(page, 'Written without a mouse').getByText(words('chat_edited')).waitFor();
      },
    },
    {
      sentence: 'with the keyboard alone one makes a bubble, writes in it, looks at its members, and comes back to where one was',
      ids: ['C3', 'J9'],
      limit_s: 60,
      async run({ browser }) {
        const [{ page }] = browser.seats;
        const name = 'Keys and locks';
        await page.goto('/#/chat');
        await tabTo(page, words('bubble_new'));
        await page.keyboard.press('Enter');
        const form = page.getByRole('dialog', { name: words('bubble_new') });
        await form.waitFor();
        await tabTo(page, words('bubble_name'));
        await page.keyboard.type(name);
        await tabTo(page, words('people_search'));
        await page.keyboard.type('tom');
        await form.getByRole('listitem').filter({ hasText: tom.displayName }).waitFor();
        await form.getByRole('checkbox').nth(1).waitFor({ state: 'detached' });
        // Whoever is found first; the form is not sent by it.
        await page.keyboard.press('Enter');
        await form.getByRole('button', { name: words('bubble_unpick', { name: tom.displayName }) }).waitFor();
        await tabTo(page, words('bubble_create'));
        await page.keyboard.press('Enter');
        await chat.field(page, name).waitFor();
        await tabTo(page, words('chat_write', { name }));
        await page.keyboard.type('Turned without a hand');
        await page.keyboard.press('Enter');
        await chat.message(page, 'Turned without a hand').waitFor();
        await page.keyboard.type('And shut again');
        await page.keyboard.press('Enter');
        await chat.message(page, 'And shut again').waitFor();
        // What is still on its way cannot be answered.
        await chat.isKept(page, 'Turned without a hand');
        await tabTo(page, words('chat_actions'), 'Shift+Tab');
        await page.keyboard.press('ArrowUp');
        await page.keyboard.press('Enter');
        await chat.message(page, 'Turned without a hand').getByRole('menuitem', { name: words('chat_answer'), exact: true }).waitFor();
        await page.keyboard.press('Enter');
        await page.keyboard.type('By whom?');
        await page.keyboard.press('Enter');
        await chat.message(page, 'By whom?').getByRole('button', { name: 'Turned without a hand' }).waitFor();
        await tabTo(page, words('bubble_details'), 'Shift+Tab');
        await page.keyboard.press('Enter');
        await page.getByRole('complementary').getByText(tom.displayName).waitFor();
        await tabTo(page, words('people_more', { name: tom.displayName }));
        await page.keyboard.press('Enter');
        await page.getByRole('menuitem', { name: words('bubble_take_back') }).waitFor();
        await page.keyboard.press('Escape');
        await page.keyboard.press('Escape');
        await page.getByRole('complementary').waitFor({ state: 'detached' });
        await page.waitForFunction((label) => document.activeElement.getAttribute('aria-label') === label, words('bubble_details'));
      },
    },
  ],
};
