import { language } from './language';
import { account } from './session';

type Style = Intl.DateTimeFormatOptions;

/** In the time zone that the person has set, else the device's. */
function format(date: Date, style: Style): string {
  const timeZone = account.value?.timezone || undefined;
  try {
    return new Intl.DateTimeFormat(language.value, { ...style, ...(timeZone && { timeZone }) }).format(date);
  } catch {
    return new Intl.DateTimeFormat(language.value, style).format(date);
  }
}

const usable = (iso: string): Date | undefined => {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? undefined : date;
};

/** `3 Feb 2026`, as the language writes it. */
export function day(iso: string): string {
  const date = usable(iso);
  return date ? format(date, { dateStyle: 'medium' }) : '';
}

/** Day and time. */
export function moment(iso: string): string {
  const date = usable(iso);
  return date ? format(date, { dateStyle: 'medium', timeStyle: 'short' }) : '';
}

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `3 hours ago`, `in 6 days`; in no unit that is larger than `largest`. */
export function distance(iso: string, largest: Intl.RelativeTimeFormatUnit = 'year', nowMs = Date.now()): string {
  const date = usable(iso);
  if (!date) return '';
  const seconds = (date.getTime() - nowMs) / 1000;
  const step = STEPS.slice(STEPS.findIndex(([unit]) => unit === largest)).find(([, size]) => Math.abs(seconds) >= size);
  // "Yesterday" is exact enough to be said; "last year" is not.
  const words = new Intl.RelativeTimeFormat(language.value, { numeric: !step || step[0] === 'day' ? 'auto' : 'always' });
  return step ? words.format(Math.round(seconds / step[1]), step[0]) : words.format(0, 'second');
}

const DAY_MS = 86_400_000;

/** Whole days from now until then; negative when it has passed. */
export const daysUntil = (iso: string, nowMs = Date.now()): number => Math.floor((new Date(iso).getTime() - nowMs) / DAY_MS);
