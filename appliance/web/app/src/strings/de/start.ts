import type { start as english } from '../en/start';

export const start: Record<keyof typeof english, string> = {
  language_label: 'Sprache',
  front_promise: 'Ihre Gespräche bleiben in Ihren eigenen Räumen.',
  start_unreachable: 'Die Box antwortet nicht',
  start_unreachable_text: 'Diese Seite versucht es von selbst wieder und macht weiter, sobald die Box da ist.',
  start_unreachable_network: 'Ist dieses Gerät mit dem Netz Ihrer Firma verbunden?',
  start_unreachable_box: 'Ist die Box eingeschaltet? Nach einem Neustart braucht sie bis zu einer Minute.',
  start_unreachable_address: 'Stimmt die Adresse? Sie sind auf {address}.',
  start_again: 'Nächster Versuch in {seconds} s',
  start_asking: 'Neuer Versuch …',
  start_newer: 'Es gibt eine neuere Version dieser Anwendung.',
};
