/** What people see of one another (protocol section 6). */
export type Level = 'online' | 'away' | 'dnd' | 'invisible' | 'offline';

/** What a person can choose. */
export const CHOICES = ['online', 'away', 'dnd', 'invisible'] as const;
export type Choice = (typeof CHOICES)[number];

/** Highest first: what several devices add up to. Invisible is chosen by hand and hides the away ones, which a timer made. */
const ORDER: readonly Level[] = ['dnd', 'online', 'invisible', 'away'];

export function aggregate(levels: Iterable<Level>): Level {
  const all = new Set(levels);
  return ORDER.find((level) => all.has(level)) ?? 'offline';
}

/** The level of one device, by what it announced. */
export function levelOf(show: string, status: string): Level {
  if (show === 'xa' && status === '') return 'invisible';
  if (show === 'xa' || show === 'away') return 'away';
  return show === 'dnd' ? 'dnd' : 'online';
}

/** `<show/>` and `<status/>` of a level; `idle` is away by itself, which the person's word overrules elsewhere. */
export function announced(level: Choice, idle: boolean): { show?: string; status?: string } {
  if (level === 'online') return idle ? { show: 'away' } : { status: 'mode=auto' };
  if (level === 'away') return { show: 'xa', status: 'away' };
  return level === 'dnd' ? { show: 'dnd' } : { show: 'xa' };
}
