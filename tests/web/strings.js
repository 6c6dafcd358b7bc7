'use strict';
// The application's own words, so that a test names what a person sees in each language and no word stands twice.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const FOLDER = path.join(__dirname, '../../appliance/web/app/src/strings');
const LANGUAGES = ['en', 'fr', 'de'];

/** Each file is one object literal between `export const NAME` and its type. */
function readFile(file) {
  const source = fs.readFileSync(file, 'utf8');
  const literal = /export const \w+[^=]*=\s*(\{[\s\S]*\})\s*(?:as const|satisfies [^;]+)?\s*(?:satisfies [^;]+)?;\s*$/u.exec(source)?.[1];
  if (!literal) throw new Error(`${file}: not one table of strings`);
  return vm.runInNewContext(`(${literal})`);
}

function read(language) {
  const folder = path.join(FOLDER, language);
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'index.ts');
  return Object.assign({}, ...names.map((name) => readFile(path.join(folder, name))));
}

const tables = Object.fromEntries(LANGUAGES.map((language) => [language, read(language)]));

/** What the page says for a key; a key that is not there is an error of the test. */
function words(key, values = {}, language = 'en') {
  const template = tables[language][key];
  if (template === undefined) throw new Error(`the application has no string ${key} (${language})`);
  return template.replace(/\{(\w+)\}/gu, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A pattern for what the page says, with anything in place of its values; `whole`: and nothing else beside it. */
function like(key, { language = 'en', whole = true } = {}) {
  const parts = words(key, {}, language).split(/\{\w+\}/u).map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&'));
  const pattern = parts.join('[\\s\\S]+');
  return new RegExp(whole ? `^\\s*${pattern}\\s*$` : pattern, 'u');
}

module.exports = { LANGUAGES, like, tables, words };
