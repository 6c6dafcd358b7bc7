'use strict';
// Who takes part. Two companies from the first day: the outsider's is private.

const person = (firstName, lastName, email, password) => ({ firstName, lastName, email, password });

module.exports = {
  COMPANY: 'Acme',
  OTHER_COMPANY: 'Globex',
  owner: person('Olga', 'Owner', 'owner@acme.test', 'Owner-of-the-box-1'),
  alice: person('Alice', 'Archer', 'alice@acme.test', 'Alice-sends-1!'),
  bob: person('Bob', 'Baker', 'bob@acme.test', 'Bob-answers-2!'),
  carol: person('Carol', 'Cook', 'carol@acme.test', 'Carol-is-locked-3!'),
  outsider: person('Otto', 'Outside', 'otto@globex.test', 'Otto-is-outside-4!'),
};
