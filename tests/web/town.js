'use strict';
// Homes behind routers that change addresses, each a network namespace (tests/world/town/town.sh). This process must have a
// network of its own for it: `apart` starts it anew in one.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const SCRIPT = path.join(__dirname, '../world/town/town.sh');
const STREET = '203.0.113.';

/** Runs this program once more with these words, in a network of its own: whether it passed, and what it said. */
function apart(words) {
  const alone = ['--user', '--map-root-user', '--net', '--mount', process.execPath, process.argv[1], ...words];
  const child = spawn('unshare', alone, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill());
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text));
  return new Promise((resolve) => {
    child.once('error', (error) => said.push(`unshare (util-linux): ${error.message}\n`));
    child.once('close', (code) => resolve({ passed: code === 0, said: said.join('') }));
  });
}

class Town {
  /** `addresses`: of this process on the street. */
  static async build(folder, addresses) {
    fs.mkdirSync(folder, { recursive: true });
    const shell = spawn('sh', [SCRIPT, path.join(folder, 'hosts'), ...addresses], { stdio: ['pipe', 'pipe', 'inherit'] });
    const town = new Town(folder, shell);
    await town.answer();
    return town;
  }

  constructor(folder, shell) {
    Object.assign(this, { folder, shell, given: 100 });
    this.lines = readline.createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  }

  async answer() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the town could not be built: what it said stands above');
    return value;
  }

  ask(line) {
    this.shell.stdin.write(`${line}\n`);
    return this.answer();
  }

  address() {
    this.given += 1;
    return STREET + this.given;
  }

  /** Behind such a router: its address, and a program there as one that can be started here. */
  async home(router) {
    const address = this.address();
    const process_id = await this.ask(`home ${router} ${address}`);
    const program = (there) => {
      const file = path.join(this.folder, `${path.basename(there)}-at-${address}`);
      const enter = `nsenter --target ${process_id} --net --wd=.`;
      fs.writeFileSync(file, `#!/bin/sh\nexec ${enter} ${there} "$@"\n`, { mode: 0o755 });
      return file;
    };
    return { address, program };
  }

  /** A home's router has another address from now on, and what it knew is forgotten. */
  async renumber(home) {
    const address = this.address();
    await this.ask(`move ${home.address} ${address}`);
    home.address = address;
  }

  end() {
    this.shell.kill();
  }
}

module.exports = { Town, apart };
