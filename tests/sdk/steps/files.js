'use strict';
const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const { deflateSync } = require('node:zlib');
const { EICAR } = require('../scanner.js');

/** Bytes that no packer shortens, the same on every run. */
function noise(length, seed) {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = seed >>> 0; at < length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** A picture of one colour. */
function png(width, height) {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const ends = [Buffer.alloc(4), Buffer.alloc(4)];
    ends[0].writeUInt32BE(data.length);
    ends[1].writeUInt32BE(crc32(body));
    return Buffer.concat([ends[0], body, ends[1]]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((width * 3 + 1) * height));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
}

/** A file on the sender's disk. */
function onDisk(world, name, bytes) {
  const file = path.join(world.box.folder, name);
  fs.writeFileSync(file, bytes);
  return file;
}

/** The bytes of a file by plain HTTPS with the SDK's own token: 2.46 cannot download from any server. */
function overHttps(who, id) {
  const { name: host, https: port } = who.box;
  const headers = { authorization: `Bearer ${who.secrets.token}` };
  return new Promise((resolve, reject) => {
    https.get({ host, port, path: `/api/rainbow/fileserver/v1.0/files/${id}`, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, bytes: Buffer.concat(parts) }));
    }).on('error', reject);
  });
}

/** What the SDK downloads: one buffer, or one a range. */
async function downloaded(who, id) {
  const descriptor = await who.sdk.fileStorage.retrieveOneFileDescriptor(id);
  if (!who.package.includes('sdk-242')) return (await overHttps(who, id)).bytes;
  const { buffer } = await who.sdk.fileStorage.downloadFile(descriptor);
  return Buffer.concat([buffer].flat().map((part) => Buffer.from(part)));
}

const idOf = (message) => message.oob.url.split('/').pop();

