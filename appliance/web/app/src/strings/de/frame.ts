import type { frame as english } from '../en/frame';

export const frame: Record<keyof typeof english, string> = {
  own_menu: '{name}, {presence}: Ihre Präsenz und Ihr Konto',
  connection_lost: 'Keine Verbindung seit {time}. Was Sie schreiben, wird aufbewahrt und später gesendet.',
  connection_opening: 'Verbindung wird hergestellt …',
  connection_try: 'Jetzt versuchen',
};
