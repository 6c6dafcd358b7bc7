'use strict';
const assert = require('node:assert/strict');
const { bubbleWith } = require('../bubble.js');
const { otherSignIn: signIn } = require('../web.js');

const POLLS = '/api/rainbow/enduser/v1.0/polls';

const question = (text, multipleChoice, answers) => ({ text, multipleChoice, answers: answers.map((text) => ({ text })) });
const QUESTIONS = [question('Where?', false, ['Sea', 'Hills']), question('When?', true, ['May', 'June'])];

/** How many chose each answer. */
const counts = (poll) => poll.questions.map(({ answers }) => answers.map((answer) => answer.voters));
/** The poll as a sign-in of its own of somebody reads it: another door than any SDK. */
async function overRest(box, person, id) {
  const session = await signIn(box, person);
  return session.call('GET', `${POLLS}/${id}?format=full`);
}

module.exports = [
  {
    sentence: 'Alice makes a poll and changes it; nobody else sees it before it is published',
    ids: ['C3', 'R2'],
    limit_s: 60,
    async run(world) {
      const { alice, bob, box, people } = world;
      const bubble = await bubbleWith(alice, [bob], 'Asked about the offsite');
      alice.forget();
      const { pollId } = await alice.sdk.bubbles.createBubblePoll(bubble.id, 'Offsite?', QUESTIONS, false, 0);
      await alice.event('bubblepollcreated', (event) => event.pollId === pollId);
      world.asked = { bubble, pollId };
      await alice.sdk.bubbles.updateBubblePoll(pollId, bubble.id, 'Offsite', QUESTIONS, false, 30);
      await alice.event('bubblepollupdated', (event) => event.pollId === pollId);
      const { body } = await overRest(box, people.alice, pollId);
      assert.deepEqual([body.data.title, body.data.duration, body.data.state], ['Offsite', 30, 'unpublished']);
      assert.equal((await alice.sdk.bubbles.getBubblePoll(pollId)).title, 'Offsite');
      await assert.rejects(bob.sdk.bubbles.getBubblePoll(pollId), (error) => error.code === 404);
      await assert.rejects(bob.sdk.bubbles.createBubblePoll(bubble.id, 'Mine', QUESTIONS), (error) => error.code === 403);
    },
  },
  {
    sentence: 'Alice publishes it: Bob hears it, votes, votes otherwise, and both read the same count',
    ids: ['C3'],
    limit_s: 60,
    async run({ alice, bob, box, people, asked: { bubble, pollId } }) {
      bob.forget();
      await alice.sdk.bubbles.publishBubblePoll(pollId);
      await bob.event('bubblepollpublished', (event) => event.pollId === pollId);
      alice.forget();
      await bob.sdk.bubbles.votesForBubblePoll(pollId, [{ question: 0, answers: [0] }]);
      await alice.event('bubblepollvoted', (event) => event.pollId === pollId);
      await bob.sdk.bubbles.votesForBubblePoll(pollId, [{ question: 0, answers: [1] }, { question: 1, answers: [0, 1] }]);
      const page = await bob.sdk.bubbles.getBubblePollsByBubble(bubble.id);
      assert.deepEqual([page.total, page.data.map((poll) => [poll.id, poll.voted, counts(poll)])], [1, [[pollId, true, [[0, 1], [1, 1]]]]]);
      const { body } = await overRest(box, people.alice, pollId);
      assert.deepEqual([counts(body.data), body.data.voters.map((voter) => voter.firstName)], [[[0, 1], [1, 1]], [people.bob.firstName]]);
    },
  },
  {
    sentence: 'it is taken back and published anew, ended, and deleted, as Bob hears each time',
    ids: ['C3', 'R2'],
    limit_s: 60,
    async run({ alice, bob, asked: { bubble, pollId } }) {
      const ours = (event) => event.pollId === pollId;
      bob.forget();
      await assert.rejects(bob.sdk.bubbles.terminateBubblePoll(pollId), (error) => error.code === 403);
      await alice.sdk.bubbles.unpublishBubblePoll(pollId);
      await bob.event('bubblepollunpublished', ours);
      await assert.rejects(bob.sdk.bubbles.getBubblePoll(pollId), (error) => error.code === 404);
      await alice.sdk.bubbles.publishBubblePoll(pollId);
      assert.deepEqual(counts(await bob.sdk.bubbles.getBubblePoll(pollId)), [[0, 0], [0, 0]]);
      await alice.sdk.bubbles.terminateBubblePoll(pollId);
      await bob.event('bubblepollterminated', ours);
      assert.equal((await bob.sdk.bubbles.getBubblePoll(pollId, 'full')).state, 'terminated');
      await alice.sdk.bubbles.deleteBubblePoll(pollId);
      await bob.event('bubblepolldeleted', ours);
      await assert.rejects(alice.sdk.bubbles.getBubblePoll(pollId), (error) => error.code === 404);
      await alice.sdk.bubbles.deleteBubble(bubble);
    },
  },
];
