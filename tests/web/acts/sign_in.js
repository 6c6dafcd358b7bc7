'use strict';
// What a person does to get in and out.

const { words } = require('../strings.js');

const navigation = (page, language = 'en') => page.getByRole('navigation', { name: words('nav_label', {}, language), exact: true });

/** Fills in the page that is open. */
async function fillIn(page, { email, password }, language = 'en') {
  await page.getByLabel(words('sign_in_email', {}, language), { exact: true }).fill(email);
  await page.getByLabel(words('sign_in_password', {}, language), { exact: true }).fill(password);
  await page.getByRole('button', { name: words('sign_in_go', {}, language), exact: true }).click();
}

/** From an empty browser to the first page; `address` is where the person comes in. */
async function signIn(seat, person, { address = '/', language = 'en' } = {}) {
  const { page } = seat;
  await page.goto(address);
  await fillIn(page, person, language);
  await navigation(page, language).waitFor();
  seat.person = person;
  return seat;
}

module.exports = { fillIn, navigation, signIn };
