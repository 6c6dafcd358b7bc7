'use strict';
// What a person does with messages, and sees of them.

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { signIn: signInByRest } = require('../../sdk/web.js');
const { like, words } = require('../strings.js');

const STATUS_LIMIT_MS = 45_000;

const ids = new Map();

/** The id by which the box knows a person. */
async function idOf(box, person) {
  const key = `${box.https} ${person.email}`;
  if (!ids.has(key)) ids.set(key, (await signInByRest(box, person)).user.id);
  return ids.get(key);
}

const field = (page, name, language = 'en') => page.getByRole('textbox', { name: words('chat_write', { name }, language), exact: true });
/** With somebody, or in a bubble. */
const HISTORY = new RegExp(['chat_history', 'bubble_history'].map((key) => like(key).source).join('|'), 'u');
/** Inside the region that carries the other's name. */
const history = (page) => page.getByRole('region').getByRole('region', { name: HISTORY });
const list = (page) => page.getByRole('list', { name: words('chat_list'), exact: true });
/** The line of a conversation in the list of all. */
const entry = (page, name) => list(page).getByRole('link').filter({ hasText: name });
/** One message of the open conversation, by any part of its text. */
const message = (page, text) => history(page).getByRole('listitem').filter({ hasText: text });

/** Opens the conversation by its address. */
async function open(world, seat, other) {
  await seat.page.goto(`/#/chat/${await idOf(world.box, other)}`);
  await field(seat.page, other.displayName).waitFor();
}

/** What waits to be sent stands there, too; this is in the hands of the box, and can be answered. */
const isKept = (page, text) => history(page).locator('li[data-place]').filter({ hasText: text }).waitFor();

/** Types and sends; what was sent stands in the conversation at once. */
async function write(seat, other, text) {
  await field(seat.page, other.displayName).fill(text);
  await field(seat.page, other.displayName).press('Enter');
  await message(seat.page, text).waitFor();
}

/** Waits until a message of one's own, the last of those that stand together, is "sent", "received" or "read". */
async function status(seat, text, wanted) {
  await message(seat.page, text).getByText(words(`chat_status_${wanted}`), { exact: true }).waitFor({ state: 'attached', timeout: STATUS_LIMIT_MS });
}

const TURNS = 6;
/** The first time; each further one may take as much longer: the machine may be busy. */
const TURN_MS = 2000;

/** By the mouse: over the message, then its button. What comes meanwhile may move the message away from under the mouse. */
async function pressOver(row, name) {
  for (let turn = 1; ; turn += 1) {
    await row.hover();
    const pressed = await row.getByRole('button', { name, exact: true }).click({ timeout: TURN_MS * turn }).then(() => true, (error) => {
      if (turn === TURNS) throw error;
    });
    if (pressed) return;
  }
}

async function act(seat, text, command) {
  const row = message(seat.page, text);
  await pressOver(row, words('chat_actions'));
  await row.getByRole('menuitem', { name: words(command), exact: true }).click();
}

/** The texts of the open conversation in the order in which they stand, of those that begin with `prefix`. */
async function texts(seat, prefix) {
  const all = await history(seat.page).getByRole('listitem').locator('[dir="auto"]').allInnerTexts();
  return all.map((text) => text.trim()).filter((text) => text.startsWith(prefix));
}

/**
 * Waits until the open conversation shows exactly these texts in this order, of those that begin with `prefix`. What one has
 * just sent stands last until the box has told its place.
 */
async function shows(seat, prefix, wanted) {
  await becomes(() => texts(seat, prefix), wanted, seat.name);
}

/** The same of the last messages, whatever stands above them. */
async function endsWith(seat, wanted) {
  await becomes(async () => (await texts(seat, '')).slice(-wanted.length), wanted, seat.name);
}

/** Looks until it is so; then, or when the time is over, tells the difference. */
async function becomes(look, wanted, what) {
  const deadline = Date.now() + STATUS_LIMIT_MS;
  let now = await look();
  while (JSON.stringify(now) !== JSON.stringify(wanted) && Date.now() < deadline) {
    await pause(100);
    now = await look();
  }
  assert.deepEqual(now, wanted, what);
}

module.exports = { act, becomes, pressOver, endsWith, entry, field, history, idOf, isKept, list, message, open, shows, status, texts, write };
