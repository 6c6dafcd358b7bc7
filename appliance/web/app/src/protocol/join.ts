import { call } from './rest';

/** An invitation to an account that exists and has no password yet. Its token is proof enough, once. */
const address = (token: string) => `/api/edge/v1/join/${encodeURIComponent(token)}`;

export interface Invitation {
  email: string;
  firstName: string;
  lastName: string;
  companyName: string;
}

export interface Joining {
  password: string;
  firstName?: string;
  lastName?: string;
}

export const readInvitation = async (token: string): Promise<Invitation> => (await call<{ data: Invitation }>('GET', address(token))).data;

export const join = async (token: string, body: Joining): Promise<{ email: string }> =>
  (await call<{ data: { email: string } }>('POST', address(token), { body })).data;
