// Checks what of the protocol needs no browser: descriptions of sessions to Jingle and back, whatever comes from outside.
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const here = path.dirname(fileURLToPath(import.meta.url));
const stdin = `
  export * as sdp from './jingle/sdp'; export * as content from './jingle/content'; export * as steps from './jingle/steps';
  export * as ring from './jingle/ring'; export * as caps from './caps'; export * as section from './jingle/section';
  export { default as xml } from '@xmpp/xml'; export { default as parseXml } from '@xmpp/xml/lib/parse.js';`;
const { outputFiles } = await build({
  stdin: { contents: stdin, resolveDir: path.join(here, '../src/protocol'), loader: 'ts' }, bundle: true, write: false, format: 'esm', platform: 'browser', logLevel: 'error',
});
const { sdp, content, steps, ring, caps, section, xml, parseXml } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
const sample = (name) => fs.readFileSync(path.join(here, 'samples', `${name}.sdp`), 'utf8').replace(/\r?\n/gu, '\r\n');
const between = { to: 'b@edge.test/x', sid: 's', role: 'initiator', initiator: 'a@edge.test/y' };
const jingleIn = (iq) => parseXml(iq.toString()).getChild('jingle', 'urn:xmpp:jingle:1');

for (const name of ['chromium', 'firefox']) {
  test(`a description of ${name} is the same after Jingle (XEP-0167, 0176, 0293, 0294, 0320, 0338, 0339) g2`, () => {
    const before = sdp.parse(sample(name));
    assert.deepEqual(before.sections.map((one) => one.media), ['audio', 'video']);
    assert.ok(before.sections.every((one) => one.codecs.length > 1 && one.transport.fingerprint));
    assert.ok(before.sections[0].transport.candidates.length > 1);
    const after = content.readDescription(jingleIn(steps.whole(between, 'session-initiate', before)), 'initiator');
    assert.deepEqual(after, before);
    assert.deepEqual(sdp.parse(sdp.write(after)), before);
  });
}

test('who sends is told by whoever describes it g2', () => {
  for (const writer of ['initiator', 'responder']) {
    for (const direction of ['sendrecv', 'sendonly', 'recvonly', 'inactive']) {
      assert.equal(content.direction(content.senders(direction, writer), writer), direction);
    }
  }
  assert.equal(content.senders('sendonly', 'responder'), 'responder');
  assert.equal(content.senders('recvonly', 'initiator'), 'responder');
});

test('candidates are written as they were read, and what is none is none g2', () => {
  for (const line of [
    'candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host generation 0',
    'candidate:2 1 udp 1686052607 203.0.113.7 6000 typ srflx raddr 192.0.2.1 rport 54321 generation 1',
    'candidate:3 1 tcp 1518280447 2001:db8::1 9 typ host tcptype active generation 0',
  ]) assert.equal(sdp.writeCandidate(sdp.parseCandidate(line)), line);
  for (const line of ['', 'candidate:', 'candidate:1 1 udp', 'a=mid:0']) assert.equal(sdp.parseCandidate(line), undefined);
});

test('a medium that is not wanted keeps its place in an answer g2', () => {
  const { sections, bundle } = sdp.parse(sample('chromium'));
  const answer = sdp.write({ sections: [sections[0], { ...sections[1], rejected: true }], bundle: bundle.slice(0, 1) });
  assert.match(answer, /^m=video 0 /mu);
  assert.match(answer, /^a=group:BUNDLE 0\r$/mu);
});

const fingerprint = "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>" + Array(32).fill('AB').join(':') + '</fingerprint>';
function offer({ name = '0', media = 'audio', codec = "<payload-type id='111' name='opus' clockrate='48000' channels='2'/>", transport = fingerprint, ufrag = 'u', more = '' } = {}) {
  return `<content creator='initiator' name='${name}'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='${media}'>${codec}</description>
    <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='${ufrag}' pwd='p'>${transport}</transport></content>${more}`;
}
const read = (contents) => content.readDescription(parseXml(`<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'>${contents}</jingle>`), 'initiator');

test('media without DTLS-SRTP are refused e3', () => {
  assert.equal(read(offer()).sections.length, 1);
  for (const transport of ['', "<encryption xmlns='urn:xmpp:jingle:apps:rtp:1'/>", fingerprint.replace(/>AB.*</u, '>zz<'), fingerprint.replace('dtls:0', 'dtls:9')]) {
    assert.throws(() => read(offer({ transport })), section.Unusable);
  }
  assert.throws(() => read(offer() + offer({ name: '1', media: 'video', transport: '' })), section.Unusable);
});

