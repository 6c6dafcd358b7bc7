export const frame = {
  own_menu: '{name}, {presence}: your presence and account',
  connection_lost: 'No connection since {time}. What you write is kept and sent later.',
  connection_opening: 'Connecting…',
  connection_try: 'Try now',
} as const;
