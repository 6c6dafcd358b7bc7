import type { join as english } from '../en/join';

export const join: Record<keyof typeof english, string> = {
  join_title: 'Ihre Einladung',
  join_heading: 'Willkommen bei {company}',
  join_lead: 'Wählen Sie ein Passwort, und Ihr Konto ist bereit. Sie melden sich an mit',
  join_other: 'Sie sind hier als {email} angemeldet. Wenn Sie weitermachen, endet diese Sitzung auf diesem Gerät.',
  join_first: 'Vorname',
  join_last: 'Nachname',
  join_password: 'Neues Passwort',
  join_password_hint: 'Nur Sie kennen es; der Administrator sieht es nicht.',
  join_password_wrong: 'Dieses Passwort erfüllt noch nicht alle Regeln darunter.',
  join_go: 'Passwort setzen und anmelden',
  join_gone: 'Diese Einladung gilt nicht mehr',
  join_gone_text: 'Bitten Sie den Administrator, der sie geschickt hat, um eine neue. Mögliche Gründe:',
  join_gone_used: 'Sie wurde schon benutzt: Melden Sie sich mit dem Passwort an, das Sie gewählt haben.',
  join_gone_old: 'Sie ist zu alt, oder es wurde seither eine neuere geschickt.',
  join_gone_cut: 'Der Link ist abgeschnitten: Kopieren Sie ihn vollständig aus der Nachricht.',
  join_gone_go: 'Zur Anmeldung',
};
