import { locale } from './language';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
/** As people who look at their disks count. */
const STEP = 1000;

/** So many bytes, in words of the language. */
export function bytesInWords(bytes: number): string {
  const rank = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(STEP)));
  const value = bytes / STEP ** rank;
  return new Intl.NumberFormat(locale(), { style: 'unit', unit: UNITS[rank] ?? 'byte', unitDisplay: rank === 0 ? 'long' : 'short', maximumFractionDigits: value < 10 && rank > 0 ? 1 : 0 }).format(value);
}
