import * as wire from '../protocol/join';
import { plain } from './plain';
import { session, signIn, signOut } from './session';

export type { Invitation } from '../protocol/join';

/** Names that somebody else has entered, as they may stand within a sentence. */
export async function readInvitation(token: string): Promise<wire.Invitation> {
  const { email, firstName, lastName, companyName } = await wire.readInvitation(token);
  return { email: plain(email), firstName: plain(firstName ?? ''), lastName: plain(lastName ?? ''), companyName: plain(companyName) };
}

/** Sets the password, then signs in with it; whoever was signed in here before is not any more. */
export async function join(token: string, body: wire.Joining): Promise<void> {
  const { email } = await wire.join(token, body);
  if (session.value) await signOut();
  await signIn(email, body.password, false);
}
