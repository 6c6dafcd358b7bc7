/** Descriptions of sessions as browsers write and read them (RFC 8866, RFC 8829). */
import type { Candidate, Codec, Description, Direction, Extension, Feedback, Section, Source, SourceGroup } from './section';

const END = '\r\n';
/** A port that means nothing: addresses are candidates (RFC 8840, 4.3). */
const NOWHERE = '9';
const REJECTED = '0';
const PROFILE = 'UDP/TLS/RTP/SAVPF';
const DIRECTIONS: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

interface Lines {
  head: string;
  /** Attributes in their order: name and what stands behind the colon. */
  attributes: (readonly [name: string, value: string])[];
}

function cut(sdp: string): Lines[] {
  const parts: Lines[] = [{ head: '', attributes: [] }];
  for (const line of sdp.split(/\r?\n/u)) {
    if (line.startsWith('m=')) parts.push({ head: line.slice(2), attributes: [] });
    if (!line.startsWith('a=')) continue;
    const colon = line.indexOf(':');
    parts[parts.length - 1]?.attributes.push(colon < 0 ? [line.slice(2), ''] : [line.slice(2, colon), line.slice(colon + 1)]);
  }
  return parts;
}

const all = (of: Lines, name: string): string[] => of.attributes.filter(([one]) => one === name).map(([, value]) => value);
const first = (of: Lines, name: string): string | undefined => all(of, name)[0];

/** `111 rest` apart. */
function apart(value: string): [string, string] {
  const space = value.indexOf(' ');
  return space < 0 ? [value, ''] : [value.slice(0, space), value.slice(space + 1)];
}

function parameters(fmtp: string | undefined): [string, string][] {
  if (!fmtp) return [];
  return fmtp.split(';').map((one) => one.trim()).filter(Boolean).map((one) => {
    const equals = one.indexOf('=');
    return equals < 0 ? ['', one] : [one.slice(0, equals), one.slice(equals + 1)];
  });
}

const feedbackOf = (of: Lines, id: string): Feedback[] =>
  all(of, 'rtcp-fb').map(apart).filter(([of]) => of === id).map(([, rest]) => {
    const [type, subtype] = apart(rest);
    return { type, subtype: subtype || undefined };
  });

function codecs(of: Lines): Codec[] {
  const [, , , ...ids] = of.head.split(' ');
  const maps = new Map(all(of, 'rtpmap').map(apart));
  const formats = new Map(all(of, 'fmtp').map(apart));
  return ids.flatMap((id) => {
    const [name = '', clockrate = '', channels] = (maps.get(id) ?? '').split('/');
    if (!name) return [];
    return [{ id, name, clockrate, channels: channels === '1' ? undefined : channels, parameters: parameters(formats.get(id)), feedback: feedbackOf(of, id) }];
  });
}

function extensions(of: Lines): Extension[] {
  return all(of, 'extmap').map((value) => {
    const [at, uri] = apart(value);
    const [id = '', direction] = at.split('/');
    return { id, uri: apart(uri)[0], direction: DIRECTIONS.includes(direction ?? '') ? (direction as Direction) : undefined };
  });
}

function sources(of: Lines): Source[] {
  const found = new Map<string, [string, string][]>();
  for (const [ssrc, rest] of all(of, 'ssrc').map(apart)) {
    const colon = rest.indexOf(':');
    const parameter: [string, string] = colon < 0 ? [rest, ''] : [rest.slice(0, colon), rest.slice(colon + 1)];
    found.set(ssrc, [...(found.get(ssrc) ?? []), parameter]);
  }
  return [...found].map(([ssrc, parameters]) => ({ ssrc, parameters }));
}

const groups = (of: Lines): SourceGroup[] =>
  all(of, 'ssrc-group').map((value) => {
    const [semantics, ...ssrcs] = value.split(' ');
    return { semantics: semantics ?? '', ssrcs };
  });

/** `candidate:...`, with or without the name before it; `undefined` for what is none. */
export function parseCandidate(text: string): Candidate | undefined {
  const [foundation, component, protocol, priority, ip, port, , type, ...more] = text.replace(/^(?:a=)?candidate:/u, '').trim().split(/\s+/u);
  if (!foundation || !component || !protocol || !priority || !ip || !port || !type) return undefined;
  const value = (name: string) => more.find((_, index) => index % 2 === 1 && more[index - 1] === name);
  return {
    foundation, component, protocol: protocol.toLowerCase(), priority, ip, port, type,
    generation: value('generation') ?? '0',
    relatedAddress: value('raddr'),
    relatedPort: value('rport'),
    tcpType: value('tcptype'),
  };
}

