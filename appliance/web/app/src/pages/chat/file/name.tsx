import type { IconName } from '../../../components/icon';
import { extensionOf } from '../../../protocol/files';
import { text } from '../../../state/language';
import { clean } from '../../../state/names';

/** A file's name as it may be shown. */
export const shownName = (name: string): string => clean(name) || text('file_unnamed');

/** What is too long is cut in the middle: the end says what it is. */
export function FileName({ name }: { name: string }) {
  const end = extensionOf(name.trim());
  const start = clean(end ? name.trim().slice(0, -end.length - 1) : name);
  return (
    <bdi class="filename" title={shownName(name)}>
      <span class="visually-hidden">{shownName(name)}</span>
      <span class="filename__start" aria-hidden="true">{start || text('file_unnamed')}</span>
      {end && <span class="filename__end" aria-hidden="true">.{end}</span>}
    </bdi>
  );
}

const ICONS: readonly (readonly [RegExp, IconName])[] = [
  [/^image\//u, 'picture'],
  [/^video\//u, 'film'],
  [/^audio\//u, 'sound'],
  [/zip|tar|compressed|rar|7z/u, 'archive'],
  [/^text\/|pdf|word|document|presentation|sheet|excel|powerpoint/u, 'text'],
];

export const iconOf = (type: string): IconName => ICONS.find(([pattern]) => pattern.test(type))?.[1] ?? 'file';
