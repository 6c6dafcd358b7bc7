'use strict';
// What a person does with files, and sees of them.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const https = require('node:https');
const { deflateSync } = require('node:zlib');
const { signIn: signInByRest } = require('../../sdk/web.js');
const { history, idOf } = require('./chat.js');
const { words } = require('../strings.js');

/** Bytes that no packer shortens, the same on every run. */
function noise(chance, length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = chance.below(256);
  return bytes;
}

function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
}

/** A PNG of that size: a slope of colours, or claimed to be of another size than its points. */
function png(width, height, claimed = [width, height]) {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const ends = [Buffer.alloc(4), Buffer.alloc(4)];
    ends[0].writeUInt32BE(data.length);
    ends[1].writeUInt32BE(crc(body));
    return Buffer.concat([ends[0], body, ends[1]]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(claimed[0], 0);
  head.writeUInt32BE(claimed[1], 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set([(x * 255) / width, (y * 255) / height, 160], y * (width * 3 + 1) + 1 + x * 3);
  }
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

const attach = (page, language = 'en') => page.getByRole('button', { name: words('file_attach', {}, language), exact: true });
/** What goes with the next message. */
const chips = (page, language = 'en') => page.getByRole('list', { name: words('file_chosen', {}, language), exact: true }).getByRole('listitem');
/** What is on its way. */
const tray = (page, language = 'en') => page.getByRole('list', { name: words('file_sending', {}, language), exact: true }).getByRole('listitem');
/** The line of one of them. */
const line = (page, name) => tray(page).filter({ hasText: name });
const act = (page, key, name, language = 'en') => page.getByRole('button', { name: words(key, { name }, language), exact: true });
/** The card of a file in the open conversation, which downloads it. */
const card = (page, name) => history(page).getByRole('button', { name: new RegExp(`^${words('file_download')} ${name.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')}`, 'u') });
/** The picture of a file in the open conversation, once it is drawn. */
const picture = (page, name) => history(page).getByRole('button', { name: words('file_open', { name }), exact: true }).getByRole('img');

const text = (name, content) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });

/** Chooses files by the button: `{name, mimeType, buffer}` each. */
async function choose({ page }, files, language = 'en') {
  const asked = page.waitForEvent('filechooser');
  await attach(page, language).click();
  await (await asked).setFiles(files);
}

const send = ({ page }, language = 'en') => page.getByRole('button', { name: words('chat_send', {}, language), exact: true }).click();

/** Drags files over the open conversation and lets go of them. */
async function drop({ page }, ...files) {
  const given = files.map(({ name, mimeType, buffer }) => ({ name, type: mimeType, bytes: buffer.toString('base64') }));
  const data = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const { name, type, bytes } of all) transfer.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name, { type }));
    return transfer;
  }, given);
  const place = history(page);
  await place.dispatchEvent('dragover', { dataTransfer: data });
  await page.getByText(words('file_drop', { name: '' }).trim()).waitFor();
  await place.dispatchEvent('drop', { dataTransfer: data });
}

/** How fast a browser may send from now on; -1: as it can. */
async function pace({ context, page }, bytesPerS) {
  const tools = await context.newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerS });
}

/** Presses something that downloads; the name and the bytes that the browser has put down. */
async function downloaded({ page }, button) {
  const coming = page.waitForEvent('download');
  await button.click();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: fs.readFileSync(await download.path()) };
}

const FILES = '/api/rainbow/filestorage/v1.0/files';

/** What a person has, or was shown, by a file's name. */
async function found(box, person, name, viewer = undefined) {
  const by = await signInByRest(box, person);
  const { body } = await by.call('GET', `${FILES}${viewer ? `/viewers/${await idOf(box, viewer)}` : ''}?fileName=${encodeURIComponent(name)}&limit=1000`);
  return body.data.filter((one) => one.fileName === name);
}

/** The bytes of a file as that person gets them. */
async function bytesOf(box, person, id) {
  const { token } = await signInByRest(box, person);
  return new Promise((resolve, reject) => {
    https.get({ host: box.name, port: box.https, path: `/api/rainbow/fileserver/v1.0/files/${id}`, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => (answer.statusCode === 200 ? resolve(Buffer.concat(parts)) : reject(new Error(`${answer.statusCode} at the bytes of ${id}`))));
    }).on('error', reject);
  });
}

function same(one, other, what) {
  assert.ok(one.equals(other), `${what}: ${one.length} bytes, expected the same ${other.length}`);
}

module.exports = { act, attach, bytesOf, card, chips, choose, downloaded, drop, found, line, noise, pace, picture, png, same, send, text, tray };
