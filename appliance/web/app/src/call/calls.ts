import { effect, signal } from '@preact/signals';
import type { Element } from '@xmpp/xml';
import { NS, parts } from '../protocol/namespaces';
import { type Medium, type Ring, propose, readRing, ring } from '../protocol/jingle/ring';
import { type Between, done, refused, terminate } from '../protocol/jingle/steps';
import { device, isOnline, jidOf, request, self, send, tryNow, whenOpened, whenStanza } from '../state/connection';
import { nowIn } from '../state/me';
import { inNetwork } from '../state/people';
import { relays } from '../state/relays';
import { whenLeaving, whenSignedOut } from '../state/session';
import { NoDevice, camera, microphone, screen } from './devices';
import { Session } from './session';

/** A call of this device, from the first ring to its end. */
export interface Call {
  sid: string;
  peer: string;
  outgoing: boolean;
  stage: 'calling' | 'ringing' | 'connecting' | 'talking' | 'broken';
  /** When the two began to talk. */
  sinceMs: number | undefined;
  silent: boolean;
  /** What the other one sees. */
  shows: 'nothing' | 'camera' | 'screen';
  /** What this person sees of himself. */
  own: MediaStream | undefined;
  heard: MediaStream | undefined;
  seen: boolean;
}

/** Somebody calls, and nobody has taken it yet. */
export interface Incoming {
  sid: string;
  peer: string;
  /** The device that calls. */
  from: string;
  medium: Medium;
  /** A session that begins at once, of clients that do not ring first. */
  initiate: Element | undefined;
}

/** Why a call came to nothing, for who made it. */
export type Failure = 'declined' | 'no_answer' | 'unreachable' | 'lost' | 'failed' | 'denied' | 'none' | 'busy';

export const call = signal<Call | undefined>(undefined);
export const incoming = signal<readonly Incoming[]>([]);
export const failure = signal<{ why: Failure; peer: string } | undefined>(undefined);

/** How long it rings there, and here: whoever calls gives up first. */
const CALL_MS = 60_000;
const RING_MS = 75_000;
/** Between the word that a call is taken and its session. */
const SESSION_MS = 20_000;
const INCOMING_MAX = 5;

let session: Session | undefined;
let sound: MediaStreamTrack | undefined;
let picture: MediaStreamTrack | undefined;
let wantsPicture = false;
let patience: ReturnType<typeof setTimeout> | undefined;
/** The device that takes or makes the call on the other side. */
let other = '';
const rings = new Map<string, ReturnType<typeof setTimeout>>();

function change(next: Partial<Call>): void {
  if (call.value) call.value = { ...call.value, ...next };
}

const fresh = (sid: string, peer: string, outgoing: boolean): Call => ({
  sid, peer, outgoing, stage: outgoing ? 'calling' : 'connecting', sinceMs: undefined, silent: false, shows: 'nothing', own: undefined, heard: undefined, seen: false,
});

/** Everything of this call that is this device's; `why`: it came to nothing, and the person is to know. */
function clear(why: Failure | undefined): void {
  const peer = call.value?.peer;
  clearTimeout(patience);
  for (const track of [sound, picture]) track?.stop();
  session = undefined;
  sound = undefined;
  picture = undefined;
  other = '';
  call.value = undefined;
  if (why && peer !== undefined) failure.value = { why, peer };
}

function wait(ms: number, then: () => void): void {
  clearTimeout(patience);
  patience = setTimeout(then, ms);
}

/** Opens what the call of this name needs; without a camera it goes on as one of voices. `false`: it came to nothing, as the person is told. */
async function open(sid: string, withPicture: boolean, refuse?: () => void): Promise<boolean> {
  const goesOn = () => call.value?.sid === sid;
  try {
    const tracks = [await microphone(), withPicture ? await camera().catch(() => undefined) : undefined] as const;
    // He thought better of it while the browser asked.
    if (!goesOn()) tracks.forEach((track) => track?.stop());
    else [sound, picture] = tracks;
  } catch (failed) {
    if (goesOn()) {
      refuse?.();
      clear(whyOf(failed));
    }
  }
  if (!goesOn()) return false;
  // Who has muted himself already is not heard.
  setSilent(call.value?.silent === true);
  change({ shows: picture ? 'camera' : 'nothing', own: picture && new MediaStream([picture]) });
  return true;
}

