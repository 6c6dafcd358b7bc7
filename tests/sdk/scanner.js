'use strict';
// ClamAV's clamd with the settings that a box should have, and one signature: the test file of virus scanners.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

const SETTINGS = path.join(__dirname, '../../config/clamav/clamd.conf');
const START_LIMIT_MS = 30_000;

/** Put together, so that no scanner takes this source for it. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

class Scanner {
  constructor(folder) {
    this.folder = path.join(folder, 'clamav');
    this.socket = path.join(this.folder, 'clamd.ctl');
    fs.mkdirSync(this.folder);
    fs.writeFileSync(path.join(this.folder, 'test.ndb'), `Eicar-Test-Signature:0:*:${Buffer.from(EICAR).toString('hex')}\n`);
    const lines = fs.readFileSync(SETTINGS, 'utf8').split('\n').filter((line) => !/^(LocalSocketGroup|LogSyslog)/.test(line));
    const settings = lines.join('\n').replaceAll('/run/clamav', this.folder).replaceAll('/var/lib/clamav', this.folder);
    fs.writeFileSync(path.join(this.folder, 'clamd.conf'), `${settings}\nForeground yes\n`);
  }

  /** Lines of `edge.toml` that make a box ask it. */
  get configuration() {
    return `[files]\nscanner = "${this.socket}"\n`;
  }

  async start() {
    this.running = spawn('/usr/sbin/clamd', ['--config-file', path.join(this.folder, 'clamd.conf')], { stdio: 'ignore' });
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await this.listens())) {
      if (Date.now() > deadline) throw new Error('clamd does not listen (package clamav-daemon)');
      await pause(50);
    }
  }

  listens() {
    return new Promise((resolve) => {
      const socket = net.connect(this.socket, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }

  kill() {
    this.running?.kill('SIGKILL');
  }

  /** As if it were not installed. */
  remove() {
    this.kill();
    fs.rmSync(this.socket, { force: true });
  }
}

module.exports = { Scanner, EICAR };
