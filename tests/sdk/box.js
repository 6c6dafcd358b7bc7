'use strict';
// One box in a folder of its own, driven by its command line only.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

// The name that the certificate carries, resolved by every system; the XMPP domain is another one on purpose.
const NAME = 'localhost';
const DOMAIN = 'edge.test';
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const FIRST_PORT = 20_000;
const PORTS = 12_000;

class Box {
  constructor({ executable, folder, https, http }) {
    Object.assign(this, { executable, folder, https, http });
    this.name = NAME;
    this.data = path.join(folder, 'data');
    this.ca = path.join(this.data, 'ca.pem');
    this.logFile = path.join(folder, 'box.log');
    this.running = null;
  }

  /** Runs one command to its end and returns what it printed. `input` is its standard input. */
  command(words, input = '') {
    const result = spawnSync(this.executable, [...words, '--data', this.data], { input, encoding: 'utf8', timeout: START_LIMIT_MS });
    if (result.status !== 0) {
      throw new Error(`rainbow-edge ${words.join(' ')} ended with ${result.status ?? result.error}: ${result.stderr}${result.stdout}`);
    }
    return result.stdout;
  }

  init(company, person) {
    this.command(['init', '--name', this.name, '--domain', DOMAIN, '--company', company, '--admin', person.email], `${person.password}\n`);
  }

  addCompany(name, visibility) {
    this.command(['company', 'add', '--name', name, '--visibility', visibility]);
  }

  addUser(company, person) {
    const names = ['--first-name', person.firstName, '--last-name', person.lastName];
    this.command(['user', 'add', '--company', company, '--email', person.email, ...names], `${person.password}\n`);
  }

  /** An application's id and secret, as the SDK sends them. */
  addApplication(name) {
    const printed = this.command(['application', 'add', '--name', name]);
    const value = (label) => new RegExp(`^${label}\\s+(\\S+)$`, 'm').exec(printed)?.[1];
    return { appID: value('id'), appSecret: value('secret') };
  }

  configure(toml) {
    fs.writeFileSync(path.join(this.data, 'edge.toml'), toml);
  }

  /** `more`: further options of `run`. */
  async start(more = []) {
    const log = fs.openSync(this.logFile, 'a');
    // UDP of the same number: sockets of one user that share a port would share what comes as well.
    const ports = ['--https', String(this.https), '--http', String(this.http), '--media', String(this.https)];
    this.running = spawn(this.executable, ['run', '--data', this.data, ...ports, ...more], { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    const deadline = Date.now() + START_LIMIT_MS;
    while (!this.isReady()) {
      if (this.running.exitCode !== null || this.running.signalCode !== null) throw new Error(`the box ended instead of getting ready:\n${this.log()}`);
      if (Date.now() > deadline) throw new Error(`the box was not ready in time:\n${this.log()}`);
      await pause(100);
    }
  }

  isReady() {
    return this.status().ready === true;
  }

  /** What the box says of itself; nothing while it does not run. */
  status() {
    const result = spawnSync(this.executable, ['status', '--json', '--data', this.data], { encoding: 'utf8', timeout: START_LIMIT_MS });
    try {
      return JSON.parse(result.stdout);
    } catch {
      return {};
    }
  }

  /** SIGTERM, and the exit code of the clean end. */
  async stop() {
    const child = this.running;
    const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill('SIGTERM');
    const code = await Promise.race([ended, pause(STOP_LIMIT_MS, 'late', { ref: false })]);
    this.running = null;
    if (code !== 0) {
      child.kill('SIGKILL');
      throw new Error(`after SIGTERM the box ended with ${code}:\n${this.log()}`);
    }
  }

  /** For the end of the process: nothing stays behind. */
  kill() {
    this.running?.kill('SIGKILL');
  }

  log() {
    return fs.existsSync(this.logFile) ? fs.readFileSync(this.logFile, 'utf8') : '';
  }
}

let given = 0;

/**
 * A port that was free a moment ago and that this process has not given out before: below the ephemeral range, so that no
 * outgoing connection takes it between two starts. Processes that run side by side begin at different places.
 */
async function freePort() {
  while (given < PORTS) {
    const port = FIRST_PORT + ((process.pid * 97 + given++) % PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free TCP port between ${FIRST_PORT} and ${FIRST_PORT + PORTS}`);
}

/** Asked of all addresses, as the box will listen. */
function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

module.exports = { Box, freePort };
