// Fails on words that a person would miss: strings that a language lacks, that nobody uses or that are given twice,
// placeholders that differ between languages, and literal text in the pages.
import { build, transformSync } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), '../src');
const LANGUAGES = fs.readdirSync(path.join(source, 'strings'));
const SPOKEN_ATTRIBUTES = 'title|alt|placeholder|aria-label|label|legend|hint|error|lead|optional|words';
const problems = [];

async function load(file) {
  const result = await build({ entryPoints: [file], bundle: true, write: false, format: 'esm', logLevel: 'error' });
  return import(`data:text/javascript;base64,${Buffer.from(result.outputFiles[0].contents).toString('base64')}`);
}

/** Key to text, for one language; each file is looked at on its own, because a spread hides what it overwrites. */
async function table(language) {
  const folder = path.join(source, 'strings', language);
  const { strings } = await load(path.join(folder, 'index.ts'));
  const owners = new Map();
  for (const name of fs.readdirSync(folder).filter((name) => name !== 'index.ts')) {
    const exported = Object.values(await load(path.join(folder, name)));
    for (const key of exported.flatMap(Object.keys)) {
      if (owners.has(key)) problems.push(`${language}: ${key} is in ${owners.get(key)} and in ${name}`);
      owners.set(key, name);
      if (!(key in strings)) problems.push(`${language}/${name}: ${key} is not in index.ts`);
    }
  }
  return new Map(Object.entries(strings));
}

function files(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const whole = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'strings' ? [] : files(whole);
    return /\.tsx?$/u.test(entry.name) ? [whole] : [];
  });
}

const placeholders = (text) => [...text.matchAll(/\{\w+\}/gu)].map(([one]) => one).sort().join(' ');

function compare(language, own, reference) {
  for (const [key, text] of reference) {
    const translated = own.get(key);
    if (translated === undefined) problems.push(`${language}: ${key} is missing`);
    else if (translated.trim() === '') problems.push(`${language}: ${key} is empty`);
    else if (placeholders(translated) !== placeholders(text)) problems.push(`${language}: ${key} has other placeholders than in en`);
    // English apostrophes and the quotes of programmers are typing habits, not typography.
    if (translated !== undefined && /['"]/u.test(translated)) problems.push(`${language}: ${key} has a straight quote or apostrophe`);
  }
  for (const key of own.keys()) if (!reference.has(key)) problems.push(`${language}: ${key} is not in en`);
}

/** Patterns of the keys that a file names: whole strings, stems of `counted`, and templates such as `presence_${level}`. */
function uses(code) {
  const whole = [...code.matchAll(/(['"`])([a-z]\w*)\1/gu)].map((match) => match[2]);
  const stems = [...code.matchAll(/counted\(\s*'(\w+)'/gu)].flatMap((match) => [`${match[1]}_one`, `${match[1]}_other`]);
  const templates = [...code.matchAll(/`([a-z]\w*_(?:\w|\$\{[^}]*\})*)`/gu)].map((match) => match[1]).filter((one) => one.includes('${'));
  const patterns = templates.map((one) => new RegExp(`^${one.replace(/\$\{[^}]*\}/gu, '\\w+')}$`, 'u'));
  return { names: new Set([...whole, ...stems]), patterns };
}

function unused(keys, sources) {
  const all = sources.map(([, code]) => uses(code));
  for (const key of keys) {
    if (!all.some(({ names, patterns }) => names.has(key) || patterns.some((one) => one.test(key)))) problems.push(`${key} is used nowhere`);
  }
}

const isWords = (text) => /\p{L}{2}/u.test(text);

/** Strings that stand directly in the list that begins at `at`; what is deeper belongs to somebody else. */
function direct(code, at) {
  const found = [];
  let depth = 0;
  for (let place = at; place < code.length; place += 1) {
    const letter = code[place];
    if (letter === '"') {
      const text = /^"(?:[^"\\]|\\.)*"/u.exec(code.slice(place))?.[0] ?? '"';
      const after = code.slice(place + text.length).trimStart()[0];
      if (depth === 1 && /[[,]\s*$/u.test(code.slice(0, place)) && (after === ',' || after === ']')) found.push(JSON.parse(text));
      place += text.length - 1;
    } else if ('[({'.includes(letter)) depth += 1;
    else if ('])}'.includes(letter) && (depth -= 1) === 0) break;
  }
  return found;
}

/** After the compiler, what stood between two tags is a string among children, and nothing else looks like that. */
function literals(name, code, keys) {
  const { code: plain } = transformSync(code, { loader: 'tsx', charset: 'utf8', jsx: 'automatic', jsxImportSource: 'preact', format: 'esm' });
  const alone = [...plain.matchAll(/children: ("(?:[^"\\]|\\.)*")/gu)].map((match) => JSON.parse(match[1]));
  const among = [...plain.matchAll(/children: \[/gu)].flatMap((match) => direct(plain, match.index + 'children: '.length));
  const spoken = [...plain.matchAll(new RegExp(`(?<!\\w)"?(?:${SPOKEN_ATTRIBUTES})"?: ("(?:[^"\\\\]|\\\\.)*")`, 'gu'))].map((match) => JSON.parse(match[1]));
  for (const text of [...alone, ...among, ...spoken].filter((text) => isWords(text) && !keys.has(text))) problems.push(`${name}: “${text}” is not in the tables`);
}

/** The service worker has a small table of its own. */
async function worker() {
  const { WORDS } = await load(path.join(source, 'worker/words.ts'));
  for (const language of LANGUAGES) if (!WORDS[language]) problems.push(`${language}: the service worker does not speak it`);
}

const sources = files(source).map((file) => [path.relative(source, file), fs.readFileSync(file, 'utf8')]);
const tables = new Map(await Promise.all(LANGUAGES.map(async (language) => [language, await table(language)])));
await worker();
const reference = tables.get('en');
for (const [language, own] of tables) compare(language, own, reference);
unused(reference.keys(), sources);
for (const [name, code] of sources) if (name.endsWith('.tsx')) literals(name, code, reference);

for (const problem of problems.sort()) console.error(`strings: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`strings: ${reference.size} in ${LANGUAGES.length} languages`);
