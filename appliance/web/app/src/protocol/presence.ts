/** What people see of one another (protocol section 6). */
export type Level = 'online' | 'away' | 'dnd' | 'busy' | 'invisible' | 'offline';

/** What somebody does in a call. */
const ACTIVITIES = ['audio', 'video', 'sharing'] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** What a person can choose. */
export const CHOICES = ['online', 'away', 'dnd', 'invisible'] as const;
export type Choice = (typeof CHOICES)[number];

/** Highest first: what several devices add up to. What is chosen by hand stands before a call, and invisible hides the away ones, which a timer made. */
const ORDER: readonly Level[] = ['dnd', 'busy', 'online', 'invisible', 'away'];

export function aggregate(levels: Iterable<Level>): Level {
  const all = new Set(levels);
  return ORDER.find((level) => all.has(level)) ?? 'offline';
}

/** The level of one device, by what it announced. */
export function levelOf(show: string, status: string): Level {
  if (show === 'xa' && status === '') return 'invisible';
  if (show === 'xa' || show === 'away') return 'away';
  if (show !== 'dnd') return 'online';
  return ACTIVITIES.some((activity) => activity === status) ? 'busy' : 'dnd';
}

/** `<show/>` and `<status/>` of a level; `idle` is away by itself, which the person's word overrules elsewhere. A call is told of to who may see one. */
export function announced(level: Choice, idle: boolean, activity?: Activity): { show?: string; status?: string } {
  if (activity && (level === 'online' || level === 'away')) return { show: 'dnd', status: activity };
  if (level === 'online') return idle ? { show: 'away' } : { status: 'mode=auto' };
  if (level === 'away') return { show: 'xa', status: 'away' };
  return level === 'dnd' ? { show: 'dnd' } : { show: 'xa' };
}
