'use strict';
// A box for browsers: started from empty data, or made by the command line and filled over its interface.

const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { Box, freePort } = require('../sdk/box.js');
const { Scanner } = require('../sdk/scanner.js');
const { signIn } = require('../sdk/web.js');
const people = require('./people.js');

/** As the terminal shows it. */
const CODE = /^\s*code\s+(\S+)$/gmu;
const CODE_LIMIT_MS = 30_000;
/** People that are made at once; each password costs the box a hash. */
const ABREAST = 4;
/** Whoever is told of messages while he is away is so by a push service that does not exist. */
const PUSH = '[push]\nhosts = ["push.example.org"]\n';
/** So small that a file of many parts, or one that is too much, is no work. */
const FILES = 'chunk_bytes = 262144\nsize_limit_bytes = 8388608\nquota_bytes = 8388608\n';

class WebBox extends Box {
  static async in(folder, executable) {
    fs.mkdirSync(folder, { recursive: true });
    return new WebBox({ executable, folder, https: await freePort(), http: await freePort() });
  }

  /** With the ports that boxes have, in a network that is this process's own. */
  static at(name, folder, executable) {
    fs.mkdirSync(folder, { recursive: true });
    return Object.assign(new WebBox({ executable, folder, https: 443, http: 80 }), { name });
  }

  get origin() {
    return `https://${this.name}:${this.https}`;
  }

  /** `more`: further options of `run`. Whoever connects from here knows the box's certificate authority afterwards. */
  async start(more = []) {
    await super.start(more);
    const known = [https.globalAgent.options.ca ?? []].flat();
    https.globalAgent.options.ca = [...known, fs.readFileSync(this.ca, 'utf8')];
  }

  /** A box that waits to be set up serves, too. */
  isReady() {
    const { ready, setup } = this.status();
    return ready === true || Boolean(setup);
  }

  /** From nothing, under the name that the browsers of this machine resolve. */
  startEmpty() {
    return this.start(['--name', this.name]);
  }

  /** What the terminal shows to who stands at the box; the newest, if there were several, and one that comes after `before`. */
  async setupCode(before = undefined) {
    const deadline = Date.now() + CODE_LIMIT_MS;
    while (Date.now() < deadline) {
      const found = [...this.log().matchAll(CODE)].at(-1)?.[1];
      if (found && found !== before) return found;
      await pause(100);
    }
    throw new Error(`no setup code in what the box printed:\n${this.log()}`);
  }

  /** `more`: further lines of its section on files. */
  setUp(more = '') {
    this.configure(`${PUSH}${this.scanner.configuration}${FILES}${more}`);
  }

  kill() {
    super.kill();
    this.scanner?.kill();
  }

  /** Made and started by its command line, with these few alone and this configuration. */
  async settle(few, toml) {
    this.init(people.COMPANY, people.owner);
    this.configure(toml);
    await this.start();
    for (const person of few) this.addUser(people.COMPANY, person);
  }

  /** Made by its command line, started, and filled with everybody of people.js. */
  async furnish() {
    this.init(people.COMPANY, people.owner);
    this.scanner = new Scanner(this.folder);
    await this.scanner.start();
    this.setUp();
    await this.start();
    const owner = await signIn(this, people.owner);
    const { firstName, lastName } = people.owner;
    await owner.call('PUT', `/api/rainbow/enduser/v1.0/users/${owner.user.id}`, { firstName, lastName });
    const other = await made(owner, 'admin/v1.0/companies', { name: people.OTHER_COMPANY, visibility: 'private' });
    const rows = [
      ...people.COLLEAGUES.map((person) => [person, undefined]),
      ...people.OTHERS.map((person) => [person, other.id]),
    ];
    await abreast(rows, ABREAST, ([person, companyId]) => addPerson(owner, person, companyId));
  }
}

function addPerson(admin, { email, password, firstName, lastName, roles }, companyId) {
  return made(admin, 'admin/v1.0/users', { loginEmail: email, password, firstName, lastName, roles: roles ?? ['user'], companyId });
}

/** What the box says of the new thing; anything but success is an error. */
async function made(admin, where, body) {
  const answer = await admin.call('POST', `/api/rainbow/${where}`, body);
  if (answer.status >= 300) throw new Error(`POST ${where}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.data;
}

/** `act` for each row, so many at a time. */
async function abreast(rows, width, act) {
  const left = [...rows];
  const lane = async () => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) await act(row);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

const logOf = (box) => path.relative(process.cwd(), box.logFile);

module.exports = { WebBox, abreast, addPerson, logOf, made };
