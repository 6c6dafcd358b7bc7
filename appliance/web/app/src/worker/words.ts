/** What the service worker says itself; the tables of the application are not within its reach. */
export const WORDS: Record<string, { message: string; call: string; somebody: string }> = {
  en: { message: 'New message', call: 'Missed call', somebody: 'Rainbow Edge' },
  fr: { message: 'Nouveau message', call: 'Appel manqué', somebody: 'Rainbow Edge' },
  de: { message: 'Neue Nachricht', call: 'Verpasster Anruf', somebody: 'Rainbow Edge' },
};
