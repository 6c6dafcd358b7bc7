import type { ApplicationPassword, Blocked, NewApplicationPassword } from '../protocol/own';
import type { Page } from '../protocol/rest';
import { askOne } from './asked';
import { LANGUAGES, type Language, speak } from './language';
import { type Account, account, ask, updateAccount } from './session';

export const PROFILE_FIELDS = ['firstName', 'lastName', 'nickName', 'title', 'jobTitle', 'country', 'timezone', 'language'] as const;
export type Profile = Record<(typeof PROFILE_FIELDS)[number], string>;

/** The profile as this device knows it. */
export function profile(): Profile {
  const known: Partial<Account> = account.value ?? {};
  return Object.fromEntries(PROFILE_FIELDS.map((field) => [field, known[field] ?? ''])) as Profile;
}

const own = () => `/api/rainbow/enduser/v1.0/users/${account.value?.id ?? ''}`;

/** The profile as the box has it: another device may have changed it. */
export async function readProfile(signal: AbortSignal): Promise<Profile> {
  updateAccount(await askOne<Account>('GET', own(), { signal }));
  return profile();
}

export async function saveProfile(change: Partial<Profile>): Promise<void> {
  updateAccount(await askOne<Account>('PUT', own(), { body: change }));
  const spoken = LANGUAGES.find(([code]) => code === change.language)?.[0];
  if (spoken) await speak(spoken);
}

/** Speaks it at once; the profile learns of it for other devices. */
export async function chooseLanguage(code: Language): Promise<void> {
  await speak(code);
  await saveProfile({ language: code });
}

export const changePassword = (currentPassword: string, newPassword: string): Promise<unknown> =>
  askOne('PUT', '/api/edge/v1/password', { body: { currentPassword, newPassword } });

const APPLICATIONS = '/api/edge/v1/application-passwords';

export const listApplicationPasswords = async (signal: AbortSignal): Promise<ApplicationPassword[]> =>
  (await ask<Page<ApplicationPassword>>('GET', APPLICATIONS, { signal })).data;

export const makeApplicationPassword = (name: string, currentPassword: string): Promise<NewApplicationPassword> =>
  askOne('POST', APPLICATIONS, { body: { name, currentPassword } });

export const removeApplicationPassword = (id: string): Promise<unknown> => askOne('DELETE', `${APPLICATIONS}/${id}`);

/** Where clients that speak XMPP over WebSocket connect (RFC 7395). */
export const streamAddress = (): string => `wss://${location.host}/xmpp-websocket`;

const BLOCKLIST = '/api/edge/v1/blocklist';

export const listBlocked = async (signal: AbortSignal): Promise<Blocked[]> => (await ask<Page<Blocked>>('GET', BLOCKLIST, { signal })).data;

export const unblock = (id: string): Promise<unknown> => askOne('DELETE', `${BLOCKLIST}/${id}`);
