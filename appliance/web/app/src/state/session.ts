import { computed, signal } from '@preact/signals';
import { speakUnlessChosen } from './language';
import { type Method, type Request, Refusal, basic, call } from '../protocol/rest';

/** Who is signed in on this device (protocol section 3). */
export interface Account {
  id: string;
  companyId: string;
  companyName: string;
  loginEmail: string;
  firstName: string;
  lastName: string;
  displayName: string;
  jid_im: string;
  roles: string[];
  language?: string | null;
  timezone?: string | null;
  title?: string | null;
  jobTitle?: string | null;
  nickName?: string | null;
  country?: string | null;
}

export interface Session {
  token: string;
  /** Opens the XMPP stream while the sign-in session lives. */
  secret: string;
  account: Account;
}

export interface LoginAnswer {
  token: string;
  loggedInUser: Account & { jid_password: string };
}

const KEPT = 'session';
const LOGIN = '/api/rainbow/authentication/v1.0/login';
const RENEW = '/api/rainbow/authentication/v1.0/renew';
const LOGOUT = '/api/rainbow/authentication/v1.0/logout';
/** Part of a token's life after which another one is asked for. */
const RENEW_AT = 0.5;
const RENEW_AGAIN_MS = 60_000;

export const session = signal<Session | undefined>(read());
export const account = computed(() => session.value?.account);
/** Why nobody is signed in any more: said on the sign-in page. */
export const ended = signal<'expired' | 'visit' | undefined>(undefined);
/** E-mail address to begin with on the sign-in page: of who was here last, or has just been made. */
export const knownAs = signal('');

const has = (role: string) => computed(() => account.value?.roles.includes(role) ?? false);
export const isCompanyAdmin = has('admin');
export const isBoxOwner = has('superadmin');
/** Somebody without an account of his own, in the one bubble whose link he came by (C4). */
export const isGuest = computed(() => account.value?.roles.includes('guest') === true && !account.value.roles.includes('user'));
export const isPartner = computed(() => ['bp_admin', 'bp_finance'].some((role) => account.value?.roles.includes(role)));

/** What ends with the session registers here: streams, caches, drafts. */
const atEnd: (() => void)[] = [];
export const whenSignedOut = (act: () => void): number => atEnd.push(act);

function read(): Session | undefined {
  const kept = sessionStorage.getItem(KEPT) ?? localStorage.getItem(KEPT);
  try {
    return kept === null ? undefined : (JSON.parse(kept) as Session);
  } catch {
    return undefined;
  }
}

function keep(next: Session, stay: boolean): void {
  (stay ? localStorage : sessionStorage).setItem(KEPT, JSON.stringify(next));
  session.value = next;
}

const stays = () => localStorage.getItem(KEPT) !== null;

/** Where this sign-in is kept, and whatever else must last as long as it: the device, or this tab. */
export const storage = (): Storage => (stays() ? localStorage : sessionStorage);

export async function signIn(email: string, password: string, stay: boolean): Promise<void> {
  const answer = await call<LoginAnswer>('GET', LOGIN, { authorization: basic(email.trim(), password) });
  begin(answer, stay);
  await speakUnlessChosen(answer.loggedInUser.language);
}

/** What the box answers to who has signed in, or has come as a guest. */
export function begin(answer: LoginAnswer, stay: boolean): void {
  const { jid_password: secret, ...who } = answer.loggedInUser;
  ended.value = undefined;
  keep({ token: answer.token, secret, account: who }, stay);
  scheduleRenewal();
}

/** Asks as who is signed in. */
export const ask = <T>(method: Method, path: string, request: Request = {}): Promise<T> =>
  asWho((authorization) => call<T>(method, path, { ...request, authorization }));

/** Does something as who is signed in. A session that has ended signs this device out. */
export async function asWho<T>(act: (authorization: string) => Promise<T>): Promise<T> {
  const current = session.value;
  if (!current) throw new Refusal(401, 'signed out', 401_000, undefined);
  try {
    return await act(`Bearer ${current.token}`);
  } catch (failure) {
    if (failure instanceof Refusal && failure.status === 401 && session.value?.token === current.token) forget('expired');
    throw failure;
  }
}

/** What must end before the box is told, or it would look as if the box had ended it. */
const atLeaving: (() => void)[] = [];
export const whenLeaving = (act: () => void): number => atLeaving.push(act);

export async function signOut(): Promise<void> {
  // What was built on something else ends before it.
  for (const act of [...atLeaving].reverse()) act();
  await ask('GET', LOGOUT).catch(() => undefined);
  forget(undefined);
}

/** Ends here what the box has ended, or what a person has. */
export function forget(why: 'expired' | undefined): void {
  if (!session.value) return;
  clearTimeout(renewal);
  sessionStorage.removeItem(KEPT);
  localStorage.removeItem(KEPT);
  // A guest has no address to sign in with again.
  ended.value = isGuest.value ? 'visit' : why;
  knownAs.value = isGuest.value ? '' : session.value.account.loginEmail;
  session.value = undefined;
  for (const act of atEnd) act();
}

/** Takes over what changed in the person's own profile. */
export function updateAccount(change: Partial<Account>): void {
  const current = session.value;
  if (current) keep({ ...current, account: { ...current.account, ...change } }, stays());
}

let renewal: ReturnType<typeof setTimeout> | undefined;

function claims(token: string): { iat: number; exp: number } {
  const part = token.split('.')[1] ?? '';
  return JSON.parse(atob(part.replace(/-/gu, '+').replace(/_/gu, '/'))) as { iat: number; exp: number };
}

export function scheduleRenewal(): void {
  clearTimeout(renewal);
  const current = session.value;
  if (!current) return;
  const { iat, exp } = claims(current.token);
  const due = (iat + (exp - iat) * RENEW_AT) * 1000 - Date.now();
  renewal = setTimeout(() => void renew(), Math.min(Math.max(due, 1000), 2 ** 31 - 1));
}

async function renew(): Promise<void> {
  try {
    const { token } = await ask<{ token: string }>('GET', RENEW);
    if (session.value) keep({ ...session.value, token }, stays());
    scheduleRenewal();
  } catch {
    if (session.value) renewal = setTimeout(() => void renew(), RENEW_AGAIN_MS);
  }
}

if (session.value) scheduleRenewal();

/** Another tab that signed out, or in as somebody else, speaks for this one too. */
addEventListener('storage', (event) => {
  if (event.key === KEPT && event.storageArea === localStorage && event.newValue === null) forget(undefined);
});
