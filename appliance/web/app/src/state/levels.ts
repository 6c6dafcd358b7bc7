import { type ReadonlySignal, type Signal, computed, signal } from '@preact/signals';
import { type Level, aggregate } from '../protocol/presence';
import { isOffline, whenHeard, whenOpened } from './connection';
import { whenSignedOut } from './session';

/** Presence of other people, over all their devices (C2). */
interface Known {
  /** Level of each device, and in which connection it was told. */
  devices: Map<string, { level: Level; round: number }>;
  level: Signal<Level>;
}

const known = new Map<string, Known>();
let round = 0;
/** Presences of contacts come right after the own first one. Who was not told of by then has gone meanwhile. */
const TOLD_WITHIN_MS = 4000;

function entry(user: string): Known {
  const there = known.get(user);
  if (there) return there;
  const made: Known = { devices: new Map(), level: signal<Level>('offline') };
  known.set(user, made);
  return made;
}

const sum = (of: Known): void => {
  of.level.value = aggregate([...of.devices.values()].map((device) => device.level));
};

const shown = new Map<string, ReadonlySignal<Level | undefined>>();

/** What somebody is shown as; nothing while this device cannot know. */
export function level(user: string): Level | undefined {
  let one = shown.get(user);
  if (!one) {
    const { level: of } = entry(user);
    one = computed(() => (isOffline.value ? undefined : of.value === 'invisible' ? 'offline' : of.value));
    shown.set(user, one);
  }
  return one.value;
}

whenHeard((heard) => {
  if (heard.kind === 'network' && !heard.joined) {
    const gone = entry(heard.user);
    gone.devices.clear();
    sum(gone);
  }
  if (heard.kind !== 'presence') return;
  const of = entry(heard.user);
  if (heard.level) of.devices.set(heard.resource, { level: heard.level, round });
  else of.devices.delete(heard.resource);
  sum(of);
});

whenOpened(() => {
  const mine = ++round;
  setTimeout(() => {
    if (mine !== round) return;
    for (const of of known.values()) {
      const before = of.devices.size;
      for (const [name, device] of of.devices) if (device.round !== mine) of.devices.delete(name);
      if (of.devices.size !== before) sum(of);
    }
  }, TOLD_WITHIN_MS);
});

whenSignedOut(() => {
  round++;
  known.clear();
  shown.clear();
});
