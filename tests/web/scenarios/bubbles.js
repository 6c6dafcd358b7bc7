'use strict';
// Three people at browsers and a bot in one bubble, from its making to its end; somebody outside sees nothing of it.

const assert = require('node:assert/strict');
const { signIn: signInByRest } = require('../../sdk/web.js');
const { Bot } = require('../bot.js');
const people = require('../people.js');
const bubble = require('../acts/bubble.js');
const chat = require('../acts/chat.js');
const { navigation, signIn } = require('../acts/sign_in.js');
const { like, words } = require('../strings.js');
const { UNREACHABLE } = require('../watch.js');

const { dora, gert, nora, otto, paul, quinn } = people;
const NAME = 'Harbour <b>works</b>';
const AS = bubble.as(NAME);
/** More than two pages of history. */
const LOG_LINES = 150;
/** Letters that somebody types until it is seen that somebody else does, too. */
const TYPED_MAX = 60;
/** PNG of one pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const at = {};
const browsers = () => [at.nora, at.paul];

module.exports = {
  box: 'furnished',
  steps: [
    {
      sentence: 'Nora makes a bubble, asks three people in, and is in it',
      ids: ['C3'],
      decisive: true,
      limit_s: 60,
      async run(world) {
        const seats = ['nora', 'paul', 'quinn'].map((name) => world.browser.seat(name, { way: name === 'paul' }));
        [at.nora, at.paul, at.quinn] = await Promise.all(seats);
        [at.dora] = await Promise.all([world.bot(dora), signIn(at.nora, nora), signIn(at.paul, paul), signIn(at.quinn, quinn)]);
        await bubble.make(at.nora, { name: NAME, topic: 'Quays and cranes', people: [paul, quinn, dora] });
        await bubble.look(at.nora, NAME);
        await bubble.member(at.nora.page, nora).getByText(words('bubble_organizer'), { exact: true }).waitFor();
        for (const person of [paul, quinn, dora]) await bubble.member(at.nora.page, person).getByText(words('bubble_invited'), { exact: true }).waitFor();
      },
    },
    {
      sentence: 'who is asked sees it at once: one joins, a bot joins, one declines, and the organizer sees each answer',
      ids: ['C3', 'J9'],
      decisive: true,
      async run() {
        await navigation(at.paul.page).getByRole('link', { name: words('nav_people') }).filter({ hasText: '1' }).waitFor();
        await chat.entry(at.paul.page, NAME).getByText(words('bubble_invitation'), { exact: true }).waitFor();
        await bubble.open(at.paul, NAME);
        await at.paul.page.getByRole('link', { name: nora.displayName, exact: true }).waitFor();
        await bubble.button(at.paul.page, 'bubble_accept').click();
        await chat.field(at.paul.page, NAME).waitFor();
        await at.quinn.page.goto('/#/people/invitations');
        const asked = at.quinn.page.getByRole('listitem').filter({ hasText: NAME });
        await bubble.button(asked, 'people_decline').click();
        await asked.waitFor({ state: 'detached' });
        await at.dora.join(NAME);
        await bubble.member(at.nora.page, quinn).getByText(words('bubble_declined'), { exact: true }).waitFor();
        await at.nora.page.getByRole('region', { name: NAME, exact: true }).getByText(words('bubble_members_other', { count: 3 })).first().waitFor();
      },
    },
    {
      sentence: 'browsers and the bot hear one another, each under the own name, and several are seen typing',
      ids: ['C1', 'C3'],
      decisive: true,
      async run() {
        await chat.write(at.nora, AS, 'Good morning, harbour <& "all">');
        await chat.message(at.paul.page, 'Good morning, harbour <& "all">').waitFor();
        await bubble.said(at.paul.page, nora).waitFor();
        await at.dora.event('messagereceived', { content: 'Good morning, harbour <& "all">' });
        await bubble.button(chat.message(at.nora.page, 'Good morning'), 'chat_read_by', { count: 2, of: 2 }).click();
        const readers = bubble.dialog(at.nora.page, 'chat_readers');
        for (const person of [paul, dora]) await readers.getByRole('listitem').filter({ hasText: person.displayName }).waitFor();
        await bubble.button(readers, 'close').click();
        await chat.write(at.paul, AS, 'Bonjour le port 🌈');
        await at.dora.say(NAME, 'Crane two is down');
        for (const { page } of browsers()) {
          await chat.message(page, 'Crane two is down').waitFor();
          await bubble.said(page, dora).waitFor();
        }
        await bubble.said(at.nora.page, paul).waitFor();
        await chat.field(at.paul.page, NAME).pressSequentially('I thi');
        const typing = at.nora.page.getByText(words('chat_is_typing', { name: paul.displayName }), { exact: true });
        await typing.first().waitFor();
        await at.dora.typingIn(NAME, true);
        const both = at.nora.page.getByText(words('chat_two_typing', { one: paul.displayName, other: dora.displayName }), { exact: true });
        // Who does not go on is soon no longer said to type.
        for (let turn = 0; turn < TYPED_MAX && !(await both.first().isVisible()); turn += 1) {
          await chat.field(at.paul.page, NAME).press('n');
          await at.nora.page.waitForTimeout(500);
        }
        await both.first().waitFor();
        await chat.field(at.paul.page, NAME).fill('');
        await at.nora.page.getByText(words('chat_is_typing', { name: dora.displayName }), { exact: true }).first().waitFor();
        await at.dora.typingIn(NAME, false);
        for (const sign of [typing, both]) await sign.first().waitFor({ state: 'hidden' });
      },
    },
    {
      sentence: 'somebody is named after an @, a message answers another one, and both are seen by everybody',
      ids: ['C1'],
      async run() {
        const field = chat.field(at.nora.page, NAME);
        await field.pressSequentially('Ask @pau');
        await at.nora.page.getByRole('option', { name: paul.displayName }).waitFor();
        await field.press('Enter');
        await at.nora.page.waitForFunction((name) => document.activeElement.value === `Ask @${name} `, paul.displayName);
        await field.pressSequentially('about it');
        await field.press('Enter');
        const named = chat.message(at.paul.page, `Ask @${paul.displayName} about it`);
        await named.getByText(words('chat_named')).waitFor({ state: 'attached' });
        assert.equal(await named.locator('.bubble__named').innerText(), `@${paul.displayName}`);
        await at.dora.event('messagereceived', { content: `Ask @${paul.displayName} about it` });
        await chat.act(at.paul, 'Crane two is down', 'chat_answer');
        await chat.field(at.paul.page, NAME).fill('Since when?');
        await chat.field(at.paul.page, NAME).press('Enter');
        for (const { page } of browsers()) await chat.message(page, 'Since when?').getByRole('button', { name: 'Crane two is down' }).waitFor();
      },
    },
    {
      sentence: 'an organizer asks something, members vote and vote otherwise, the count is seen as it changes, and it ends',
      ids: ['C3', 'R2'],
      async run(world) {
        await bubble.button(bubble.panel(at.nora.page), 'poll_new').click();
        const asking = bubble.dialog(at.nora.page, 'poll_new');
        await asking.getByLabel(words('poll_question'), { exact: true }).fill('Which quay <b>first</b>?');
        for (const [place, answer] of ['East', 'West'].entries()) await asking.getByLabel(words('poll_answer', { number: place + 1 }), { exact: true }).fill(answer);
        await bubble.button(asking, 'poll_begin').click();
        const bar = ({ page }) => page.getByRole('button', { name: 'Which quay <b>first</b>?' }).first();
        await bar(at.paul).click();
        const form = at.paul.page.getByRole('dialog', { name: 'Which quay <b>first</b>?', exact: true });
        await form.getByRole('radio', { name: 'East' }).check();
        await bubble.button(form, 'poll_vote').click();
        await bar(at.nora).filter({ hasText: words('poll_vote') }).click();
        const seen = at.nora.page.getByRole('dialog', { name: 'Which quay <b>first</b>?', exact: true });
        const counted = (answer, count) => seen.locator('.poll__answer').filter({ hasText: answer }).getByText(words(`poll_votes_${count === 1 ? 'one' : 'other'}`, { count }), { exact: true }).waitFor();
        await counted('East', 1);
        await form.getByRole('radio', { name: 'West' }).check();
        await bubble.button(form, 'poll_vote_again').click();
        await counted('West', 1);
        await counted('East', 0);
        await bubble.button(seen, 'poll_who').click();
        await seen.getByText(paul.displayName, { exact: true }).waitFor();
        assert.equal(await bubble.button(form, 'poll_end').count(), 0, 'a member ends no poll');
        await bubble.button(seen, 'poll_end').click();
        await bubble.button(bubble.dialog(at.nora.page, 'poll_end_title'), 'poll_end').click();
        await bubble.button(form, 'poll_vote_again').waitFor({ state: 'detached' });
        await bubble.button(form, 'close').click();
        await bubble.button(seen, 'close').click();
        const [poll] = (await (await signInByRest(world.box, nora)).call('GET', `/api/rainbow/enduser/v1.0/polls?roomId=${(await bubble.found(world.box, nora, NAME)).id}`)).body.data;
        assert.deepEqual([poll.state, poll.votersCount], ['terminated', 1]);
      },
    },
    {
      sentence: 'the last message of one’s own is corrected and deleted for everybody',
      ids: ['C1', 'C8'],
      async run() {
        await chat.write(at.nora, AS, 'The crane comes at nine');
        await chat.message(at.paul.page, 'The crane comes at nine').waitFor();
        await chat.act(at.nora, 'The crane comes at nine', 'chat_edit');
        await chat.field(at.nora.page, NAME).fill('The crane comes at ten');
        await chat.field(at.nora.page, NAME).press('Enter');
        for (const { page } of browsers()) await chat.message(page, 'The crane comes at ten').getByText(words('chat_edited')).waitFor();
        await chat.act(at.nora, 'The crane comes at ten', 'chat_delete');
        await bubble.button(bubble.dialog(at.nora.page, 'chat_delete_title'), 'chat_delete').click();
        for (const { page } of browsers()) {
          await chat.message(page, 'The crane comes at ten').waitFor({ state: 'hidden' });
          await chat.message(page, words('chat_deleted')).waitFor();
        }
      },
    },
    {
      sentence: 'what was said while one looked elsewhere is counted, over a reload, until it is read, and the list says who said it last',
      ids: ['C1'],
      decisive: true,
      async run() {
        await at.paul.page.goto('/#/settings');
        for (const text of ['One more', 'Two more']) await chat.write(at.nora, AS, text);
        const badge = navigation(at.paul.page).getByRole('link', { name: words('nav_chat') });
        await badge.filter({ hasText: '2' }).waitFor();
        await at.paul.page.reload();
        await badge.filter({ hasText: '2' }).waitFor();
        await badge.click();
        const line = chat.entry(at.paul.page, NAME);
        await line.getByText(`${nora.displayName}: Two more`).waitFor();
        const count = line.getByText(words('chat_unread_other', { count: 2 }), { exact: true });
        await count.waitFor({ state: 'attached' });
        await bubble.open(at.paul, NAME);
        const fresh = await at.paul.page.locator('[data-fresh] + li').innerText();
        assert.ok(fresh.includes('One more'), `what is new begins with ${fresh}`);
        await chat.message(at.paul.page, 'Two more').waitFor();
        await count.waitFor({ state: 'detached' });
      },
    },
    {
      sentence: 'two devices of one person show the same: what is muted, what is said on the other one, and what was read there',
      ids: ['C1', 'J9'],
      limit_s: 60,
      async run(world) {
        const phone = await signIn(await world.browser.seat('paul-phone', { size: 'phone' }), paul);
        await bubble.look(at.paul, NAME);
        await bubble.button(bubble.panel(at.paul.page), 'chat_mute').click();
        for (const { page } of [at.paul, phone]) await chat.entry(page, NAME).getByText(words('chat_is_muted')).waitFor({ state: 'attached' });
        await bubble.button(bubble.panel(at.paul.page), 'chat_unmute').click();
        for (const { page } of [at.paul, phone]) await chat.entry(page, NAME).getByText(words('chat_is_muted')).waitFor({ state: 'detached' });
        await bubble.button(bubble.panel(at.paul.page), 'close').click();
        await chat.write(at.nora, AS, 'For both of your devices');
        await chat.message(at.paul.page, 'For both of your devices').waitFor();
        await chat.entry(phone.page, NAME).getByText(`${nora.displayName}: For both`).waitFor();
        await chat.entry(phone.page, NAME).getByText(words('chat_unread_one', { count: 1 }), { exact: true }).waitFor({ state: 'detached' });
        await chat.write(at.paul, AS, 'Said at the desk');
        await bubble.open(phone, NAME);
        await chat.write(phone, AS, 'Said on the train');
        await chat.message(at.paul.page, 'Said on the train').waitFor();
        for (const seat of [at.nora, at.paul, phone]) await chat.endsWith(seat, ['For both of your devices', 'Said at the desk', 'Said on the train']);
        await world.browser.leave(phone);
      },
    },
    {
      sentence: 'what one says while the network is cut waits, over a reload, and arrives once; what others said meanwhile is there afterwards',
      ids: ['C1', 'D3'],
      limit_s: 60,
      async run() {
        at.paul.watch.expect(...UNREACHABLE);
        at.paul.way.cut();
        await chat.write(at.paul, AS, 'Written on the ferry');
        await chat.status(at.paul, 'Written on the ferry', 'pending');
        await chat.write(at.nora, AS, 'Said on the quay');
        await at.paul.page.reload();
        await at.paul.page.getByText(like('connection_lost')).waitFor();
        // What it is called is not known before the box says it.
        await at.paul.page.getByRole('textbox', { name: like('chat_write') }).fill('Written on the deck');
        await at.paul.page.keyboard.press('Enter');
        at.paul.way.open();
        for (const text of ['Written on the ferry', 'Written on the deck']) await chat.message(at.nora.page, text).waitFor();
        await chat.message(at.paul.page, 'Said on the quay').waitFor();
        await chat.write(at.nora, AS, 'Welcome back');
        await chat.message(at.paul.page, 'Welcome back').waitFor();
        for (const { page } of browsers()) assert.equal(await chat.message(page, 'Written on the').count(), 2);
      },
    },
    {
      sentence: 'a member has no commands; a co-organizer has them at once, and what is changed shows everywhere',
      ids: ['R2', 'C3'],
      async run() {
        await bubble.look(at.paul, NAME);
        await bubble.member(at.paul.page, nora).waitFor();
        const commands = () => bubble.panel(at.paul.page).getByRole('button').allInnerTexts();
        for (const key of ['bubble_add', 'bubble_edit', 'bubble_archive', 'bubble_delete']) assert.ok(!(await commands()).includes(words(key)), key);
        assert.equal(await bubble.member(at.paul.page, dora).getByRole('button').count(), 0);
        await bubble.command(at.nora, paul, 'bubble_promote');
        await bubble.member(at.paul.page, paul).getByText(words('bubble_co_organizer'), { exact: true }).waitFor();
        await bubble.button(bubble.member(at.paul.page, dora), 'people_more', { name: dora.displayName }).click();
        assert.deepEqual(await at.paul.page.getByRole('menuitem').allInnerTexts(), ['bubble_promote', 'bubble_exclude'].map((key) => words(key)));
        await at.paul.page.keyboard.press('Escape');
        await bubble.command(at.nora, paul, 'bubble_demote');
        await bubble.button(bubble.panel(at.paul.page), 'bubble_add').waitFor({ state: 'detached' });
        await bubble.command(at.nora, paul, 'bubble_promote');
        await bubble.button(bubble.panel(at.paul.page), 'bubble_edit').click();
        const form = bubble.dialog(at.paul.page, 'bubble_edit');
        await form.locator('input[type="file"]').setInputFiles({ name: 'crane.png', mimeType: 'image/png', buffer: PIXEL });
        await bubble.button(form, 'bubble_picture_remove').waitFor();
        await form.getByLabel(`${words('bubble_topic')} (${words('optional')})`, { exact: true }).fill('Cranes only');
        await bubble.button(form, 'save').click();
        await bubble.panel(at.nora.page).getByText('Cranes only').waitFor();
        await at.nora.page.waitForFunction(() => [...document.querySelectorAll('.avatar--bubble img')].some((image) => image.naturalWidth === 256));
        assert.ok(!(await commands()).includes(words('bubble_archive')), 'a co-organizer does not archive');
      },
    },
    {
      sentence: 'somebody of another company is asked in, speaks under the own name for everybody, and keeps it there after leaving',
      ids: ['B6', 'C3'],
      limit_s: 60,
      async run(world) {
        const [mine, theirs] = await Promise.all([signInByRest(world.box, nora), signInByRest(world.box, gert)]);
        const [users, room] = ['/api/rainbow/enduser/v1.0/users', await bubble.found(world.box, nora, NAME)];
        await mine.call('POST', `${users}/${mine.user.id}/invitations`, { email: gert.email });
        const invited = await theirs.call('GET', `${users}/${theirs.user.id}/invitations/received`);
        await theirs.call('POST', `${users}/${theirs.user.id}/invitations/${invited.body.data[0].id}/accept`);
        await bubble.button(bubble.panel(at.nora.page), 'bubble_add').click();
        const form = bubble.dialog(at.nora.page, 'bubble_add');
        await bubble.pick(form, [gert]);
        await bubble.button(form, 'bubble_invite').click();
        await bubble.member(at.nora.page, gert).getByText(words('bubble_invited'), { exact: true }).waitFor();
        const own = `/api/rainbow/enduser/v1.0/rooms/${room.id}/users/${theirs.user.id}`;
        assert.equal((await theirs.call('PUT', own, { status: 'accepted' })).status, 200);
        await bubble.member(at.nora.page, gert).getByText(people.OTHER_COMPANY).waitFor();
        await Bot.tellIn(world.box, gert, room.jid, ['Greetings from the globe']);
        for (const { page } of browsers()) {
          await chat.message(page, 'Greetings from the globe').waitFor();
          await bubble.said(page, gert).waitFor();
        }
        assert.equal((await theirs.call('PUT', own, { status: 'unsubscribed' })).status, 200);
        await mine.call('DELETE', `${users}/networks/${theirs.user.id}`);
        await bubble.member(at.nora.page, gert).waitFor({ state: 'detached' });
        await at.paul.page.reload();
        await bubble.said(at.paul.page, gert).waitFor();
      },
    },
    {
      sentence: 'who was away when it was said finds all of it, and who is outside finds nothing',
      ids: ['C1', 'C3', 'B3'],
      limit_s: 60,
      async run(world) {
        await at.quinn.page.goto('/#/chat');
        await bubble.command(at.nora, quinn, 'bubble_ask_again');
        await bubble.open(at.quinn, NAME);
        await bubble.button(at.quinn.page, 'bubble_accept').click();
        await chat.message(at.quinn.page, 'Good morning, harbour').waitFor();
        await world.browser.leave(at.quinn);
        await chat.write(at.paul, AS, 'Said while Quinn was away');
        await Bot.tellIn(world.box, dora, (await bubble.found(world.box, dora, NAME)).jid, Array.from({ length: LOG_LINES }, (_, at) => `Log line ${at + 1}`));
        at.quinn = await signIn(await world.browser.seat('quinn'), quinn);
        await bubble.open(at.quinn, NAME);
        await chat.message(at.quinn.page, `Log line ${LOG_LINES}`).waitFor({ state: 'attached' });
        await bubble.upTo(at.quinn, 'Said while Quinn was away');
        await bubble.upTo(at.quinn, 'Good morning, harbour');
        await bubble.button(at.quinn.page, 'chat_jump').click();
        await chat.write(at.nora, AS, 'Heard again');
        await chat.message(at.quinn.page, 'Heard again').waitFor();
        const id = (await at.quinn.page.evaluate(() => location.hash)).split('room_')[1];
        const outside = await signInByRest(world.box, otto);
        const rooms = await outside.call('GET', '/api/rainbow/enduser/v1.0/rooms?unsubscribed=true');
        assert.deepEqual(rooms.body.data, []);
        assert.equal((await outside.call('GET', `/api/edge/v1/rooms/${id}/avatar`)).status, 404);
        const stranger = await signIn(await world.browser.seat('otto'), otto, { address: `/#/chat/room_${id}` });
        await stranger.page.getByText(words('bubble_gone'), { exact: true }).waitFor();
        await world.browser.leave(stranger);
      },
    },
    {
      sentence: 'who is excluded reads on what was said before, and writes and hears nothing any more',
      ids: ['R2', 'C3'],
      async run() {
        await bubble.command(at.nora, quinn, 'bubble_exclude');
        await bubble.button(bubble.dialog(at.nora.page, 'bubble_exclude_title', { name: quinn.displayName }), 'bubble_exclude').click();
        await at.quinn.page.getByText(words('bubble_left_text'), { exact: true }).waitFor();
        await chat.field(at.quinn.page, NAME).waitFor({ state: 'hidden' });
        await chat.write(at.nora, AS, 'Without Quinn');
        await chat.message(at.paul.page, 'Without Quinn').waitFor();
        await chat.message(at.quinn.page, 'Heard again').waitFor();
        assert.equal(await chat.message(at.quinn.page, 'Without Quinn').count(), 0);
      },
    },
    {
      sentence: 'the organizer hands the bubble over to a co-organizer, and then leaves',
      ids: ['R2', 'C3'],
      async run() {
        assert.equal(await bubble.button(bubble.panel(at.nora.page), 'bubble_leave').count(), 0, 'an organizer does not leave');
        await bubble.command(at.nora, paul, 'bubble_hand_over');
        await bubble.button(bubble.dialog(at.nora.page, 'bubble_hand_over_title', { name: paul.displayName }), 'bubble_hand_over').click();
        await bubble.button(bubble.panel(at.paul.page), 'bubble_archive').waitFor();
        await bubble.button(bubble.panel(at.nora.page), 'bubble_leave').click();
        await bubble.button(bubble.dialog(at.nora.page, 'bubble_leave_title', { name: NAME }), 'bubble_leave').click();
        await at.nora.page.getByText(words('bubble_left_text'), { exact: true }).waitFor();
        await bubble.member(at.paul.page, nora).waitFor({ state: 'detached' });
      },
    },
    {
      sentence: 'an archived bubble is read and not written in; a deleted one is gone for everybody',
      ids: ['D5', 'R2'],
      async run() {
        await bubble.button(bubble.panel(at.paul.page), 'bubble_archive').click();
        await bubble.button(bubble.dialog(at.paul.page, 'bubble_archive_title', { name: NAME }), 'bubble_archive').click();
        await at.paul.page.getByText(words('bubble_archived_text'), { exact: true }).waitFor();
        await chat.entry(at.paul.page, NAME).getByText(words('bubble_archived'), { exact: true }).waitFor();
        await at.nora.page.getByText(words('bubble_archived_text'), { exact: true }).waitFor();
        await chat.message(at.paul.page, 'Without Quinn').waitFor();
        await bubble.button(bubble.panel(at.paul.page), 'bubble_delete').click();
        const form = bubble.dialog(at.paul.page, 'bubble_delete_title', { name: NAME });
        await form.getByLabel(words('confirm_type', { name: NAME }), { exact: true }).fill(NAME);
        await bubble.button(form, 'bubble_delete').click();
        for (const { page } of [at.nora, at.paul, at.quinn]) await chat.entry(page, NAME).waitFor({ state: 'detached' });
        await at.quinn.page.getByText(words('bubble_gone'), { exact: true }).waitFor();
      },
    },
  ],
};
