import { account, ended, storage, whenSignedOut } from './session';

/** What of a person's words is kept on this device until it is sent: under the person's id, never shown to anybody else. */
const PREFIX = 'kept/';
const path = (key: string) => `${PREFIX}${account.value?.id ?? ''}/${key}`;

/** `false`: there is no more room on this device. */
export function keep(key: string, value: unknown): boolean {
  try {
    storage().setItem(path(key), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function drop(key: string): void {
  storage().removeItem(path(key));
}

export function find<T>(key: string): T | undefined {
  return parse<T>(storage().getItem(path(key)));
}

/** Everything under a prefix, in the order of the keys. */
export function all<T>(prefix: string): T[] {
  const whole = path(prefix);
  const keys = names(storage()).filter((name) => name.startsWith(whole));
  return keys.sort().flatMap((name) => parse<T>(storage().getItem(name)) ?? []);
}

function parse<T>(text: string | null): T | undefined {
  try {
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

const names = (place: Storage) => Array.from({ length: place.length }, (_, index) => place.key(index) ?? '');

function clear(stays: (name: string) => boolean): void {
  for (const place of [localStorage, sessionStorage]) {
    for (const name of names(place)) if (name.startsWith(PREFIX) && !stays(name)) place.removeItem(name);
  }
}

/** At the start of a sign-in: what others left behind goes. */
export const dropOthers = (): void => clear((name) => name.startsWith(path('')));

/** Who signs out takes everything along. A session that the box ended may be signed in again: then unsent words wait. */
whenSignedOut(() => {
  if (ended.value !== 'expired') clear(() => false);
});
