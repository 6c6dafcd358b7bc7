/** Steps of a session between two devices (XEP-0166, 7.2), as requests. */
import xml, { type Element } from '@xmpp/xml';
import { NS } from '../namespaces';
import { type Role, contentElement, groupElement, transportOnly } from './content';
import type { Candidate, Description, Transport } from './section';

export type Action =
  | 'session-initiate' | 'session-accept' | 'session-terminate' | 'session-info' | 'transport-info' | 'transport-replace' | 'transport-accept'
  | 'transport-reject' | 'content-add' | 'content-accept' | 'content-reject' | 'content-modify' | 'content-remove' | 'description-info' | 'security-info';

/** Between whom: the full address of the other device, and the name of the session. */
export interface Between {
  to: string;
  sid: string;
  role: Role;
  /** The full address of who began, where that must be told. */
  initiator: string;
}

type Children = (Element | undefined | false)[];

function step({ to, sid, initiator }: Between, action: Action, ...children: Children): Element {
  const named = action === 'session-initiate' ? { initiator } : {};
  return xml('iq', { to, type: 'set' }, xml('jingle', { xmlns: NS.jingle, action, sid, ...named }, ...children));
}

/** The whole of a description, by which a session begins or is taken. */
export const whole = (between: Between, action: 'session-initiate' | 'session-accept', { sections, bundle }: Description): Element =>
  step(between, action, groupElement(bundle), ...sections.map((one) => contentElement(one, 'initiator', between.role)));

/** More media, and the answer to it. `creator`: who brings them. */
export const more = (between: Between, action: 'content-add' | 'content-accept', { sections, bundle }: Description, creator: Role): Element =>
  step(between, action, groupElement(bundle), ...sections.map((one) => contentElement(one, creator, between.role)));

/** The same media over new transports, and the answer to it (XEP-0176, restarts). */
export const restart = (between: Between, action: 'transport-replace' | 'transport-accept', { sections }: Description): Element =>
  step(between, action, ...sections.map((one) => transportOnly(one.mid, 'initiator', one.transport)));

/** Addresses of one content that were found meanwhile. */
export const addresses = (between: Between, mid: string, transport: Transport, candidates: readonly Candidate[]): Element =>
  step(between, 'transport-info', transportOnly(mid, 'initiator', { ...transport, fingerprint: undefined, candidates }));

/** This side sends no picture any more, or does again (XEP-0167, 8). */
export const muted = (between: Between, mid: string, on: boolean): Element =>
  step(between, 'session-info', xml(on ? 'mute' : 'unmute', { xmlns: NS.rtpInfo, creator: 'initiator', name: mid }));

export const terminate = (between: Between, reason: string): Element => step(between, 'session-terminate', xml('reason', null, xml(reason, null)));

export const done = ({ attrs: { from, id } }: Element): Element => xml('iq', { type: 'result', to: from, id });

export function refused({ attrs: { from, id } }: Element, condition: string, type: string, jingle?: string): Element {
  const error = xml('error', { type }, xml(condition, NS.errors), jingle !== undefined && xml(jingle, NS.jingleErrors));
  return xml('iq', { type: 'error', to: from, id }, error);
}
