'use strict';
// A box that first_run_of_image has set up, after another boot: people sign in, find what they wrote, and write on.

const fs = require('node:fs');
const chat = require('../acts/chat.js');
const { signIn } = require('../acts/sign_in.js');

const at = {};

module.exports = {
  box: 'image',
  steps: [
    {
      sentence: 'a person signs in and finds what was written before the machine was switched off',
      ids: ['D3'],
      decisive: true,
      limit_s: 90,
      async run(world) {
        Object.assign(at, JSON.parse(fs.readFileSync(world.options.kept, 'utf8')));
        at.seat = await signIn(await world.browser.seat('ada'), at.ada);
        await chat.open(world, at.seat, at.robot);
        for (const text of at.texts) await chat.message(at.seat.page, text).waitFor();
      },
    },
    {
      sentence: 'the bot on the official SDK is there again, and they go on',
      ids: ['J9', 'C1'],
      limit_s: 90,
      async run(world) {
        const bot = await world.bot(at.robot);
        const text = `Written after a boot, ${Date.now()}`;
        await chat.write(at.seat, at.robot, text);
        await bot.event('messagereceived', { content: text });
      },
    },
  ],
};
