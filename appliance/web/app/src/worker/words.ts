/** What the service worker says itself; the tables of the application are not within its reach. */
export const WORDS: Record<string, { message: string; somebody: string }> = {
  en: { message: 'New message', somebody: 'Rainbow Edge' },
  fr: { message: 'Nouveau message', somebody: 'Rainbow Edge' },
  de: { message: 'Neue Nachricht', somebody: 'Rainbow Edge' },
};
