'use strict';
// Two people talk: ringing on two devices, sound and pictures that arrive, and what stands in the history afterwards.

const assert = require('node:assert/strict');
const people = require('../people.js');
const call = require('../acts/call.js');
const chat = require('../acts/chat.js');
const { signIn } = require('../acts/sign_in.js');
const { Detour } = require('../detour.js');
const { barriers, portray, sideways } = require('../look.js');
const { words } = require('../strings.js');

const { cleo, dean } = people;
/** The picture of the browser's fake camera moves on a ground of one strong colour; its microphone beeps once a second. */
const PATTERN = ({ moved, width }) => width > 0 && moved > 5;

const at = {};

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'Cleo is at one browser, Dean at two',
      ids: ['A1'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        [at.cleo, at.desk, at.phone] = await Promise.all([
          world.browser.seat('cleo'), world.browser.seat('dean'), world.browser.seat('dean-phone', { size: 'phone' }),
        ]);
        at.detours = await Promise.all([at.cleo, at.desk, at.phone].map((seat) => Detour.over(seat.context)));
        await Promise.all([signIn(at.cleo, cleo), signIn(at.desk, dean), signIn(at.phone, dean)]);
        await Promise.all([chat.open(world, at.cleo, dean), chat.open(world, at.desk, cleo), chat.open(world, at.phone, cleo)]);
      },
    },
    {
      sentence: 'a video call rings on both devices, is answered on one and stops on the other, and each sees and hears the other',
      ids: ['G2', 'E3', 'J9'],
      decisive: true,
      async run(world) {
        await call.start(at.cleo, dean, 'video');
        await Promise.all([call.rings(at.desk, cleo), call.rings(at.phone, cleo)]);
        await call.callWith(at.cleo.page, dean.displayName).getByText(words('call_ringing'), { exact: true }).waitFor();
        for (const seat of [at.desk, at.phone]) assert.deepEqual([await barriers(seat.page), await sideways(seat.page)], [[], []]);
        await Promise.all([portray(at.desk.page, world.options.screenshots, 'call-incoming', ['light'], ['desktop']), portray(at.phone.page, world.options.screenshots, 'call-incoming', ['dark'], ['phone'])]);
        await call.answer(at.desk, cleo, 'call_accept_video');
        await call.ringsNoMore(at.phone, cleo);
        await Promise.all([call.talks(at.cleo, dean), call.talks(at.desk, cleo)]);
        const [there, here] = await Promise.all([call.sees(at.cleo, PATTERN, 'a moving picture'), call.sees(at.desk, PATTERN, 'a moving picture')]);
        at.camera = here;
        assert.deepEqual([await barriers(at.desk.page), await sideways(at.desk.page)], [[], []]);
        await portray(at.desk.page, world.options.screenshots, 'call-talking', ['light'], ['desktop']);
        assert.ok(there.width > 0);
        const [sound, back] = await Promise.all([call.hearsSomething(at.desk), call.hearsSomething(at.cleo)]);
        assert.ok(Math.abs(sound.hertz - back.hertz) < 60, `not the same tone: ${JSON.stringify([sound, back])}`);
      },
    },
    {
      sentence: 'who talks is shown as in a call to others',
      ids: ['C2'],
      async run() {
        const head = at.phone.page.locator('.thread__state');
        await head.filter({ hasText: words('presence_busy') }).waitFor();
      },
    },
    {
      sentence: 'who mutes is not heard, who turns the camera off is not seen, and both again',
      ids: ['G2'],
      async run() {
        await call.button(at.cleo.page, 'call_mute').click();
        await call.hearsNothing(at.desk);
        await call.button(at.cleo.page, 'call_unmute').click();
        await call.button(at.cleo.page, 'call_camera_off').click();
        await at.desk.page.locator('.call__heard[data-shown="false"]').waitFor({ state: 'attached' });
        await call.hearsSomething(at.desk);
        await call.button(at.cleo.page, 'call_camera_on').click();
        await call.sees(at.desk, PATTERN, 'the camera again');
      },
    },
    {
      sentence: 'a shared screen arrives, and the call goes on without it',
      ids: ['G2'],
      async run() {
        await call.button(at.cleo.page, 'call_share').click();
        await call.button(at.cleo.page, 'call_share_stop').waitFor();
        const { width, height, red, green, blue } = at.camera;
        const isAnother = (now) => now.width !== width || now.height !== height || Math.abs(now.red - red) + Math.abs(now.green - green) + Math.abs(now.blue - blue) > 30;
        await call.sees(at.desk, isAnother, 'another picture than the camera’s');
        await call.button(at.cleo.page, 'call_share_stop').click();
        await call.talks(at.cleo, dean);
      },
    },
    {
      sentence: 'after a change of the network the two look for each other anew, and go on talking',
      ids: ['G2'],
      async run() {
        const before = await Promise.all([call.transport(at.cleo), call.transport(at.desk)]);
        await at.cleo.page.evaluate(() => dispatchEvent(new Event('online')));
        for (const [index, seat] of [at.cleo, at.desk].entries()) {
          await seat.page.waitForFunction((old) => !globalThis.__lines.at(-1).currentLocalDescription.sdp.includes(`a=ice-ufrag:${old}\r`), before[index]);
        }
        await call.hearsSomething(at.desk);
        await call.talks(at.desk, cleo);
      },
    },
    {
      sentence: 'when the addresses of both are gone for good, that is told, and the call comes back over others',
      ids: ['G2'],
      async run() {
        const before = await call.transport(at.cleo);
        assert.ok(at.detours.every((detour, index) => index === 2 || detour.passed > 0), 'the media of the two go through here');
        for (const detour of at.detours) detour.leave();
        await call.callWith(at.cleo.page, dean.displayName).getByText(words('call_broken'), { exact: true }).waitFor();
        await Promise.all([call.talks(at.cleo, dean), call.talks(at.desk, cleo)]);
        assert.notEqual(await call.transport(at.cleo), before, 'by looking for each other anew');
        await call.hearsSomething(at.desk);
      },
    },
    {
      sentence: 'who hangs up ends the call for both, and it stands in both histories',
      ids: ['G2', 'J6', 'C2'],
      async run() {
        await call.button(at.desk.page, 'call_hang_up').click();
        await Promise.all([call.isOver(at.cleo, dean), call.isOver(at.desk, cleo)]);
        await at.phone.page.locator('.thread__state').filter({ hasText: words('presence_online') }).waitFor();
        for (const [seat, key, other] of [[at.cleo, 'calls_outgoing', dean], [at.phone, 'calls_incoming', cleo]]) {
          await seat.page.goto('/#/calls');
          const row = seat.page.getByRole('listitem').filter({ hasText: other.displayName }).first();
          await row.getByText(words(key), { exact: true }).waitFor();
          await row.getByText(words('calls_video'), { exact: true }).waitFor();
        }
      },
    },
    {
      sentence: 'a call of voices gets a picture in the middle, from the one who was called',
      ids: ['G2'],
      async run(world) {
        await Promise.all([chat.open(world, at.cleo, dean), chat.open(world, at.phone, cleo)]);
        await call.start(at.cleo, dean);
        await call.rings(at.phone, cleo);
        await call.answer(at.phone, cleo);
        await Promise.all([call.talks(at.cleo, dean), call.talks(at.phone, cleo)]);
        await call.button(at.phone.page, 'call_camera_on').click();
        await call.sees(at.cleo, PATTERN, 'the picture that came later');
        await call.button(at.cleo.page, 'call_camera_on').click();
        await call.sees(at.phone, PATTERN, 'the other picture');
        await call.button(at.cleo.page, 'call_hang_up').click();
        await call.isOver(at.phone, cleo);
      },
    },
    {
      sentence: 'a declined call says so, and a missed one is counted on every device until it was looked at',
      ids: ['J6'],
      async run(world) {
        await chat.open(world, at.desk, cleo);
        await call.start(at.cleo, dean);
        await call.rings(at.phone, cleo);
        await call.answer(at.phone, cleo, 'call_decline');
        await at.cleo.page.getByText(words('call_failed_declined', { name: dean.displayName }), { exact: true }).waitFor();
        await call.ringsNoMore(at.desk, cleo);

        await at.phone.page.goto('/#/chat');
        await call.start(at.cleo, dean);
        await call.rings(at.desk, cleo);
        await call.button(at.cleo.page, 'call_hang_up').click();
        await Promise.all([call.ringsNoMore(at.desk, cleo), call.ringsNoMore(at.phone, cleo)]);
        const badge = (seat) => seat.page.getByRole('link', { name: words('nav_calls') }).locator('.badge');
        await Promise.all([badge(at.desk).filter({ hasText: '1' }).waitFor(), badge(at.phone).filter({ hasText: '1' }).waitFor()]);
        await at.desk.page.goto('/#/calls');
        await at.desk.page.getByText(words('calls_missed'), { exact: true }).waitFor();
        await Promise.all([badge(at.desk).waitFor({ state: 'detached' }), badge(at.phone).waitFor({ state: 'detached' })]);
      },
    },
  ],
};
