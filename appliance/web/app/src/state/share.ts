import { idOf, isBubble } from '../protocol/bubbles';
import { type Attached, DESCRIPTORS, type Descriptor, type Viewer } from '../protocol/files';
import { Refusal } from '../protocol/rest';
import { askOne } from './asked';
import { describe } from './files';
import { type Forwarded, freshId, write } from './outbox';
import { NoRoom } from './no_room';
import { isMe } from './people';
import { ask } from './session';

export const viewerOf = (peer: string): Viewer => (isBubble(peer) ? { viewerId: idOf(peer), type: 'room' } : { viewerId: peer, type: 'user' });

/** A file that may be shown to others: one's own as it is, of somebody else's a copy, which is then one's own. */
async function own(id: string): Promise<Descriptor> {
  const there = await describe(id);
  return isMe(there.ownerId) ? there : askOne<Descriptor>('POST', `${DESCRIPTORS}/${id}/copy`, { body: {} });
}

async function shown(id: string, peer: string): Promise<Attached> {
  const file = await own(id);
  try {
    await ask('POST', `${DESCRIPTORS}/${file.id}/viewers`, { body: viewerOf(peer) });
  } catch (failure) {
    // It is shown there already.
    if (!(failure instanceof Refusal) || failure.status !== 409) throw failure;
  }
  return { id: file.id, name: file.fileName, type: file.typeMIME, sizeBytes: file.size };
}

/** Says something into another conversation; a file with it is shown there first. Answers which file that is: one's own, or a copy. */
export async function pass(peer: string, body: string, fileId: string | undefined, forwards?: Forwarded): Promise<string | undefined> {
  const file = fileId === undefined ? undefined : await shown(fileId, peer);
  if (!write(peer, body || (file?.name ?? ''), { file, forwards }, freshId())) throw new NoRoom();
  return file?.id;
}

/** Nobody there sees it any more; for others it stays. */
export async function unshare(id: string, viewer: Viewer): Promise<void> {
  await ask('DELETE', `${DESCRIPTORS}/${id}/viewers/${viewer.viewerId}`);
}
