'use strict';
// Which way a call takes: directly, through the box's relay, through it by TLS alone. Each sees and hears the other and nobody
// else, whatever the way; a relay that dies and a network that goes away are no end of a call.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const people = require('../people.js');
const call = require('../acts/call.js');
const chat = require('../acts/chat.js');
const { navigation, signIn } = require('../acts/sign_in.js');
const { signIn: signInByRest } = require('../../sdk/web.js');
const { addPerson } = require('../box.js');
const line = require('../line.js');
const { words } = require('../strings.js');
const { REFUSED, UNREACHABLE } = require('../watch.js');

const { rhea } = people;
/** Nobody knows of him before the first step; he is among the first of a list by names, of which only what is seen is drawn. */
const abel = { ...rhea, firstName: 'Abel', lastName: 'Anew', displayName: 'Abel Anew', email: 'abel@acme.test' };
const SENT = { rhea: { colour: 'rgb(200, 30, 30)', hertz: 600 }, abel: { colour: 'rgb(30, 30, 200)', hertz: 1000 } };
const RED = ({ red, green, blue }) => red > 1.3 * blue && red > 1.3 * green;
const BLUE = ({ red, green, blue }) => blue > 1.3 * red && blue > 1.3 * green;
/** From the end of the relay to a call that goes on: what the browser takes to notice is most of it. */
const BACK_LIMIT_MS = 25_000;

const at = {};
const both = (act) => Promise.all([act(at.rhea, abel, SENT.abel), act(at.abel, rhea, SENT.rhea)]);

/** A video call of Rhea’s, until the two talk. */
async function talk(ways) {
  await both((seat) => line.allow(seat, ways));
  await call.start(at.rhea, abel, 'video');
  await call.rings(at.abel, rhea);
  await call.answer(at.abel, rhea, 'call_accept_video');
  await both(call.talks);
}

/** Each gets the other’s bar, colour and tone. */
const isWhole = () => both(async (seat, _, { hertz }) => {
  await call.sees(seat, seat === at.rhea ? BLUE : RED, 'the other’s colour');
  await call.seesBar(seat, line.BAR_SPEED);
  await call.hearsTone(seat, hertz);
});

const hangUp = async () => {
  await call.button(at.rhea.page, 'call_hang_up').click();
  await both(call.isOver);
};

