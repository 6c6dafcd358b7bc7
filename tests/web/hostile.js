'use strict';
// What people would write who want to be more than text. `sprung(...)` is the trap that watch.js has set in every page.

const ZALGO = `Z${'\u0300\u0301\u0316\u0317\u0489'.repeat(40)}algo`;

/** First and last names; nothing of them may be anything but a short line of text. */
const NAMES = [
  ['<script>sprung("name")</script>', 'Script'],
  ['"><img src=x onerror=sprung("img")>', 'Image'],
  ['<svg/onload=sprung("svg")>', 'Vector'],
  ['\u202Ecod.exe\u202C', 'Overridden\u202E'],
  ['Vera\u200B', 'Victim\u2066'],
  [ZALGO, 'Tower'],
  ['W'.repeat(200), 'Wide'],
  ['{name}', '{{7*7}} ${7*7}'],
  ['&lt;b&gt;', '&#x3C;i&#x3E;'],
];

const MESSAGES = [
  '<script>sprung("script")</script>',
  '<img src="x" onerror="sprung(1)"><b>bold?</b>',
  '<svg onload=sprung(2)><animate onbegin=sprung(3) attributeName=x dur=1s>',
  '<iframe srcdoc="<script>parent.sprung(4)</script>"></iframe>',
  '</span></li></ol><h1>Not a heading</h1><form action=https://evil.example><input name=password>',
  'javascript:sprung("link")',
  '[harmless](javascript:sprung("markdown")) and data:text/html,<script>sprung(5)</script>',
  'https://example.org/"onmouseover="sprung(6)" and https://example.org/<script>sprung(7)</script>',
  'http://user:pass@example.org@evil.example/\u202Emoc.elpmaxe',
  '\u202Ethgir morf sdaer siht\u202C and \u2067isolated \u2066inside',
  '\u2066\u2066\u2066\u2066\u2066\u2066 never closed \u202E\u202E\u202E',
  `${ZALGO} ${ZALGO}`,
  '&lt;b&gt; &amp;amp; &#60;i&#62; %3Cscript%3E \\u003cscript\\u003e',
  '{{constructor.constructor("sprung(8)")()}} ${sprung(9)} #{sprung(10)} {name}',
  'one\n\n\n\ntwo\n'.repeat(5),
  ' \t leading and trailing \u00A0 ',
  `${'unbroken'.repeat(200)}`,
  `https://example.org/${'very-long/'.repeat(150)}`,
  'W'.repeat(16_384),
  '👩‍👩‍👧‍👦'.repeat(60),
  'עברית and العربية and English, mixed: (1) [2] {3}',
];

const OF_THE_BOX = '/api/rainbow/fileserver/v1.0/files/';

/** Files that there are not, under names and addresses that nobody should follow. */
const FILES = [
  { url: 'javascript:sprung("file")', filename: 'run.png', mime: 'image/png', size: '10' },
  { url: 'https://evil.example/tracker.png', filename: 'tracker.png', mime: 'image/png', size: '10' },
  { url: `${OF_THE_BOX}../../../../edge/v1/sessions`, filename: 'up.png', mime: 'image/png', size: '10' },
  { url: `${OF_THE_BOX}a00000000000000000000001`, filename: '<img src=x onerror=sprung("name")>\u202Egnp.exe', mime: '"><script>sprung("mime")</script>', size: '-1e99' },
  { url: `${OF_THE_BOX}a00000000000000000000002`, filename: `\u2066${'W'.repeat(3000)}.${'x'.repeat(300)}`, mime: 'image/svg+xml', size: '99999999999999999999999999' },
  { url: `${OF_THE_BOX}a00000000000000000000003`, filename: '', mime: '', size: '' },
].map((file, number) => ({ text: `file ${number}`, file }));

/** Texts with marks, each within the others and within none; and what would take long to be read. */
const MARKED = [
  '**<script>sprung("bold")</script>** _<img src=x onerror=sprung(11)>_ ~~<svg onload=sprung(12)>~~ `<iframe src=x>`',
  '[here](javascript:sprung("marked")) [there](https://example.org/"onmouseover="sprung(13)) [and](data:text/html,sprung(14)) ![picture](https://evil.example/tracker.png)',
  '```\n</code></pre><script>sprung("code")</script>\n```\n> <h1>quoted</h1>\n- <form action=x>\n1. <base href=x>',
  '# \u202Egnidaeh\n**\u2066 never closed**',
  `${'> '.repeat(400)}deep`,
  ...['**a ', '*a* ', '__a ', '[a](http://', '`', '_a*b_c*', '```\n', '- a\n'].map((unit) => unit.repeat(Math.floor(16_000 / unit.length))),
].map((marked, number) => ({ text: `marked ${number}`, marked }));

/** What is no emoji. */
const ICONS = ['<b>x</b>', '\u202E', 'W'.repeat(5000), '<img src=x onerror=sprung(15)>', '', '7', '👍', ...Array.from({ length: 50 }, (_, at) => String.fromCodePoint(0x1f600 + at))];

const PIECES = ['<', '>', '"', "'", '`', '&', '/', '<img src=x onerror=sprung(0)>', '<script>', '</script>', '\u202E', '\u2067', '\u2069', '\u200F', ' ', 'javascript:', 'https://', 'a', 'é', '漢', '🌈', '\n', '{', '}', '\\', ']]>', '<!--', '-->', '<![CDATA['];

/** As many more, put together by chance. */
const chanceful = (chance, count) => Array.from({ length: count }, (_, number) => `#${number} ${chance.some(PIECES, 3 + chance.below(30)).join('')}.`);

module.exports = { FILES, ICONS, MARKED, MESSAGES, NAMES, chanceful };
