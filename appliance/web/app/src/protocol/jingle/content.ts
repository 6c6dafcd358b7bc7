/** Sections as contents of Jingle: XEP-0167, 0176, 0293, 0294, 0320, 0338, 0339. */
import xml, { type Element } from '@xmpp/xml';
import { NS } from '../namespaces';
import { type Candidate, type Codec, type Description, type Direction, type Extension, type Feedback, type Fingerprint, type Section, type Source, type SourceGroup, type Transport, Unusable, line, number, token } from './section';

/** More than any browser writes. */
const CONTENTS_MAX = 8;
const CODECS_MAX = 96;
const PARAMETERS_MAX = 32;
const SOURCES_MAX = 64;
const CANDIDATES_MAX = 64;

export type Role = 'initiator' | 'responder';

/** Who sends, by who writes of it: a description says what its writer does. */
export function senders(direction: Direction, writer: Role): string {
  if (direction === 'sendrecv') return 'both';
  if (direction === 'inactive') return 'none';
  const other = writer === 'initiator' ? 'responder' : 'initiator';
  return direction === 'sendonly' ? writer : other;
}

export function direction(senders: string | undefined, writer: Role): Direction {
  if (senders === undefined || senders === 'both') return 'sendrecv';
  if (senders === 'none') return 'inactive';
  return senders === writer ? 'sendonly' : 'recvonly';
}

const parameter = (xmlns: string, [name, value]: readonly [string, string]) => xml('parameter', { xmlns, name: name || undefined, value });
const feedbackElement = ({ type, subtype }: Feedback) => xml('rtcp-fb', { xmlns: NS.feedback, type, subtype });

const codecElement = ({ id, name, clockrate, channels, parameters, feedback }: Codec) =>
  xml('payload-type', { id, name, clockrate, channels }, ...parameters.map((one) => parameter(NS.rtp, one)), ...feedback.map(feedbackElement));

function description(of: Section, writer: Role): Element {
  return xml(
    'description',
    { xmlns: NS.rtp, media: of.media },
    ...of.codecs.map(codecElement),
    ...of.feedback.map(feedbackElement),
    ...of.extensions.map(({ id, uri, direction }) => xml('rtp-hdrext', { xmlns: NS.extensions, id, uri, senders: direction && senders(direction, writer) })),
    of.mixedExtensions && xml('extmap-allow-mixed', NS.extensions),
    ...of.groups.map(({ semantics, ssrcs }) => xml('ssrc-group', { xmlns: NS.sources, semantics }, ...ssrcs.map((ssrc) => xml('source', { ssrc })))),
    ...of.sources.map(({ ssrc, parameters }) => xml('source', { xmlns: NS.sources, ssrc }, ...parameters.map((one) => parameter(NS.sources, one)))),
    xml('rtcp-mux', null),
  );
}

const candidateElement = (one: Candidate) =>
  xml('candidate', {
    component: one.component, foundation: one.foundation, generation: one.generation, id: `${one.foundation}.${one.component}.${one.port}`,
    ip: one.ip, network: 0, port: one.port, priority: one.priority, protocol: one.protocol, type: one.type,
    'rel-addr': one.relatedAddress, 'rel-port': one.relatedPort, tcptype: one.tcpType,
  });

export function transportElement({ ufrag, pwd, fingerprint, candidates }: Transport): Element {
  const certificate = fingerprint && xml('fingerprint', { xmlns: NS.dtls, hash: fingerprint.hash, setup: fingerprint.setup }, fingerprint.value);
  return xml('transport', { xmlns: NS.ice, ufrag, pwd }, certificate, ...candidates.map(candidateElement));
}

/** A content; `creator` is who brought it into the session, `writer` who describes it now. */
export const contentElement = (of: Section, creator: Role, writer: Role): Element =>
  xml('content', { creator, name: of.mid, senders: senders(of.direction, writer) }, description(of, writer), transportElement(of.transport));

/** A content of which only the transport is told. */
export const transportOnly = (mid: string, creator: Role, transport: Transport): Element => xml('content', { creator, name: mid }, transportElement(transport));

export const groupElement = (bundle: readonly string[]): Element | undefined =>
  bundle.length > 0 ? xml('group', { xmlns: NS.grouping, semantics: 'BUNDLE' }, ...bundle.map((name) => xml('content', { name }))) : undefined;

function readParameters(of: Element, xmlns: string): [string, string][] {
  return of.getChildren('parameter', xmlns).slice(0, PARAMETERS_MAX).map(({ attrs }) => [attrs['name'] ? token(attrs['name'], 'parameter') : '', line(attrs['value'] ?? '', 'parameter')]);
}

const readFeedback = (of: Element): Feedback[] =>
  of.getChildren('rtcp-fb', NS.feedback).slice(0, PARAMETERS_MAX).map(({ attrs }) => ({ type: token(attrs['type'], 'rtcp-fb'), subtype: attrs['subtype'] === undefined ? undefined : token(attrs['subtype'], 'rtcp-fb') }));

function readCodec(of: Element): Codec {
  const { id, name, clockrate, channels } = of.attrs;
  return {
    id: number(id, 'payload-type'),
    name: token(name, 'name'),
    clockrate: number(clockrate ?? '8000', 'clockrate'),
    channels: channels === undefined || channels === '1' ? undefined : number(channels, 'channels'),
    parameters: readParameters(of, NS.rtp),
    feedback: readFeedback(of),
  };
}