/** The media process of the box. */
function mediaOf(box) {
  const parent = (pid) => /\) \S (\d+)/u.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))[1];
  const found = fs.readdirSync('/proc').filter((pid) => /^\d+$/u.test(pid)).filter((pid) => {
    try {
      return parent(pid) === String(box.running.pid) && fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] === 'media';
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
  assert.equal(found.length, 1, 'one media process');
  return Number(found[0]);
}

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'a colleague who gets an account stands in the list of who is there already at once, and can be called',
      ids: ['B6', 'G2'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        [at.rhea, at.abel] = await Promise.all([world.browser.seat('rhea', { way: true }), world.browser.seat('abel')]);
        await Promise.all(Object.entries(SENT).map(([name, sent]) => line.make(at[name].context, sent)));
        await signIn(at.rhea, rhea, { address: '/#/people' });
        const listed = at.rhea.page.getByRole('link').filter({ hasText: abel.displayName });
        await at.rhea.page.getByRole('link').filter({ hasText: people.cleo.displayName }).waitFor();
        assert.equal(await listed.count(), 0);
        at.owner = await signInByRest(world.box, people.owner);
        at.id = (await addPerson(at.owner, abel)).id;
        await listed.click();
        await at.rhea.page.getByRole('button', { name: words('people_write'), exact: true }).click();
        await chat.field(at.rhea.page, abel.displayName).waitFor();
        await signIn(at.abel, abel);
        await chat.open(world, at.abel, rhea);
      },
    },
    {
      sentence: 'a call goes directly where it can, and each gets what the other sends',
      ids: ['G2'],
      async run() {
        await talk('any');
        await isWhole();
        const ways = await both((seat) => call.way(seat));
        for (const { local, remote, protocol } of ways) assert.ok(!`${local} ${remote}`.includes('relay') && protocol === 'udp', JSON.stringify(ways));
        await hangUp();
      },
    },
    {
      sentence: 'where there is no direct way it goes through the box, by UDP',
      ids: ['G1', 'G2'],
      decisive: true,
      async run() {
        await talk('relay');
        await isWhole();
        const ways = await both((seat) => call.way(seat));
        for (const way of ways) assert.deepEqual(way, { local: 'relay', remote: 'relay', protocol: 'udp' }, JSON.stringify(ways));
      },
    },
    {
      sentence: 'a shared screen goes the same way, and the camera again after it',
      ids: ['G1', 'G2'],
      async run() {
        await call.button(at.rhea.page, 'call_share').click();
        await call.sees(at.abel, (now) => !RED(now), 'another picture than Rhea’s camera');
        await call.button(at.rhea.page, 'call_share_stop').click();
        await call.button(at.rhea.page, 'call_camera_on').click();
        await call.sees(at.abel, RED, 'Rhea’s camera again');
      },
    },
    {
      sentence: 'the relay is killed in the middle: messages go on, and the call comes back by itself',
      ids: ['G1', 'G2', 'I5'],
      async run(world) {
        await both((seat) => call.button(seat.page, 'call_small').click());
        const before = await both((seat) => call.transport(seat));
        const killed = mediaOf(world.box);
        process.kill(killed, 'SIGKILL');
        const start = Date.now();
        const broken = call.callWith(at.rhea.page, abel.displayName).getByText(words('call_broken'), { exact: true }).waitFor();
        await chat.write(at.rhea, abel, 'Are you still there?');
        await Promise.all([broken, chat.message(at.abel.page, 'Are you still there?').waitFor()]);
        await chat.write(at.abel, rhea, 'I am, I cannot hear you');
        await chat.message(at.rhea.page, 'I am, I cannot hear you').waitFor();
        await both(call.talks);
        assert.ok(Date.now() - start < BACK_LIMIT_MS, `back after ${Date.now() - start} ms`);
        const after = await both((seat) => call.transport(seat));
        assert.ok(after.every((name, index) => name !== before[index]), 'by looking for each other anew');
        await isWhole();
        for (const way of await both((seat) => call.way(seat))) assert.deepEqual(way, { local: 'relay', remote: 'relay', protocol: 'udp' });
        assert.notEqual(mediaOf(world.box), killed);
        await hangUp();
      },
    },
    {
      sentence: 'where no UDP goes through at all it goes by TLS, on the port of the page',
      ids: ['G1', 'G2', 'E1'],
      decisive: true,
      async run() {
        await talk('tls');
        await isWhole();
        const ways = await both((seat) => call.way(seat));
        for (const way of ways) assert.deepEqual(way, { local: 'relay', remote: 'relay', protocol: 'tls' }, JSON.stringify(ways));
      },
    },
    {
      sentence: 'the network of one is gone for a while: that is told, and the call goes on when it is back',
      ids: ['G2', 'E1'],
      async run() {
        const end = at.rhea.watch.expect(...UNREACHABLE);
        at.rhea.way.cut();
        await call.callWith(at.abel.page, rhea.displayName).getByText(words('call_broken'), { exact: true }).waitFor();
        at.rhea.way.open();
        await both(call.talks);
        await isWhole();
        end();
        await hangUp();
      },
    },
    {
      sentence: 'a colleague whose account is closed is in the list no more',
      ids: ['B6'],
      async run() {
        await at.rhea.page.goto('/#/people');
        const listed = at.rhea.page.getByRole('link').filter({ hasText: abel.displayName });
        await listed.waitFor();
        at.abel.watch.expect(REFUSED(401));
        await at.owner.call('DELETE', `/api/rainbow/admin/v1.0/users/${at.id}`);
        await listed.waitFor({ state: 'detached' });
        await navigation(at.abel.page).waitFor({ state: 'detached' });
      },
    },
  ],
};
