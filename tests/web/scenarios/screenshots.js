'use strict';
// What every page looks like, for people to look at: light and dark, on a desk and on a phone.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { PAGES, forgotten } = require('../pages.js');
const { TOUR_LIMIT_S, found } = require('../tour.js');

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
      limit_s: TOUR_LIMIT_S,
      async run(world) {
        assert.deepEqual(await found(world, 'pictures'), []);
        assert.equal(world.drawn.filter((file) => fs.statSync(file).size > 1000).length, PAGES.length * 4);
      },
    },
  ],
};
