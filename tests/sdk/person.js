'use strict';
// One person at one instance of the SDK. The package is used as it is: only documented options, and the port, which has none.

const { setTimeout: delay } = require('node:timers/promises');

const EVENTS = [
  'ready', 'stopped', 'connectionerror', 'reconnecting', 'disconnected', 'messagereceived', 'messageserverreceiptreceived',
  'messagereceiptreceived', 'messagereceiptreadreceived', 'chatstate', 'contactpresencechanged', 'presencechanged',
  'bubbleinvitationreceived', 'bubbleaffiliationchanged', 'bubbleownaffiliationchanged', 'bubbleprivilegechanged', 'bubblenamechanged',
  'bubbletopicchanged', 'bubblecustomdatachanged', 'bubbledeleted', 'bubblepresencechanged', 'bubbleavatarchanged',
  'bubbleroomlobbyreceived', 'bubbleroomlobbynewincoming', 'bubbleroompasswordreceived',
  'filecreated', 'fileupdated', 'filedeleted', 'thumbnailcreated',
  'userinvitereceived', 'userinviteaccepted', 'userinvitecanceled', 'contactremovedfromnetwork',
  'groupcreated', 'groupupdated', 'groupdeleted', 'useraddedingroup', 'userremovedfromgroup', 'favoritecreated', 'favoriteupdated', 'favoritedeleted',
  'bubblescontainercreated', 'bubblescontainerupdated', 'bubblescontainerdeleted', 'allmessagedremovedfromconversationreceived', 'rainbowcpaasreceived',
  'bubblepollcreated', 'bubblepollupdated', 'bubblepollpublished', 'bubblepollunpublished', 'bubblepollterminated', 'bubblepolldeleted', 'bubblepollvoted',
  'customstatusreceived', 'conversationremoved', 'loadConversationHistoryCompleted',
  'calllogupdated', 'calllogackupdated',
];

class Person {
  /** `sdk`: folder of the installed package. `application`: id and secret, or nothing: then none is sent. */
  constructor(sdk, box, person, application = { appID: '', appSecret: '' }) {
    Object.assign(this, { ...person, box, application, package: sdk, sdk: null, seen: [], waiting: [] });
  }

  /** Signs in and waits until the SDK says that it is ready. Rejects with the SDK's own error. */
  async start() {
    const { config } = require(`${this.package}/lib/config/config.js`);
    config.any.http.port = String(this.box.https);
    const { NodeSDK } = require(this.package);
    this.sdk = new NodeSDK(this.options());
    this.forget();
    for (const name of EVENTS) this.sdk.events.on(`rainbow_on${name}`, (value) => this.record(name, value));
    const ready = this.event('ready');
    // A refused start rejects below; the wait for `ready` is then nobody's.
    ready.catch(() => undefined);
    await this.sdk.start();
    await ready;
  }

  options() {
    const { name, https } = this.box;
    return {
      rainbow: { host: name, mode: 'xmpp' },
      xmpp: { host: name, port: String(https), protocol: 'wss', timeBetweenXmppRequests: '20' },
      credentials: { login: this.email, password: this.password },
      application: this.application,
      logs: { enableConsoleLogs: false, enableFileLogs: false, enableEventsLogs: false, color: false, level: 'error' },
      im: {
        sendReadReceipt: true,
        messagesDataStore: 'storetwinside',
        messageMaxLength: 16384,
        // 2.42 takes the first contact of a bulk answer for all of them.
        autoInitialLoadContactsInfoBulk: !this.package.includes('sdk-242'),
      },
      testOutdatedVersion: false,
      testDNSentry: false,
      httpoverxmppserver: false,
    };
  }

  async stop() {
    await this.sdk?.stop();
    this.sdk = null;
  }

  forget() {
    this.seen = [];
  }

  record(name, value) {
    // Bubbles have names of their own.
    const event = { ...copy(value), name };
    this.seen.push(event);
    for (const wait of [...this.waiting]) wait(event);
  }

  /** The first event of that name that `matches`, seen already or still to come. */
  event(name, matches = () => true, least_ms = 45_000) {
    const limit_ms = least_ms * (this.box.slowness ?? 1);
    const fits = (event) => event.name === name && matches(event);
    const seen = this.seen.find(fits);
    if (seen) return Promise.resolve(seen);
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.waiting = this.waiting.filter((wait) => wait !== look);
        settle(value);
      };
      const look = (event) => fits(event) && done(resolve, event);
      const timer = setTimeout(() => done(reject, new Error(`${this.firstName} saw no ${name} in ${limit_ms} ms; seen: ${this.summary()}`)), limit_ms);
      this.waiting.push(look);
    });
  }

  summary() {
    return this.seen.slice(-12).map((event) => `${event.name}(${event.content ?? event.event ?? event.presence ?? ''})`).join(' ');
  }

  /**
   * Chooses a presence, and waits until the box has stored it. The SDK announces it and stores it side by side: of two in
   * a row the older could be stored last, and would be what the next start announces.
   */
  async choosePresence(presence) {
    await this.sdk.presence.setPresenceTo(presence);
    while ((await this.sdk.settings.getUserSettings()).presence !== presence) await delay(50);
  }

  /** The conversation with another person, opened as a bot would. */
  async conversationWith(other) {
    const contact = await this.sdk.contacts.getContactByLoginEmail(other.email);
    if (!contact) throw new Error(`${this.firstName} does not find ${other.email}`);
    return this.sdk.conversations.openConversationForContact(contact);
  }

  /** Sends a text and returns the SDK's message, whose id the receipts name. */
  async send(other, text) {
    const conversation = await this.conversationWith(other);
    return this.sdk.im.sendMessageToConversation(conversation, text, 'en', null, undefined);
  }

  /** Read only, from inside: what the SDK holds after signing in. */
  get secrets() {
    const { token, loggedInUser } = this.sdk._core._rest;
    return { token, jidPassword: loggedInUser.jid_password };
  }
}

/** The SDK goes on changing its objects: what they say now, without what they refer to. */
function copy(value) {
  if (!value || typeof value !== 'object') return { value };
  return Object.fromEntries(Object.entries(value).filter(([, field]) => typeof field !== 'object' || field instanceof Date));
}

module.exports = { Person };
