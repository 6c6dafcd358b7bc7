import { bareOf } from '../protocol/markdown';

/** Longest name that is shown; what is longer was not made to be read. */
const LENGTH_MAX = 80;

/** Marks that turn the direction of what stands around them (Unicode TR 9), and characters that show nothing or break lines. */
const TRICKS = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;

/** A name as it may be shown: one line, no direction tricks, bounded. */
export function clean(name: string | null | undefined): string {
  const plain = (name ?? '').replace(TRICKS, ' ').replace(/\s+/gu, ' ').trim();
  const letters = [...plain];
  return letters.length > LENGTH_MAX ? `${letters.slice(0, LENGTH_MAX).join('')}…` : plain;
}

/** One line of a message, for lists. */
export function preview(text: string): string {
  return text.slice(0, 300).replace(TRICKS, ' ').replace(/\s+/gu, ' ').trim();
}

/** The same of a text that may have marks for how it looks, without them. */
export const oneLine = (text: string): string => preview(bareOf(text.slice(0, 300)));

const collators = new Map<string, Intl.Collator>();

/** Order of names as the reader's language has it. */
export function compare(one: string, other: string, language: string): number {
  const known = collators.get(language) ?? new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  collators.set(language, known);
  return known.compare(one, other);
}

/** Without accents and case: what a search looks at. */
export const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Where in a text something stands that a search finds there, as it is written in the text. */
export function placeOf(text: string, sought: string): { from: number; to: number } | undefined {
  const wanted = folded(sought);
  if (wanted === '') return undefined;
  // Of each part of the folded text, where what it came from begins and ends.
  const starts: number[] = [];
  const ends: number[] = [];
  let all = '';
  let at = 0;
  for (const character of text) {
    const part = folded(character);
    const end = at + character.length;
    // A mark that stands alone belongs to what it stands on.
    if (part === '' && ends.length > 0) ends[ends.length - 1] = end;
    for (let each = 0; each < part.length; each += 1) {
      starts.push(at);
      ends.push(end);
    }
    all += part;
    at = end;
  }
  const found = all.indexOf(wanted);
  const [from, to] = [starts[found], ends[found + wanted.length - 1]];
  return found < 0 || from === undefined || to === undefined ? undefined : { from, to };
}
