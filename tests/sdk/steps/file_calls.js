'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { bubbleWith, contactOf, idOf, seenBy, until } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

const ids = (files) => files.map((file) => file.id);

/** Writes a file of these words beside the box. */
function onDisk(world, name, words) {
  const file = path.join(world.box.folder, name);
  fs.writeFileSync(file, words);
  return file;
}

/** What the box tells a sign-in of its own of a file. */
async function descriptor(box, person, id) {
  const session = await signIn(box, person);
  return session.call('GET', `/api/rainbow/filestorage/v1.0/files/${id}`);
}

/** The file of a message that somebody got. */
async function fileOf(who, text) {
  const { id } = await who.event('messagereceived', (event) => event.content === text);
  const message = await until(`${who.firstName} holds ${id}`, () => who.sdk.conversations.getAllConversations().flatMap((one) => [...one.messages]).find((one) => one.id === id));
  return message.oob.url.split('/').pop();
}

/** 2.42 knows nothing of a scan: a file is there when the box says so. */
const clean = (box, person, id) => until(`${id} is clean`, async () => (await descriptor(box, person, id)).body.data?.isClean === true);

module.exports = [
  {
    sentence: 'files that Alice and Bob send one another are listed on both sides, sent here and received there',
    ids: ['C6'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, box, people } = world;
      const conversation = await alice.conversationWith(bob);
      bob.forget();
      await alice.sdk.fileStorage.uploadFileToConversation(conversation, onDisk(world, 'letter.txt', 'Dear Bob'), 'A letter');
      world.letter = await fileOf(bob, 'A letter');
      await clean(box, people.alice, world.letter);
      const sent = await alice.sdk.fileStorage.getFilesSentInConversation(conversation);
      assert.ok(ids(sent).includes(world.letter));
      assert.ok(ids(await alice.sdk.fileStorage.retrieveSentFiles(idOf(bob))).includes(world.letter));
      const received = async () => ids(await bob.sdk.fileStorage.getFilesReceivedInConversation(await bob.conversationWith(alice))).includes(world.letter);
      await until('Bob has it among what he received', received);
      assert.ok(ids(await bob.sdk.fileStorage.retrieveReceivedFiles(idOf(bob))).includes(world.letter));
      assert.ok(ids(bob.sdk.fileStorage.getAllFilesReceived()).includes(world.letter));
      assert.equal((await descriptor(box, people.bob, world.letter)).body.data.fileName, 'letter.txt');
    },
  },
  {
    sentence: 'a buffer is sent as a file, and one is put into the own storage, which nobody else sees',
    ids: ['C6'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, box, people } = world;
      const storage = alice.sdk.fileStorage;
      if (storage.uploadFileBufferToConversation) {
        const conversation = await alice.conversationWith(bob);
        await storage.uploadFileBufferToConversation(conversation, { fileName: 'buffer.txt', content: 'From memory' }, 'A buffer');
        const id = await fileOf(bob, 'A buffer');
        assert.equal((await descriptor(box, people.bob, id)).body.data.size, 11);
        const own = await storage.uploadFileBufferToStorage({ fileName: 'mine.txt', content: 'Mine alone' });
        assert.deepEqual([(await descriptor(box, people.alice, own.id)).status, (await descriptor(box, people.bob, own.id)).status], [200, 404]);
      }
      const stored = await storage.uploadFileToStorage(onDisk(world, 'stored.txt', 'Stored'));
      await clean(box, people.alice, stored.id);
      assert.equal((await descriptor(box, people.bob, stored.id)).status, 404);
      assert.ok(storage.getFileDescriptorFromId(stored.id));
      world.stored = stored.id;
    },
  },
  {
    sentence: 'a file of a bubble is listed for who is in it, and a stored one is sent there as it is',
    ids: ['C6', 'C3'],
    limit_s: 120,
    async run(world) {
      const { alice, bob, box, people } = world;
      const dock = await bubbleWith(alice, [bob], 'Dock');
      await alice.sdk.fileStorage.uploadFileToBubble(dock, onDisk(world, 'chart.txt', 'Here be dragons'), 'The chart');
      const chart = await fileOf(bob, 'The chart');
      await clean(box, people.alice, chart);
      assert.deepEqual(ids(await alice.sdk.fileStorage.getFilesSentInBubble(dock)), [chart]);
      assert.deepEqual(ids(await bob.sdk.fileStorage.retrieveReceivedFilesForRoom(dock.id)), [chart]);
      await bob.sdk.fileStorage.retrieveReceivedFiles(dock.id);
      assert.ok(Array.isArray(bob.sdk.fileStorage.getReceivedFilesForRoom(dock.id)));
      bob.forget();
      const conversation = await alice.sdk.conversations.openConversationForBubble(dock);
      const file = await alice.sdk.fileStorage.retrieveOneFileDescriptor(world.stored);
      const existing = await alice.sdk.conversations.sendExistingFSMessage(conversation, 'It was here already', file);
      const { id } = await bob.event('messagereceived', (event) => event.content === 'It was here already');
      const heard = bob.sdk.conversations.getAllConversations().flatMap((one) => [...one.messages]).find((one) => one.id === id);
      assert.match(heard.oob.url, new RegExp(world.stored));
      assert.ok(existing);
      await alice.sdk.bubbles.deleteBubble(await seenBy(alice, dock));
    },
  },
  {
    sentence: 'a file is copied into the own space and handed over to a colleague, and the administrator lists all of the company',
    ids: ['C6', 'A8'],
    limit_s: 90,
    async run(world) {
      const { alice, bob, box, people, letter, stored } = world;
      const copy = await bob.sdk.fileStorage.copyFileInPersonalCloudSpace(letter);
      assert.equal((await descriptor(box, people.bob, copy.id)).body.data.ownerId, idOf(bob));
      assert.equal((await descriptor(box, people.alice, copy.id)).status, 404);
      await alice.sdk.fileStorage.fileOwnershipChange(stored, (await contactOf(alice, bob)).id);
      assert.equal((await descriptor(box, people.bob, stored)).body.data.ownerId, idOf(bob));
      await assert.rejects(bob.sdk.fileStorage.getFileDescriptorsByCompanyId(), (error) => error.code === 403);
      const owner = world.person(people.owner);
      await owner.start();
      const listed = await owner.sdk.fileStorage.getFileDescriptorsByCompanyId();
      const text = JSON.stringify(listed);
      assert.ok(text.includes(letter) && text.includes(copy.id));
      await owner.stop();
    },
  },
  {
    sentence: 'a file is downloaded into a folder by the version that can',
    ids: ['C6'],
    limit_s: 60,
    async run({ bob, box, letter }) {
      if (!bob.package.includes('sdk-242')) return;
      const file = await bob.sdk.fileStorage.retrieveOneFileDescriptor(letter);
      const progress = await bob.sdk.fileStorage.downloadFileInPath(file, `${box.folder}/got-`);
      await new Promise((resolve, reject) => progress.subscribe({ complete: resolve, error: reject }));
      await until('it is on the disk', () => fs.existsSync(`${box.folder}/got-letter.txt`) && fs.readFileSync(`${box.folder}/got-letter.txt`, 'utf8') === 'Dear Bob');
    },
  },
];
