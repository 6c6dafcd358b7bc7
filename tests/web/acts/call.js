'use strict';
// What a person does in calls, and what arrives of them: pictures and sounds of the browser's fake devices.

const assert = require('node:assert/strict');
const { words } = require('../strings.js');

const LIMIT_MS = 30_000;
/** The least that is no noise of a silent line. */
const AUDIBLE = 0.01;
const SILENT = 0.001;

const button = (page, key, values) => page.getByRole('button', { name: words(key, values), exact: true });
const ringOf = (page, name) => page.getByRole('alertdialog', { name });
const callWith = (page, name) => page.getByRole('region', { name: words('call_with', { name }), exact: true });

/** Calls whom the open conversation is with. */
const start = (seat, other, medium = 'audio') => button(seat.page, `call_${medium}`, { name: other.displayName }).click();

const rings = (seat, other) => ringOf(seat.page, other.displayName).waitFor({ timeout: LIMIT_MS });
const ringsNoMore = (seat, other) => ringOf(seat.page, other.displayName).waitFor({ state: 'detached', timeout: LIMIT_MS });
const answer = (seat, other, key = 'call_accept') => ringOf(seat.page, other.displayName).getByRole('button', { name: words(key), exact: true }).click();

/** Waits until the two talk. */
async function talks(seat, other) {
  await callWith(seat.page, other.displayName).getByText(words('call_talking'), { exact: true }).waitFor({ timeout: LIMIT_MS });
}

const isOver = (seat, other) => callWith(seat.page, other.displayName).waitFor({ state: 'detached', timeout: LIMIT_MS });

/** In the page: what the other's picture is like, and whether it moves. Colours from 0 to 255. */
async function look() {
  const video = document.querySelector('.call__heard');
  if (!video || video.dataset.shown !== 'true' || video.videoWidth === 0) return undefined;
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  const shot = () => {
    paint.drawImage(video, 0, 0, 64, 48);
    return paint.getImageData(0, 0, 64, 48).data;
  };
  const first = shot();
  await new Promise((resolve) => setTimeout(resolve, 700));
  const second = shot();
  const sums = [0, 0, 0];
  let moved = 0;
  for (let at = 0; at < second.length; at += 4) {
    for (const channel of [0, 1, 2]) sums[channel] += second[at + channel];
    if (Math.abs(first[at] - second[at]) + Math.abs(first[at + 1] - second[at + 1]) > 60) moved += 1;
  }
  const [red, green, blue] = sums.map((sum) => sum / (second.length / 4));
  return { red, green, blue, moved, width: video.videoWidth, height: video.videoHeight };
}

