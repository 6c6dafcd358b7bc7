// The box's own browser application in Debian's Chromium, for calls with others: its user calls, and answers every call.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from '../../web/browser.js';
import call from '../../web/acts/call.js';
import { host, obey, password as given, port, tell } from './lines.mjs';
import { signIn } from '../../web/acts/sign_in.js';
import { like, words } from '../../web/strings.js';

const [email, ...rest] = given.split(' ');
const folder = mkdtempSync(join(tmpdir(), 'rainbow-web-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const browser = await Browser.at({ ca: process.argv[6], origin: `https://${host}:${port}` }, folder);
const seat = await browser.seat('rainbow');
await signIn(seat, { email, password: rest.join(' ') });
tell('started', {});

const PATTERN = ({ moved, width }) => width > 0 && moved > 5;
const answer = (name) => seat.page.getByRole('alertdialog').getByRole('button', { name: words(name), exact: true });

/** What comes of the other side, once the two talk. */
async function told() {
  const { red, green, blue, moved } = await call.sees(seat, PATTERN, 'a moving picture');
  // Sounds may come later than pictures.
  const { loud, hertz } = await call.hearsSomething(seat);
  tell('media', { red, green, blue, moved, loud, hertz });
  await seat.page.locator('.call').waitFor({ state: 'detached' });
  tell('over', {});
}

const failed = (error) => tell('error', { text: String(error?.stack ?? error) });

await obey({
  async call({ id }) {
    await seat.page.goto(`/#/chat/${id}`);
    await seat.page.getByRole('button', { name: like('call_video') }).click();
    await seat.page.locator('.call').waitFor();
    tell('calls');
    told().catch(failed);
  },
  async answer() {
    await answer('call_accept_video').click();
    told().catch(failed);
  },
  async 'hang up'() {
    await call.button(seat.page, 'call_hang_up').click();
  },
  async leave() {
    await browser.close();
    process.exit(0);
  },
});
