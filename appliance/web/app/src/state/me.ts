import { computed, signal } from '@preact/signals';
import { type Activity, CHOICES, type Choice, type Level } from '../protocol/presence';
import { presence } from '../protocol/stanzas';
import { isOffline, send, whenHeard, whenOpened } from './connection';
import { account, ask, session, whenSignedOut } from './session';

/** The presence that this person chose; kept by the box, the same on all devices. */
export const chosen = signal<Choice>('online');
const idle = signal(false);

/** The call that goes on on this device. */
const activity = signal<Activity | undefined>(undefined);

/** How this device shows the person. */
export const shownAs = computed<Level>(() => {
  if (isOffline.value) return 'offline';
  if (activity.value && (chosen.value === 'online' || chosen.value === 'away')) return 'busy';
  return idle.value && chosen.value === 'online' ? 'away' : chosen.value;
});

const IDLE_AFTER_MS = 5 * 60_000;
const LOOK_EVERY_MS = 10_000;
/** Tabs of one sign-in are told nothing by the box of what one of them chose. */
const tabs = new BroadcastChannel('presence');

let asked = false;

const settings = () => `/api/rainbow/enduser/v1.0/users/${session.value?.account.id ?? ''}/settings`;
const known = (level: unknown): Choice => CHOICES.find((choice) => choice === level) ?? 'online';

function announce(): void {
  const me = account.value;
  if (me) send(presence(chosen.value, idle.value, activity.value, { userId: me.id, companyId: me.companyId }));
}

/** A call begins, changes or is over. */
export function nowIn(next: Activity | undefined): void {
  if (next === activity.value) return;
  activity.value = next;
  if (asked) announce();
}

function take(level: Choice): void {
  if (level === chosen.value) return;
  chosen.value = level;
  if (asked) announce();
}

export async function choose(level: Choice): Promise<void> {
  const before = chosen.value;
  take(level);
  try {
    await ask('PUT', settings(), { body: { presence: level } });
    tabs.postMessage({ user: account.value?.id, level });
  } catch (failure) {
    take(before);
    throw failure;
  }
}

async function fetchChosen(): Promise<void> {
  const answer = await ask<{ data: { presence: string } }>('GET', settings()).catch(() => undefined);
  if (answer) take(known(answer.data.presence));
}

tabs.onmessage = ({ data }: MessageEvent<{ user?: string; level?: string }>) => {
  if (data.user && data.user === account.value?.id) take(known(data.level));
};

let movedAt = Date.now();

function moved(): void {
  movedAt = Date.now();
  if (!idle.value) return;
  idle.value = false;
  announce();
}

function look(): void {
  if (idle.value || Date.now() - movedAt < IDLE_AFTER_MS) return;
  idle.value = true;
  announce();
}

for (const sign of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'focus'] as const) {
  addEventListener(sign, moved, { passive: true, capture: true });
}
setInterval(look, LOOK_EVERY_MS);

/** Before anything is announced the chosen level must be known: an invisible person must not be seen for a moment. */
whenOpened(() => {
  if (asked) return announceThenAsk();
  void fetchChosen().finally(() => {
    asked = true;
    announce();
  });
});

function announceThenAsk(): void {
  announce();
  void fetchChosen();
}

whenHeard((heard) => {
  if (heard.kind === 'notice' && heard.topic === 'usersettings') void fetchChosen();
});

whenSignedOut(() => {
  asked = false;
  activity.value = undefined;
  idle.value = false;
  chosen.value = 'online';
});
