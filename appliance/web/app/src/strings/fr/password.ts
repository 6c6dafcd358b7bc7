import type { password as english } from '../en/password';

export const password: Record<keyof typeof english, string> = {
  password_show: 'Afficher le mot de passe',
  password_hide: 'Masquer le mot de passe',
  password_caps: 'Le verrouillage des majuscules est activé',
  password_generate: 'Proposer un mot de passe',
  password_rules: 'Le mot de passe doit comporter :',
  password_rule_kept: 'c’est fait',
  password_rule_length: '8 à 64 caractères',
  password_rule_lower: 'une minuscule',
  password_rule_upper: 'une majuscule',
  password_rule_digit: 'un chiffre',
  password_rule_special: 'un caractère spécial',
  password_strength_1: 'Faible.',
  password_strength_2: 'Moyen.',
  password_strength_3: 'Bon.',
  password_strength_4: 'Excellent.',
  password_hint_about: 'Il contient un nom ou une adresse que d’autres connaissent.',
  password_hint_common: 'Il contient un mot que l’on essaie en premier.',
  password_hint_runs: 'Il se répète ou suit l’ordre de l’alphabet ou du clavier.',
  password_hint_short: 'Quelques caractères de plus le rendraient bien plus sûr.',
};