const whyOf = (failed: unknown): Failure => (failed instanceof NoDevice ? failed.why : 'failed');

/** Calls somebody: it rings on all of his devices. */
export async function start(peer: string, medium: Medium): Promise<void> {
  if (call.value) return;
  failure.value = undefined;
  const sid = crypto.randomUUID();
  call.value = fresh(sid, peer, true);
  wantsPicture = medium === 'video';
  if (!(await open(sid, wantsPicture))) return;
  if (!send(propose(jidOf(peer), sid, medium))) return clear('unreachable');
  wait(CALL_MS, () => {
    send(ring(jidOf(peer), 'retract', sid, 'timeout'));
    clear('no_answer');
  });
}

/** Takes a call on this device; another one that goes on here is over. */
export async function accept(one: Incoming, withPicture: boolean): Promise<void> {
  if (call.value) hangUp();
  drop(one.sid);
  failure.value = undefined;
  call.value = fresh(one.sid, one.peer, false);
  other = one.from;
  if (!(await open(one.sid, withPicture && one.medium === 'video', () => turnDown(one)))) return;
  if (one.initiate) return void take(one.initiate);
  send(ring(one.from, 'proceed', one.sid));
  wait(SESSION_MS, () => clear('lost'));
}

export function decline(one: Incoming): void {
  drop(one.sid);
  turnDown(one);
}

function turnDown(one: Incoming): void {
  if (one.initiate) void request(terminate(between(one.sid, one.from, 'responder'), 'decline')).catch(() => undefined);
  else send(ring(jidOf(one.peer), 'reject', one.sid, 'busy'));
}

export function hangUp(): void {
  const one = call.value;
  if (!one) return;
  if (session) session.end('success');
  else if (one.outgoing) send(ring(jidOf(one.peer), 'retract', one.sid, 'cancel'));
  else if (other) send(ring(jidOf(one.peer), 'reject', one.sid));
  clear(undefined);
}

export function setSilent(silent: boolean): void {
  if (sound) sound.enabled = !silent;
  change({ silent });
}

/** Shows something else, or nothing. The picture that was shown before is put away. */
async function show(next: MediaStreamTrack | undefined, shows: Call['shows']): Promise<void> {
  const before = picture;
  picture = next;
  change({ shows, own: next && new MediaStream([next]) });
  await session?.showPicture(next);
  before?.stop();
  // The browser's own button ends what is shared.
  next?.addEventListener('ended', () => picture === next && void show(undefined, 'nothing'));
}

/** Shows what the person lets this page have, if he does and the call goes on then. */
async function showFrom(open: () => Promise<MediaStreamTrack | undefined>, shows: Call['shows']): Promise<void> {
  const of = call.value?.sid;
  const track = await open();
  if (track && call.value?.sid === of) await show(track, shows);
  else track?.stop();
}

export const setCamera = (on: boolean): Promise<void> => (on ? showFrom(camera, 'camera') : show(undefined, 'nothing'));
export const setSharing = (on: boolean): Promise<void> => (on ? showFrom(screen, 'screen') : show(undefined, 'nothing'));

/** The person chose other devices while he talks. */
export async function changeDevices(): Promise<void> {
  const [of, before] = [session, sound];
  if (!of) return;
  const next = await microphone();
  if (session !== of) return next.stop();
  next.enabled = !call.value?.silent;
  sound = next;
  await of.replaceSound(next);
  before?.stop();
  if (call.value?.shows === 'camera') await showFrom(camera, 'camera');
}

