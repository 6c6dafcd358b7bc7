/**
 * Text with marks, as far as messages need it: bold, italics, struck through, code, lists, quotes, headings as bold lines, links.
 * It becomes a tree of words and never markup; what is no mark stays as it was typed.
 */
export type Inline =
  | { is: 'text'; text: string }
  | { is: 'bold' | 'italic' | 'struck'; parts: readonly Inline[] }
  | { is: 'code'; text: string }
  | { is: 'link'; text: string; to: string };

export type Block =
  | { is: 'lines'; lines: readonly (readonly Inline[])[] }
  | { is: 'heading'; parts: readonly Inline[] }
  | { is: 'list'; ordered: boolean; first: number; items: readonly (readonly Inline[])[] }
  | { is: 'quote'; blocks: readonly Block[] }
  | { is: 'code'; text: string };

const FENCE = /^\s{0,3}```[\w+-]{0,20}\s*$/u;
const BULLET = /^\s{0,8}[-*+]\s+(\S.*)$/u;
const NUMBER = /^\s{0,8}(\d{1,4})[.)]\s+(\S.*)$/u;
const QUOTE = /^\s{0,3}>\s?(.*)$/u;
const HEADING = /^#{1,6}\s+(\S.*)$/u;
const DEPTH_MAX = 6;

/** What one mark encloses: it touches what it encloses, and no letter stands outside of it, as in `snake_case_name`. */
const MARKS = [
  { is: 'code', pattern: /`([^`\n]{1,500})`/gu },
  { is: 'link', pattern: /\[([^[\]\n]{1,200})\]\((https?:\/\/[^\s()<>"]{1,1000}(?:\([^\s()<>"]{0,200}\)[^\s()<>"]{0,200})?)\)/gu },
  { is: 'bold', pattern: /\*\*(?=\S)([^\n]{0,1000}?\S)\*\*(?!\*)/gu },
  { is: 'bold', pattern: /(?<![\p{L}\p{N}_])__(?=\S)([^\n]{0,1000}?\S)__(?![\p{L}\p{N}_])/gu },
  { is: 'struck', pattern: /~~(?=\S)([^\n]{0,1000}?\S)~~/gu },
  { is: 'italic', pattern: /(?<![\p{L}\p{N}*])\*(?=[^\s*])([^*\n]{0,1000}?[^\s*])\*(?![\p{L}\p{N}*])/gu },
  { is: 'italic', pattern: /(?<![\p{L}\p{N}_])_(?=[^\s_])([^_\n]{0,1000}?[^\s_])_(?![\p{L}\p{N}_])/gu },
] as const;
type Mark = (typeof MARKS)[number];

/** Addresses hold marks that are none. */
const ADDRESS = /https?:\/\/\S+/gu;
/** Parts of one line; what follows stays as it was typed. */
const PARTS_MAX = 500;

/** The next mark of each kind, looked for again only once the one before is passed: a line is gone through a few times, not once a mark. */
class Marks {
  private readonly next = new Map<Mark, RegExpExecArray | null>();
  private readonly addresses: readonly (readonly [number, number])[];

  constructor(private readonly text: string) {
    this.addresses = [...text.matchAll(ADDRESS)].map((match) => [match.index, match.index + match[0].length]);
  }

  /** The first one from a place on. */
  from(at: number): { is: Mark['is']; match: RegExpExecArray } | undefined {
    let best: { is: Mark['is']; match: RegExpExecArray } | undefined;
    for (const mark of MARKS) {
      const match = this.of(mark, at);
      if (match && (!best || match.index < best.match.index)) best = { is: mark.is, match };
    }
    return best;
  }

  private of(mark: Mark, at: number): RegExpExecArray | null {
    const known = this.next.get(mark);
    if (known === null || (known && known.index >= at)) return known;
    mark.pattern.lastIndex = at;
    let match = mark.pattern.exec(this.text);
    while (match && this.isInAddress(match.index)) match = mark.pattern.exec(this.text);
    this.next.set(mark, match);
    return match;
  }

  private isInAddress(place: number): boolean {
    return this.addresses.some(([start, end]) => start <= place && place < end);
  }
}

export function inlineOf(text: string, depth = 0): Inline[] {
  const parts: Inline[] = [];
  const marks = new Marks(text);
  let at = 0;
  while (depth < DEPTH_MAX && parts.length < PARTS_MAX) {
    const found = marks.from(at);
    if (!found) break;
    const { is, match } = found;
    const inside = match[1] ?? '';
    if (match.index > at) parts.push({ is: 'text', text: text.slice(at, match.index) });
    if (is === 'code') parts.push({ is, text: inside });
    else if (is === 'link') parts.push({ is, text: inside, to: match[2] ?? '' });
    else parts.push({ is, parts: inlineOf(inside, depth + 1) });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ is: 'text', text: text.slice(at) });
  return parts;
}

/** Lines from `at` on that a pattern knows, without what it takes off. */
function run(lines: readonly string[], at: number, pattern: RegExp, group: number): string[] {
  const found: string[] = [];
  for (let line = lines[at + found.length]; line !== undefined; line = lines[at + found.length]) {
    const match = pattern.exec(line);
    if (!match) break;
    found.push(match[group] ?? '');
  }
  return found;
}

/** The block that begins on a line, and how many lines it has; none where words begin. */
function blockAt(lines: readonly string[], at: number, depth: number): { block: Block; length: number } | undefined {
  const line = lines[at] ?? '';
  if (FENCE.test(line)) {
    const end = lines.findIndex((one, index) => index > at && FENCE.test(one));
    return end < 0 ? undefined : { block: { is: 'code', text: lines.slice(at + 1, end).join('\n') }, length: end - at + 1 };
  }
  const heading = HEADING.exec(line)?.[1];
  if (heading !== undefined) return { block: { is: 'heading', parts: inlineOf(heading) }, length: 1 };
  const quoted = depth < DEPTH_MAX ? run(lines, at, QUOTE, 1) : [];
  if (quoted.length > 0) return { block: { is: 'quote', blocks: blocksOf(quoted.join('\n'), depth + 1) }, length: quoted.length };
  const bullets = run(lines, at, BULLET, 1);
  if (bullets.length > 0) return { block: { is: 'list', ordered: false, first: 1, items: bullets.map((one) => inlineOf(one)) }, length: bullets.length };
  const numbers = run(lines, at, NUMBER, 2);
  if (numbers.length === 0) return undefined;
  return { block: { is: 'list', ordered: true, first: Number(NUMBER.exec(line)?.[1] ?? 1), items: numbers.map((one) => inlineOf(one)) }, length: numbers.length };
}

export function blocksOf(text: string, depth = 0): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let words: string[] = [];
  const close = () => {
    while (words.at(-1)?.trim() === '') words.pop();
    while (words[0]?.trim() === '') words.shift();
    if (words.length > 0) blocks.push({ is: 'lines', lines: words.map((line) => inlineOf(line)) });
    words = [];
  };
  for (let at = 0; at < lines.length; ) {
    const found = blockAt(lines, at, depth);
    if (!found) words.push(lines[at] ?? '');
    else {
      close();
      blocks.push(found.block);
    }
    at += found?.length ?? 1;
  }
  close();
  return blocks;
}

/** Whether a text has any mark: only then it is said to be of that kind. */
export function isMarkdown(text: string): boolean {
  return blocksOf(text).some((block) => block.is !== 'lines' || block.lines.some((line) => line.some((part) => part.is !== 'text')));
}

const bare = (parts: readonly Inline[]): string => parts.map((one) => (one.is === 'text' || one.is === 'code' || one.is === 'link' ? one.text : bare(one.parts))).join('');

function bareBlock(block: Block): string {
  if (block.is === 'code') return block.text;
  if (block.is === 'heading') return bare(block.parts);
  if (block.is === 'quote') return block.blocks.map(bareBlock).join(' ');
  return (block.is === 'list' ? block.items.map((one) => `• ${bare(one)}`) : block.lines.map(bare)).join(' ');
}

/** The words alone, in one line, as lists show them. */
export const bareOf = (text: string): string => blocksOf(text).map(bareBlock).join(' ');
