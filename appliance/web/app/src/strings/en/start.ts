/** Before anybody is signed in. */
export const start = {
  language_label: 'Language',
  front_promise: 'Your conversations stay on your own premises.',
  start_unreachable: 'The box does not answer',
  start_unreachable_text: 'This page tries again by itself and goes on as soon as the box is there.',
  start_unreachable_network: 'Is this device connected to your company’s network?',
  start_unreachable_box: 'Is the box switched on? After a restart it needs up to a minute.',
  start_unreachable_address: 'Is the address right? You are at {address}.',
  start_again: 'Next try in {seconds} s',
  start_asking: 'Trying now …',
  start_newer: 'There is a newer version of this application.',
} as const;
