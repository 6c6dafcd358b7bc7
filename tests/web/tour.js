'use strict';
// One walk over every page in English for all that scenarios look at there: coming to a page takes longer than looking at it.

const { barriers, portray, settled, sideways, wordsFit } = require('./look.js');
const { SIZES } = require('./browser.js');
const { Walk } = require('./walk.js');

const THEMES = ['light', 'dark'];

/** By the scenario that tells of it. Each leaves the page as it found it: light, on a desk. */
const LOOKS = {
  languages: { words: (page) => wordsFit(page, 'en') },
  accessibility: Object.fromEntries(THEMES.map((theme) => [`axe, ${theme}`, (page) => inTheme(page, theme, barriers)])),
  screenshots: { pictures },
};
const NAMES = Object.values(LOOKS).flatMap((looks) => Object.keys(looks));

async function inTheme(page, theme, look) {
  await page.emulateMedia({ colorScheme: theme });
  await settled(page);
  const found = await look(page);
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

async function pictures(page, row, world) {
  const wide = [];
  world.drawn ??= [];
  for (const size of Object.keys(SIZES)) {
    world.drawn.push(...(await portray(page, world.options.screenshots, row.name, THEMES, [size])));
    wide.push(...(await sideways(page)).map((line) => `${size}: ${line}`));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(SIZES.desktop);
  return wide;
}

/** For the scenarios that are played, and no other. */
async function walkOver(world) {
  const looks = Object.entries(LOOKS).filter(([scenario]) => world.options.names.includes(scenario)).flatMap(([, of]) => Object.entries(of));
  const walk = await Walk.begin(world);
  const found = await walk.each(async (page, row) => {
    const lines = [];
    for (const [name, look] of looks) lines.push(...(await look(page, row, world)).map((line) => `${name}: ${line}`));
    return lines;
  });
  await world.browser.leaveAll();
  return found;
}

/** What one of the looks found; a page that nobody came to is found by each of them. The first that asks walks. */
async function found(world, look) {
  world.tour ??= walkOver(world);
  return (await world.tour).filter((line) => line.startsWith(`${look}: `) || !NAMES.some((name) => line.startsWith(`${name}: `)));
}

module.exports = { TOUR_LIMIT_S: 480, found };