const between = (sid: string, to: string, role: Between['role']): Between => ({ sid, to, role, initiator: role === 'initiator' ? device() : to });

const make = async (of: Between): Promise<Session> => {
  const servers = await relays().catch(() => []);
  const made: Session = new Session({ request, send }, of, servers, relays, {
    state: (state, reason) => {
      if (session !== made) return;
      if (state === 'connected') change({ stage: 'talking', sinceMs: call.value?.sinceMs ?? Date.now() });
      if (state === 'broken') change({ stage: 'broken' });
      if (state === 'over') clear(ended(reason));
    },
    heard: (heard) => session === made && change({ heard }),
    picture: (seen) => session === made && change({ seen }),
  });
  return made;
}

/** What is worth saying of an end. */
function ended(reason: string): Failure | undefined {
  if (reason === 'decline' || reason === 'busy') return 'declined';
  if (reason === 'connectivity-error' || reason === 'timeout' || reason === 'gone') return 'lost';
  return ['', 'success', 'cancel'].includes(reason) ? undefined : 'failed';
}

/** Agrees with the other device on how. */
async function agree(role: Between['role'], act: (made: Session, sound: MediaStreamTrack) => Promise<void>): Promise<void> {
  const of = call.value;
  if (!of || !sound) return;
  const made = await make(between(of.sid, other, role));
  // Hung up meanwhile, or begun by another word to the same effect.
  if (call.value?.sid !== of.sid || session || !sound) return made.end('cancel', role === 'responder' && !session);
  session = made;
  wait(SESSION_MS, () => call.value?.stage === 'connecting' && session?.end('timeout'));
  await act(made, sound);
}

/** The other side took the call on this device. */
async function begin(said: Ring): Promise<void> {
  if (!call.value?.outgoing || session || !sound) return;
  clearTimeout(patience);
  other = `${jidOf(said.from)}/${said.resource}`;
  change({ stage: 'connecting' });
  await agree('initiator', (made, sound) => made.begin(sound, picture, wantsPicture));
}

/** The session of a call that was taken here. */
async function take(initiate: Element): Promise<void> {
  const jingle = initiate.getChild('jingle', NS.jingle);
  if (jingle) await agree('responder', (made, sound) => made.take(jingle, sound, picture));
}

function drop(sid: string): void {
  clearTimeout(rings.get(sid));
  rings.delete(sid);
  incoming.value = incoming.value.filter((one) => one.sid !== sid);
}

function ringHere(one: Incoming): void {
  if (incoming.value.some(({ sid }) => sid === one.sid) || incoming.value.length >= INCOMING_MAX) return;
  incoming.value = [...incoming.value, one];
  rings.set(one.sid, setTimeout(() => drop(one.sid), RING_MS));
}

function hearRing(said: Ring): void {
  const mine = call.value?.sid === said.sid ? call.value : undefined;
  if (said.own) {
    // Another device of this person has taken or refused it.
    if (['proceed', 'accept', 'reject'].includes(said.word)) drop(said.sid);
    return;
  }
  const from = `${jidOf(said.from)}/${said.resource}`;
  if (said.word === 'propose' && inNetwork(said.from)) {
    const made: Incoming = { sid: said.sid, peer: said.from, from, medium: said.medium, initiate: undefined };
    if (meets(made)) return;
    ringHere(made);
    send(ring(from, 'ringing', said.sid));
  }
  if (said.word === 'retract' || said.word === 'finish') drop(said.sid);
  if (!mine || mine.peer !== said.from) return;
  if (said.word === 'ringing' && mine.stage === 'calling') change({ stage: 'ringing' });
  if (said.word === 'proceed') void begin(said);
  if (said.word === 'reject' && !session) clear('declined');
  if ((said.word === 'finish' || said.word === 'retract') && !mine.outgoing && !session) clear('lost');
}