export function writeCandidate(one: Candidate): string {
  const related = one.relatedAddress === undefined ? '' : ` raddr ${one.relatedAddress} rport ${one.relatedPort ?? '0'}`;
  const tcp = one.tcpType === undefined ? '' : ` tcptype ${one.tcpType}`;
  return `candidate:${one.foundation} ${one.component} ${one.protocol} ${one.priority} ${one.ip} ${one.port} typ ${one.type}${related}${tcp} generation ${one.generation}`;
}

function section(of: Lines, session: Lines): Section | undefined {
  const media = of.head.split(' ')[0];
  const mid = first(of, 'mid');
  if ((media !== 'audio' && media !== 'video') || mid === undefined || of.head.split(' ')[1] === REJECTED) return undefined;
  const either = (name: string) => first(of, name) ?? first(session, name);
  const [hash, value] = apart(either('fingerprint') ?? '');
  return {
    media,
    mid,
    direction: (of.attributes.find(([name]) => DIRECTIONS.includes(name))?.[0] ?? 'sendrecv') as Direction,
    codecs: codecs(of),
    feedback: feedbackOf(of, '*'),
    extensions: extensions(of),
    mixedExtensions: either('extmap-allow-mixed') !== undefined,
    sources: sources(of),
    groups: groups(of),
    transport: {
      ufrag: either('ice-ufrag') ?? '',
      pwd: either('ice-pwd') ?? '',
      fingerprint: value ? { hash, value, setup: either('setup') ?? 'actpass' } : undefined,
      candidates: all(of, 'candidate').flatMap((one) => parseCandidate(one) ?? []),
    },
  };
}

/** Reads what a browser wrote. Sections of other kinds, and rejected ones, are left out. */
export function parse(sdp: string): Description {
  const [session, ...media] = cut(sdp);
  if (!session) return { sections: [], bundle: [] };
  const sections = media.flatMap((one) => section(one, session) ?? []);
  const bundle = all(session, 'group').map((value) => value.split(' ')).find(([semantics]) => semantics === 'BUNDLE')?.slice(1) ?? [];
  return { sections, bundle };
}

const spaced = (...words: (string | undefined)[]): string => words.filter(Boolean).join(' ');
const feedbackLines = (id: string, all: readonly Feedback[]) => all.map(({ type, subtype }) => `a=rtcp-fb:${spaced(id, type, subtype)}`);

function codecLines({ id, name, clockrate, channels, parameters, feedback }: Codec): string[] {
  const format = parameters.map(([key, value]) => (key === '' ? value : `${key}=${value}`)).join(';');
  return [
    `a=rtpmap:${id} ${name}/${clockrate}${channels === undefined ? '' : `/${channels}`}`,
    ...feedbackLines(id, feedback),
    ...(format ? [`a=fmtp:${id} ${format}`] : []),
  ];
}

function sectionLines(one: Section): string[] {
  const { ufrag, pwd, fingerprint, candidates } = one.transport;
  return [
    `m=${one.media} ${one.rejected ? REJECTED : NOWHERE} ${PROFILE} ${one.codecs.map((codec) => codec.id).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=rtcp:${NOWHERE} IN IP4 0.0.0.0`,
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    'a=ice-options:trickle',
    ...(fingerprint ? [`a=fingerprint:${fingerprint.hash} ${fingerprint.value}`, `a=setup:${fingerprint.setup}`] : []),
    `a=mid:${one.mid}`,
    ...one.extensions.map(({ id, uri, direction }) => `a=extmap:${id}${direction === undefined ? '' : `/${direction}`} ${uri}`),
    ...(one.mixedExtensions ? ['a=extmap-allow-mixed'] : []),
    `a=${one.direction}`,
    'a=rtcp-mux',
    ...feedbackLines('*', one.feedback),
    ...one.codecs.flatMap(codecLines),
    ...one.groups.map(({ semantics, ssrcs }) => `a=ssrc-group:${spaced(semantics, ...ssrcs)}`),
    ...one.sources.flatMap(({ ssrc, parameters }) => parameters.map(([name, value]) => `a=ssrc:${ssrc} ${name}${value ? `:${value}` : ''}`)),
    ...candidates.map((candidate) => `a=${writeCandidate(candidate)}`),
  ];
}

/** Writes what a browser reads. */
export function write({ sections, bundle }: Description): string {
  const session = ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', ...(bundle.length > 0 ? [`a=group:BUNDLE ${bundle.join(' ')}`] : []), 'a=msid-semantic: WMS *'];
  return [...session, ...sections.flatMap(sectionLines), ''].join(END);
}
