'use strict';
// The three languages, complete and nothing but themselves.

const assert = require('node:assert/strict');
const { wordsFit } = require('../look.js');
const { LANGUAGES, tables } = require('../strings.js');
const { TOUR_LIMIT_S, found } = require('../tour.js');
const { Walk } = require('../walk.js');

/** Words that are the same in two languages by chance or because they are names; more in a row are a translation forgotten. */
const SAME_WORDS_MAX = 3;
const places = (text) => [...text.matchAll(/\{\w+\}/gu)].map((match) => match[0]).sort().join();

/** What one language lacks, has beyond the others, or left in English. */
function gaps(language) {
  const [here, english] = [tables[language], tables.en];
  const missing = Object.keys(english).filter((key) => !(here[key] ?? '').trim());
  const beyond = Object.keys(here).filter((key) => !(key in english));
  const unfilled = Object.keys(english).filter((key) => here[key] && places(here[key]) !== places(english[key]) && !/_(one|other)$/u.test(key));
  const english_ = Object.keys(english).filter((key) => language !== 'en' && here[key] === english[key] && english[key].split(/\s+/u).length > SAME_WORDS_MAX);
  return [
    ...missing.map((key) => `${key} is missing`),
    ...beyond.map((key) => `${key} is nowhere else`),
    ...unfilled.map((key) => `${key} has other places than in English`),
    ...english_.map((key) => `${key} is English`),
  ];
}

async function walked(world, language) {
  const walk = await Walk.begin(world, language);
  const lines = await walk.each((page) => wordsFit(page, language));
  await world.browser.leaveAll();
  return lines;
}

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'every string is there in all three languages, with the same places to fill',
      ids: ['I8', 'J9'],
      async run() {
        for (const language of LANGUAGES) assert.deepEqual(gaps(language), [], language);
      },
    },
    ...LANGUAGES.map((language) => ({
      sentence: `a browser that asks for "${language}" is answered in it on every page: no key, no empty name, no other language, and room for its words on the smallest phone`,
      ids: ['I8', 'J9'],
      limit_s: TOUR_LIMIT_S,
      async run(world) {
        assert.deepEqual(await (language === 'en' ? found(world, 'words') : walked(world, language)), []);
      },
    })),
  ],
};
