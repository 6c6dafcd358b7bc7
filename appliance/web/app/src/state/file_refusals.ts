import { isBubble } from '../protocol/bubbles';
import { CODE } from '../protocol/files';
import { Refusal } from '../protocol/rest';
import { bytesInWords } from './bytes';
import { explain } from './failure';
import { type StringKey, text } from './language';

/** Why a file does not come, as words that are chosen when they are read. */
export interface Why {
  key: StringKey;
  values?: Record<string, string>;
  /** Sizes among them, in bytes. */
  sizes?: Record<string, number>;
  /** It may be tried again as it is. */
  again: boolean;
}

export function inWords({ key, values = {}, sizes = {} }: Why): string {
  const words = Object.entries(sizes).map(([name, bytes]) => [name, bytesInWords(bytes)]);
  return text(key, { ...values, ...Object.fromEntries(words) });
}

/** What the box says in whole numbers, in their order. */
const numbers = (details: string): number[] => [...details.matchAll(/\d+/gu)].map(([digits]) => Number(digits));

/** What the box says of a file that was announced, or is being sent. */
export function whyRefused(failure: unknown, peer: string): Why {
  if (!(failure instanceof Refusal)) return { key: 'failed_box', again: true };
  const [first = 0, second = 0] = numbers(failure.details);
  switch (failure.detailsCode) {
    case CODE.off: return { key: 'file_off', again: false };
    case CODE.noScanner: return { key: 'file_no_scanner', again: true };
    case CODE.tooLarge: return { key: 'file_too_large', sizes: { limit: first }, again: false };
    case CODE.quota: return { key: 'file_quota', sizes: { quota: first, left: second }, again: true };
    case CODE.tooMany: return { key: 'file_too_many', again: true };
    case CODE.diskFull: return { key: 'file_disk_full', again: true };
    default: break;
  }
  if (failure.status === 404) return { key: isBubble(peer) ? 'bubble_failed_outside' : 'chat_failed_unreachable', again: false };
  return { key: 'file_failed', values: { why: explain(failure) }, again: true };
}

/** Of those that may pass: what came before is still being ended, or the box is busy. */
const PASSING: ReadonlySet<number> = new Set([CODE.outOfOrder, CODE.takenOver]);

/** A refusal that would be the same a moment later. */
export function isLasting(failure: unknown): boolean {
  if (!(failure instanceof Refusal)) return true;
  const { status, detailsCode } = failure;
  return !(PASSING.has(detailsCode) || status === 429 || (status >= 500 && detailsCode !== CODE.noScanner && detailsCode !== CODE.diskFull));
}

const PATTERNS: readonly (readonly [RegExp, StringKey])[] = [
  [/^Heuristics\.Limits|limit/iu, 'file_refused_limits'],
  [/^Heuristics\.Encrypted/iu, 'file_refused_encrypted'],
  [/24 hours/u, 'file_refused_late'],
];

/** What the scanner found, as a sentence. */
export function whyScanned(finding: string): Why {
  const known = PATTERNS.find(([pattern]) => pattern.test(finding))?.[1];
  return known ? { key: known, again: false } : { key: 'file_refused_found', values: { finding: finding || '?' }, again: false };
}
