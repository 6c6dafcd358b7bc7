'use strict';
// Who takes part. Each scenario has people of its own, so that one leaves nothing behind in another's lists.

const PASSWORD = 'Seen-in-a-browser-1!';

const person = (firstName, lastName, company, roles) => ({
  firstName,
  lastName,
  displayName: `${firstName} ${lastName}`,
  email: `${firstName.toLowerCase()}@${company}.test`,
  password: PASSWORD,
  ...(roles && { roles }),
});
const acme = (firstName, lastName, roles) => person(firstName, lastName, 'acme', roles);

const owner = acme('Olga', 'Owner');
const chief = acme('Carl', 'Chief', ['user', 'admin']);
/** daily */
const ada = acme('Ada', 'Byron');
const bob = acme('Bob', 'Stone');
const robot = acme('Robin', 'Bot');
/** bubbles */
const nora = acme('Nora', 'North');
const paul = acme('Paul', 'Port');
const quinn = acme('Quinn', 'Quay');
const dora = acme('Dora', 'Bot');
/** guests: the guests have no account. */
const gwen = acme('Gwen', 'Gate');
const hugo = acme('Hugo', 'House');
/** files */
const faye = acme('Faye', 'Fuller');
const gus = acme('Gus', 'Glass');
const rita = acme('Rita', 'Bot');
/** team_day */
const mira = acme('Mira', 'Moss');
const milo = acme('Milo', 'Bot');
/** faults */
const fred = acme('Fred', 'Farmer');
const gina = acme('Gina', 'Gale');
/** hostile: what they send and are called is set there. */
const mallory = acme('Mallory', 'Mean');
const victim = acme('Vera', 'Victim');
/** accessibility, languages, screenshots */
const karl = acme('Karl', 'Keyboard');
const lena = acme('Lena', 'Weiß');
const tom = acme('Tom', 'O’Neil');
/** calls */
const cleo = acme('Cleo', 'Caller');
const dean = acme('Dean', 'Dial');
/** relayed: whom she calls is added there. */
const rhea = acme('Rhea', 'Relay');
/** install */
const iris = acme('Iris', 'Install');

const otto = person('Otto', 'Outside', 'globex');
const gert = person('Gert', 'Globe', 'globex', ['user', 'admin']);
const greta = person('Greta', 'Grand', 'globex');

module.exports = {
  COMPANY: 'Acme',
  OTHER_COMPANY: 'Globex',
  PASSWORD,
  COLLEAGUES: [chief, ada, bob, robot, nora, paul, quinn, dora, gwen, hugo, faye, gus, rita, mira, milo, fred, gina, mallory, victim, karl, lena, tom, cleo, dean, rhea, iris],
  OTHERS: [otto, gert, greta],
  ada,
  bob,
  chief,
  cleo,
  dean,
  dora,
  faye,
  fred,
  gert,
  gina,
  greta,
  gus,
  gwen,
  hugo,
  iris,
  karl,
  lena,
  mallory,
  milo,
  mira,
  nora,
  otto,
  owner,
  paul,
  person,
  quinn,
  rhea,
  rita,
  robot,
  tom,
  victim,
};
