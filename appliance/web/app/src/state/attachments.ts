import { type Signal, signal } from '@preact/signals';
import { whenSignedOut } from './session';
import { type Thumbnail, isPicture, thumbnailOf } from './thumbnails';

/** A file that goes with the next message of a conversation. */
export interface Chosen {
  key: number;
  file: File;
  /** What it is called there: pasted ones have no name of their own. */
  name: string;
  preview: Signal<Thumbnail | undefined>;
}

export const CHOSEN_MAX = 20;

const all = signal<ReadonlyMap<string, readonly Chosen[]>>(new Map());
const NONE: readonly Chosen[] = [];
let last = 0;

export const chosen = (peer: string): readonly Chosen[] => all.value.get(peer) ?? NONE;

function put(peer: string, those: readonly Chosen[]): void {
  const map = new Map(all.value);
  if (those.length > 0) map.set(peer, those);
  else map.delete(peer);
  all.value = map;
}

/** `false`: not all of them, there is a limit. */
export function choose(peer: string, files: readonly { file: File; name: string }[]): boolean {
  const room = CHOSEN_MAX - chosen(peer).length;
  const fresh = files.slice(0, room).map(({ file, name }): Chosen => ({ key: ++last, file, name, preview: signal<Thumbnail | undefined>(undefined) }));
  put(peer, [...chosen(peer), ...fresh]);
  for (const one of fresh) if (isPicture(one.file.type, one.file.size)) void draw(peer, one);
  return files.length <= room;
}

async function draw(peer: string, one: Chosen): Promise<void> {
  const made = await thumbnailOf(one.file).catch(() => undefined);
  if (made && !chosen(peer).includes(one)) URL.revokeObjectURL(made.url);
  else one.preview.value = made;
}

const release = ({ preview }: Chosen): void => URL.revokeObjectURL(preview.peek()?.url ?? '');

export function unchoose(peer: string, one: Chosen): void {
  release(one);
  put(peer, chosen(peer).filter((other) => other !== one));
}

/** They are on their way. */
export function takeChosen(peer: string): readonly Chosen[] {
  const taken = chosen(peer);
  taken.forEach(release);
  put(peer, []);
  return taken;
}

whenSignedOut(() => {
  for (const peer of [...all.value.keys()]) takeChosen(peer);
});
