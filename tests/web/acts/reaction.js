'use strict';
// What a person does with emoji on messages, and sees of them.

const { becomes, message, pressOver } = require('./chat.js');
const { words } = require('../strings.js');

const picker = (page) => page.getByRole('dialog', { name: words('chat_react'), exact: true });
/** An emoji under a message. */
const chip = (page, text, icon) => message(page, text).getByRole('list', { name: words('chat_reactions'), exact: true }).getByRole('button').filter({ hasText: icon });

async function react({ page }, text, icon) {
  await pressOver(message(page, text), words('chat_react'));
  await picker(page).getByRole('button', { name: icon, exact: true }).click();
}

/** So many took it, those whose names are given among them. */
async function shows({ page }, text, icon, count, names) {
  const one = chip(page, text, icon).filter({ hasText: String(count) });
  await one.waitFor();
  // Who somebody is may be asked of the box only then.
  const missing = async () => {
    const said = await one.getAttribute('title');
    return names.filter((name) => !said.includes(name));
  };
  await becomes(missing, [], `who took ${icon} at "${text}"`);
}

module.exports = { chip, picker, react, shows };
