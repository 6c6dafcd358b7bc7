/** "Why does my call not work?": each hop in turn, told as soon as it is known. */

import { ask } from '../session';
import { type Hop, isStun, isTls, isUdp, judgeAddress, judgeRelay, judgeRelayed } from './judge';
import { type IceServer, type Seen, echo, gather } from './ways';

const readServers = async (): Promise<IceServer[]> =>
  (await ask<{ data: IceServer[] }>('GET', '/api/rainbow/geolocation/v1.0/settings/iceservers')).data;

/** Tells each hop; ends early, without a word, once nobody looks any more. */
export async function test(tell: (hop: Hop) => void, gone: () => boolean): Promise<void> {
  const servers = await readServers();
  const stun = servers.filter(isStun);
  const outside = stun.length > 0 ? await gather(stun, 'all') : { candidates: [], errors: [] };
  if (gone()) return;
  if (stun.length > 0) tell(judgeAddress(outside, stun.length));
  const relays: Seen[] = [];
  for (const server of servers.filter((one) => isUdp(one) || isTls(one))) {
    const seen = await gather([server], 'relay');
    const took = seen.candidates.length > 0 ? await echo(server) : undefined;
    if (gone()) return;
    relays.push(seen);
    tell(judgeRelay(server, seen, took));
  }
  const relayed = judgeRelayed(outside, relays);
  if (relayed) tell(relayed);
}
