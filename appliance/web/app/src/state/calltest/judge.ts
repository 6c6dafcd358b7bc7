/** What the findings mean: pure, so that each sentence can be looked up by what led to it. */

import type { StringKey } from '../language';
import type { IceServer } from '../relays';
import type { Seen } from './ways';

export type Grade = 'good' | 'warn' | 'bad';

/** One hop of a call's way, in words. */
export interface Hop {
  name: StringKey;
  grade: Grade;
  told: StringKey;
  values?: Record<string, string>;
}

/** A server refuses what it was shown. */
const UNAUTHORIZED = 401;
const QUOTA = 486;
const CAPACITY = 508;

const isPrivate = (address: string): boolean =>
  /^(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./u.test(address) || /^(?:f[cd]|fe80|::1$)/iu.test(address);

export const isStun = (server: IceServer): boolean => server.urls.startsWith('stun:');
export const isUdp = (server: IceServer): boolean => server.urls.startsWith('turn:');
export const isTls = (server: IceServer): boolean => server.urls.startsWith('turns:');

/** Host and port of `turn:HOST:PORT?transport=udp`. */
export const placeOf = (server: IceServer): string => server.urls.replace(/^[a-z]+:/u, '').replace(/\?.*$/u, '');

/** How this device is seen from outside. */
export function judgeAddress({ candidates }: Seen, asked: number): Hop {
  const name: StringKey = 'calltest_address';
  const mapped = candidates.filter((one) => one.type === 'srflx');
  // Without a NAT in between the address from outside is the device's own, and told once.
  if (mapped.length === 0) return { name, grade: 'good', told: candidates.length > 0 ? 'calltest_address_own' : 'calltest_address_unknown' };
  const values = { address: [...new Set(mapped.map((one) => one.address ?? ''))].join(', ') };
  return asked > 1 && isSymmetric(candidates, mapped)
    ? { name, grade: 'warn', told: 'calltest_address_symmetric', values }
    : { name, grade: 'good', told: 'calltest_address_seen', values };
}

/** Two servers, asked from one socket, see two ports or addresses of one family: nobody else can send there. */
function isSymmetric(candidates: readonly RTCIceCandidate[], mapped: readonly RTCIceCandidate[]): boolean {
  const networks = candidates.filter((one) => one.type === 'host' && one.protocol === 'udp').length;
  const seen = new Map<string, Set<string>>();
  for (const { foundation, address, port } of mapped) {
    // A device in several networks is seen by several addresses; each network has a name of its own (RFC 8445, 5.1.1.3).
    const of = `${networks > 1 ? foundation : ''} ${(address ?? '').includes(':')}`;
    seen.set(of, (seen.get(of) ?? new Set<string>()).add(`${address} ${port}`));
  }
  return [...seen.values()].some((places) => places.size > 1);
}

/** Whether a relay lets itself be used, and whether what is sent there arrives. */
export function judgeRelay(server: IceServer, seen: Seen, echoMs: number | undefined): Hop {
  const name: StringKey = isTls(server) ? 'calltest_tls' : 'calltest_udp';
  const values = { place: placeOf(server) };
  const relayed = seen.candidates.filter((one) => one.type === 'relay');
  if (relayed.length === 0) return { name, grade: 'bad', told: whyNoRelay(server, seen), values };
  if (echoMs === undefined) return { name, grade: 'bad', told: 'calltest_no_echo', values: { ...values, address: relayed[0]?.address ?? '' } };
  return { name, grade: 'good', told: 'calltest_works', values: { ...values, time: String(Math.round(echoMs)) } };
}

function whyNoRelay(server: IceServer, { errors }: Seen): StringKey {
  const codes = errors.map((one) => one.code);
  if (codes.includes(UNAUTHORIZED)) return 'calltest_refused';
  if (codes.includes(QUOTA) || codes.includes(CAPACITY)) return 'calltest_full';
  return isTls(server) ? 'calltest_tls_blocked' : 'calltest_udp_blocked';
}

/** The relayed address and where a relay would answer there, if it is the one by which others reach it. */
export function relayedOf(server: IceServer, { candidates }: Seen): { address: string; url: string } | undefined {
  const address = candidates.find((one) => one.type === 'relay')?.address;
  if (!address) return undefined;
  const port = /:(\d+)$/u.exec(placeOf(server))?.[1] ?? '3478';
  return { address, url: `stun:${address.includes(':') ? `[${address}]` : address}:${port}` };
}

/** A relay that tells others an address of its own network, to somebody who is outside of it, or one where it does not answer. */
export function judgeRelayed(outside: Seen, address: string, answers: boolean): Hop | undefined {
  const mapped = outside.candidates.find((one) => one.type === 'srflx')?.address ?? '';
  const isInside = mapped !== '' && !isPrivate(mapped) && isPrivate(address);
  if (answers && !isInside) return undefined;
  return { name: 'calltest_relayed', grade: 'warn', told: isInside ? 'calltest_relayed_private' : 'calltest_relayed_unreached', values: { address } };
}

/** All together, in one sentence. */
export function verdict(hops: readonly Hop[]): { grade: Grade; told: StringKey } {
  const ways = hops.filter((hop) => hop.name === 'calltest_udp' || hop.name === 'calltest_tls');
  const works = (name: StringKey) => ways.some((hop) => hop.name === name && hop.grade === 'good');
  if (works('calltest_udp')) return { grade: 'good', told: 'calltest_all_good' };
  if (works('calltest_tls')) return { grade: 'warn', told: 'calltest_all_slow' };
  return { grade: 'bad', told: ways.length === 0 ? 'calltest_all_none' : 'calltest_all_bad' };
}
