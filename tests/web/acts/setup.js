'use strict';
// What who sets up a box does, screen by screen.

const { words } = require('../strings.js');

const heading = (page, key, language = 'en') => page.getByRole('heading', { level: 1, name: words(key, {}, language), exact: true });
const go = (page, key = 'next') => page.getByRole('button', { name: words(key), exact: true }).click();
const label = (page, key) => page.getByLabel(words(key), { exact: true });
/** A field that may be left empty says so in its name. */
const optional = (page, key) => page.getByLabel(`${words(key)} (${words('optional')})`, { exact: true });

async function enterCode(page, code) {
  await heading(page, 'setup_welcome').waitFor();
  await label(page, 'setup_code').fill(code);
  await go(page, 'setup_code_go');
}

async function nameBox(page, name, domain) {
  await heading(page, 'setup_name').waitFor();
  await label(page, 'setup_name_name').fill(name);
  await label(page, 'setup_name_domain').fill(domain);
  await go(page);
}

async function nameCompany(page, name) {
  await heading(page, 'setup_company').waitFor();
  await label(page, 'setup_company_name').fill(name);
  await go(page);
}

async function makeAccount(page, { email, firstName, lastName, password }) {
  await heading(page, 'setup_admin').waitFor();
  await label(page, 'setup_admin_email').fill(email);
  await optional(page, 'setup_admin_first').fill(firstName);
  await optional(page, 'setup_admin_last').fill(lastName);
  await label(page, 'setup_admin_password').fill(password);
  await go(page);
}

/** The recovery key as it is shown. */
async function readKey(page) {
  await heading(page, 'setup_key').waitFor();
  await go(page, 'setup_key_make');
  await heading(page, 'setup_key_yours').waitFor();
  const key = await page.getByRole('region', { name: words('setup_key_field') }).locator('.mono').innerText();
  await go(page, 'setup_key_noted');
  return key.replaceAll(/\s/gu, '');
}

async function checkKey(page, typed) {
  await label(page, 'setup_key_field').fill(typed);
  await go(page, 'setup_key_check_go');
}

module.exports = { checkKey, enterCode, go, heading, label, makeAccount, nameBox, nameCompany, optional, readKey };
