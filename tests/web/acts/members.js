'use strict';
// What an administrator does to let somebody in, and what the invited does.

const { navigation } = require('./sign_in.js');
const { words } = require('../strings.js');

/** Adds somebody and takes the link that is shown. */
async function addByLink(page, person) {
  await page.getByRole('button', { name: words('company_add'), exact: true }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(words('company_email'), { exact: true }).fill(person.email);
  await dialog.getByLabel(`${words('company_first_name')} (${words('optional')})`, { exact: true }).fill(person.firstName);
  await dialog.getByLabel(`${words('company_last_name')} (${words('optional')})`, { exact: true }).fill(person.lastName);
  await dialog.getByRole('button', { name: words('company_add_link'), exact: true }).click();
  await page.getByRole('dialog', { name: words('company_added', { name: person.displayName }) }).waitFor();
  const link = await page.getByRole('dialog').locator('code').innerText();
  await page.getByRole('button', { name: words('company_link_taken'), exact: true }).click();
  await page.getByRole('link', { name: person.displayName }).waitFor();
  return link;
}

/** Opens the link and chooses the password. */
async function joinBy(page, link, person) {
  await page.goto(link);
  await page.getByText(person.email).waitFor();
  await page.getByLabel(words('join_password'), { exact: true }).fill(person.password);
  await page.getByRole('button', { name: words('join_go'), exact: true }).click();
  await navigation(page).waitFor();
}

module.exports = { addByLink, joinBy };
