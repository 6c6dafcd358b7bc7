import type { start as english } from '../en/start';

export const start: Record<keyof typeof english, string> = {
  language_label: 'Langue',
  front_promise: 'Vos conversations restent dans vos murs.',
  start_unreachable: 'Le boîtier ne répond pas',
  start_unreachable_text: 'Cette page réessaie d’elle-même et poursuit dès que le boîtier est là.',
  start_unreachable_network: 'Cet appareil est-il connecté au réseau de votre société ?',
  start_unreachable_box: 'Le boîtier est-il allumé ? Après un redémarrage, il lui faut jusqu’à une minute.',
  start_unreachable_address: 'L’adresse est-elle la bonne ? Vous êtes sur {address}.',
  start_again: 'Prochain essai dans {seconds} s',
  start_asking: 'Essai en cours…',
  start_newer: 'Une nouvelle version de cette application est disponible.',
};
