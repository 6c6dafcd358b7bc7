'use strict';
const assert = require('node:assert/strict');
const { request, signIn } = require('../web.js');

// A bubble of its own: Alice organizes it, Bob is in it, Carol comes by its link, a guest has no account.

const GUEST = { firstName: 'Gesa', lastName: 'Gast', email: 'gesa@guests.test', password: 'Gast-0f-honour' };
const ROOMS = '/api/rainbow/enduser/v1.0/rooms';

const is242 = (who) => who.package.includes('sdk-242');
const bubbleOf = (who, world) => who.sdk.bubbles.getBubbleById(world.visited.id, true);
const idOf = (who) => who.sdk._core._rest.loggedInUser.id;

/** 2.42 answers the address of a link alone. */
const linkOf = (told, world) => (typeof told === 'string' ? { invitationURL: told, openInviteId: told.split('/').pop(), roomId: world.visited.id } : told);

/** Who is in the bubble and as what, as the box tells Alice. */
async function standing(world, id) {
  const room = (await (await signIn(world.box, world.people.alice)).call('GET', `${ROOMS}/${world.visited.id}`)).body.data;
  const found = room.users.find((user) => user.userId === id);
  return found && `${found.privilege} ${found.status}`;
}

/** Does what the SDK has a function for; versions without it are asked in plain HTTPS, so that the box is in the same state. */
async function either(who, world, name, args, [method, path, body]) {
  const of = who.sdk.bubbles[name];
  if (typeof of === 'function') return of.apply(who.sdk.bubbles, args);
  const by = await signIn(world.box, who);
  const { status, body: answer } = await by.call(method, path, body);
  assert.equal(status, 200, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer.data;
}

module.exports = [
  {
    sentence: 'Alice makes a public link, reads it again by every function, and Bob gets it by none',
    ids: ['C4', 'R2'],
    limit_s: 90,
    decisive: true,
    async run(world) {
      const { alice, bob } = world;
      world.visited = await alice.sdk.bubbles.createBubble('Visited', 'By link', 'all');
      await alice.event('bubblepresencechanged');
      const contact = await alice.sdk.contacts.getContactByLoginEmail(bob.email);
      await alice.sdk.bubbles.inviteContactToBubble(contact, world.visited, false, false);
      world.link = linkOf(await alice.sdk.bubbles.createPublicUrl(world.visited), world);
      assert.match(world.link.invitationURL, /\/#\/meet\/[\w-]{43}$/u);
      assert.equal(world.link.roomId, world.visited.id);
      const again = await alice.sdk.bubbles.getABubblePublicLinkAsModerator(world.visited.id);
      assert.equal(again.openInviteId, world.link.openInviteId);
      const ofBubble = await alice.sdk.bubbles.getAllPublicUrlOfABubble(world.visited);
      assert.deepEqual(ofBubble.map((one) => one.publicUrl), [world.link.invitationURL]);
      assert.ok((await alice.sdk.bubbles.getAllPublicUrlOfBubbles()).some((one) => one.bubble?.id === world.visited.id));
      const me = { id: idOf(alice) };
      const ofUser = await alice.sdk.bubbles.getAllPublicUrlOfABubbleOfAUser(me, world.visited);
      assert.deepEqual(ofUser.map((one) => one.publicUrl), [world.link.invitationURL]);
      assert.ok((await alice.sdk.bubbles.getAllPublicUrlOfBubblesOfAUser(me)).some((one) => one.publicUrl === world.link.invitationURL));
      // A link is told to its organizer alone (R2).
      await assert.rejects(bob.sdk.bubbles.getAllPublicUrlOfABubbleOfAUser(me, world.visited));
      await assert.rejects(bob.sdk.bubbles.createPublicUrl(world.visited), (error) => error.code === 403);
      await assert.rejects(bob.sdk.bubbles.getABubblePublicLinkAsModerator(world.visited.id), (error) => error.code === 403);
    },
  },
  {
    sentence: 'who holds the link is told where it leads, and comes in by it',
    ids: ['C4'],
    limit_s: 90,
    async run(world) {
      const { alice, people } = world;
      world.carol ??= world.person(people.carol);
      if (!world.carol.sdk) await world.carol.start();
      const { carol } = world;
      const shown = await carol.sdk.bubbles.checkOpenInviteIdValidity(world.link.openInviteId);
      assert.deepEqual([shown.roomName, shown.invitingFirstName, shown.roomLocked], ['Visited', alice.firstName, false]);
      await assert.rejects(carol.sdk.bubbles.checkOpenInviteIdValidity('A'.repeat(43)), (error) => error.code === 404);
      carol.forget();
      const came = await carol.sdk.bubbles.joinBubbleByOpenInviteId(world.link.openInviteId);
      assert.deepEqual([came.roomId, came.hasAlreadyJoinThisRoom], [world.visited.id, false]);
      await carol.event('bubbleownaffiliationchanged', (event) => event.status === 'accepted');
      assert.equal(await standing(world, idOf(carol)), 'user accepted');
      assert.equal((await carol.sdk.bubbles.joinBubbleByOpenInviteId(world.link.openInviteId)).hasAlreadyJoinThisRoom, true);
    },
  },
  {
    sentence: 'a guest is registered for the link by a bot, signs in, is in the bubble, hears and is heard',
    ids: ['C4', 'A8'],
    limit_s: 120,
    async run(world) {
      const { alice, bob } = world;
      const made = await bob.sdk.bubbles.registerGuestForAPublicURL(
        world.link.invitationURL, GUEST.email, GUEST.password, GUEST.firstName, GUEST.lastName, 'Ge', 'Ms', 'visitor', 'outside',
      );
      assert.deepEqual([made.guestMode, made.roles], [true, ['guest']]);
      world.guest = world.person(GUEST);
      await world.guest.start();
      world.remember(world.guest);
      assert.equal(await standing(world, made.id), 'guest accepted');
      const conversation = await world.guest.sdk.conversations.openConversationForBubble(await bubbleOf(world.guest, world));
      [alice, world.guest].forEach((who) => who.forget());
      await world.guest.sdk.im.sendMessageToConversation(conversation, 'Good day from outside', 'en', null, undefined);
      await alice.event('messagereceived', (event) => event.content === 'Good day from outside');
      const back = await alice.sdk.conversations.openConversationForBubble(await bubbleOf(alice, world));
      await alice.sdk.im.sendMessageToConversation(back, 'Welcome, guest', 'en', null, undefined);
      await world.guest.event('messagereceived', (event) => event.content === 'Welcome, guest');
      await assert.rejects(world.guest.sdk.bubbles.createBubble('Of a guest', '', 'none'));
      await assert.rejects(world.guest.sdk.bubbles.createPublicUrl(world.visited));
      assert.deepEqual(world.guest.sdk.bubbles.getAllBubbles().map((one) => one.id), [world.visited.id]);
    },
  },
  {
    sentence: 'with a new link the guest’s time is over: his stream ends and he signs in no more',
    ids: ['C4'],
    limit_s: 90,
    async run(world) {
      const { alice, box } = world;
      const fresh = linkOf(await alice.sdk.bubbles.generateNewPublicUrl(world.visited), world);
      assert.notEqual(fresh.openInviteId, world.link.openInviteId);
      await assert.rejects(alice.sdk.bubbles.checkOpenInviteIdValidity(world.link.openInviteId), (error) => error.code === 404);
      world.link = fresh;
      await assert.rejects(signIn(box, GUEST));
      await world.guest.stop().catch(() => undefined);
    },
  },
  {
    sentence: 'Alice sets a lobby: who comes waits, organizers hear of it, one is let in and one is sent away',
    ids: ['C5', 'R2'],
    limit_s: 120,
    async run(world) {
      const { alice, bob, box, people } = world;
      const id = world.visited.id;
      const path = `${ROOMS}/${id}/lobbies`;
      alice.forget();
      await either(alice, world, 'setBubbleLobby', [id, true], ['PUT', path, { hasLobby: true }]);
      if (!is242(alice)) await alice.event('bubbleroomlobbyreceived', (event) => event.action === 'activate' && String(event.haslobby) === 'true');
      assert.equal((await bubbleOf(alice, world)).autoRegister, 'unlock_ack');
      const come = async (name) => {
        const body = { openInviteId: world.link.openInviteId, loginEmail: `${name}@guests.test`, password: GUEST.password, firstName: name, lastName: 'Gast' };
        const { status, body: answer } = await request(box, 'POST', '/api/rainbow/enduser/v1.0/users/self-register', {}, body);
        assert.equal(status, 200, JSON.stringify(answer));
        return answer.data.id;
      };
      const [one, two] = [await come('einar'), await come('zoe')];
      if (!is242(alice)) {
        await alice.event('bubbleroomlobbyreceived', (event) => event.action === 'waiting' && String(event.waitingusers) === '2');
        const incoming = await alice.event('bubbleroomlobbynewincoming', (event) => event.userid === two);
        assert.equal(incoming.firstname, 'zoe');
      }
      const lobby = await either(alice, world, 'getBubbleLobby', [id], ['GET', `${path}/pending`]);
      assert.deepEqual(lobby.lobby.map((who) => who.userId).sort(), [one, two].sort());
      const denied = await signIn(box, people.bob);
      assert.equal((await denied.call('GET', `${path}/pending`)).status, 403, 'a simple member sees nobody wait');
      assert.equal(await standing(world, one), undefined);
      const some = (user) => ({ scope: 'some', users: [user] });
      await either(alice, world, 'acceptBubbleLobby', [id, 'some', [one]], ['PUT', `${path}/accept`, some(one)]);
      await either(alice, world, 'denyBubbleLobby', [id, 'some', [two]], ['PUT', `${path}/deny`, some(two)]);
      assert.equal(await standing(world, one), 'guest accepted');
      assert.equal(await standing(world, two), undefined);
      await either(alice, world, 'setBubbleLobby', [id, false], ['PUT', path, { hasLobby: false }]);
      assert.ok(bob);
    },
  },
  {
    sentence: 'a password is asked for, wrong ones are refused, and another one voids it',
    ids: ['C5'],
    limit_s: 90,
    async run(world) {
      const { alice, carol } = world;
      const id = world.visited.id;
      await carol.sdk.bubbles.leaveBubble(await bubbleOf(carol, world));
      alice.forget();
      const path = `${ROOMS}/${id}/passwords`;
      const set = await either(alice, world, 'setRoomHasPassword', [id, true], ['PUT', path, { hasPassword: true }]);
      if (!is242(alice)) await alice.event('bubbleroompasswordreceived', (event) => event.roomid === id);
      const fresh = await either(alice, world, 'renewRoomPassword', [id], ['PUT', `${path}/reset`, {}]);
      assert.notEqual(set.password, fresh.password);
      const come = async (roomPassword) => {
        const by = await signIn(world.box, world.people.carol);
        return by.call('POST', `${ROOMS}/open-invites`, { openInviteId: world.link.openInviteId, roomPassword });
      };
      for (const wrong of [undefined, set.password]) assert.equal((await come(wrong)).status, 403);
      const came = is242(carol) ? (await come(fresh.password)).body.data : await carol.sdk.bubbles.joinBubbleByOpenInviteId(world.link.openInviteId, fresh.password);
      assert.equal(came.roomId, id);
      const off = await either(alice, world, 'setRoomHasPassword', [id, false], ['PUT', path, { hasPassword: false }]);
      assert.equal(off.hasPassword, false);
    },
  },
  {
    sentence: 'without a link nobody comes, a mail is not pretended, and the bubble is deleted',
    ids: ['C4', 'E4', 'D5'],
    limit_s: 90,
    async run(world) {
      const { alice, carol } = world;
      await assert.rejects(alice.sdk.bubbles.inviteContactsByEmailsToBubble(['someone@else.test'], world.visited), (error) => error.code === 501);
      await alice.sdk.bubbles.removePublicUrl(world.visited);
      await assert.rejects(alice.sdk.bubbles.checkOpenInviteIdValidity(world.link.openInviteId), (error) => error.code === 404);
      await assert.rejects(alice.sdk.bubbles.getABubblePublicLinkAsModerator(world.visited.id), (error) => error.code === 404);
      const by = await signIn(world.box, world.people.alice);
      assert.equal((await by.call('DELETE', `${ROOMS}/${world.visited.id}`)).status, 200);
      await carol.stop();
    },
  },
];
