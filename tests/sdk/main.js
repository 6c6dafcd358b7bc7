'use strict';
// Makes a box, then lets another process speak with it: Node reads NODE_EXTRA_CA_CERTS only when it starts.
//   node main.js --executable FILE [--sdk 246|242] [--steps NAMES]

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { Box, freePort } = require('./box.js');
const people = require('./people.js');
const { Scanner } = require('./scanner.js');

/** For a process that hangs: a machine that is busy may take several times as long as others. */
const LIMIT_MS = 25 * 60_000;

async function main() {
  const { values } = parseArgs({ options: { executable: { type: 'string' }, sdk: { type: 'string', default: '246' }, steps: { type: 'string' } } });
  if (!values.executable) throw new Error('usage: node main.js --executable FILE [--sdk 246|242] [--steps FILES,WITH,COMMAS]');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rainbow-edge-sdk-'));
  const ports = { https: await freePort(), http: await freePort() };
  const box = new Box({ executable: path.resolve(values.executable), folder, ...ports });
  const application = makeBox(box);
  const scanner = new Scanner(folder);
  process.on('exit', () => scanner.kill());
  await scanner.start();
  box.configure(scanner.configuration);
  const code = await dialogue(box, { sdk: path.join(__dirname, `sdk-${values.sdk}/node_modules/rainbow-node-sdk`), box: { ...box }, application, steps: values.steps?.split(',') });
  scanner.kill();
  if (code === 0) fs.rmSync(folder, { recursive: true, force: true });
  else console.log(`left for you to look at: ${folder} (box.log, sdk.log)`);
  process.exitCode = code;
}

function makeBox(box) {
  box.init(people.COMPANY, people.owner);
  box.addCompany(people.OTHER_COMPANY, 'private');
  for (const person of [people.alice, people.bob, people.carol]) box.addUser(people.COMPANY, person);
  box.addUser(people.OTHER_COMPANY, people.outsider);
  return box.addApplication('sdk suite');
}

/** The exit code of the steps; a process that hangs is ended, and its box with it. */
function dialogue(box, task) {
  const home = path.join(box.folder, 'home');
  fs.mkdirSync(home);
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: box.ca, HOME: home, TASK: JSON.stringify(task) };
  const child = spawn(process.execPath, [path.join(__dirname, 'dialogue.js')], { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  const timer = setTimeout(() => {
    console.log(`not ok - the steps did not end within ${LIMIT_MS / 60_000} minutes`);
    end();
  }, LIMIT_MS);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      clearTimeout(timer);
      end();
      resolve(code ?? 1);
    });
  });
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
