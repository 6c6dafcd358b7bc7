import { type Signal, signal } from '@preact/signals';
import { DESCRIPTORS, type Descriptor, bytesOf, smallOf } from '../protocol/files';
import { askOne } from './asked';
import { isOnline } from './connection';
import { type Size, sizeIn } from './picture_size';
import { ask, whenSignedOut } from './session';

/** Pictures that are shown; anything else is a file. */
const TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** Larger ones are files. */
const BYTES_MAX = 10 * 1024 * 1024;
const PIXELS_MAX = 50_000_000;
/** Whatever stands before the size of a JPEG is smaller. */
const HEAD_BYTES = 512 * 1024;
/** How a preview is drawn, in pixels. */
const WIDTH_MAX = 640;
const HEIGHT_MAX = 480;
const TYPE = 'image/webp';
const QUALITY = 0.85;
const PATIENCE_MS = 120_000;
const KNOWN_MAX = 150;
const AT_ONCE = 2;

export interface Thumbnail extends Size {
  url: string;
}

export const isPicture = (type: string, sizeBytes: number): boolean => TYPES.has(type) && sizeBytes <= BYTES_MAX;

/** Throws when it is no picture, or one that would take too much memory. */
async function checked(blob: Blob): Promise<Blob> {
  const size = sizeIn(new DataView(await blob.slice(0, HEAD_BYTES).arrayBuffer()));
  if (!size || size.width * size.height > PIXELS_MAX) throw new Error('not shown');
  return blob;
}

/** A picture drawn anew, small: the first one of those that move. Its address is to be given back. */
export async function thumbnailOf(blob: Blob): Promise<Thumbnail> {
  const image = await createImageBitmap(await checked(blob));
  const scale = Math.min(1, WIDTH_MAX / image.width, HEIGHT_MAX / image.height);
  const [width, height] = [Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale))];
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
  image.close();
  const small = await new Promise<Blob>((resolve, reject) => canvas.toBlob((made) => (made ? resolve(made) : reject(new Error('not drawn'))), TYPE, QUALITY));
  return { url: URL.createObjectURL(small), width, height };
}

/** The whole picture of a file: an address that is to be given back. */
export async function pictureOf(id: string, stop?: AbortSignal): Promise<string> {
  const blob = await ask<Blob>('GET', bytesOf(id), { as: 'blob', patienceMs: PATIENCE_MS, ...(stop && { signal: stop }) });
  return URL.createObjectURL(await checked(blob));
}

/** Of files: `undefined` while it is fetched, `null` where it cannot be shown. */
const known = new Map<string, Signal<Thumbnail | null | undefined>>();
const wanted: string[] = [];
let busy = 0;

export function thumbnail(id: string): Thumbnail | null | undefined {
  const there = known.get(id);
  if (there) return there.value;
  const made = signal<Thumbnail | null | undefined>(undefined);
  known.set(id, made);
  for (const old of known.keys()) {
    if (known.size <= KNOWN_MAX) break;
    release(old);
  }
  wanted.push(id);
  next();
  return made.value;
}

function next(): void {
  while (busy < AT_ONCE) {
    const id = wanted.pop();
    if (id === undefined) return;
    const into = known.get(id);
    if (!into) continue;
    busy += 1;
    void load(id, into).finally(() => {
      busy -= 1;
      next();
    });
  }
}

/** The box's small picture; where it has made none (yet), the whole one. */
async function fetched(id: string): Promise<Blob> {
  const { thumbnail500 } = await askOne<Descriptor>('GET', `${DESCRIPTORS}/${id}`);
  const path = thumbnail500?.availableThumbnail ? smallOf(id) : bytesOf(id);
  return ask<Blob>('GET', path, { as: 'blob', patienceMs: PATIENCE_MS });
}

async function load(id: string, into: Signal<Thumbnail | null | undefined>): Promise<void> {
  try {
    const made = await thumbnailOf(await fetched(id));
    if (known.get(id) === into) into.value = made;
    else URL.revokeObjectURL(made.url);
  } catch {
    if (isOnline.peek()) into.value = null;
    // Fetched when it is drawn anew and the box can be reached.
    else known.delete(id);
  }
}

export function release(id: string): void {
  const there = known.get(id)?.peek();
  if (there) URL.revokeObjectURL(there.url);
  known.delete(id);
}

whenSignedOut(() => {
  wanted.length = 0;
  for (const id of [...known.keys()]) release(id);
});
