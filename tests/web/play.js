'use strict';
// Plays one scenario: its steps in order, each with its limit, its complaints and, when it fails, its pictures.

const fs = require('node:fs');
const path = require('node:path');
const { logOf } = require('./box.js');

const LIMIT_S = 120;
const PICTURE_LIMIT_MS = 5_000;

const say = (line) => process.stdout.write(`${line}\n`);

/** {passed, failed, skipped} */
async function play(scenario, world) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  say(`\n-- ${scenario.name} --`);
  for (const [number, step] of scenario.steps.entries()) {
    const start = Date.now();
    const error = await outcome(step, world);
    const ids = step.ids.length ? ` (${step.ids.join(', ')})` : '';
    say(`${error ? 'not ok' : 'ok'} - ${step.sentence}${ids} [${Date.now() - start} ms]`);
    if (!error) {
      count.passed += 1;
      continue;
    }
    count.failed += 1;
    say(`    ${brief(error).join('\n    ')}`);
    for (const file of await pictures(world, `${scenario.name}-${number + 1}`)) say(`    picture: ${file}`);
    say(`    log of the box: ${logOf(world.box)}`);
    // What follows a failed decisive step would only fail for the same reason.
    if (step.decisive) {
      count.skipped = scenario.steps.length - number - 1;
      if (count.skipped) say(`    not run: the ${count.skipped} steps after it`);
      break;
    }
  }
  return count;
}

const LINES_MAX = 24;

/** Without colours, the engine's own frames, and the same line of a waiting log over and over. */
function brief(error) {
  const lines = String(error.stack ?? error).replaceAll(/\u001b\[\d+m/gu, '').split('\n');
  const said = lines.filter((line) => !/node_modules|node:internal|play\.js|main\.js/u.test(line)).map((line) => line.trimEnd().slice(0, 600));
  return [...new Set(said)].filter(Boolean).slice(0, LINES_MAX);
}

/** Nothing, or what went wrong: the step itself, its time, or what a page complained about meanwhile. */
async function outcome(step, world) {
  const limit_s = Math.max(step.limit_s ?? 0, LIMIT_S) * world.options.slowness;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${limit_s} s`)), limit_s * 1000);
  });
  let error = null;
  try {
    await Promise.race([step.run(world), late]);
  } catch (thrown) {
    error = thrown ?? new Error('failed without a reason');
  } finally {
    clearTimeout(timer);
  }
  const complaints = world.browsers().flatMap((browser) => browser.seats).flatMap((seat) => seat.watch.take());
  if (complaints.length === 0) return error;
  const list = `unexpected in the browser:\n${[...new Set(complaints)].slice(0, 12).join('\n')}`;
  return new Error(error ? `${error.stack}\n${list}` : list);
}

async function pictures(world, name) {
  const made = [];
  for (const seat of world.browsers().flatMap((browser) => browser.seats)) {
    const file = path.join(world.failures, `${name}-${seat.name}.png`);
    fs.mkdirSync(world.failures, { recursive: true });
    const taken = await seat.page.screenshot({ path: file, timeout: PICTURE_LIMIT_MS }).then(() => true, () => false);
    if (taken) made.push(file);
  }
  return made;
}

module.exports = { play, say };
