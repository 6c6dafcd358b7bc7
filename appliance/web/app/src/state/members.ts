import type { JoinLink, Member, MemberChange, NewMember } from '../protocol/admin';
import { OWNERS_ROLES } from '../protocol/admin';
import type { Page } from '../protocol/rest';
import { askOne } from './asked';
import { account, ask, isBoxOwner } from './session';

export const MEMBERS_PER_PAGE = 50;
const USERS = '/api/rainbow/admin/v1.0/users';

export interface MembersWanted {
  company: string;
  name: string;
  offset: number;
}

export function listMembers({ company, name, offset }: MembersWanted, signal: AbortSignal): Promise<Page<Member>> {
  const query = { companyId: company, searchName: name.trim() || undefined, limit: MEMBERS_PER_PAGE, offset, format: 'full' };
  return ask('GET', USERS, { query, signal });
}

export const readMember = (id: string, signal: AbortSignal): Promise<Member> => askOne('GET', `${USERS}/${id}`, { signal });

export const addMember = (member: NewMember): Promise<Member> => askOne('POST', USERS, { body: member });

export const changeMember = (id: string, change: MemberChange): Promise<Member> => askOne('PUT', `${USERS}/${id}`, { body: change });

export const removeMember = (id: string): Promise<unknown> => askOne('DELETE', `${USERS}/${id}`);

/** By it the member chooses a first password, or another one. An older link is void. */
export const makeJoinLink = (id: string): Promise<JoinLink> => askOne('POST', `/api/edge/v1/users/${id}/invitation`);

export type MemberState = 'active' | 'disabled' | 'waiting';

export function stateOf(member: Member): MemberState {
  if (!member.isActive) return 'disabled';
  return member.hasJoined === false ? 'waiting' : 'active';
}

/** Whoever holds a right beyond the company is administered by the box owner alone (R1). */
export const mayChange = (member: Member): boolean =>
  isBoxOwner.value || !OWNERS_ROLES.some((role) => member.roles.includes(role));

export const isOwnAccount = (member: Member): boolean => member.id === account.value?.id;
