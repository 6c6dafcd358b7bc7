// What a test says comes as lines of JSON, what happens goes out likewise.

import { createInterface } from 'node:readline';

export const [host, port, jid, password] = process.argv.slice(2);
export const [local, domain] = jid.split('@');
export const websocket = `wss://${host}:${port}/xmpp-websocket`;

export const bare = (address) => String(address).split('/')[0];

export function tell(event, more = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
}

/** `commands` by their names; each is given the whole line. */
export async function obey(commands) {
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    try {
      await commands[command.do](command);
    } catch (error) {
      tell('error', { text: String(error?.stack ?? JSON.stringify(error)) });
    }
  }
  process.exit(0);
}
