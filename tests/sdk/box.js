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
    this.command(['init', '--name', NAME, '--domain', DOMAIN, '--company', company, '--admin', person.email], `${person.password}\n`);
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
    const value = (label) => new RegExp(`\\b${label}\\b\\W+(\\S+)`, 'i').exec(printed)?.[1];
    return { appID: value('id'), appSecret: value('secret') };
  }

  configure(toml) {
    fs.writeFileSync(path.join(this.data, 'edge.toml'), toml);
  }

  async start() {
    const log = fs.openSync(this.logFile, 'a');
    const ports = ['--https', String(this.https), '--http', String(this.http)];
    this.running = spawn(this.executable, ['run', '--data', this.data, ...ports], { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    const deadline = Date.now() + START_LIMIT_MS;
    while (!this.isReady()) {
      if (this.running.exitCode !== null || this.running.signalCode !== null) throw new Error(`the box ended instead of getting ready:\n${this.log()}`);
      if (Date.now() > deadline) throw new Error(`the box was not ready in time:\n${this.log()}`);
      await pause(100);
    }
  }

  isReady() {
    const result = spawnSync(this.executable, ['status', '--json', '--data', this.data], { encoding: 'utf8', timeout: START_LIMIT_MS });
    try {
      return JSON.parse(result.stdout).ready === true;
    } catch {
      return false;
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

/** A port that was free a moment ago; somebody may take it in between, and then the start fails loudly. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

module.exports = { Box, freePort };
