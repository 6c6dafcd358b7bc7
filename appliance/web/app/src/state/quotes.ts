import { type Signal, signal } from '@preact/signals';
import { type Answered, type Received, placeId } from '../protocol/incoming';
import { historyWith, whenOpened } from './connection';
import { remembered } from './remembered';
import { whenSignedOut } from './session';
import { thread } from './threads';

/** Messages that others answer and that are not in the window: `undefined` while they are asked for, `null` where there is none. */
const known = new Map<string, Signal<Received | null | undefined>>();
const KNOWN_MAX = 200;
/** Messages of one moment. */
const AROUND = 5;

/** The message that is answered, as it is now. */
export function quoted(peer: string, of: Answered): Received | null | undefined {
  const there = thread(peer).messages.value.findLast((one) => one.id === of.id);
  if (there) return there;
  const key = `${peer} ${of.id}`;
  return remembered(known, KNOWN_MAX, key, () => {
    const made = signal<Received | null | undefined>(undefined);
    void look(peer, of, key, made);
    return made;
  }).value;
}

async function look(peer: string, of: Answered, key: string, into: Signal<Received | null | undefined>): Promise<void> {
  try {
    const { messages } = await historyWith(peer, { after: placeId(Math.max(0, of.atMs * 1000 - 1)), max: AROUND });
    into.value = messages.find((one) => one.id === of.id) ?? null;
  } catch {
    if (known.get(key) === into) known.delete(key);
  }
}

whenOpened(() => known.clear());
whenSignedOut(() => known.clear());
