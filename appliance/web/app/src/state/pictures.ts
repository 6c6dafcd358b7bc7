import { type Signal, signal } from '@preact/signals';
import type { Bubble } from './bubbles';
import { isOnline } from './connection';
import { ask, whenSignedOut } from './session';

/** Pictures of bubbles as addresses that an image takes: the box gives them to who is signed in, which an image cannot say. */
const known = new Map<string, Signal<string | undefined>>();
const PICTURES_MAX = 300;
/** Edge of a picture as it is sent, in pixels: what is shown nowhere larger needs no more. */
const EDGE_PX = 256;
const TYPE = 'image/jpeg';
const QUALITY = 0.9;

export function picture(one: Bubble): string | undefined {
  if (one.pictureMs === undefined) return undefined;
  const key = `${one.id} ${one.pictureMs}`;
  const there = known.get(key);
  if (there) return there.value;
  const made = signal<string | undefined>(undefined);
  known.set(key, made);
  makeRoom();
  void fetchPicture(one.id, key, made);
  return made.value;
}

async function fetchPicture(id: string, key: string, into: Signal<string | undefined>): Promise<void> {
  try {
    const blob = await ask<Blob>('GET', `/api/edge/v1/rooms/${id}/avatar`, { as: 'blob' });
    if (known.get(key) === into) into.value = URL.createObjectURL(blob);
  } catch {
    // Asked for again when it is drawn anew and the box can be reached; letters stand there until then.
    if (!isOnline.peek()) known.delete(key);
  }
}

/** The oldest go; whoever shows them asks again. */
function makeRoom(): void {
  for (const [key, of] of known) {
    if (known.size <= PICTURES_MAX) return;
    release(key, of);
  }
}

function release(key: string, of: Signal<string | undefined>): void {
  if (of.peek()) URL.revokeObjectURL(of.peek() ?? '');
  known.delete(key);
}

/**
 * The middle of a picture, in the size that is shown, drawn anew: so nothing else that stood in the file (where it was taken,
 * by whom) leaves the device. Throws when it is no picture.
 */
export async function drawn(file: Blob): Promise<Blob> {
  const image = await createImageBitmap(file);
  const edge = Math.min(image.width, image.height);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = EDGE_PX;
  const paper = canvas.getContext('2d');
  if (!paper || edge === 0) throw new Error('nothing to draw');
  paper.fillStyle = '#fff';
  paper.fillRect(0, 0, EDGE_PX, EDGE_PX);
  paper.drawImage(image, (image.width - edge) / 2, (image.height - edge) / 2, edge, edge, 0, 0, EDGE_PX, EDGE_PX);
  image.close();
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('not drawn'))), TYPE, QUALITY));
}

whenSignedOut(() => {
  for (const [key, of] of known) release(key, of);
});
