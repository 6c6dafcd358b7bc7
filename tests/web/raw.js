'use strict';
// Plain XMPP (RFC 7395) for what no client does: thousands of messages at once. Runs in bot_process.js.

const { signIn } = require('../sdk/web.js');

/** Sent and not yet acknowledged; below what the box holds for one session. */
const WINDOW = 400;

class Raw {
  static async open(box, person) {
    // ES modules, which a `require` at the top of a CommonJS file would load for every bot.
    globalThis.WebSocket ??= require('../sdk/sdk-246/node_modules/ws');
    const { client, xml } = require('../sdk/sdk-246/node_modules/@xmpp/client');
    const { user } = await signIn(box, person);
    const [username, domain] = user.jid_im.split('@');
    const xmpp = client({ service: `wss://${box.name}:${box.https}/websocket`, domain, username, password: user.jid_password, resource: 'node_raw' });
    const raw = new Raw();
    Object.assign(raw, { xmpp, xml, open: new Set(), wake: () => undefined });
    xmpp.on('error', () => undefined);
    xmpp.on('stanza', (stanza) => raw.receipt(stanza));
    await xmpp.start();
    await xmpp.send(xml('presence'));
    return raw;
  }

  /** The box's receipt; of what is said in a bubble that is the message itself, which its sender hears too. */
  receipt(stanza) {
    const id = stanza.attrs.type === 'groupchat' ? stanza.attrs.id : stanza.getChild('received', 'urn:xmpp:receipts')?.attrs.id;
    if (id && this.open.delete(id)) this.wake();
  }

  async fewerThan(count) {
    while (this.open.size >= count) {
      await new Promise((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Sends all of them, texts or `{text, file, marked}`, or reactions to the message `{text}` with `{icons}`, in order and returns once the box has acknowledged each. */
  async send(jid, texts) {
    for (const [number, text] of texts.entries()) {
      await this.fewerThan(WINDOW);
      const id = `raw_${number}_${Date.now().toString(36)}`;
      // A reaction is acknowledged under the id of its message.
      this.open.add(text.icons ? text.text : id);
      await this.xmpp.send(this.message(jid, id, text));
    }
    await this.fewerThan(1);
  }

  /** Goes into a bubble that the person is in. */
  async enter(jid) {
    const { xmpp, xml } = this;
    await xmpp.send(xml('presence', { to: `${jid}/${xmpp.jid}` }, xml('x', { xmlns: 'http://jabber.org/protocol/muc' })));
  }

  message(jid, id, said) {
    const { xml } = this;
    const { text, file, marked, icons } = typeof said === 'string' ? { text: said } : said;
    if (icons) return xml('message', { to: jid, type: 'chat', id }, xml('reactions', { xmlns: 'urn:xmpp:reactions:0', id: text }, ...icons.map((icon) => xml('reaction', {}, icon))), xml('store', { xmlns: 'urn:xmpp:hints' }));
    return xml(
      'message',
      { to: jid, type: jid.startsWith('room_') ? 'groupchat' : 'chat', id },
      xml('body', { 'xml:lang': 'en' }, text),
      ...(marked ? [xml('content', { xmlns: 'urn:xmpp:content', type: 'text/markdown' }, marked), xml('headers', { xmlns: 'http://jabber.org/protocol/shim' }, xml('header', { name: 'Urgency' }, 'high"><script>'))] : []),
      ...(file ? [xml('x', { xmlns: 'jabber:x:oob' }, ...Object.entries(file).map(([name, value]) => xml(name, {}, value)))] : []),
      xml('request', { xmlns: 'urn:xmpp:receipts' }),
      xml('active', { xmlns: 'http://jabber.org/protocol/chatstates' }),
      xml('store', { xmlns: 'urn:xmpp:hints' }),
    );
  }

  async close() {
    await this.xmpp.stop();
  }
}

module.exports = { Raw };
