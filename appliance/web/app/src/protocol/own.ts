/** What belongs to the person who is signed in: sessions, application passwords, subscriptions for push, people blocked. */

export interface SignInSession {
  id: string;
  client: string;
  applicationId: string | null;
  creationDate: string;
  lastUseDate: string;
  isCurrent: boolean;
  connectedDevices: number;
}

export interface ApplicationPassword {
  id: string;
  name: string;
  creationDate: string;
  lastUseDate: string | null;
}

export interface NewApplicationPassword {
  id: string;
  name: string;
  password: string;
  jid: string;
}

export interface PushSubscriptionRow {
  id: string;
  /** Made in the sign-in session that asks. */
  isCurrent: boolean;
}

export interface Blocked {
  id: string;
  /** `null` when the person may no longer be seen. */
  displayName: string | null;
}
