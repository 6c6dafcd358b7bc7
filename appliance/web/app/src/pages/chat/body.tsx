import type { ComponentChildren } from 'preact';

const LINK = /https?:\/\/[^\s<>"'`{}|\\^\u0000-\u0020\u200E\u200F\u2028-\u202E\u2066-\u2069]+/giu;
/** What usually belongs to the sentence, not to the address. */
const TRAILING = /[.,;:!?…"'»”’*_~]+$/u;
const LINKS_MAX = 100;

/** The address without what follows it in the sentence; a closing bracket stays when it was opened inside. */
function trimmed(found: string): string {
  let text = found;
  for (;;) {
    const next = text.replace(TRAILING, '');
    const open = next.endsWith(')') ? '(' : next.endsWith(']') ? '[' : undefined;
    const balanced = open && next.split(open).length >= next.split(open === '(' ? ')' : ']').length;
    const shorter = open && !balanced ? next.slice(0, -1) : next;
    if (shorter === text) return text;
    text = shorter;
  }
}

function address(text: string): string | undefined {
  try {
    const url = new URL(text);
    return ['http:', 'https:'].includes(url.protocol) && url.hostname ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** A message as text, with links to where http and https addresses lead. Nothing in it is ever markup. */
export function withLinks(body: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const match of body.matchAll(LINK)) {
    if (parts.length > LINKS_MAX * 2) break;
    const shown = trimmed(match[0]);
    const href = address(shown);
    if (!href) continue;
    parts.push(body.slice(from, match.index));
    parts.push(<a key={match.index} class="bubble__link" href={href} target="_blank" rel="noopener noreferrer" dir="ltr">{shown}</a>);
    from = match.index + shown.length;
  }
  parts.push(body.slice(from));
  return parts;
}

/** Sequences are told by their parts: the property of whole ones needs a newer syntax than all supported browsers have. */
const PICTURES = /^(?:[\p{Emoji_Presentation}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200D\uFE0F\s]|[#*0-9]\uFE0F\u20E3)+$/u;
const FEW = 5;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A few emoji and nothing else: those are drawn larger. */
export function isEmojiOnly(body: string): boolean {
  if (body.length > 80 || !body.trim() || !PICTURES.test(body)) return false;
  return [...segmenter.segment(body.replace(/\s/gu, ''))].length <= FEW;
}
