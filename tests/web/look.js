'use strict';
// What is looked at on any page, whatever it is about: accessibility, layout, words, pictures.

const fs = require('node:fs');
const path = require('node:path');
const { SIZES, SMALLEST } = require('./browser.js');
const { LANGUAGES, tables } = require('./strings.js');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const MOVING_FRAMES_MAX = 60;
const NODES_TOLD_MAX = 4;
const GRAVE = new Set(['serious', 'critical']);

/** What axe finds serious or critical, one line each. Evaluated from outside: the page's policy stays as it is. */
async function barriers(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], elementRef: false }));
  const grave = found.violations.filter((one) => GRAVE.has(one.impact));
  const told = (rule, { html, failureSummary = '' }) => {
    const what = failureSummary.split('\n').slice(1, 3).join('; ').trim();
    return `${rule.id} (${rule.impact}): ${html.slice(0, 120)}: ${what}`;
  };
  return grave.flatMap((rule) => rule.nodes.slice(0, NODES_TOLD_MAX).map((node) => told(rule, node)));
}

/** Every place that can be scrolled sideways, though nothing is meant to be. */
function sideways(page) {
  return page.evaluate(() => {
    const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')}`;
    const scrolls = (element) => element.scrollWidth > element.clientWidth + 1 && /auto|scroll/u.test(getComputedStyle(element).overflowX);
    const root = document.scrollingElement;
    const wide = root.scrollWidth > innerWidth + 1 ? [`the page: ${root.scrollWidth} > ${innerWidth}`] : [];
    const exempt = (element) => element.closest('[data-sideways]') || ['INPUT', 'TEXTAREA', 'PRE'].includes(element.tagName);
    const inner = [...document.body.querySelectorAll('*')].filter((element) => element.clientWidth > 0 && !exempt(element) && scrolls(element));
    return [...wide, ...inner.map((element) => `${name(element)}: ${element.scrollWidth} > ${element.clientWidth}`)];
  });
}

/** Every word that is seen or spoken: text, names, hints. */
function wordsOn(page) {
  return page.evaluate(() => {
    const words = [];
    const shown = (element) => element.checkVisibility?.() ?? true;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.trim();
      if (text && !['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(node.parentElement.tagName)) words.push(text);
    }
    for (const element of document.querySelectorAll('[aria-label],[title],[placeholder],[alt],[aria-description]')) {
      if (!shown(element)) continue;
      for (const attribute of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description']) {
        const text = element.getAttribute(attribute);
        if (text !== null) words.push(text.trim());
      }
    }
    return words;
  });
}

const keys = new Set(Object.keys(tables.en));
const meanings = Object.fromEntries(LANGUAGES.map((language) => [language, new Set(Object.values(tables[language]))]));

/** What stands on the page that is no word of that language: keys, empty names, unfilled places, another language's words. */
async function strangers(page, language) {
  const found = [];
  const lang = await page.evaluate(() => document.documentElement.lang);
  if (lang !== language) found.push(`html lang is ${lang}`);
  for (const word of await wordsOn(page)) {
    if (word === '') found.push('an empty name');
    if (keys.has(word) && !meanings[language].has(word)) found.push(`the key ${word}`);
    if (/\{\w+\}/u.test(word)) found.push(`a place that was not filled: ${word}`);
    if (/\b(undefined|null|NaN|\[object )/u.test(word)) found.push(`a slip: ${word}`);
    const foreign = LANGUAGES.find((other) => other !== language && meanings[other].has(word));
    if (foreign && !meanings[language].has(word)) found.push(`${foreign}: ${word}`);
  }
  return [...new Set(found)];
}

/** The same, and what has no room for that language's words on the smallest phone. */
async function wordsFit(page, language) {
  const strange = await strangers(page, language);
  await page.setViewportSize(SMALLEST);
  await settled(page);
  const wide = await sideways(page);
  await page.setViewportSize(SIZES.desktop);
  return [...strange, ...wide];
}

/** The page as it is, in both themes and sizes, into FOLDER/NAME-THEME-SIZE.png. */
async function portray(page, folder, name, themes = ['light', 'dark'], sizes = Object.keys(SIZES)) {
  fs.mkdirSync(folder, { recursive: true });
  const files = [];
  for (const size of sizes) {
    await page.setViewportSize(SIZES[size]);
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      await settled(page);
      const file = path.join(folder, `${name}-${theme}-${size}.png`);
      await page.screenshot({ path: file, animations: 'disabled' });
      files.push(file);
    }
  }
  return files;
}

/** Fonts are there, two frames have been drawn since, and nothing is on its way from one look to another. */
function settled(page) {
  return page.evaluate(async (framesMax) => {
    await document.fonts.ready;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
    for (let frames = 0; frames < framesMax && document.getAnimations().some((one) => one.playState === 'running'); frames += 1) await frame();
  }, MOVING_FRAMES_MAX);
}

module.exports = { barriers, portray, settled, sideways, strangers, wordsFit };