/** Two who call each other at once talk to each other: the call of the lower name is the one (XEP-0353, tie-breaking). */
function meets(theirs: Incoming): boolean {
  const own = call.value;
  if (!own?.outgoing || own.peer !== theirs.peer || session || !['calling', 'ringing'].includes(own.stage)) return false;
  if (own.sid < theirs.sid) return true;
  const withPicture = picture !== undefined;
  hangUp();
  void accept(theirs, withPicture);
  return true;
}

function hearStep(iq: Element, jingle: Element): void {
  const [from, sid, action] = [iq.attrs['from'] ?? '', jingle.attrs['sid'], jingle.attrs['action']];
  if (action === 'session-initiate') return hearInitiate(iq, from, sid ?? '');
  const rung = incoming.value.find((one) => one.sid === sid && one.initiate && one.from === from);
  if (rung) {
    send(done(iq));
    if (action === 'session-terminate') drop(rung.sid);
    return;
  }
  if (!session || session.between.sid !== sid || session.between.to !== from) {
    send(refused(iq, 'item-not-found', 'cancel', 'unknown-session'));
    return;
  }
  void session.hearStep(iq, jingle);
}

function hearInitiate(iq: Element, from: string, sid: string): void {
  const { user } = parts(from);
  if (!inNetwork(user) || sid === '') return void send(refused(iq, 'service-unavailable', 'cancel'));
  const awaited = call.value?.sid === sid && !call.value.outgoing && !session;
  if (awaited && from !== other) return void send(refused(iq, 'service-unavailable', 'cancel'));
  send(done(iq));
  if (awaited) return void take(iq);
  const jingle = iq.getChild('jingle', NS.jingle);
  const pictures = jingle?.getChildren('content').some((content) => content.getChild('description', NS.rtp)?.attrs['media'] === 'video');
  ringHere({ sid, peer: user, from, medium: pictures ? 'video' : 'audio', initiate: iq });
}

whenStanza((stanza) => {
  if (stanza.name === 'iq') {
    const jingle = stanza.attrs['type'] === 'set' ? stanza.getChild('jingle', NS.jingle) : undefined;
    if (jingle) hearStep(stanza, jingle);
    return jingle !== undefined;
  }
  if (stanza.name === 'message' && stanza.attrs['type'] === 'error' && stanza.attrs['id']?.startsWith('ring_')) {
    const one = call.value;
    if (one?.outgoing && !session && parts(stanza.attrs['from']).user === one.peer) clear('unreachable');
    return true;
  }
  const said = readRing(stanza, self());
  if (said) hearRing(said);
  return said !== undefined;
});

/** Somebody who is in the middle of a sentence does not wait for the box as long as others do. */
const HURRY_MS = 1_500;
let hurrying: ReturnType<typeof setInterval> | undefined;
effect(() => {
  if (call.value?.stage === 'broken') {
    hurrying ??= setInterval(() => !isOnline.value && tryNow(), HURRY_MS);
    return;
  }
  clearInterval(hurrying);
  hurrying = undefined;
});

/** A connection to the box that is back, or another network: the other side is looked for anew where it was lost. */
whenOpened(() => call.value?.stage === 'broken' && session?.renew());
addEventListener('online', () => session?.renew());
const network = (navigator as { connection?: EventTarget }).connection;
network?.addEventListener('change', () => session?.renew());

effect(() => {
  const one = call.value;
  const there = one !== undefined && one.stage !== 'calling' && one.stage !== 'ringing';
  const activity = !there ? undefined : one.shows === 'screen' ? 'sharing' : one.shows === 'camera' || one.seen ? 'video' : 'audio';
  queueMicrotask(() => nowIn(activity));
});

/** Whoever closes the page hangs up. */
addEventListener('pagehide', () => hangUp());
whenLeaving(() => hangUp());
whenSignedOut(() => {
  for (const one of incoming.value) drop(one.sid);
  if (call.value) clear(undefined);
  failure.value = undefined;
});