/** Waits until what is seen of the other fits. */
async function sees(seat, fits, what) {
  const deadline = Date.now() + LIMIT_MS;
  let last;
  while (Date.now() < deadline) {
    last = await seat.page.evaluate(look);
    if (last && fits(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return assert.fail(`${seat.name} does not see ${what}: ${JSON.stringify(last)}`);
}

/** In the page: where the white bar of `line.js` is, in widths of the picture, and when that was, in seconds. */
async function follow() {
  const video = document.querySelector('.call__heard');
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 8 });
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  const seen = [];
  for (let shot = 0; shot < 8; shot += 1) {
    paint.drawImage(video, 0, 0, 64, 8);
    const { data } = paint.getImageData(0, 0, 64, 8);
    // White is the only thing in the picture that has green in it. The bar may hang over the edge: the middle on a ring.
    let [cosine, sine] = [0, 0];
    for (let pixel = 0; pixel < 64 * 8; pixel += 1) {
      const [weight, angle] = [Math.max(0, data[pixel * 4 + 1] - 90), ((pixel % 64) / 64) * 2 * Math.PI];
      cosine += weight * Math.cos(angle);
      sine += weight * Math.sin(angle);
    }
    seen.push({ at: (Math.atan2(sine, cosine) / (2 * Math.PI) + 1) % 1, s: performance.now() / 1000 });
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return seen;
}

/** Waits until the bar of the other's picture moves as fast as it is sent: to the right, evenly but for what the line makes of it. */
async function seesBar(seat, speed) {
  const deadline = Date.now() + LIMIT_MS;
  let last;
  while (Date.now() < deadline) {
    const seen = await seat.page.evaluate(follow);
    const moved = seen.slice(1).map((one, index) => ((one.at - seen[index].at + 1.25) % 1) - 0.25);
    const sum = moved.reduce((all, one) => all + one, 0);
    last = sum / (seen.at(-1).s - seen[0].s);
    if (Math.abs(last - speed) < speed / 3 && moved.filter((one) => one > 0.001).length >= 3) return;
  }
  assert.fail(`${seat.name} does not see the bar move by ${speed} of the picture a second, but by ${last}`);
}

/** In the page: how loud what is heard within this time gets, and its tone in hertz. */
async function listen(forMs) {
  const video = document.querySelector('.call__heard');
  const context = new AudioContext();
  await context.resume();
  const source = context.createMediaStreamSource(new MediaStream(video.srcObject.getAudioTracks()));
  const analyser = Object.assign(context.createAnalyser(), { fftSize: 4096, smoothingTimeConstant: 0 });
  source.connect(analyser);
  const [samples, bins] = [new Float32Array(analyser.fftSize), new Float32Array(analyser.frequencyBinCount)];
  const [until, heard] = [performance.now() + forMs, []];
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    analyser.getFloatTimeDomainData(samples);
    analyser.getFloatFrequencyData(bins);
    const strongest = bins.reduce((found, level, at) => (level > bins[found] ? at : found), 1);
    heard.push({ loud: Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length), hertz: (strongest * context.sampleRate) / analyser.fftSize });
  }
  await context.close();
  // A beep begins and ends somewhere within what is looked at: the middle of the loud moments tells its tone.
  const loud = Math.max(...heard.map((one) => one.loud));
  const tones = heard.filter((one) => one.loud > loud / 2).map((one) => one.hertz).sort((one, other) => one - other);
  return { loud, hertz: tones[Math.floor(tones.length / 2)] };
}

const hears = (seat, forMs = 1500) => seat.page.evaluate(listen, forMs);

/** Waits until something is heard; says what. */
async function hearsSomething(seat) {
  const deadline = Date.now() + LIMIT_MS;
  let last;
  while (Date.now() < deadline) {
    last = await hears(seat);
    if (last.loud > AUDIBLE) return last;
  }
  return assert.fail(`${seat.name} hears nothing: ${JSON.stringify(last)}`);
}

/** Waits until nothing is heard: for longer than the fake microphone is silent between two beeps. What is on its way still comes. */
async function hearsNothing(seat) {
  const deadline = Date.now() + LIMIT_MS;
  let last;
  while (Date.now() < deadline) {
    last = await hears(seat);
    if (last.loud < SILENT) return;
  }
  assert.fail(`${seat.name} still hears something: ${JSON.stringify(last)}`);
}

/** Waits until what is heard is this tone. */
async function hearsTone(seat, hertz) {
  const deadline = Date.now() + LIMIT_MS;
  let last;
  while (Date.now() < deadline) {
    last = await hears(seat, 500);
    if (last.loud > AUDIBLE && Math.abs(last.hertz - hertz) < 30) return;
  }
  assert.fail(`${seat.name} does not hear ${hertz} Hz: ${JSON.stringify(last)}`);
}

/** Which way this side's packets take: the kinds of both addresses, and by what they reach the relay, or the other. */
const way = (seat) => seat.page.evaluate(async () => {
  const all = [...(await globalThis.__lines.at(-1).getStats()).values()];
  const of = (id) => all.find((one) => one.id === id);
  const pair = of(all.find((one) => one.type === 'transport').selectedCandidatePairId);
  const [local, remote] = [of(pair.localCandidateId), of(pair.remoteCandidateId)];
  return { local: local.candidateType, remote: remote.candidateType, protocol: local.relayProtocol ?? local.protocol };
});

/** The name under which this side's connection is known to the other (RFC 8445, 5.3). */
const transport = (seat) => seat.page.evaluate(() => /a=ice-ufrag:(\S+)/u.exec(globalThis.__lines.at(-1).currentLocalDescription.sdp)[1]);

module.exports = { answer, button, callWith, hears, hearsNothing, hearsSomething, hearsTone, isOver, ringOf, rings, ringsNoMore, sees, seesBar, start, talks, transport, way };
