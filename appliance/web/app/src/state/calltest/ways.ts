/** How this browser gets to the relays of the box: what it gathers, and an echo through a relay alone. */

import type { IceServer } from '../relays';

export interface Seen {
  candidates: RTCIceCandidate[];
  /** What servers refused, or that they did not answer. */
  errors: { url: string; code: number }[];
  /** Whether all servers have answered, or were given up. */
  complete: boolean;
}

/** Longer than a browser asks a server that does not answer. */
const GATHER_WITHIN_MS = 11_000;
/** Long enough for a question that is lost twice. */
const ANSWER_WITHIN_MS = 4_000;
const ECHO_WITHIN_MS = 8_000;
const WORDS = 'rainbow-edge';

/** Everything that a browser finds with these servers. */
export async function gather(servers: IceServer[], policy: RTCIceTransportPolicy, withinMs = GATHER_WITHIN_MS): Promise<Seen> {
  const peer = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: policy });
  const seen: Seen = { candidates: [], errors: [], complete: false };
  try {
    const done = new Promise<void>((resolve) => {
      setTimeout(resolve, withinMs);
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate) seen.candidates.push(candidate);
        else if (candidate === null) {
          seen.complete = true;
          resolve();
        }
      };
      peer.onicecandidateerror = ({ url, errorCode }) => seen.errors.push({ url, code: errorCode });
    });
    peer.createDataChannel(WORDS);
    await peer.setLocalDescription(await peer.createOffer());
    await done;
  } finally {
    peer.close();
  }
  return seen;
}

/** Whether somebody at `stun:HOST:PORT` tells addresses: a browser that has asked in vain is not done in this time. */
export async function answers(url: string): Promise<boolean> {
  return (await gather([{ urls: url }], 'all', ANSWER_WITHIN_MS)).complete;
}

/** Milliseconds from one end of a call to the other and back, both of them here, through the relay alone; `undefined`: nothing came back. */
export async function echo(server: IceServer): Promise<number | undefined> {
  const setting: RTCConfiguration = { iceServers: [server], iceTransportPolicy: 'relay' };
  const [near, far] = [new RTCPeerConnection(setting), new RTCPeerConnection(setting)];
  try {
    const took = echoed(near, far);
    await connect(near, far);
    return await took;
  } catch {
    return undefined;
  } finally {
    near.close();
    far.close();
  }
}

function echoed(near: RTCPeerConnection, far: RTCPeerConnection): Promise<number | undefined> {
  const channel = near.createDataChannel(WORDS);
  far.ondatachannel = ({ channel: other }) => {
    other.onmessage = ({ data }) => other.send(data as string);
  };
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ECHO_WITHIN_MS);
    let sentAt = 0;
    channel.onopen = () => {
      sentAt = performance.now();
      channel.send(WORDS);
    };
    channel.onmessage = () => resolve(performance.now() - sentAt);
  });
}

async function connect(near: RTCPeerConnection, far: RTCPeerConnection): Promise<void> {
  const pass = (from: RTCPeerConnection, to: RTCPeerConnection) => {
    from.onicecandidate = ({ candidate }) => {
      // One that comes when both are closed is nobody's any more.
      if (candidate) to.addIceCandidate(candidate).catch(() => undefined);
    };
  };
  const offer = await near.createOffer();
  await far.setRemoteDescription(offer);
  pass(near, far);
  pass(far, near);
  await near.setLocalDescription(offer);
  const answer = await far.createAnswer();
  await near.setRemoteDescription(answer);
  await far.setLocalDescription(answer);
}
