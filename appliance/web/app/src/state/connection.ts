import { computed, signal } from '@preact/signals';
import type { Element } from '@xmpp/xml';
import { answer } from '../protocol/caps';
import { Connection, type State } from '../protocol/connection';
import { type Page, fetchPage, take } from '../protocol/history';
import { type Incoming, type Self, read } from '../protocol/incoming';
import { takeCalls } from '../protocol/jingle/ring';
import { ROOM, roomsOf } from '../protocol/namespaces';
import { hearReactions } from '../protocol/reactions';
import { carbons, enter, enterAll, type Range } from '../protocol/stanzas';
import { account, ask, session, whenLeaving, whenSignedOut } from './session';

/** Whether this device hears of what happens, and since when. */
export const connection = signal<{ state: State; sinceMs: number }>({ state: 'connecting', sinceMs: Date.now() });
export const isOnline = computed(() => connection.value.state === 'online');
export const isOffline = computed(() => connection.value.state === 'offline');

const RESOURCE = 'resource';

/** The name of this tab towards the box: the same after a reload, so that the one before is replaced. */
function resource(fresh = false): string {
  const kept = sessionStorage.getItem(RESOURCE);
  if (kept && !fresh) return kept;
  const made = `web_${crypto.randomUUID().slice(0, 13)}`;
  sessionStorage.setItem(RESOURCE, made);
  return made;
}

/** The person of the open session, as addresses are made of. */
export function self(): Self {
  const [user = '', domain = ''] = (account.value?.jid_im ?? '').split('@');
  return { user, domain };
}

/** Of a person's id, or of a bubble's name. */
export const jidOf = (peer: string): string => `${peer}@${peer.startsWith(ROOM) ? roomsOf(self().domain) : self().domain}`;
export const device = (): string => `${jidOf(self().user)}/${resource()}`;

type Listener = (incoming: Incoming) => void;
const listeners: Listener[] = [];
const takers: ((stanza: Element) => boolean)[] = [];
const openers: (() => void)[] = [];
const insiders: (() => void)[] = [];

/** Everything that comes, in order. */
export const whenHeard = (act: Listener): number => listeners.push(act);
/** What a part of the application reads itself: the first that says so has it. */
export const whenStanza = (take: (stanza: Element) => boolean): number => takers.push(take);
/** Each time that a stream is open: what was missed is asked for. */
export const whenOpened = (act: () => void): number => openers.push(act);
/** The same, once this device hears what is said in the bubbles: what is counted from then on is not missed. */
export const whenInside = (act: () => void): number => insiders.push(act);

const VALIDATOR = '/api/rainbow/authentication/v1.0/validator';
/** Endings that may mean that the sign-in session is over: the box is asked, and its refusal signs this device out. */
const ABOUT_SESSION = new Set(['not-authorized', 'account-disabled', 'credentials-expired']);

let lastEnding = '';
/** Why the stream ended last; for what a message may have caused. */
export const endedLast = (): string => lastEnding;

async function ended(why: string): Promise<boolean> {
  lastEnding = why;
  // Another tab has this one's name: a duplicate of it.
  if (why === 'conflict') resource(true);
  if (ABOUT_SESSION.has(why)) await ask('GET', VALIDATOR).catch(() => undefined);
  return session.value !== undefined;
}

function told(state: State): void {
  const before = connection.value.state;
  // Further tries are not told of: it stays offline until it is not.
  if (state === before || (state === 'connecting' && before === 'offline')) return;
  connection.value = { state, sinceMs: before === 'connecting' && state === 'offline' ? connection.value.sinceMs : Date.now() };
}

const line = new Connection(
  () => session.value && { jid: session.value.account.jid_im, secret: session.value.secret, resource: resource() },
  {
    state: told,
    opened: () => {
      // The box takes stanzas in their order: with the answer to the second the first has been done.
      line.send(enterAll(self().domain, device()));
      void line.request(hearReactions()).catch(() => undefined);
      void line.request(takeCalls()).catch(() => undefined);
      void line.request(carbons()).catch(() => undefined).then(() => line.isOpen && insiders.forEach((act) => act()));
      for (const act of openers) act();
    },
    stanza: (stanza) => {
      if (take(stanza) || takers.some((one) => one(stanza))) return;
      const told = answer(stanza);
      if (told) return void line.send(told);
      const incoming = read(stanza, self());
      if (incoming) for (const act of listeners) act(incoming);
    },
    ended,
  },
);

export const send = (stanza: Element): boolean => line.send(stanza);
export const request = (iq: Element): Promise<Element> => line.request(iq);
export const enterBubble = (peer: string): boolean => send(enter(jidOf(peer), device()));
export const tryNow = (): void => line.hurry();
export const connect = (): void => line.start();

export const historyWith = (peer: string, range: Range): Promise<Page> => fetchPage((iq) => line.request(iq), self(), jidOf(peer), range);

whenLeaving(() => line.stop());

whenSignedOut(() => {
  line.stop();
  sessionStorage.removeItem(RESOURCE);
  connection.value = { state: 'connecting', sinceMs: Date.now() };
});
