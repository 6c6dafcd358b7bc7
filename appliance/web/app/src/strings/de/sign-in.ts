import type { signIn as english } from '../en/sign-in';

export const signIn: Record<keyof typeof english, string> = {
  sign_in_title: 'Anmelden',
  sign_in_lead: 'Willkommen. Verwenden Sie die E-Mail-Adresse, unter der Ihre Firma Sie kennt.',
  sign_in_email: 'E-Mail-Adresse',
  sign_in_email_needed: 'Geben Sie Ihre E-Mail-Adresse ein, zum Beispiel anna@example.org.',
  sign_in_password: 'Passwort',
  sign_in_password_needed: 'Geben Sie Ihr Passwort ein.',
  sign_in_stay: 'Angemeldet bleiben',
  sign_in_stay_hint: 'Nur auf einem Gerät, das sonst niemand benutzt.',
  sign_in_go: 'Anmelden',
  sign_in_help: 'Passwort vergessen? Ein Administrator Ihrer Firma kann Ihnen ein neues geben.',
  sign_in_wrong: 'Die E-Mail-Adresse oder das Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.',
  sign_in_disabled: 'Dieses Konto wurde gesperrt. Wenden Sie sich an einen Administrator Ihrer Firma.',
  sign_in_unused: 'Dieses Konto wurde gesperrt, weil es lange nicht benutzt wurde. Wenden Sie sich an einen Administrator Ihrer Firma.',
  sign_in_busy: 'Gerade melden sich viele an. Versuchen Sie es gleich noch einmal.',
  sign_in_locked: 'Zu viele falsche Passwörter: Zum Schutz dieses Kontos ist die Anmeldung kurz ausgesetzt.',
  sign_in_locked_left: 'Nächster Versuch in',
  sign_in_expired: 'Ihre Sitzung ist beendet. Melden Sie sich wieder an, um weiterzumachen.',
};
