import type { password as english } from '../en/password';

export const password: Record<keyof typeof english, string> = {
  password_show: 'Passwort anzeigen',
  password_hide: 'Passwort verbergen',
  password_caps: 'Die Feststelltaste ist aktiv',
  password_generate: 'Passwort vorschlagen',
  password_rules: 'Das Passwort braucht:',
  password_rule_kept: 'erfüllt',
  password_rule_length: '8 bis 64 Zeichen',
  password_rule_lower: 'einen Kleinbuchstaben',
  password_rule_upper: 'einen Großbuchstaben',
  password_rule_digit: 'eine Ziffer',
  password_rule_special: 'ein Sonderzeichen',
  password_strength_1: 'Schwach.',
  password_strength_2: 'Mittel.',
  password_strength_3: 'Gut.',
  password_strength_4: 'Stark.',
  password_hint_about: 'Es enthält einen Namen oder eine Adresse, die andere kennen.',
  password_hint_common: 'Es enthält ein Wort, das zuerst geraten wird.',
  password_hint_runs: 'Es wiederholt sich oder folgt dem Alphabet oder der Tastatur.',
  password_hint_short: 'Ein paar Zeichen mehr machen es viel stärker.',
};
