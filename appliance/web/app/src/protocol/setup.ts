import { call } from './rest';

/** Setting up a box that is not yet one. Until it is done nothing else is there; afterwards nothing of this. */
const SETUP = '/api/edge/v1/setup';

export interface SetupStatus {
  needed: boolean;
  /** Whether the token that was sent along is the box's. */
  unlocked?: boolean;
  /** SHA-256 of the box's own CA, as its terminal shows it: `AB:CD:...`. */
  fingerprint?: string;
  version?: string;
  /** Names of the steps, in their order. */
  steps?: string[];
}

export type Visibility = 'public' | 'private' | 'closed' | 'isolated';

/** What has been answered; a step that has not is missing. */
export interface Answers {
  language?: { language: string };
  name?: { name: string; domain: string };
  company?: { name: string; visibility: Visibility };
  administrator?: { email: string; firstName?: string; lastName?: string };
  recovery?: { confirmed: boolean };
}
export type Answerable = Exclude<keyof Answers, 'recovery'>;

export interface Sheet {
  /** First step without an answer. */
  step: string;
  answers: Answers;
  suggestions?: { name?: string };
}

export interface Finished {
  address: string;
  domain: string;
  name: string;
}

const bearer = (token: string | undefined) => (token === undefined ? {} : { authorization: `Bearer ${token}` });

async function data<T>(answer: Promise<{ data: T }>): Promise<T> {
  return (await answer).data;
}

export const readStatus = (token?: string): Promise<SetupStatus> => data(call('GET', SETUP, bearer(token)));

export const sendCode = (code: string): Promise<{ token: string }> => data(call('POST', `${SETUP}/code`, { body: { code } }));

export const readAnswers = (token: string): Promise<Sheet> => data(call('GET', `${SETUP}/answers`, bearer(token)));

export const putAnswer = <K extends Answerable>(token: string, step: K, body: NonNullable<Answers[K]>): Promise<Sheet> =>
  data(call('PUT', `${SETUP}/answers/${step}`, { ...bearer(token), body }));

export const makeRecoveryKey = (token: string): Promise<{ key: string }> => data(call('POST', `${SETUP}/recovery-key`, bearer(token)));

export const checkRecoveryKey = (token: string, key: string): Promise<unknown> =>
  call('POST', `${SETUP}/recovery-key/check`, { ...bearer(token), body: { key } });

export const finish = (token: string, password: string): Promise<Finished> =>
  data(call('POST', `${SETUP}/finish`, { ...bearer(token), body: { password } }));
