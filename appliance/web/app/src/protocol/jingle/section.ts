/** One medium of a session, as a section of a description (RFC 8829) and as a content of Jingle (XEP-0167) alike. */

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface Codec {
  id: string;
  name: string;
  clockrate: string;
  channels: string | undefined;
  /** In their order; a name alone has no value. */
  parameters: readonly (readonly [name: string, value: string])[];
  feedback: readonly Feedback[];
}

/** XEP-0293: `nack`, `nack pli`. */
export interface Feedback {
  type: string;
  subtype: string | undefined;
}

/** XEP-0294. */
export interface Extension {
  id: string;
  uri: string;
  direction: Direction | undefined;
}

/** XEP-0339. */
export interface Source {
  ssrc: string;
  parameters: readonly (readonly [name: string, value: string])[];
}

export interface SourceGroup {
  semantics: string;
  ssrcs: readonly string[];
}

/** XEP-0320. */
export interface Fingerprint {
  hash: string;
  value: string;
  setup: string;
}

/** XEP-0176. */
export interface Candidate {
  foundation: string;
  component: string;
  protocol: string;
  priority: string;
  ip: string;
  port: string;
  type: string;
  generation: string;
  relatedAddress: string | undefined;
  relatedPort: string | undefined;
  tcpType: string | undefined;
}

export interface Transport {
  ufrag: string;
  pwd: string;
  fingerprint: Fingerprint | undefined;
  candidates: readonly Candidate[];
}

export interface Section {
  media: 'audio' | 'video';
  /** The name of the content. */
  mid: string;
  direction: Direction;
  codecs: readonly Codec[];
  /** For all codecs. */
  feedback: readonly Feedback[];
  extensions: readonly Extension[];
  mixedExtensions: boolean;
  sources: readonly Source[];
  groups: readonly SourceGroup[];
  transport: Transport;
  /** The other side does not want this medium; its place in a description stays. */
  rejected?: boolean;
}

/** A whole description: its sections in their order, and which of them share one transport (XEP-0338). */
export interface Description {
  sections: readonly Section[];
  bundle: readonly string[];
}

/** What the other side wrote can be used in no description. */
export class Unusable extends Error {
  constructor(what: string) {
    super(`unusable: ${what}`);
    this.name = 'Unusable';
  }
}

/** Visible ASCII without spaces: whatever comes from outside can end no line of a description and begin no other. */
const TOKEN = /^[\x21-\x7E]{1,256}$/u;
const LINE = /^[\x20-\x7E]{0,1024}$/u;

export function token(value: string | undefined, what: string): string {
  if (value === undefined || !TOKEN.test(value)) throw new Unusable(what);
  return value;
}

export function line(value: string, what: string): string {
  if (!LINE.test(value)) throw new Unusable(what);
  return value;
}

export function number(value: string | undefined, what: string): string {
  if (value === undefined || !/^\d{1,10}$/u.test(value)) throw new Unusable(what);
  return value;
}
