/** Too much waits to be sent already. */
export class NoRoom extends Error {}
