/** What the service worker says itself; the tables of the application are not within its reach. */
export const WORDS: Record<string, { message: string; call: string; poll: string; somebody: string }> = {
  en: { message: 'New message', call: 'Missed call', poll: 'New poll', somebody: 'Rainbow Edge' },
  fr: { message: 'Nouveau message', call: 'Appel manqué', poll: 'Nouveau sondage', somebody: 'Rainbow Edge' },
  de: { message: 'Neue Nachricht', call: 'Verpasster Anruf', poll: 'Neue Umfrage', somebody: 'Rainbow Edge' },
};
