import type { join as english } from '../en/join';

export const join: Record<keyof typeof english, string> = {
  join_title: 'Votre invitation',
  join_heading: 'Bienvenue chez {company}',
  join_lead: 'Choisissez un mot de passe et votre compte est prêt. Vous vous connectez avec',
  join_other: 'Vous êtes connecté ici en tant que {email}. Si vous continuez, cette session prend fin sur cet appareil.',
  join_first: 'Prénom',
  join_last: 'Nom',
  join_password: 'Nouveau mot de passe',
  join_password_hint: 'Vous seul le connaissez ; l’administrateur ne le voit pas.',
  join_password_wrong: 'Ce mot de passe ne respecte pas encore toutes les règles ci-dessous.',
  join_go: 'Enregistrer et se connecter',
  join_gone: 'Cette invitation n’est plus valable',
  join_gone_text: 'Demandez-en une nouvelle à l’administrateur qui vous l’a envoyée. Il se peut que :',
  join_gone_used: 'elle ait déjà servi : connectez-vous alors avec le mot de passe que vous avez choisi ;',
  join_gone_old: 'elle soit trop ancienne, ou remplacée par une plus récente ;',
  join_gone_cut: 'le lien soit incomplet : copiez-le alors en entier depuis le message.',
  join_gone_go: 'Vers la page de connexion',
};
