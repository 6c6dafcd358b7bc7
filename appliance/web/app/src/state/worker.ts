import { effect } from '@preact/signals';
import { say } from '../components/toast';
import { language, text } from './language';
import { go } from './route';

/** Everything between the page and its service worker. */
const SCRIPT = '/sw.js';
const AGAIN_MS = 60 * 60 * 1000;

/** What the worker tells its pages. */
type Told = { kind: 'open'; conversation: string } | { kind: 'version'; files: string[] };

/** The browser takes the script's address only from a policy with the name that policy.txt allows. */
function trusted(address: string): string {
  const types = (window as { trustedTypes?: { createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => { createScriptURL: (url: string) => unknown } } }).trustedTypes;
  if (!types) return address;
  const policy = types.createPolicy('worker', { createScriptURL: () => SCRIPT });
  return policy.createScriptURL(address) as string;
}

export async function startWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', (event: MessageEvent<Told>) => hear(event.data));
  try {
    const registration = await navigator.serviceWorker.register(trusted(SCRIPT), { updateViaCache: 'none' });
    lookForUpdates(registration);
  } catch (failure) {
    // A private window or a certificate that is not trusted: the application works, only not without a network.
    console.warn(failure);
  }
}

/** A window that stays open for days learns of a newer application within the hour, and when it is looked at again. */
function lookForUpdates(registration: ServiceWorkerRegistration): void {
  let last = Date.now();
  const look = () => {
    if (document.visibilityState !== 'visible' || Date.now() - last < AGAIN_MS) return;
    last = Date.now();
    registration.update().catch(() => undefined);
  };
  setInterval(look, AGAIN_MS);
  document.addEventListener('visibilitychange', look);
}

const ownScript = (): string => new URL(document.querySelector<HTMLScriptElement>('script[type="module"]')?.src ?? '/', location.href).pathname;

let told = false;

function hear(message: Told): void {
  if (message.kind === 'open') go('chat', message.conversation);
  // A page that came fresh from the box is the new version already: the worker has only just caught up.
  if (message.kind === 'version' && !told && !message.files.includes(ownScript())) {
    told = true;
    say(text('start_newer'), 'info', { name: text('reload'), run: () => location.reload() });
  }
}

/** The worker has no storage of the page's kind; it finds the language where both can reach it. */
effect(() => {
  const code = language.value;
  if ('caches' in window) caches.open('language').then((kept) => kept.put('/language', new Response(code)), () => undefined);
});
