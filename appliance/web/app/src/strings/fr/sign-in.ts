import type { signIn as english } from '../en/sign-in';

export const signIn: Record<keyof typeof english, string> = {
  sign_in_title: 'Connexion',
  sign_in_lead: 'Bienvenue. Utilisez l’adresse e-mail sous laquelle votre société vous connaît.',
  sign_in_email: 'Adresse e-mail',
  sign_in_email_needed: 'Saisissez votre adresse e-mail, par exemple anna@example.org.',
  sign_in_password: 'Mot de passe',
  sign_in_password_needed: 'Saisissez votre mot de passe.',
  sign_in_stay: 'Rester connecté',
  sign_in_stay_hint: 'Seulement sur un appareil que personne d’autre n’utilise.',
  sign_in_go: 'Se connecter',
  sign_in_help: 'Mot de passe oublié ? Un administrateur de votre société peut vous en donner un nouveau.',
  sign_in_wrong: 'L’adresse e-mail ou le mot de passe est incorrect. Vérifiez les deux et réessayez.',
  sign_in_disabled: 'Ce compte a été désactivé. Adressez-vous à un administrateur de votre société.',
  sign_in_unused: 'Ce compte a été bloqué car il n’a pas servi depuis longtemps. Adressez-vous à un administrateur de votre société.',
  sign_in_busy: 'Beaucoup de personnes se connectent en ce moment. Réessayez dans un instant.',
  sign_in_locked: 'Trop de mots de passe erronés : la connexion est suspendue afin de protéger ce compte.',
  sign_in_locked_left: 'Prochain essai dans',
  sign_in_expired: 'Votre session a pris fin. Reconnectez-vous pour reprendre là où vous étiez.',
};