function readExtension({ attrs }: Element, writer: Role): Extension {
  return { id: number(attrs['id'], 'rtp-hdrext'), uri: token(attrs['uri'], 'rtp-hdrext'), direction: attrs['senders'] === undefined ? undefined : direction(attrs['senders'], writer) };
}

const readSource = (of: Element): Source => ({ ssrc: number(of.attrs['ssrc'], 'ssrc'), parameters: readParameters(of, NS.sources) });

const readGroup = (of: Element): SourceGroup => ({
  semantics: token(of.attrs['semantics'], 'ssrc-group'),
  ssrcs: of.getChildren('source', NS.sources).slice(0, SOURCES_MAX).map(({ attrs }) => number(attrs['ssrc'], 'ssrc')),
});

const optional = (value: string | undefined, what: string) => (value === undefined ? undefined : token(value, what));

/** `undefined` for a candidate that no browser could use. */
function readCandidate({ attrs }: Element): Candidate | undefined {
  try {
    return {
      foundation: token(attrs['foundation'], 'foundation'),
      component: number(attrs['component'], 'component'),
      protocol: token(attrs['protocol'], 'protocol').toLowerCase(),
      priority: number(attrs['priority'], 'priority'),
      ip: token(attrs['ip'], 'ip'),
      port: number(attrs['port'], 'port'),
      type: token(attrs['type'], 'type'),
      generation: number(attrs['generation'] ?? '0', 'generation'),
      relatedAddress: optional(attrs['rel-addr'], 'rel-addr'),
      relatedPort: optional(attrs['rel-port'], 'rel-port'),
      tcpType: optional(attrs['tcptype'], 'tcptype'),
    };
  } catch {
    return undefined;
  }
}

/** The transport of a content; of a step that only tells candidates its name and secret may be missing. */
export function readTransport(content: Element): Transport | undefined {
  const transport = content.getChild('transport', NS.ice);
  if (!transport) return undefined;
  const { ufrag, pwd } = transport.attrs;
  return {
    ufrag: ufrag === undefined ? '' : token(ufrag, 'ufrag'),
    pwd: pwd === undefined ? '' : token(pwd, 'pwd'),
    fingerprint: readFingerprint(transport),
    candidates: transport.getChildren('candidate').slice(0, CANDIDATES_MAX).flatMap((one) => readCandidate(one) ?? []),
  };
}

function readFingerprint(transport: Element): Fingerprint | undefined {
  const found = transport.getChild('fingerprint', NS.dtls);
  if (!found) return undefined;
  const value = found.getText().trim().toUpperCase();
  if (!/^[\dA-F]{2}(?::[\dA-F]{2}){15,63}$/u.test(value)) throw new Unusable('fingerprint');
  return { hash: token(found.attrs['hash'], 'hash').toLowerCase(), value, setup: token(found.attrs['setup'] ?? 'actpass', 'setup') };
}

function readContent(content: Element, writer: Role): Section {
  const described = content.getChild('description', NS.rtp);
  const transport = readTransport(content);
  const media = described?.attrs['media'];
  if (!described || !transport || (media !== 'audio' && media !== 'video')) throw new Unusable('content');
  // E3: DTLS-SRTP or nothing.
  if (!transport.fingerprint || !transport.ufrag || !transport.pwd) throw new Unusable('transport');
  const codecs = described.getChildren('payload-type').slice(0, CODECS_MAX).map(readCodec);
  if (codecs.length === 0) throw new Unusable('payload-type');
  return {
    media,
    mid: nameOf(content),
    direction: direction(content.attrs['senders'], writer),
    codecs,
    feedback: readFeedback(described),
    extensions: described.getChildren('rtp-hdrext', NS.extensions).slice(0, PARAMETERS_MAX).map((one) => readExtension(one, writer)),
    mixedExtensions: described.getChild('extmap-allow-mixed', NS.extensions) !== undefined,
    sources: described.getChildren('source', NS.sources).slice(0, SOURCES_MAX).map(readSource),
    groups: described.getChildren('ssrc-group', NS.sources).slice(0, SOURCES_MAX).map(readGroup),
    transport,
  };
}

/** The name of a content, which is the name of a section. */
export function nameOf(content: Element): string {
  const name = content.attrs['name'] ?? '';
  if (!/^[\w.-]{1,64}$/u.test(name)) throw new Unusable('name');
  return name;
}

export const contentsOf = (jingle: Element): Element[] => jingle.getChildren('content', NS.jingle).slice(0, CONTENTS_MAX);

/** What the `writer` of a step describes. Throws [`Unusable`] for what no browser could take. */
export function readDescription(jingle: Element, writer: Role): Description {
  const sections = contentsOf(jingle).map((content) => readContent(content, writer));
  if (sections.length === 0 || new Set(sections.map((one) => one.mid)).size < sections.length) throw new Unusable('contents');
  const group = jingle.getChildren('group', NS.grouping).find(({ attrs }) => attrs['semantics'] === 'BUNDLE');
  const named = (group?.getChildren('content') ?? []).slice(0, CONTENTS_MAX).map(nameOf);
  return { sections, bundle: named.filter((name) => sections.some((one) => one.mid === name)) };
}
