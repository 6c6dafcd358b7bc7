'use strict';
// A person at a standard XMPP client, which was written for other servers. Only its documented options are used.

const { createClient } = require('./standard/node_modules/stanza');

const LIMIT_MS = 45_000;

class StandardClient {
  constructor(box, jid, password) {
    const websocket = `wss://${box.name}:${box.https}/xmpp-websocket`;
    const options = { jid, password, transports: { websocket, bosh: false }, autoReconnect: false, allowResumption: false };
    this.client = createClient(options);
    this.roster = [];
    this.heard = [];
    this.client.on('message', (message) => this.heard.push(message.body));
  }

  /** Signs in, reads the roster and is there. Rejects when the server refuses. */
  async start() {
    const started = this.once('session:started', ['auth:failed', 'disconnected']);
    this.client.connect();
    await started;
    this.roster = (await this.client.getRoster()).items;
    this.client.sendPresence();
  }

  say(to, body) {
    this.client.sendMessage({ to, body, type: 'chat' });
  }

  async hears(body) {
    while (!this.heard.includes(body)) await this.once('message');
  }

  /** Resolves when the stream has ended. */
  end() {
    return this.once('disconnected');
  }

  once(name, refusals = []) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`a standard client saw no ${name} in ${LIMIT_MS} ms`)), LIMIT_MS);
      const settle = (done) => (value) => {
        clearTimeout(timer);
        done(value);
      };
      this.client.once(name, settle(resolve));
      for (const refusal of refusals) this.client.once(refusal, settle(() => reject(new Error(`refused: ${refusal}`))));
    });
  }
}

module.exports = { StandardClient };
