/** A bubble's link, for its organizer (C4). */
export interface OpenLink {
  openInviteId: string;
  invitationURL: string;
  roomId: string;
}

/** Where a link leads, to whoever holds it. */
export interface LinkPage {
  roomName: string;
  roomTopic: string;
  roomLocked: boolean;
  hasLobby: boolean;
  hasPassword: boolean;
  guestsAllowed: boolean;
  invitingFirstName: string;
  invitingLastName: string;
  invitingCompanyName: string;
}

/** Where somebody came to by a link. */
export interface Arrival {
  roomId: string;
  status: 'accepted' | 'waiting';
}

/** Somebody in a lobby. */
export interface Waiter {
  userId: string;
  displayName: string;
  privilege: 'user' | 'guest';
  additionDate: string;
}
