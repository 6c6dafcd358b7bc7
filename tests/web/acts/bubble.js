'use strict';
// What a person does with bubbles, and sees of them. A bubble is written to as somebody of its name (`as`) is, by acts/chat.js.

const { entry } = require('./chat.js');
const { words } = require('../strings.js');

const as = (name) => ({ displayName: name });
const button = (scope, key, values) => scope.getByRole('button', { name: words(key, values), exact: true });
const dialog = (page, key, values) => page.getByRole('dialog', { name: words(key, values), exact: true });
const panel = (page) => page.getByRole('complementary', { name: words('bubble_details'), exact: true });
/** A line of the list of members. */
const member = (page, person) => panel(page).getByRole('listitem').filter({ hasText: person.displayName });
/** What stands above the messages of somebody else. */
const said = (page, person) => page.locator('.message__who').filter({ hasText: person.displayName });

async function pick(scope, persons) {
  for (const person of persons) {
    await scope.getByRole('searchbox').fill(person.firstName);
    await scope.getByRole('listitem').filter({ hasText: person.displayName }).getByRole('checkbox').check();
  }
}

/** Makes a bubble and is in it. */
async function make({ page }, { name, topic, history = 'all', people = [] }) {
  await page.goto('/#/chat');
  await button(page, 'bubble_new').click();
  const form = dialog(page, 'bubble_new');
  await form.getByLabel(words('bubble_name'), { exact: true }).fill(name);
  await form.getByLabel(`${words('bubble_topic')} (${words('optional')})`, { exact: true }).fill(topic);
  await pick(form, people);
  await form.getByLabel(words(`bubble_history_${history}`), { exact: true }).check();
  await button(form, 'bubble_create').click();
  await page.getByRole('region', { name, exact: true }).waitFor();
}

async function open({ page }, name) {
  await entry(page, name).click();
  await page.getByRole('region', { name, exact: true }).waitFor();
}

/** What the bubble is, beside what is said in it. */
async function look(seat, name) {
  if (await panel(seat.page).isVisible()) return;
  await button(seat.page.getByRole('region', { name, exact: true }), 'bubble_details').click();
  await panel(seat.page).waitFor();
}

/** One of the commands beside a member. */
async function command({ page }, person, key) {
  await button(member(page, person), 'people_more', { name: person.displayName }).click();
  await member(page, person).getByRole('menuitem', { name: words(key), exact: true }).click();
}

module.exports = { as, button, command, dialog, look, make, member, open, panel, pick, said };
