'use strict';
// Files between two browsers, a bubble and a bot, with a real virus scanner; over cuts, refusals, and to their end.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { EICAR } = require('../../sdk/scanner.js');
const { signIn: signInByRest } = require('../../sdk/web.js');
const people = require('../people.js');
const bubble = require('../acts/bubble.js');
const chat = require('../acts/chat.js');
const file = require('../acts/file.js');
const { signIn } = require('../acts/sign_in.js');
const { words } = require('../strings.js');
const { REFUSED, UNREACHABLE } = require('../watch.js');

const { faye, gus, rita } = people;
const CREW = 'File crew';
const HOSTILE = `‮<img src=x onerror=sprung(1)> ${'long '.repeat(30)}end.PDF`;
/** What the box makes of it, and what is shown. */
const TAKEN = HOSTILE.replace('‮', '_');
const LARGE_BYTES = 5_000_017;
/** So that there is time to press something, also on a machine that is busy. */
const SLOW_BYTES_PER_S = 700_000;
const PICTURE = file.png(640, 400);

const at = {};
const { text } = file;
const picture = (name, buffer = PICTURE) => ({ name, mimeType: 'image/png', buffer });
const both = () => [at.faye, at.gus];

/** Whether Faye may share files is her administrator's decision. */
async function share({ box }, fileSharingCustomisation) {
  const owner = await signInByRest(box, people.owner);
  const { status } = await owner.call('PUT', `/api/rainbow/admin/v1.0/users/${await chat.idOf(box, faye)}`, { fileSharingCustomisation });
  assert.equal(status, 200);
}

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'Faye and Gus sign in at browsers, and a bot on the official SDK beside them; the box takes files, so there is a button',
      ids: ['C6'],
      decisive: true,
      async run(world) {
        [at.faye, at.gus] = await Promise.all([world.browser.seat('faye', { way: true }), world.browser.seat('gus')]);
        [at.rita] = await Promise.all([world.bot(rita), signIn(at.faye, faye), signIn(at.gus, gus)]);
        await Promise.all([chat.open(world, at.faye, gus), chat.open(world, at.gus, faye)]);
        for (const { page } of both()) await file.attach(page).waitFor();
      },
    },
    {
      sentence: 'a picture that is chosen by the button is seen before it is sent, comes as a picture with its text, and is the same bytes',
      ids: ['C6', 'C1'],
      decisive: true,
      async run() {
        await file.choose(at.faye, [picture('harbour.png'), text('unwanted.txt', 'not this one')]);
        await file.chips(at.faye.page).filter({ hasText: 'harbour.png' }).locator('img').waitFor();
        await file.act(at.faye.page, 'file_unchoose', 'unwanted.txt').click();
        assert.equal(await file.chips(at.faye.page).count(), 1);
        await chat.field(at.faye.page, gus.displayName).fill('The view from here');
        await chat.field(at.faye.page, gus.displayName).press('Enter');
        for (const { page } of both()) {
          await chat.message(page, 'The view from here').waitFor();
          await file.picture(page, 'harbour.png').waitFor();
        }
        await chat.status(at.faye, 'The view from here', 'read');
        await file.picture(at.gus.page, 'harbour.png').click();
        const large = at.gus.page.getByRole('dialog');
        await large.locator('img[data-whole="true"]').waitFor();
        assert.deepEqual(await large.locator('img').evaluate((image) => [image.naturalWidth, image.naturalHeight]), [640, 400]);
        const got = await file.downloaded(at.gus, large.getByRole('button', { name: words('file_download'), exact: true }));
        assert.equal(got.name, 'harbour.png');
        file.same(got.bytes, PICTURE, 'the picture');
        await at.gus.page.keyboard.press('Escape');
        await large.waitFor({ state: 'detached' });
      },
    },
    {
      sentence: 'files that are dropped come one by one under their names, whatever these are, and the bot gets the same bytes',
      ids: ['C6', 'J9'],
      async run(world) {
        await chat.open(world, at.faye, rita);
        const plan = text('plan.txt', 'one, two, three');
        await file.drop(at.faye, plan, { name: HOSTILE, mimeType: 'text/html', buffer: Buffer.from('<script>sprung(2)</script>') });
        await file.send(at.faye);
        await at.rita.event('messagereceived', { content: 'plan.txt' });
        await at.rita.event('messagereceived', { content: TAKEN });
        await file.card(at.faye.page, 'plan.txt').waitFor();
        const [seen] = await file.found(world.box, rita, 'plan.txt', rita);
        file.same(await file.bytesOf(world.box, rita, seen.id), plan.buffer, 'what the bot got');
        const hostile = chat.message(at.faye.page, '_<img src=x').getByRole('button').first();
        const got = await file.downloaded(at.faye, hostile);
        assert.match(got.name, /\.PDF$/u);
        assert.equal(got.bytes.toString(), '<script>sprung(2)</script>');
        assert.ok(await hostile.evaluate((card) => card.scrollWidth <= card.clientWidth + 1 && card.getBoundingClientRect().width < 400));
      },
    },
    {
      sentence: 'a picture from the bot is shown, one that pretends to be a picture or to be small is a file',
      ids: ['C6', 'J9'],
      async run(world) {
        const onDisk = (name, bytes) => {
          const place = path.join(world.box.folder, name);
          fs.writeFileSync(place, bytes);
          return place;
        };
        await at.rita.sendFile(faye, onDisk('crane.png', file.png(300, 200)), 'Crane two');
        await chat.message(at.faye.page, 'Crane two').waitFor();
        await file.picture(at.faye.page, 'crane.png').waitFor();
        await at.rita.sendFile(faye, onDisk('giant.png', file.png(4, 4, [60_000, 60_000])), 'A giant');
        await file.card(at.faye.page, 'giant.png').waitFor();
        await at.rita.sendFile(faye, onDisk('page.png', '<html><script>sprung(3)</script>'), 'A page');
        await file.card(at.faye.page, 'page.png').waitFor();
      },
    },
    {
      sentence: 'a picture from the clipboard goes into a bubble, and its members get it',
      ids: ['C6', 'C3'],
      async run(world) {
        const [by, to] = await Promise.all([faye, gus].map((person) => signInByRest(world.box, person)));
        const rooms = '/api/rainbow/enduser/v1.0/rooms';
        const { body } = await by.call('POST', rooms, { name: CREW, topic: '', history: 'all' });
        await by.call('POST', `${rooms}/${body.data.id}/users`, { userId: to.user.id, status: 'accepted', privilege: 'user' });
        await Promise.all(both().map((seat) => bubble.open(seat, CREW)));
        await at.faye.context.grantPermissions(['clipboard-read', 'clipboard-write']);
        await at.faye.page.evaluate(async (base64) => {
          const blob = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: 'image/png' });
          await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
        }, PICTURE.toString('base64'));
        await chat.field(at.faye.page, CREW).press('Control+v');
        await file.chips(at.faye.page).locator('img').waitFor();
        await chat.field(at.faye.page, CREW).press('Enter');
        const shown = at.gus.page.getByRole('button', { name: new RegExp(words('file_open', { name: words('file_pasted') }), 'u') });
        await shown.getByRole('img').waitFor();
      },
    },
    {
      sentence: 'a large file is paused and goes on, is cut and goes on by itself, each part sent once, and comes whole',
      ids: ['C6'],
      limit_s: 60,
      async run(world) {
        await Promise.all([chat.open(world, at.faye, gus), chat.open(world, at.gus, faye)]);
        const { page, way, watch } = at.faye;
        const bytes = file.noise(world.chance, LARGE_BYTES);
        const begun = [];
        page.on('request', (request) => request.method() === 'PUT' && begun.push(request.url().split('/').at(-1)));
        await file.pace(at.faye, SLOW_BYTES_PER_S);
        await file.choose(at.faye, [{ name: 'film.bin', mimeType: 'application/octet-stream', buffer: bytes }]);
        await file.send(at.faye);
        const progress = file.line(page, 'film.bin').getByRole('progressbar');
        const far = () => progress.evaluate((bar) => bar.value);
        const reaches = (share) => page.waitForFunction((share) => document.querySelector('progress')?.value > share, share * LARGE_BYTES, { polling: 20 });
        await reaches(0.15);
        await file.act(page, 'file_pause', 'film.bin').click();
        const paused = await far();
        await page.waitForTimeout(600);
        assert.equal(await far(), paused, 'it stands still');
        await file.act(page, 'file_resume', 'film.bin').click();
        await reaches(0.45);
        watch.expect(...UNREACHABLE);
        way.cut();
        await file.line(page, 'film.bin').getByText(words('file_cut'), { exact: true }).waitFor();
        assert.equal(await chat.message(at.gus.page, 'film.bin').count(), 0);
        await file.pace(at.faye, -1);
        way.open();
        await file.card(at.gus.page, 'film.bin').waitFor();
        const twice = begun.filter((part, index) => begun.indexOf(part) !== index);
        assert.ok(begun.includes('19') && twice.length <= 4, `sent twice: ${twice.join()} of ${begun.join()}`);
        file.same((await file.downloaded(at.gus, file.card(at.gus.page, 'film.bin'))).bytes, bytes, 'the film');
        await file.line(page, 'film.bin').waitFor({ state: 'detached' });
      },
    },
    {
      sentence: 'one that is taken back on its way leaves nothing',
      ids: ['C6', 'C8'],
      async run(world) {
        await file.pace(at.faye, 100_000);
        await file.choose(at.faye, [{ name: 'regret.bin', mimeType: '', buffer: file.noise(world.chance, 1_000_000) }]);
        await chat.field(at.faye.page, gus.displayName).fill('Look at this');
        await file.send(at.faye);
        await at.faye.page.waitForFunction(() => document.querySelector('progress')?.value > 50_000);
        await file.act(at.faye.page, 'file_cancel', 'regret.bin').click();
        await file.line(at.faye.page, 'regret.bin').waitFor({ state: 'detached' });
        await file.pace(at.faye, -1);
        assert.equal(await chat.field(at.faye.page, gus.displayName).inputValue(), 'Look at this', 'what was written is not lost');
        await chat.field(at.faye.page, gus.displayName).fill('');
        await chat.becomes(() => file.found(world.box, faye, 'regret.bin'), [], 'what the box knows of it');
      },
    },
    {
      sentence: 'a virus is refused in words and nothing of it is sent; what was written with it is kept',
      ids: ['C6'],
      async run() {
        await file.choose(at.faye, [{ name: 'holiday.png', mimeType: 'image/png', buffer: Buffer.from(EICAR) }]);
        await chat.field(at.faye.page, gus.displayName).fill('My holidays');
        await file.send(at.faye);
        const why = file.line(at.faye.page, 'holiday.png').getByRole('alert');
        await why.waitFor();
        assert.match(await why.innerText(), /virus scanner found something in it \(.*Eicar/u);
        assert.equal(await chat.message(at.faye.page, 'My holidays').count(), 0);
        assert.equal(await chat.message(at.gus.page, 'My holidays').count(), 0);
        await file.act(at.faye.page, 'file_dismiss', 'holiday.png').click();
        assert.equal(await chat.field(at.faye.page, gus.displayName).inputValue(), 'My holidays');
        await chat.field(at.faye.page, gus.displayName).fill('');
      },
    },
    {
      sentence: 'what is too large, or more than Faye may have, is refused in words before a byte of it is sent',
      ids: ['C6'],
      async run() {
        const { page, watch } = at.faye;
        watch.expect(REFUSED(413), REFUSED(403));
        const sent = [];
        const note = (request) => request.method() === 'PUT' && sent.push(request.url());
        page.on('request', note);
        await file.choose(at.faye, [{ name: 'huge.iso', mimeType: '', buffer: Buffer.alloc(8_388_609) }, { name: 'sequel.bin', mimeType: '', buffer: Buffer.alloc(4_000_000) }]);
        await file.send(at.faye);
        await file.line(page, 'huge.iso').getByText(words('file_too_large', { limit: '8.4 MB' }), { exact: true }).waitFor();
        const full = file.line(page, 'sequel.bin').getByRole('alert');
        await full.waitFor();
        assert.match(await full.innerText(), /may take 8\.4 MB together, and 3\.\d MB are left/u);
        page.off('request', note);
        assert.deepEqual(sent, []);
        for (const name of ['huge.iso', 'sequel.bin']) await file.act(page, 'file_dismiss', name).click();
      },
    },
    {
      sentence: 'while the scanner is away a file waits and says so, over a reload, and comes when it is back',
      ids: ['C6'],
      limit_s: 60,
      async run(world) {
        world.box.scanner.kill();
        await file.choose(at.faye, [text('minutes.txt', 'what was said')]);
        await chat.field(at.faye.page, gus.displayName).fill('Here are the minutes');
        await file.send(at.faye);
        await file.line(at.faye.page, 'minutes.txt').getByText(words('file_scan'), { exact: true }).waitFor();
        await at.faye.page.reload();
        await file.line(at.faye.page, 'minutes.txt').getByText(words('file_scan'), { exact: true }).waitFor();
        assert.equal(await chat.message(at.gus.page, 'Here are the minutes').count(), 0);
        await world.box.scanner.start();
        for (const { page } of both()) {
          await chat.message(page, 'Here are the minutes').waitFor();
          await file.card(page, 'minutes.txt').waitFor();
        }
        await file.line(at.faye.page, 'minutes.txt').waitFor({ state: 'detached' });
        await chat.status(at.faye, 'Here are the minutes', 'read');
      },
    },
    {
      sentence: 'the words with a file are corrected, and the file stays',
      ids: ['C1', 'C6'],
      async run() {
        await chat.act(at.faye, 'Here are the minutes', 'chat_edit');
        await chat.field(at.faye.page, gus.displayName).fill('Minutes of Monday');
        await chat.field(at.faye.page, gus.displayName).press('Enter');
        for (const { page } of both()) {
          await chat.message(page, 'Minutes of Monday').getByText(words('chat_edited')).waitFor();
          await chat.message(page, 'Minutes of Monday').getByRole('button', { name: /minutes\.txt/u }).waitFor();
        }
        const small = at.gus.page.waitForResponse((answer) => answer.url().endsWith('?thumbnail500=true') && answer.status() === 200);
        await at.gus.page.reload();
        await small;
        await file.picture(at.gus.page, 'harbour.png').waitFor();
        await chat.message(at.gus.page, 'Minutes of Monday').getByRole('button', { name: /minutes\.txt/u }).waitFor();
      },
    },
    {
      sentence: 'a file that its owner deletes is gone at once on every side, and afterwards in what was said before',
      ids: ['C8'],
      async run(world) {
        await chat.act(at.faye, 'The view from here', 'file_delete');
        await bubble.dialog(at.faye.page, 'file_delete_title', { name: 'harbour.png' }).getByRole('button', { name: words('file_delete'), exact: true }).click();
        for (const { page } of both()) {
          await chat.message(page, 'The view from here').getByText(words('file_deleted'), { exact: true }).waitFor();
          await file.picture(page, 'harbour.png').waitFor({ state: 'detached' });
        }
        at.gus.watch.expect(REFUSED(404));
        await at.gus.page.reload();
        await chat.message(at.gus.page, 'The view from here').getByText(words('file_gone'), { exact: true }).waitFor();
        assert.deepEqual(await file.found(world.box, faye, 'harbour.png'), []);
        await chat.act(at.faye, 'Minutes of Monday', 'chat_delete');
        await bubble.dialog(at.faye.page, 'chat_delete_title').getByRole('button', { name: words('chat_delete'), exact: true }).click();
        for (const { page } of both()) await chat.message(page, 'Minutes of Monday').waitFor({ state: 'detached' });
        assert.deepEqual(await file.found(world.box, faye, 'minutes.txt'), [], 'the file went with its message');
      },
    },
    {
      sentence: 'with the keyboard alone a file is chosen, sent, looked at and its commands are reached',
      ids: ['C6', 'J9'],
      async run() {
        const { page } = at.faye;
        const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
        const chooser = new Promise((resolve) => page.once('filechooser', resolve));
        await chat.field(page, gus.displayName).focus();
        for (let press = 0; press < 4 && (await focused()) !== words('file_attach'); press += 1) await page.keyboard.press('Shift+Tab');
        await page.keyboard.press('Enter');
        await (await chooser).setFiles([picture('keys.png')]);
        await file.chips(page).locator('img').waitFor();
        for (let press = 0; press < 4 && (await focused()) !== words('chat_write', { name: gus.displayName }); press += 1) await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await file.picture(page, 'keys.png').waitFor();
        for (let press = 0; press < 8 && (await focused()) !== words('file_open', { name: 'keys.png' }); press += 1) await page.keyboard.press('Shift+Tab');
        await page.keyboard.press('Enter');
        await page.getByRole('dialog').locator('img[data-whole="true"]').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        // Back where it was.
        await page.waitForFunction((name) => document.activeElement.getAttribute('aria-label') === name, words('file_open', { name: 'keys.png' }));
        await page.keyboard.press('Tab');
        assert.equal(await focused(), words('chat_actions'));
        await page.keyboard.press('Enter');
        await page.getByRole('menuitem', { name: words('file_delete'), exact: true }).waitFor();
        await page.keyboard.press('Escape');
      },
    },
    {
      sentence: 'where the box takes no files it is said why and there is no button; what was refused is tried again afterwards',
      ids: ['C6', 'C7'],
      limit_s: 60,
      async run(world) {
        for (const { watch } of both()) watch.expect(...UNREACHABLE, REFUSED(403), REFUSED(404), REFUSED(503), /^answer: 503 POST .*files$/u);
        await share(world, 'disabled');
        await file.choose(at.faye, [text('mine.txt', 'not allowed')]);
        await file.send(at.faye);
        await file.line(at.faye.page, 'mine.txt').getByText(words('file_off'), { exact: true }).waitFor();
        await file.attach(at.faye.page).waitFor({ state: 'detached' });
        await file.act(at.faye.page, 'file_dismiss', 'mine.txt').click();
        await share(world, 'enabled');
        await at.faye.page.reload();
        await file.attach(at.faye.page).waitFor();
        const { scanner } = world.box;
        scanner.remove();
        await file.choose(at.faye, [text('late.txt', 'at last')]);
        await file.send(at.faye);
        await file.line(at.faye.page, 'late.txt').getByText(words('file_no_scanner'), { exact: true }).waitFor();
        await file.attach(at.faye.page).waitFor({ state: 'detached' });
        await scanner.start();
        const restart = async (more) => {
          await world.box.stop();
          world.box.setUp(more);
          await world.box.start();
        };
        await restart('enabled = false\n');
        await file.attach(at.faye.page).waitFor({ state: 'detached' });
        await restart('');
        await file.attach(at.faye.page).waitFor();
        await file.act(at.faye.page, 'file_again', 'late.txt').click();
        await file.card(at.gus.page, 'late.txt').waitFor();
      },
    },
  ],
};
