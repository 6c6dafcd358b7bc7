// Converse in Debian's Chromium, on a page of another origin than the box: its user clicks and types, and reads what it shows.

import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser } from '../../web/browser.js';
import { jid, obey, password, tell, websocket } from './lines.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const KINDS = { css: 'text/css', html: 'text/html', js: 'text/javascript', json: 'application/json', wasm: 'application/wasm' };
const SETTINGS = {
  authentication: 'login',
  auto_login: true,
  jid,
  password,
  websocket_url: websocket,
  discover_connection_methods: false,
  assets_path: '/',
  view_mode: 'fullscreen',
  theme: 'default',
  i18n: 'en',
  show_background: false,
  play_sounds: false,
  loglevel: 'error',
};

/** Where the page is served; its files are those of the npm package. */
function serve() {
  const server = createServer(({ url }, answer) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = pathname === '/' ? 'converse.html' : join('node_modules/converse.js/dist', pathname);
    try {
      const content = readFileSync(join(HERE, file));
      answer.writeHead(200, { 'content-type': KINDS[file.split('.').at(-1)] ?? 'application/octet-stream' }).end(content);
    } catch {
      answer.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

/** Runs in the page: tells each message of somebody else, once it is shown. */
function watch() {
  const told = new Set();
  const look = () => {
    for (const shown of document.querySelectorAll('.chat-msg:has(.chat-msg__content--them)')) {
      const { msgid: id, from } = shown.dataset;
      const body = shown.querySelector('.chat-msg__text')?.textContent.trim();
      if (!body || told.has(id)) continue;
      told.add(id);
      globalThis.tell('message', { id, sender: from.split('/')[0], body });
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}

const folder = mkdtempSync(join(tmpdir(), 'converse-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const origin = `http://localhost:${await serve()}`;
const browser = await Browser.at({ ca: process.argv[6], origin }, folder);
const { context, page } = await browser.seat('converse');
await context.exposeFunction('tell', tell);
await context.addInitScript(`globalThis.settings = ${JSON.stringify(SETTINGS)};`);
await page.goto('/');
await page.evaluate(watch);

/** As one clicks on somebody in the list. */
const open = (peer) => page.locator(`a.open-chat[data-jid="${peer}"]`).click();

await obey({
  send: async ({ to, body }) => {
    await open(to);
    const field = page.locator('textarea.chat-textarea');
    await field.fill(body);
    await field.press('Enter');
  },
  /** As one picks a file from the disk. */
  upload: async ({ to, name, content }) => {
    await open(to);
    await page.locator('input.fileupload').first().setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
  },
  /** Whoever opens a chat sees what was said before, which Converse reads from the archive. */
  archive: async ({ with: peer, of }) => {
    await open(peer);
    await page.waitForFunction((count) => document.querySelectorAll('.chat-msg__text').length >= count, of);
    tell('archive', { bodies: (await page.locator('.chat-msg__text').allTextContents()).map((body) => body.trim()) });
  },
  leave: () => page.evaluate(() => globalThis.leave()).then(() => tell('gone')),
});
