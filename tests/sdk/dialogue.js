'use strict';
// Plays the steps in order against a running box. Started by main.js.

const fs = require('node:fs');
const path = require('node:path');
const { Box } = require('./box.js');
const { Person } = require('./person.js');
const people = require('./people.js');

const STEPS = [
  'functions', 'sign_in', 'contacts', 'messages', 'presence', 'history', 'companies', 'bubbles', 'groups', 'favorites', 'containers', 'polls', 'message_calls', 'conversation_calls', 'guests', 'bubble_lists', 'bubble_changes',
  'own_state', 'files', 'file_calls', 'standard', 'calls', 'restart', 'administration', 'end',
];

const task = JSON.parse(process.env.TASK);
const say = (line) => process.stdout.write(`${line}\n`);
quietSdk(path.join(task.box.folder, 'sdk.log'));

play().then(
  (failed) => process.exit(failed === 0 ? 0 : 1),
  (error) => {
    say(`not ok - ${error.stack}`);
    process.exit(1);
  },
);

async function play() {
  const box = new Box(task.box);
  process.on('exit', () => box.kill());
  await box.start();
  const world = makeWorld(box);
  let failed = 0;
  for (const name of task.steps ?? STEPS) {
    for (const step of require(`./steps/${name}.js`)) {
      const start = Date.now();
      const error = await outcome(step, world);
      const ids = step.ids.length ? ` (${step.ids.join(', ')})` : '';
      say(`${error ? 'not ok' : 'ok'} - ${step.sentence}${ids} [${Date.now() - start} ms]`);
      if (error) {
        failed += 1;
        say(`    ${String(error?.stack ?? JSON.stringify(error)).replaceAll('\n', '\n    ')}`);
        // What follows a failed sign-in or restart would only fail for the same reason.
        if (step.decisive) return failed;
      }
    }
  }
  say(`SDK ${require(`${task.sdk}/package.json`).version}: ${failed === 0 ? 'all steps ok' : `${failed} steps failed`}`);
  return failed;
}

function makeWorld(box) {
  const person = (who, application) => new Person(task.sdk, box, who, application);
  const world = { box, people, person, secrets: new Set() };
  world.alice = person(people.alice, task.application);
  world.bob = person(people.bob);
  world.remember = (who) => Object.values(who.secrets).forEach((secret) => world.secrets.add(secret));
  return world;
}

/** Nothing, or what went wrong; a step that takes too long went wrong. */
async function outcome(step, world) {
  const limit_s = Math.max(step.limit_s ?? 0, 120);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${limit_s} s`)), limit_s * 1000);
  });
  try {
    await Promise.race([step.run(world), late]);
    return null;
  } catch (error) {
    return error ?? new Error('failed without a reason');
  } finally {
    clearTimeout(timer);
  }
}

/** The SDK prints objects: they go to a file beside the box. */
function quietSdk(file) {
  const log = fs.createWriteStream(file, { flags: 'a' });
  const write = (...words) => log.write(`${words.map(String).join(' ')}\n`);
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name] = write;
}
