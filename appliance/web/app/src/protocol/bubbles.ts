import { ROOM } from './namespaces';

/** Bubbles, which the interface calls rooms (protocol section 9.1). */
export interface Room {
  id: string;
  jid: string;
  name: string;
  topic: string;
  /** The organizer's id. */
  creator: string;
  history: 'all' | 'none';
  creationDate: string;
  isActive: boolean;
  lastAvatarUpdateDate: string | null;
  /** Whom its link lets in (C4, C5). */
  autoRegister: Door;
  /** Its link asks for a password. */
  hasPassword: boolean;
  activeUsersCounter: number;
  lastActivityDate: string | null;
  users: RoomMember[];
}

/** Whoever has the link; whoever an organizer lets in from the lobby; nobody. */
export type Door = 'unlock' | 'unlock_ack' | 'lock';

export type Status = 'invited' | 'accepted' | 'unsubscribed' | 'rejected';

export interface RoomMember {
  userId: string;
  privilege: 'moderator' | 'user' | 'guest';
  status: Status;
  additionDate: string;
}

/** What somebody who is in a bubble is there. */
export type Role = 'organizer' | 'coOrganizer' | 'member' | 'guest';
export type Action = 'delete' | 'archive' | 'handOver' | 'promote' | 'people' | 'describe' | 'link' | 'poll';

/** Table R2, as the box decides it again whatever is asked of it. */
const ALLOWED: Record<Role, readonly Action[]> = {
  organizer: ['delete', 'archive', 'handOver', 'promote', 'people', 'describe', 'link', 'poll'],
  coOrganizer: ['promote', 'people', 'describe', 'poll'],
  member: [],
  guest: [],
};

export const allows = (role: Role | undefined, action: Action): boolean => role !== undefined && ALLOWED[role].includes(action);

/** Most characters of a name or a topic. */
export const BUBBLE_TEXT_MAX = 255;

/** Bubbles stand among conversations under the name of their address; people under their ids. */
export const isBubble = (peer: string): boolean => peer.startsWith(ROOM);
export const peerOf = (id: string): string => `${ROOM}${id}`;
export const idOf = (peer: string): string => peer.slice(ROOM.length);
