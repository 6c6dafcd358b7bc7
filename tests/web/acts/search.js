'use strict';
// What a person does to find something, and sees of it.

const { words } = require('../strings.js');

const field = (page, language = 'en') => page.getByRole('searchbox', { name: words('search_everything', {}, language), exact: true });
const results = (page, language = 'en') => page.getByRole('list', { name: words('search_results', {}, language), exact: true });
/** One thing that was found, by any part of what is said of it. */
const result = (page, text) => results(page).getByRole('listitem').filter({ hasText: text });
/** What was looked for, marked in what a message says around it. */
const marked = (page, text, found) => result(page, text).locator('mark').filter({ hasText: new RegExp(`^${found}$`, 'u') });
/** The message that a search led to. */
const sought = (page) => page.locator('li[data-sought]');

async function look({ page }, text, language = 'en') {
  await field(page, language).fill(text);
}

/** Nothing is found: not while it is looked for, but at the end. */
async function findsNothing({ page }, text) {
  await look({ page }, text);
  await page.getByText(words('search_nothing'), { exact: true }).waitFor();
}

module.exports = { field, findsNothing, look, marked, result, results, sought };