/** The file of a message, once it can be had: 2.42 sends the message before the scan, and knows nothing of one. */
async function received(who, text) {
  const message = await who.event('messagereceived', (event) => event.content === text);
  const full = who.sdk.conversations.getAllConversations().flatMap((one) => one.messages).find((one) => one.id === message.id);
  const id = idOf(full);
  while ((await overHttps(who, id)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
  return { id, descriptor: await who.sdk.fileStorage.retrieveOneFileDescriptor(id), message: full };
}

const send = async (from, to, file, text) => from.sdk.fileStorage.uploadFileToConversation(await from.conversationWith(to), file, text);

module.exports = [
  {
    sentence: 'Alice sends Bob a file; he gets the message, and the same bytes',
    ids: ['C6', 'C1'],
    limit_s: 90,
    async run(world) {
      const { alice, bob } = world;
      bob.forget();
      const bytes = noise(40_000, 1);
      await send(alice, bob, onDisk(world, 'plan.bin', bytes), 'Here is the plan');
      const { id, descriptor, message } = await received(bob, 'Here is the plan');
      assert.equal(descriptor.fileName, 'plan.bin');
      assert.equal(Number(message.oob.filesize ?? message.oob.size), bytes.length);
      assert.equal(message.oob.filename, 'plan.bin');
      assert.ok(bytes.equals(await downloaded(bob, id)), 'other bytes');
      world.planId = id;
    },
  },
  {
    sentence: 'a file of many parts goes up in parts and down in ranges',
    ids: ['C6'],
    limit_s: 120,
    async run(world) {
      const { alice, bob } = world;
      bob.forget();
      const bytes = noise(5_300_017, 2);
      await send(alice, bob, onDisk(world, 'film.bin', bytes), 'And the film');
      const { id, descriptor } = await received(bob, 'And the film');
      assert.equal(descriptor.size, bytes.length);
      assert.ok(bytes.equals(await downloaded(bob, id)), 'other bytes');
    },
  },
  {
    sentence: 'a picture is made small, and both the event and the descriptor say so',
    ids: ['C6'],
    limit_s: 90,
    async run(world) {
      const { alice, bob } = world;
      bob.forget();
      const bytes = png(700, 500);
      await send(alice, bob, onDisk(world, 'hill.png', bytes), 'What a hill');
      const { id } = await received(bob, 'What a hill');
      await bob.event('thumbnailcreated', ({ fileid }) => fileid === id);
      const { thumbnail, thumbnail500, md5sum } = await bob.sdk.fileStorage.retrieveOneFileDescriptor(id);
      assert.equal(md5sum, createHash('md5').update(bytes).digest('hex'));
      for (const [small, query] of [[thumbnail, 'thumbnail=true'], [thumbnail500, 'thumbnail500=true']]) {
        // 2.42 knows the smaller one only.
        if (small === undefined && alice.package.includes('sdk-242')) continue;
        assert.ok(small.isThumbnailAvailable());
        const got = await overHttps(bob, `${id}?${query}`);
        assert.deepEqual([got.status, got.bytes.length, createHash('md5').update(got.bytes).digest('hex')], [200, Number(small.size), small.md5sum]);
      }
    },
  },
  {
    sentence: 'a file in a bubble is for its members, from a buffer as well',
    ids: ['C6', 'C3'],
    limit_s: 120,
    async run(world) {
      const { alice, bob } = world;
      const bubble = await alice.sdk.bubbles.createBubble('Papers', 'What we read', 'all');
      await alice.event('bubblepresencechanged');
      bob.forget();
      const contact = await alice.sdk.contacts.getContactByLoginEmail(bob.email);
      await alice.sdk.bubbles.inviteContactToBubble(contact, bubble, false, false, 'Read with us');
      await bob.event('bubblepresencechanged');
      const bytes = noise(30_000, 3);
      await alice.sdk.fileStorage.uploadFileToBubble(bubble, onDisk(world, 'paper.bin', bytes), 'Please read');
      const { id } = await received(bob, 'Please read');
      assert.ok(bytes.equals(await downloaded(bob, id)));
      const inBubble = await bob.sdk.fileStorage.getFilesReceivedInBubble(bubble);
      assert.deepEqual(inBubble.map((file) => file.id), [id]);
      await alice.sdk.bubbles.deleteBubble(bubble);
    },
  },
  {
    sentence: 'viewers, copies, what is used, and a link for some minutes',
    ids: ['C6'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, planId: id } = world;
      const before = await bob.sdk.fileStorage.getUserQuotaConsumption();
      const copy = await bob.sdk.fileStorage.copyFileInPersonalCloudSpace?.(id);
      const after = await bob.sdk.fileStorage.getUserQuotaConsumption();
      if (copy) assert.equal(after.currentValue - before.currentValue, 40_000);
      assert.equal(after.unit, 'octet');
      const bobContact = await alice.sdk.contacts.getContactByLoginEmail(bob.email);
      await alice.sdk.fileStorage.retrieveAndStoreOneFileDescriptor(id, true);
      await alice.sdk.fileStorage.deleteFileViewer(bobContact.id, id);
      assert.equal((await overHttps(bob, id)).status, 404);
      await alice.sdk.fileStorage.addFileViewer(id, bobContact.id, 'user');
      assert.equal((await overHttps(bob, id)).status, 200);
      const link = await alice.sdk.fileStorage.getFilesTemporaryURL(id);
      assert.match(link.url, /\/api\/edge\/v1\/files\/links\//);
    },
  },
  {
    sentence: 'a virus is refused, and Bob gets nothing of it',
    ids: ['C6'],
    limit_s: 90,
    async run(world) {
      const { alice, bob } = world;
      bob.forget();
      const file = onDisk(world, 'holiday.png', EICAR);
      const sent = await send(alice, bob, file, 'My holidays').then(() => true, () => false);
      // 2.42 does not wait for the scan: its message comes, and the file behind it does not.
      assert.equal(sent, alice.package.includes('sdk-242'));
      const own = await alice.sdk.fileStorage.retrieveFileDescriptorsListPerOwner('holiday');
      const bad = (Array.isArray(own) ? own : alice.sdk.fileStorage.getAllFilesSent()).find((one) => one.fileName === 'holiday.png');
      for (const who of [bob, alice]) {
        let met = await overHttps(who, bad.id);
        while (met.status === 409) met = await overHttps(who, bad.id);
        assert.equal(met.status, 403);
      }
    },
  },
  {
    sentence: 'a file that Alice deletes is gone for Bob, and he is told',
    ids: ['C8'],
    limit_s: 60,
    async run(world) {
      const { alice, bob, planId: id } = world;
      bob.forget();
      const descriptor = await alice.sdk.fileStorage.retrieveOneFileDescriptor(id);
      await alice.sdk.fileStorage.removeFile(descriptor);
      await bob.event('filedeleted');
      assert.equal((await overHttps(bob, id)).status, 404);
    },
  },
];
