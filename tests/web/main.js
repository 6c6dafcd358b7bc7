'use strict';
// Drives the application in Chromium against boxes of its own.
//   node main.js --executable FILE [--screenshots FOLDER] [--full] [--only SCENARIO[,SCENARIO]] [--seed NUMBER]
// or, as tests/image does, against one that runs in a machine of its own:
//   node main.js --only first_run_of_image --at ADDRESS:PORT --fingerprint SHA256 --code CODE --kept FILE [--slowness TIMES]

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { WebBox } = require('./box.js');
const { Bot } = require('./bot.js');
const { Browser } = require('./browser.js');
const { Chance } = require('./chance.js');
const { ImageBox } = require('./image_box.js');
const { play, say } = require('./play.js');
const { Town, apart } = require('./town.js');

const SCENARIOS = [
  'first_run', 'daily', 'bubbles', 'guests', 'files', 'calls', 'relayed', 'team_day', 'faults', 'calltest', 'routers', 'roles', 'languages', 'hostile', 'accessibility', 'install', 'scale', 'screenshots',
];
/** In a network of their own, with homes in it. */
const TOWN_SCENARIOS = ['routers'];
/** With a machine that tests/image has started. */
const IMAGE_SCENARIOS = ['first_run_of_image', 'image_again'];
/** The box of the town has no name but the first: Chromium's media ask a name server, and none is there. */
const TOWN_ADDRESSES = ['203.0.113.1', '203.0.113.2'];
const USUAL_SEED = 20_261_124;
/** For what hangs: a machine that is busy may take several times as long as others. */
const LIMIT_MS = 45 * 60_000;
const ROOT = path.join(__dirname, '../..');

function wanted() {
  const { values } = parseArgs({
    options: {
      executable: { type: 'string' },
      screenshots: { type: 'string', default: path.join(ROOT, 'target/web/screenshots') },
      full: { type: 'boolean', default: false },
      only: { type: 'string', default: SCENARIOS.join(',') },
      seed: { type: 'string' },
      at: { type: 'string', default: '' },
      fingerprint: { type: 'string', default: '' },
      code: { type: 'string', default: '' },
      kept: { type: 'string', default: '' },
      slowness: { type: 'string', default: '1' },
      apart: { type: 'boolean', default: false },
    },
  });
  const names = values.only.split(',');
  const unknown = names.find((name) => !(values.at ? IMAGE_SCENARIOS : SCENARIOS).includes(name));
  if (!(values.executable || values.at) || unknown) {
    throw new Error(`usage: node main.js --executable FILE [--screenshots FOLDER] [--full] [--only ${SCENARIOS.join('|')}] [--seed NUMBER]`);
  }
  // Always the same but with --full: what has passed once fails for what was changed.
  const seed = values.seed ?? (values.full ? Date.now() % 2 ** 31 : USUAL_SEED);
  const paths = { executable: path.resolve(values.executable ?? ''), screenshots: path.resolve(values.screenshots) };
  return { ...values, ...paths, names, seed: Number(seed), slowness: Number(values.slowness) };
}

/** Boxes, browsers and bots, made when a scenario first asks for them. */
class World {
  constructor(options, folder) {
    const failures = path.join(folder, 'failures');
    Object.assign(this, { options, folder, failures, chance: new Chance(options.seed), places: {}, boxes: [], bots: [], homes: [] });
  }

  /**
   * "empty": started without data. "furnished": with the people of people.js. "image": in a machine of its own. "town": on a
   * street with homes; scenarios fill it.
   */
  async at(kind) {
    this.places[kind] ??= await this.make(kind);
    Object.assign(this, this.places[kind]);
  }

  async make(kind) {
    const folder = path.join(this.folder, kind);
    if (kind === 'town') return this.street(folder);
    const box = kind === 'image' ? await ImageBox.at(folder, this.options) : await this.own(kind, folder);
    return { box, browser: await Browser.at(box, folder) };
  }

  /** Two addresses of the box itself, so that devices are seen from two places. */
  async street(folder) {
    const town = await Town.build(folder, TOWN_ADDRESSES);
    const box = Object.assign(WebBox.at(TOWN_ADDRESSES[0], folder, this.options.executable), { slowness: this.options.slowness });
    this.boxes.push(box);
    return { box, town };
  }

  /** A browser at a home of the town. */
  async browserAt(home, name) {
    const browser = await Browser.at(this.box, path.join(this.folder, name), home);
    this.homes.push(browser);
    return browser;
  }

  async own(kind, folder) {
    const box = await WebBox.in(folder, this.options.executable);
    this.boxes.push(box);
    await (kind === 'empty' ? box.startEmpty() : box.furnish());
    return box;
  }

  browsers() {
    return [...Object.values(this.places).flatMap((place) => place.browser ?? []), ...this.homes];
  }

  async bot(person) {
    const bot = await Bot.start(this.box, person);
    this.bots.push(bot);
    return bot;
  }

  /** Between two scenarios nobody stays; each begins with a seed of its own, so that it can be played alone. */
  async clear() {
    await Promise.all([...this.browsers().map((browser) => browser.leaveAll()), ...this.bots.map((bot) => bot.stop())]);
    this.bots = [];
    this.chance = new Chance(this.options.seed);
  }

  async close() {
    await this.clear();
    await Promise.all(this.browsers().map((browser) => browser.close()));
  }

  kill() {
    for (const bot of this.bots) bot.child.kill('SIGKILL');
    for (const box of this.boxes) box.kill();
    this.town?.end();
  }
}

async function main() {
  const options = wanted();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rainbow-edge-web-'));
  const world = new World(options, folder);
  process.on('exit', () => world.kill());
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  const limit_ms = LIMIT_MS * options.slowness;
  setTimeout(() => {
    say(`not ok - the scenarios did not end within ${limit_ms / 60_000} minutes`);
    process.exit(1);
  }, limit_ms).unref();
  say(`seed ${options.seed}`);
  const total = { passed: 0, failed: 0, skipped: 0 };
  const start = Date.now();
  const apartFrom = new Map();
  for (const [index, name] of options.names.entries()) {
    // It waits more than it does, so it is played beside the one before it.
    for (const one of options.names.slice(index, index + 2)) {
      const begins = TOWN_SCENARIOS.includes(one) && !options.apart && !apartFrom.has(one);
      if (begins) apartFrom.set(one, apart([...process.argv.slice(2), '--only', one, '--apart']));
    }
    if (apartFrom.has(name)) {
      const { passed, said } = await apartFrom.get(name);
      say(said.trimEnd());
      total[passed ? 'passed' : 'failed'] += 1;
      continue;
    }
    const scenario = require(`./scenarios/${name}.js`);
    await world.at(scenario.box);
    const count = await play({ name, ...scenario }, world);
    for (const key of Object.keys(total)) total[key] += count[key];
    await world.clear();
  }
  await world.close();
  const skipped = total.skipped ? `, ${total.skipped} not run` : '';
  say(`\n${total.passed} passed, ${total.failed} failed${skipped} [${Math.round((Date.now() - start) / 1000)} s]`);
  if (total.failed === 0) fs.rmSync(folder, { recursive: true, force: true });
  else say(`left for you to look at: ${folder}; again: --seed ${options.seed}`);
  process.exit(total.failed === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
