/** "Why does my call not work?": each hop in turn, told as soon as it is known. */

import { relays } from '../relays';
import { type Hop, isStun, isTls, isUdp, judgeAddress, judgeRelay, judgeRelayed, relayedOf } from './judge';
import { answers, echo, gather } from './ways';

/** Tells each hop; ends early, without a word, once nobody looks any more. */
export async function test(tell: (hop: Hop) => void, gone: () => boolean): Promise<void> {
  const servers = await relays();
  const stun = servers.filter(isStun);
  const turn = servers.filter((one) => isUdp(one) || isTls(one));
  // All at once: a server that does not answer is waited for once.
  const outside = gather(stun, 'all');
  const inside = turn.map(async (server) => ({ server, seen: await gather([server], 'relay') }));
  const mapped = await outside;
  if (gone()) return;
  if (stun.length > 0) tell(judgeAddress(mapped, stun.length));
  // By which a relay says that others reach it; by TLS alone it cannot be tried.
  const told = new Map<string, string>();
  for (const one of inside) {
    const { server, seen } = await one;
    const took = seen.candidates.length > 0 ? await echo(server) : undefined;
    if (gone()) return;
    tell(judgeRelay(server, seen, took));
    const relayed = isUdp(server) ? relayedOf(server, seen) : undefined;
    if (relayed) told.set(relayed.url, relayed.address);
  }
  const tried = await Promise.all([...told].map(async ([url, address]) => judgeRelayed(mapped, address, await answers(url))));
  if (!gone()) tried.forEach((hop) => hop && tell(hop));
}
