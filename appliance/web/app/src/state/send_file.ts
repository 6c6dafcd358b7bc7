import { idOf, isBubble } from '../protocol/bubbles';
import { CODE, DESCRIPTORS, type Descriptor, type Progress, type Viewer, bytesOf, extensionOf, progressOf } from '../protocol/files';
import { Refusal } from '../protocol/rest';
import { put } from '../protocol/upload';
import { askOne } from './asked';
import { taking } from './files';
import { ask, asWho } from './session';

/** Parts of this size where the box has not said how large they may be. */
const PART_BYTES = 256 * 1024;
/** The end of an upload waits for the box's disk. */
const PATIENCE_MS = 60_000;

interface Sent {
  peer: string;
  name: string;
  sizeBytes: number;
  fileId?: string | undefined;
}

interface Told {
  /** The box knows it under this id. */
  known: (fileId: string) => void;
  /** So many bytes of it have left. */
  sent: (bytes: number) => void;
}

const viewerOf = (peer: string): Viewer => (isBubble(peer) ? { viewerId: idOf(peer), type: 'room' } : { viewerId: peer, type: 'user' });

async function announce({ peer, name, sizeBytes }: Sent, signal: AbortSignal): Promise<string> {
  const body = { fileName: name, extension: extensionOf(name), size: sizeBytes, viewers: [viewerOf(peer)] };
  return (await askOne<Descriptor>('POST', DESCRIPTORS, { body, signal })).id;
}

/** Where it goes on; `undefined` when nothing is left to be sent. */
async function reached(id: string, signal: AbortSignal): Promise<Progress | undefined> {
  try {
    return await askOne<Progress>('GET', progressOf(id), { signal });
  } catch (failure) {
    if (failure instanceof Refusal && [CODE.uploaded, CODE.refused].some((code) => code === failure.detailsCode)) return undefined;
    throw failure;
  }
}

/** Announces a file and sends it in parts, or goes on where it was; ends when the box has all of it. */
export async function send(one: Sent, source: File, signal: AbortSignal, told: Told): Promise<void> {
  const begun = one.fileId;
  const from = begun ? await reached(begun, signal).catch(orAnew) : 'anew';
  if (from === undefined) return;
  const id = from !== 'anew' && begun ? begun : await announce(one, signal);
  told.known(id);
  let { nextPart, receivedBytes } = from === 'anew' ? { nextPart: 0, receivedBytes: 0 } : from;
  told.sent(receivedBytes);
  while (nextPart === 0 || receivedBytes < source.size) {
    const part = source.slice(receivedBytes, receivedBytes + (taking.peek() ?? PART_BYTES));
    const [path, before] = [`${bytesOf(id)}/parts/${nextPart}`, receivedBytes];
    await asWho((authorization) => put(path, part, { authorization, signal, sent: (bytes) => told.sent(Math.min(before + bytes, source.size)) }));
    receivedBytes += part.size;
    nextPart += 1;
  }
  await ask('PUT', `${bytesOf(id)}/parts/end`, { signal, patienceMs: PATIENCE_MS });
}

/** It was deleted, or forgotten after a day. */
function orAnew(failure: unknown): 'anew' {
  if (failure instanceof Refusal && failure.status === 404) return 'anew';
  throw failure;
}
