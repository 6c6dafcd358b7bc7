'use strict';
// What every page looks like, for people to look at: light and dark, on a desk and on a phone.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { portray, sideways } = require('../look.js');
const { PAGES, forgotten } = require('../pages.js');
const { Walk } = require('../walk.js');

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'every page of the application is known to this suite',
      ids: [],
      async run() {
        assert.deepEqual(forgotten(), []);
      },
    },
    {
      sentence: 'every page is drawn in both themes and both sizes, and on none of them does anything stand out sideways',
      ids: ['J9'],
      limit_s: 240,
      async run(world) {
        const folder = world.options.screenshots;
        const walk = await Walk.begin(world);
        const drawn = [];
        const found = await walk.each(async (page, row) => {
          const wide = [];
          for (const size of ['desktop', 'phone']) {
            drawn.push(...(await portray(page, folder, row.name, ['light', 'dark'], [size])));
            wide.push(...(await sideways(page)).map((line) => `${size}: ${line}`));
          }
          await page.emulateMedia({ colorScheme: 'light' });
          await page.setViewportSize({ width: 1440, height: 900 });
          return wide;
        });
        await world.browser.leaveAll();
        assert.deepEqual(found, []);
        assert.equal(drawn.filter((file) => fs.statSync(file).size > 1000).length, PAGES.length * 4);
      },
    },
  ],
};
