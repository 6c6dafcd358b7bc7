'use strict';
// What a person does with bubbles, and sees of them. A bubble is written to as somebody of its name (`as`) is, by acts/chat.js.

const { signIn: signInByRest } = require('../../sdk/web.js');
const { entry, field, idOf, message } = require('./chat.js');
const { words } = require('../strings.js');

const TURNS_MAX = 200;

const as = (name) => ({ displayName: name });
const button = (scope, key, values) => scope.getByRole('button', { name: words(key, values), exact: true });
const dialog = (page, key, values) => page.getByRole('dialog', { name: words(key, values), exact: true });
const panel = (page, language = 'en') => page.getByRole('complementary', { name: words('bubble_details', {}, language), exact: true });
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

/** Scrolls up through what was said until that message is there. */
async function upTo({ page }, text) {
  const scroller = page.locator('.thread [data-scroller]');
  await scroller.hover();
  const wanted = message(page, text);
  for (let turn = 0; turn < TURNS_MAX && (await wanted.count()) === 0; turn += 1) {
    await page.mouse.wheel(0, -3000);
    await page.waitForTimeout(50);
  }
  await wanted.waitFor();
}

/** One of the commands beside a member. */
async function command({ page }, person, key) {
  await button(member(page, person), 'people_more', { name: person.displayName }).click();
  await member(page, person).getByRole('menuitem', { name: words(key), exact: true }).click();
}

/** Begins a message with the name of somebody, chosen from those who are offered. */
async function name({ page }, bubble, person, language = 'en') {
  await field(page, bubble, language).pressSequentially(`@${person.firstName.slice(0, 2)}`);
  await page.getByRole('option', { name: person.displayName }).waitFor();
  await field(page, bubble, language).press('Enter');
  await page.waitForFunction((name) => document.activeElement?.value === `@${name} `, person.displayName);
}

const ROOMS = '/api/rainbow/enduser/v1.0/rooms';

/** What `person` sees of the bubble of that name. */
async function found(box, person, name) {
  const { body } = await (await signInByRest(box, person)).call('GET', `${ROOMS}?unsubscribed=true&limit=1000`);
  const room = body.data.find((one) => one.name === name);
  if (!room) throw new Error(`${person.firstName} sees no bubble ${name}: ${JSON.stringify(body)}`);
  return room;
}

const addressOf = async (box, person, name) => `/#/chat/room_${(await found(box, person, name)).id}`;

async function openBubble(world, seat, name) {
  await seat.page.goto(await addressOf(world.box, seat.person, name));
  await field(seat.page, name).waitFor();
}

/** For pictures: a bubble that `one` and `other` are in and `more` are asked into, one that `one` is asked into, one that is over. */
async function furnish({ box }, one, other, more) {
  const [mine, theirs] = await Promise.all([signInByRest(box, one), signInByRest(box, other)]);
  const make = async (by, name, topic) => (await by.call('POST', ROOMS, { name, topic, history: 'all' })).body.data.id;
  const ask = async (by, id, user) => by.call('POST', `${ROOMS}/${id}/users`, { userId: user, status: 'invited', privilege: 'user', reason: '' });
  const workshop = await make(mine, 'Workshop in Grenoble', 'Everything about the two days in March');
  for (const person of [other, ...more]) await ask(mine, workshop, await idOf(box, person));
  await theirs.call('PUT', `${ROOMS}/${workshop}/users/${theirs.user.id}`, { status: 'accepted' });
  const polls = '/api/rainbow/enduser/v1.0/polls';
  const questions = [{ text: 'Where do we have lunch on Thursday?', multipleChoice: false, answers: ['The canteen', 'By the river', 'Sandwiches'].map((text) => ({ text })) }];
  const { id } = (await mine.call('POST', polls, { roomId: workshop, title: '', questions })).body.data;
  await mine.call('PUT', `${polls}/${id}/publish`, {});
  await theirs.call('PUT', `${polls}/${id}/vote`, { votes: [{ question: 0, answers: [1] }] });
  await ask(theirs, await make(theirs, 'Summer party', 'Grill, music and a boat'), mine.user.id);
  await mine.call('PUT', `${ROOMS}/${await make(mine, 'Move of 2025', 'Boxes and vans')}/archive`, {});
}

module.exports = { addressOf, as, button, command, dialog, found, furnish, look, make, member, name, open, openBubble, panel, pick, said, upTo };
