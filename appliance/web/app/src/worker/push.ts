/// <reference lib="webworker" />
import { WORDS } from './words';

/** What the box pushes (RFC 8291): who wrote, called or asks, and in which conversation; never what. */
interface Pushed {
  title: string;
  /** The name of the bubble that it was written in. */
  bubble: string;
  conversation: string | undefined;
  kind: 'message' | 'call' | 'poll';
}

/** By the box's words; what it will say one day is a message to this version. */
const KINDS: Record<string, Pushed['kind']> = { missed_call: 'call', poll: 'poll' };
const TITLE_MAX = 80;
const ROOM = 'room_';
const ID = /^[\w.@-]{1,128}$/u;
/** Characters that turn the text around them: with them a name can pretend to be another one. */
const TURNING = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\p{Cc}]/gu;

function read(data: PushMessageData | null): Pushed {
  let given: { title?: unknown; conversation?: unknown; bubble?: unknown; kind?: unknown } = {};
  try {
    given = (data?.json() ?? {}) as typeof given;
  } catch {
    // Not ours to understand; that something has come is all that can be said.
  }
  const line = (said: unknown) => (typeof said === 'string' ? [...said.replace(TURNING, '').trim()].slice(0, TITLE_MAX).join('') : '');
  const id = typeof given.conversation === 'string' && ID.test(given.conversation) ? given.conversation : undefined;
  // Where the application finds it: bubbles stand there under the name of their address.
  const conversation = given.bubble === undefined || id === undefined ? id : `${ROOM}${id}`;
  return { title: line(given.title), bubble: line(given.bubble), conversation, kind: KINDS[String(given.kind)] ?? 'message' };
}

async function words() {
  const kept = await caches.open('language').then((cache) => cache.match('/language'), () => undefined);
  const code = (await kept?.text()) ?? 'en';
  return WORDS[code] ?? WORDS['en'];
}

/** Shown unless the application is being looked at, which shows it itself. One conversation has one notification. */
export async function pushed(scope: ServiceWorkerGlobalScope, data: PushMessageData | null): Promise<void> {
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (windows.some((one) => one.visibilityState === 'visible' && one.focused)) return;
  const { title, bubble, conversation, kind } = read(data);
  const said = await words();
  // `renotify` is not in every browser's list of options yet.
  const options: NotificationOptions & { renotify?: boolean } = {
    body: said?.[kind] ?? '',
    icon: '/icon-192.png',
    badge: '/badge.png',
    data: { conversation },
    ...(conversation !== undefined && { tag: conversation, renotify: true }),
  };
  const who = title || (said?.somebody ?? '');
  await scope.registration.showNotification(bubble ? `${who} · ${bubble}` : who, options);
}

/** To the window that is open already, best one that is looked at; else to a new one. */
export async function clicked(scope: ServiceWorkerGlobalScope, conversation: string | undefined): Promise<void> {
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = windows.find((one) => one.visibilityState === 'visible') ?? windows[0];
  if (!open) {
    await scope.clients.openWindow(conversation === undefined ? '/' : `/#/chat/${encodeURIComponent(conversation)}`);
    return;
  }
  // Only a window may come to the front that was not closed meanwhile.
  const shown = await open.focus().catch(() => open);
  if (conversation !== undefined) shown.postMessage({ kind: 'open', conversation });
}