test('nothing from outside ends a line of a description or begins another e5', () => {
  const break_ = '&#13;&#10;a=sendonly';
  const hostile = [
    offer({ name: `0${break_}` }), offer({ name: '' }), offer({ name: 'x'.repeat(65) }), offer() + offer(), '', offer({ media: 'application' }),
    offer({ codec: '' }), offer({ codec: "<payload-type id='1 2' name='opus'/>" }), offer({ codec: `<payload-type id='1' name='op${break_}' clockrate='8000'/>` }),
    offer({ codec: `<payload-type id='1' name='opus' clockrate='8000'><parameter name='a' value='b${break_}'/></payload-type>` }),
    offer({ ufrag: `u${break_}` }), offer({ ufrag: '' }), offer({ transport: fingerprint.replace('sha-256', `sha-256${break_}`) }),
    offer({ transport: fingerprint.replace('actpass', `actpass${break_}`) }),
  ];
  for (const one of hostile) assert.throws(() => read(one), section.Unusable, one);
  const candidate = `<candidate foundation='1' component='1' protocol='udp' priority='1' ip='192.0.2.1${break_}' port='1' type='host'/>`;
  assert.deepEqual(read(offer({ transport: fingerprint + candidate })).sections[0].transport.candidates, []);
});

test('whatever is changed in a session is refused as unusable, or read and written again e5', () => {
  let seed = 20_261_130;
  const next = (limit) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % limit;
  const whole = steps.whole(between, 'session-initiate', sdp.parse(sample('chromium'))).toString();
  let [refused, kept] = [0, 0];
  for (let round = 0; round < 300; round++) {
    let text = whole;
    for (let change = 0; change <= next(3); change++) {
      const at = next(text.length);
      const word = ["'", '<', '/>', '\u0000', 'ice', '-1', '99999999999', '&#10;', '', '='][next(10)];
      text = text.slice(0, at) + word + text.slice(at + next(12));
    }
    let jingle;
    try {
      jingle = parseXml(text)?.getChild?.('jingle', 'urn:xmpp:jingle:1');
    } catch {
      continue;
    }
    if (!jingle) continue;
    try {
      const described = content.readDescription(jingle, 'initiator');
      assert.deepEqual(sdp.parse(sdp.write(described)).sections.length, described.sections.length);
      assert.ok(sdp.write(described).split('\r\n').every((line) => line === '' || /^[vosctamb]=[\x20-\x7E]*$/u.test(line)), text);
      kept++;
    } catch (failure) {
      if (!(failure instanceof section.Unusable)) throw failure;
      refused++;
    }
  }
  assert.ok(refused > 10 && kept > 10, `${refused} refused, ${kept} kept`);
});

test('what rings is known by who says it g2', () => {
  const self = { user: 'me', domain: 'edge.test' };
  const heard = (from, inner) => ring.readRing(parseXml(`<message xmlns='jabber:client' type='chat' from='${from}' to='me@edge.test'>${inner}</message>`), self);
  const proposed = ring.propose('me@edge.test', 'sid-1', 'video').getChild('propose').toString();
  assert.deepEqual({ ...heard('you@edge.test/p', proposed) }, { word: 'propose', sid: 'sid-1', from: 'you', resource: 'p', own: false, peer: 'you', medium: 'video' });
  const copy = (who) => `<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='me@edge.test/other' to='you@edge.test'>${ring.ring('you@edge.test', 'proceed', 'sid-1').getChild('proceed')}</message></forwarded></sent>`;
  assert.deepEqual([heard('me@edge.test', copy()).own, heard('me@edge.test', copy()).peer], [true, 'you']);
  assert.equal(heard('evil@edge.test', copy()), undefined, 'a copy that somebody else made');
  assert.equal(heard('you@elsewhere.test', proposed), undefined);
  for (const sid of ['', ' ', 'x'.repeat(129)]) assert.equal(heard('you@edge.test', `<propose xmlns='urn:xmpp:jingle-message:0' id='${sid}'/>`), undefined);
});

test('the hash of what this client can is that of XEP-0115 g2', () => {
  const { category, type, name } = caps.IDENTITY;
  const text = [`${category}/${type}//${name}`, ...[...caps.FEATURES].sort()].map((line) => `${line}<`).join('');
  assert.equal(caps.VERSION, createHash('sha1').update(text).digest('base64'));
});
