'use strict';
// A person at the official SDK, in a process of its own: Node reads NODE_EXTRA_CA_CERTS only when it starts.

const { fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const LIMIT_MS = 100_000;

/** What a bot knows of a box. `slowness`: how often slower it is than a box on this machine. */
const seen = ({ name, https, address, slowness = 1 }) => ({ name, https, address, slowness });

class Bot {
  static async start(box, person) {
    const bot = new Bot(box, person);
    await bot.ask('start', person);
    return bot;
  }

  /** A conversation of `count` messages between two people, over plain XMPP; `#` in `text` is the number of the message. */
  static async seed(box, [one, other], count, text) {
    const bot = new Bot(box, one);
    await bot.ask('seed', one, other, count, text).finally(() => bot.stop());
  }

  /** These texts as they are, which an SDK would change: over plain XMPP, acknowledged by the box. */
  static async tell(box, person, other, texts) {
    const bot = new Bot(box, person);
    await bot.ask('tell', person, other, texts).finally(() => bot.stop());
  }

  /** The same in a bubble that the person is in. */
  static async tellIn(box, person, jid, texts) {
    const bot = new Bot(box, person);
    await bot.ask('tellIn', person, jid, texts).finally(() => bot.stop());
  }

  constructor(box, person) {
    Object.assign(this, { person, last: 0, open: new Map(), limit_ms: LIMIT_MS * seen(box).slowness });
    const home = path.join(box.folder, 'bots');
    fs.mkdirSync(home, { recursive: true });
    const log = fs.openSync(path.join(box.folder, 'bot.log'), 'a');
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: box.ca, HOME: home, BOX: JSON.stringify(seen(box)) };
    this.child = fork(path.join(__dirname, 'bot_process.js'), { env, stdio: ['ignore', log, log, 'ipc'] });
    fs.closeSync(log);
    this.child.on('message', (answer) => this.settle(answer));
    this.child.on('exit', () => this.fail(new Error('the bot ended')));
  }

  /** The answer of one act of bot_process.js. */
  ask(act, ...words) {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle({ id, error: `the bot did not ${act} in ${this.limit_ms} ms` }), this.limit_ms);
      this.open.set(id, { resolve, reject, timer });
      this.child.send({ id, act, words });
    });
  }

  settle({ id, value, error }) {
    const asked = this.open.get(id);
    if (!asked) return;
    this.open.delete(id);
    clearTimeout(asked.timer);
    if (error === undefined) asked.resolve(value);
    else asked.reject(new Error(error));
  }

  fail(error) {
    for (const id of [...this.open.keys()]) this.settle({ id, error: error.message });
  }

  /** The id of the message. */
  send(other, text) {
    return this.ask('send', other, text);
  }

  /** The first event of that name whose fields are those, seen already or still to come. */
  event(name, fields = {}) {
    return this.ask('event', name, fields);
  }

  forget() {
    return this.ask('forget');
  }

  typing(other, isTyping) {
    return this.ask('typing', other, isTyping);
  }

  correct(other, text, id) {
    return this.ask('correct', other, text, id);
  }

  remove(other, id) {
    return this.ask('remove', other, id);
  }

  /** Accepts the invitation into the bubble of that name, seen already or still to come. */
  join(name) {
    return this.ask('join', name);
  }

  /** Says something in a bubble that it is in; the id of the message. */
  say(name, text) {
    return this.ask('say', name, text);
  }

  /** A file from its disk, with a text. */
  sendFile(other, file, text) {
    return this.ask('sendFile', other, file, text);
  }

  typingIn(name, isTyping) {
    return this.ask('typingIn', name, isTyping);
  }

  /** "online", "away", "dnd", "invisible". */
  presence(level) {
    return this.ask('presence', level);
  }

  async stop() {
    if (this.child.connected) await this.ask('stop').catch(() => undefined);
    if (this.child.connected) this.child.disconnect();
    this.child.kill('SIGKILL');
  }
}

module.exports = { Bot };
