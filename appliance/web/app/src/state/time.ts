import { signal } from '@preact/signals';
import { locale } from './language';

/** Times as the reader's language writes them. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale()} ${name}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale(), options);
  formats.set(key, known);
  return known;
}

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 30_000;

/** Number of the day in the reader's time zone. */
export function dayOf(atMs: number): number {
  const date = new Date(atMs);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
}

const today = signal(dayOf(Date.now()));
setInterval(() => {
  today.value = dayOf(Date.now());
}, LOOK_EVERY_MS);

export const clock = (atMs: number): string => format('clock', { hour: 'numeric', minute: '2-digit' }).format(atMs);
export const whole = (atMs: number): string => format('whole', { dateStyle: 'full', timeStyle: 'short' }).format(atMs);

function relative(days: number): string {
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(days, 'day');
  return words.charAt(0).toLocaleUpperCase(locale()) + words.slice(1);
}

/** A day as a heading: today, yesterday, or its date. */
export function day(atMs: number): string {
  const days = dayOf(atMs) - today.value;
  if (days === 0 || days === -1) return relative(days);
  const thisYear = new Date(atMs).getFullYear() === new Date().getFullYear();
  return thisYear ? format('day', { weekday: 'long', day: 'numeric', month: 'long' }).format(atMs) : format('day of a year', { day: 'numeric', month: 'long', year: 'numeric' }).format(atMs);
}

/** As short as it may be told apart: a time today, then a day, then a date. */
export function brief(atMs: number): string {
  const days = dayOf(atMs) - today.value;
  if (days >= 0) return clock(atMs);
  if (days === -1) return relative(-1);
  return days > -7 ? format('weekday', { weekday: 'short' }).format(atMs) : format('date', { day: '2-digit', month: '2-digit', year: '2-digit' }).format(atMs);
}
