import { signal } from '@preact/signals';
import type { PushSubscriptionRow } from '../protocol/own';
import type { Page } from '../protocol/rest';
import { askOne } from './asked';
import { ask, whenSignedOut } from './session';

/** Notifications on this device while the application is closed (RFC 8030). */
export type PushState = 'unknown' | 'unsupported' | 'not_offered' | 'denied' | 'off' | 'on';

export const push = signal<PushState>('unknown');

const PUSH = '/api/edge/v1/push';
/** A service worker that is not there by then will not come. */
const WORKER_MS = 8_000;

/** The service worker is missing: a private window, or a certificate that the browser does not trust. */
export class NoWorker extends Error {}

/** The box's key: read ahead, because browsers ask for permission only right after a click. */
let key: string | null = null;

const supported = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

function worker(): Promise<ServiceWorkerRegistration> {
  const late = new Promise<never>((_, fail) => setTimeout(() => fail(new NoWorker('no service worker')), WORKER_MS));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

const here = async (): Promise<PushSubscription | null> => (await worker()).pushManager.getSubscription();

/** What the box has of this sign-in; it ends with it. */
async function rows(): Promise<PushSubscriptionRow[]> {
  const all = await ask<Page<PushSubscriptionRow>>('GET', `${PUSH}/subscriptions`);
  return all.data.filter((row) => row.isCurrent);
}

/** How it stands on this device now. */
export async function readPush(): Promise<void> {
  if (!supported()) {
    push.value = 'unsupported';
    return;
  }
  key = (await askOne<{ publicKey: string | null }>('GET', `${PUSH}/key`)).publicKey;
  if (key === null) {
    push.value = 'not_offered';
  } else if (Notification.permission === 'denied') {
    push.value = 'denied';
  } else {
    const made = Notification.permission === 'granted' ? await here().catch(() => null) : null;
    push.value = made && (await rows()).length > 0 ? 'on' : 'off';
  }
}

/** RFC 7515 appendix C. */
function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replace(/-/gu, '+').replace(/_/gu, '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** Asks the person, then the browser's push service, then tells the box. */
export async function turnOn(): Promise<void> {
  if (key === null) return readPush();
  if ((await Notification.requestPermission()) !== 'granted') {
    push.value = Notification.permission === 'denied' ? 'denied' : 'off';
    return;
  }
  const registration = await worker();
  // One made for another box's key cannot be used again.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = made.toJSON();
  try {
    await askOne('POST', `${PUSH}/subscriptions`, { body: { endpoint, keys } });
    push.value = 'on';
  } catch (failure) {
    await made.unsubscribe();
    throw failure;
  }
}

/** The browser first: from then on nothing arrives, whatever the box is told. */
export async function turnOff(): Promise<void> {
  await (await here())?.unsubscribe();
  push.value = 'off';
  for (const row of await rows()) await askOne('DELETE', `${PUSH}/subscriptions/${row.id}`);
}

whenSignedOut(() => {
  push.value = 'unknown';
});
