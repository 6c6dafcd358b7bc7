'use strict';
// Two browsers and a bot on an ordinary day.

const assert = require('node:assert/strict');
const people = require('../people.js');
const chat = require('../acts/chat.js');
const { navigation, signIn } = require('../acts/sign_in.js');
const { like, words } = require('../strings.js');

const { ada, bob, robot } = people;

/** Who comes down the hall: seats of the scenario, made by its first step. */
const at = {};

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'Ada and Bob sign in at browsers of their own, and a bot on the official SDK beside them',
      ids: ['A1', 'J9'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        [at.ada, at.bob] = await Promise.all([world.browser.seat('ada'), world.browser.seat('bob')]);
        [at.robot] = await Promise.all([world.bot(robot), signIn(at.ada, ada), signIn(at.bob, bob)]);
      },
    },
    {
      sentence: 'a message crosses from browser to browser, and its sender sees that it was sent, received and read',
      ids: ['C1'],
      decisive: true,
      async run(world) {
        await chat.open(world, at.ada, bob);
        await chat.write(at.ada, bob, 'Good morning, Bob <& "all">');
        await chat.status(at.ada, 'Good morning', 'received');
        await chat.open(world, at.bob, ada);
        await chat.message(at.bob.page, 'Good morning, Bob <& "all">').waitFor();
        await chat.status(at.ada, 'Good morning', 'read');
        await chat.write(at.bob, ada, 'Bonjour Ada, ça va ? 🌈');
        await chat.message(at.ada.page, 'Bonjour Ada, ça va ? 🌈').waitFor();
        await chat.status(at.bob, 'Bonjour Ada', 'read');
      },
    },
    {
      sentence: 'a browser and the bot talk, with the same receipts on both sides',
      ids: ['C1', 'J9'],
      async run(world) {
        await chat.open(world, at.ada, robot);
        await chat.write(at.ada, robot, 'What time is it?');
        await at.robot.event('messagereceived', { content: 'What time is it?' });
        await chat.status(at.ada, 'What time is it?', 'read');
        const id = await at.robot.send(ada, 'Time for tea');
        await chat.message(at.ada.page, 'Time for tea').waitFor();
        await at.robot.event('messageserverreceiptreceived', { id });
        await at.robot.event('messagereceiptreceived', { id });
        await at.robot.event('messagereceiptreadreceived', { id });
      },
    },
    {
      sentence: 'each sees that the other is typing, and that it ended',
      ids: ['C1'],
      async run(world) {
        await chat.open(world, at.ada, bob);
        await chat.field(at.bob.page, ada.displayName).pressSequentially('I thi');
        const seen = at.ada.page.getByText(words('chat_is_typing', { name: bob.displayName }), { exact: true });
        await seen.waitFor();
        await chat.field(at.bob.page, ada.displayName).fill('');
        await seen.waitFor({ state: 'hidden' });
        await chat.open(world, at.ada, robot);
        await at.robot.typing(ada, true);
        const robotIs = at.ada.page.getByText(words('chat_is_typing', { name: robot.displayName }), { exact: true });
        await robotIs.waitFor();
        await at.robot.typing(ada, false);
        await robotIs.waitFor({ state: 'hidden' });
        await chat.field(at.ada.page, robot.displayName).pressSequentially('Hm');
        await at.robot.event('chatstate', { chatstate: 'composing' });
        await chat.field(at.ada.page, robot.displayName).fill('');
      },
    },
    {
      sentence: 'presence that one chooses is seen by the others, and a bot that goes is seen going',
      ids: ['C2'],
      limit_s: 60,
      async run(world) {
        await chat.open(world, at.ada, bob);
        await choosePresence(at.bob.page, 'dnd');
        await shows(at.ada.page, bob, 'dnd');
        await choosePresence(at.bob.page, 'online');
        await shows(at.ada.page, bob, 'online');
        await chat.open(world, at.ada, robot);
        await shows(at.ada.page, robot, 'online');
        await at.robot.presence('away');
        await shows(at.ada.page, robot, 'away');
        await at.robot.stop();
        await shows(at.ada.page, robot, 'offline');
      },
    },
    {
      sentence: 'a correction of the last message changes it for both, and says so',
      ids: ['C1'],
      async run(world) {
        await chat.open(world, at.ada, bob);
        await chat.write(at.ada, bob, 'The meeting is at nine');
        await chat.message(at.bob.page, 'The meeting is at nine').waitFor();
        await chat.act(at.ada, 'The meeting is at nine', 'chat_edit');
        await chat.field(at.ada.page, bob.displayName).fill('The meeting is at ten');
        await chat.field(at.ada.page, bob.displayName).press('Enter');
        for (const { page } of [at.ada, at.bob]) {
          await chat.message(page, 'The meeting is at ten').getByText(words('chat_edited')).waitFor();
          await chat.message(page, 'The meeting is at nine').waitFor({ state: 'hidden' });
        }
      },
    },
    {
      sentence: 'the deletion of the last message takes its words from both',
      ids: ['C8'],
      async run() {
        await chat.write(at.ada, bob, 'Forget this at once');
        await chat.message(at.bob.page, 'Forget this at once').waitFor();
        await chat.act(at.ada, 'Forget this at once', 'chat_delete');
        await at.ada.page.getByRole('dialog', { name: words('chat_delete_title') }).getByRole('button', { name: words('chat_delete'), exact: true }).click();
        for (const { page } of [at.ada, at.bob]) {
          await chat.message(page, 'Forget this at once').waitFor({ state: 'hidden' });
          await chat.message(page, words('chat_deleted')).last().waitFor();
        }
      },
    },
    {
      sentence: 'what came while one looked elsewhere is counted, until it is read',
      ids: ['C1'],
      async run(world) {
        await at.bob.page.goto('/#/settings');
        for (const text of ['One more', 'Two more', 'Three more']) await chat.write(at.ada, bob, text);
        const badge = navigation(at.bob.page).getByRole('link', { name: words('nav_chat') });
        await badge.filter({ hasText: '3' }).waitFor();
        await badge.click();
        await chat.entry(at.bob.page, ada.displayName).getByText(words('chat_unread_other', { count: 3 }), { exact: true }).waitFor({ state: 'attached' });
        await chat.entry(at.bob.page, ada.displayName).click();
        await chat.message(at.bob.page, 'Three more').waitFor();
        await chat.status(at.ada, 'Three more', 'read');
        await chat.entry(at.bob.page, ada.displayName).getByText(words('chat_unread_other', { count: 3 }), { exact: true }).waitFor({ state: 'detached' });
      },
    },
    {
      sentence: 'a second device of the same account shows the same: what was, what is sent and what comes',
      ids: ['C1'],
      limit_s: 60,
      async run(world) {
        at.phone = await signIn(await world.browser.seat('ada-phone', { size: 'phone' }), ada);
        await chat.open(world, at.phone, bob);
        await chat.message(at.phone.page, 'Three more').waitFor();
        await chat.write(at.ada, bob, 'Sent from the desk');
        await chat.message(at.phone.page, 'Sent from the desk').waitFor();
        await chat.write(at.phone, bob, 'Sent from the train');
        await chat.message(at.ada.page, 'Sent from the train').waitFor();
        await chat.write(at.bob, ada, 'Heard in both places');
        for (const { page } of [at.ada, at.phone]) await chat.message(page, 'Heard in both places').waitFor();
        await chat.endsWith(at.bob, ['Sent from the desk', 'Sent from the train', 'Heard in both places']);
        at.order = await chat.texts(at.bob, '');
        for (const seat of [at.ada, at.phone]) await chat.shows(seat, '', at.order);
      },
    },
    {
      sentence: 'a draft stays where it was begun, over other conversations and a reload, and a reload shows the same messages',
      ids: ['C1'],
      async run(world) {
        await chat.field(at.ada.page, bob.displayName).fill('Not finished ye');
        await chat.open(world, at.ada, robot);
        await chat.entry(at.ada.page, bob.displayName).getByText('Not finished ye').waitFor();
        assert.equal(await chat.field(at.ada.page, robot.displayName).inputValue(), '');
        await chat.open(world, at.ada, bob);
        assert.equal(await chat.field(at.ada.page, bob.displayName).inputValue(), 'Not finished ye');
        await at.ada.page.reload();
        await chat.message(at.ada.page, 'Heard in both places').waitFor();
        assert.equal(await chat.field(at.ada.page, bob.displayName).inputValue(), 'Not finished ye');
        await chat.shows(at.ada, '', at.order);
        await chat.field(at.ada.page, bob.displayName).fill('');
      },
    },
    {
      sentence: 'who signs out leaves nothing behind in the browser, and is offline for the others',
      ids: ['A5'],
      async run() {
        // On a phone the open conversation has the whole screen.
        await at.phone.page.getByRole('button', { name: words('back'), exact: true }).click();
        await at.phone.page.getByRole('button', { name: like('own_menu') }).click();
        await at.phone.page.getByRole('menuitem', { name: words('sign_out'), exact: true }).click();
        await at.phone.page.getByRole('heading', { level: 1, name: words('sign_in_title') }).waitFor();
        const left = await at.phone.page.evaluate(() => [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })].join());
        for (const secret of ['token', 'Sent from', ada.email]) assert.ok(!left.includes(secret), `the browser still holds ${secret}: ${left}`);
        await at.phone.page.goBack().catch(() => undefined);
        assert.ok(!(await at.phone.page.content()).includes('Heard in both places'));
      },
    },
  ],
};

async function choosePresence(page, level) {
  await page.getByRole('button', { name: like('own_menu') }).click();
  await page.getByRole('menu').getByText(words(`presence_${level}`), { exact: true }).click();
}

/** The head of the open conversation says how its person is. */
function shows(page, { displayName }, level) {
  const head = page.getByRole('region', { name: displayName, exact: true }).getByRole('link').first();
  return head.getByText(words(`presence_${level}`)).first().waitFor();
}
