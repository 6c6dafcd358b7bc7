import { signal } from '@preact/signals';

/** Not in any standard: what Chromium offers where the application can be installed. */
interface InstallPrompt extends Event {
  prompt: () => Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

let offer: InstallPrompt | undefined;

/** Whether the browser would install the application now if it were asked. */
export const canInstall = signal(false);
/** Whether it runs as an installed application. */
export const isInstalled = signal(matchMedia('(display-mode: standalone)').matches);

addEventListener('beforeinstallprompt', (event) => {
  // The browser's own banner would come at a moment of its own choice; we offer it in the settings.
  event.preventDefault();
  offer = event as InstallPrompt;
  canInstall.value = true;
});

addEventListener('appinstalled', () => {
  offer = undefined;
  canInstall.value = false;
  isInstalled.value = true;
});

/** Asks the person through the browser; an offer holds for one question. True when it was accepted. */
export async function install(): Promise<boolean> {
  const asked = offer;
  offer = undefined;
  canInstall.value = false;
  if (!asked) return false;
  const { outcome } = await asked.prompt();
  return outcome === 'accepted';
}
