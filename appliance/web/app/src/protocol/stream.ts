import { Client } from '@xmpp/client-core';
import iqCaller from '@xmpp/iq/caller.js';
import middleware from '@xmpp/middleware';
import resourceBinding from '@xmpp/resource-binding';
import sasl from '@xmpp/sasl';
import plain from '@xmpp/sasl-plain';
import streamFeatures from '@xmpp/stream-features';
import websocket from '@xmpp/websocket';
import xml, { type Element } from '@xmpp/xml';
import SASLFactory from 'saslmechanisms';
import { NS } from './namespaces';

/** How long opening may take as a whole, and each step of it. */
const OPEN_TIMEOUT_MS = 15_000;
const IQ_TIMEOUT_MS = 20_000;
const CLOSE = '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>';

export interface Credentials {
  /** `USER@DOMAIN`. */
  jid: string;
  secret: string;
  /** Name of this device. */
  resource: string;
}

/** Why a stream is over: a condition of RFC 6120 (4.9.3, or 6.5 while signing in), or `lost`. */
export type Ending = string;

export interface Handlers {
  stanza: (stanza: Element) => void;
  /** Once, whatever ends the stream after it was open. */
  ended: (why: Ending) => void;
}

/** One stream over one WebSocket (RFC 7395), bound and open. It is never used again once it has ended. */
export interface Stream {
  send(stanza: Element): void;
  request(iq: Element, timeoutMs?: number): Promise<Element>;
  /** Ends it in good order, or at once when the other side is not there any more. */
  close(gone?: boolean): void;
}

function address(domain: string): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const query = new URLSearchParams({ 'x-rainbow-xmpp-dom': domain, 'x-rainbow-client': 'web_edge' });
  return `${scheme}://${location.host}/websocket?${query}`;
}

function assemble({ jid, secret, resource }: Credentials) {
  const [user = '', domain = ''] = jid.split('@');
  const entity = new Client({ service: address(domain), domain, timeout: OPEN_TIMEOUT_MS });
  websocket({ entity });
  const layers = middleware({ entity });
  const features = streamFeatures({ middleware: layers });
  const iq = iqCaller({ middleware: layers, entity });
  const mechanisms = new SASLFactory();
  sasl({ streamFeatures: features, saslFactory: mechanisms }, (authenticate) => authenticate({ username: user, password: secret }, 'PLAIN'));
  plain(mechanisms);
  resourceBinding({ streamFeatures: features, iqCaller: iq }, resource);
  return { entity, iq };
}

class Failed extends Error {
  constructor(readonly why: Ending) {
    super(why);
  }
}

export const endingOf = (failure: unknown): Ending => (failure instanceof Failed ? failure.why : 'lost');

/** Opens a stream; `endingOf` what it throws says why there is none. */
export async function open(credentials: Credentials, handlers: Handlers): Promise<Stream> {
  const { entity, iq } = assemble(credentials);
  let condition: Ending = 'lost';
  let state: 'opening' | 'open' | 'over' = 'opening';
  const end = (gone: boolean) => {
    if (state === 'over') return;
    const told = state === 'open';
    state = 'over';
    entity.removeAllListeners();
    // What still goes on inside must find somebody who listens, or it would be thrown.
    entity.on('error', () => undefined);
    const socket = entity.socket?.socket;
    // RFC 7395, 3.6: whoever closes says so, and need not wait.
    if (!gone && socket?.readyState === WebSocket.OPEN) socket.send(CLOSE);
    socket?.close();
    if (told) handlers.ended(condition);
  };
  entity.on('error', (error) => {
    condition = error.condition ?? condition;
  });
  entity.on('element', (element) => {
    if (state === 'open') handlers.stanza(element);
  });
  try {
    await Promise.race([entity.start(), broken(entity)]);
  } catch (failure) {
    end(true);
    throw new Failed((failure as { condition?: string }).condition ?? condition);
  }
  state = 'open';
  entity.on('disconnect', () => end(true));
  // A socket that is closing takes everything and drops it.
  const holds = () => entity.socket?.socket?.readyState === WebSocket.OPEN || (end(true), false);
  return {
    send: (stanza) => void (holds() && entity.send(stanza).catch(() => end(true))),
    request: (stanza, timeoutMs = IQ_TIMEOUT_MS) => (holds() ? iq.request(stanza, timeoutMs) : Promise.reject(new Failed('lost'))),
    close: (gone = false) => end(gone),
  };
}

/** Rejects when the stream cannot be opened any more, or not in time. */
function broken(entity: Client): Promise<never> {
  return new Promise((_, reject) => {
    entity.on('error', reject);
    entity.on('disconnect', () => reject(new Failed('lost')));
    setTimeout(() => reject(new Failed('lost')), OPEN_TIMEOUT_MS);
  });
}

export const ping = (): Element => xml('iq', { type: 'get' }, xml('ping', NS.ping));
