import type { frame as english } from '../en/frame';

export const frame: Record<keyof typeof english, string> = {
  own_menu: '{name}, {presence} : votre présence et votre compte',
  connection_lost: 'Pas de connexion depuis {time}. Vos messages sont gardés et partiront plus tard.',
  connection_opening: 'Connexion…',
  connection_try: 'Réessayer maintenant',
};
