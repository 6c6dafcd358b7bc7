/// <reference lib="webworker" />
/** Keeps the application's own files for times without a network, and shows what was pushed. */
import { clicked, pushed } from './push';

declare const self: ServiceWorkerGlobalScope;
declare const FILES: string[];
declare const VERSION: string;

const PREFIX = 'files-';
const CACHE = `${PREFIX}${VERSION}`;
const HASHED = '/assets/';
/** Versions whose files stay: this one, and the one that windows may still run which have been open since before. */
const VERSIONS_KEPT = 2;
/** A network that is there but leads nowhere holds nobody up for longer. */
const PATIENCE_MS = 4_000;

self.addEventListener('install', (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

/** Hashed files are taken from the version before, where they are the same; all others come fresh from the box. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const one = async (file: string) => {
    const known = file.startsWith(HASHED) ? await caches.match(file) : undefined;
    const answer = known ?? (await fetch(new Request(file, { cache: 'reload' })));
    if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
    await cache.put(file, answer);
  };
  await Promise.all(FILES.map(one));
}

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

/** Windows of an older version go on with its files until they are reloaded; they are told that there is a newer one. */
async function takeOver(): Promise<void> {
  const versions = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  const old = versions.slice(0, Math.max(0, versions.length - (VERSIONS_KEPT - 1)));
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
  const windows = await self.clients.matchAll({ type: 'window' });
  for (const one of windows) one.postMessage({ kind: 'version', files: FILES });
}

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== self.location.origin) return;
  if (pathname === '/') event.respondWith(page(event.request));
  else if (pathname.startsWith(HASHED)) event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(event.request)));
  else if (FILES.includes(pathname)) event.respondWith(fetch(event.request).catch(() => keptOr(pathname)));
});

/** The page itself: newest first, so that an updated box is seen at once; the kept one when the box is silent or ill. */
async function page(request: Request): Promise<Response> {
  const fresh = fetch(request).catch(() => undefined);
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS));
  const answer = await Promise.race([fresh, late]);
  if (answer && answer.status < 500) return answer;
  const kept = await (await caches.open(CACHE)).match('/');
  return kept ?? (await fresh) ?? Response.error();
}

async function keptOr(pathname: string): Promise<Response> {
  return (await (await caches.open(CACHE)).match(pathname)) ?? Response.error();
}

self.addEventListener('push', (event) => {
  event.waitUntil(pushed(self, event.data));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(clicked(self, (event.notification.data as { conversation?: string } | null)?.conversation));
});
