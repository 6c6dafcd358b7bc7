'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');

/** The services of which every function has its step, and the files of the package that hold them. */
const SERVICES = {
  bubbles: 'BubblesService', conversations: 'ConversationsService', im: 'ImsService',
  fileStorage: 'FileStorageService', favorites: 'FavoritesService', groups: 'GroupsService',
};
/** What a function needs that is no matter of these steps, or what the box lacks; the latter with a reason. */
const LACKS = ['conference', 'telephony', 'not served'];

/** The functions that the installed package documents as public. */
function documented(sdk, service) {
  const text = fs.readFileSync(path.join(sdk, 'lib/services', `${SERVICES[service]}.js`), 'utf8');
  const found = [...text.matchAll(/(\/\*\*(?:(?!\*\/)[^])*\*\/)\s*\n {4}(?:async )?([a-zA-Z]\w*)\(.*\) \{/g)];
  return found.filter(([, comment]) => /@public\b/.test(comment)).map(([, , name]) => name);
}

/** The lines of the list: service, function, kind, and the step or the reason. */
function listed() {
  const text = fs.readFileSync(path.join(__dirname, '../coverage/functions.tsv'), 'utf8');
  return text.trim().split('\n').map((line) => {
    const [service, name, kind, more = ''] = line.split('\t');
    return { service, name, kind, more };
  });
}

/** Whether a line names a step that is there, in a file that calls the function. */
function isShown({ name, more }) {
  const [file, ...rest] = more.split(': ');
  const steps = require(`./${file}`);
  const text = fs.readFileSync(path.join(__dirname, file), 'utf8');
  return steps.some((step) => step.sentence === rest.join(': ')) && new RegExp(`\\.${name}(\\?\\.)?\\(|, '${name}', \\[`).test(text);
}

module.exports = [
  {
    sentence: 'every function of the six services of what a team does has a step, or a reason why not',
    ids: ['C1', 'C3', 'C6'],
    async run({ alice }) {
      const all = listed();
      for (const service of Object.keys(SERVICES)) {
        const public_ = documented(alice.package, service);
        assert.ok(public_.length >= 8, `${service}: its documentation is not read: ${public_}`);
        const known = all.filter((line) => line.service === service).map((line) => line.name);
        assert.deepEqual(public_.filter((name) => !known.includes(name)), [], `${service}: give these a step, or a reason`);
        const gone = known.filter((name) => !public_.includes(name));
        // The older version lacks some of them.
        if (!alice.package.includes('sdk-242')) assert.deepEqual(gone, [], `${service}: the SDK has these no longer`);
      }
      const wrong = all.filter((line) => (line.kind === 'step' ? !isShown(line) : !LACKS.includes(line.kind) || (line.kind === 'not served') !== (line.more !== '')));
      assert.deepEqual(wrong, []);
      assert.equal(new Set(all.map(({ service, name }) => `${service} ${name}`)).size, all.length, 'each stands there once');
    },
  },
];
