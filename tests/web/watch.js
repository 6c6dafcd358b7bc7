'use strict';
// Whatever a page complains about is collected; a step fails on what it did not announce.

/** Told to the page before its first script: violations of the policy reach the test, and hostile content has a trap to fall into. */
function plant() {
  document.addEventListener('securitypolicyviolation', (event) => {
    globalThis.__violation?.(`${event.violatedDirective} blocked ${event.blockedURI} ${event.sample} at ${event.sourceFile}:${event.lineNumber}`);
  });
  Object.defineProperty(globalThis, 'sprung', { value: (what) => globalThis.__sprung?.(String(what)), writable: false });
}

class Watch {
  static async over(context, name) {
    const watch = new Watch(name);
    await context.exposeFunction('__violation', (text) => watch.note('policy', text));
    await context.exposeFunction('__sprung', (text) => watch.note('executed', text));
    await context.addInitScript(plant);
    context.on('page', (page) => watch.follow(page));
    context.on('serviceworker', (worker) => worker.on?.('console', (message) => watch.said(message)));
    return watch;
  }

  constructor(name) {
    Object.assign(this, { name, problems: [], expected: [] });
  }

  follow(page) {
    page.on('console', (message) => this.said(message));
    page.on('pageerror', (error) => this.note('error', error.stack ?? String(error)));
    page.on('crash', () => this.note('crash', page.url()));
    page.on('dialog', (dialog) => {
      this.note('dialog', dialog.message());
      dialog.dismiss().catch(() => undefined);
    });
    page.on('requestfailed', (request) => this.failed(request));
    page.on('response', (response) => {
      if (response.status() >= 500) this.note('answer', `${response.status()} ${response.request().method()} ${response.url()}`);
    });
  }

  said(message) {
    if (message.type() !== 'error') return;
    this.note('console', `${message.text()} (${message.location().url})`);
  }

  failed(request) {
    const reason = request.failure()?.errorText ?? '';
    // The page itself gave up: it went elsewhere or its question became pointless.
    if (reason === 'net::ERR_ABORTED') return;
    this.note('request', `${reason} ${request.method()} ${request.url()}`);
  }

  note(kind, text) {
    const line = `${kind}: ${text}`;
    if (!this.expected.some((pattern) => pattern.test(line))) this.problems.push(line);
  }

  /** From here to the end of the step, or until the returned function is called, this is no surprise. */
  expect(...patterns) {
    this.expected.push(...patterns);
    return () => {
      this.expected = this.expected.filter((pattern) => !patterns.includes(pattern));
    };
  }

  /** What was seen since the last time, and nothing is expected any more. */
  take() {
    const seen = this.problems;
    this.problems = [];
    this.expected = [];
    return seen.map((line) => `${this.name}: ${line}`);
  }
}

/** What a browser says by itself when an answer is no success, or nobody answers. */
const REFUSED = (status) => new RegExp(`^console: Failed to load resource: the server responded with a status of ${status}\\b`, 'u');
const UNREACHABLE = [/^console: .*net::ERR_/u, /^console: WebSocket connection to /u, /^request: net::ERR_/u, /^answer: 50[234]/u];

module.exports = { REFUSED, UNREACHABLE, Watch };
