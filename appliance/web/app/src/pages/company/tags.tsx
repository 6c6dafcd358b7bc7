import type { Member } from '../../protocol/admin';
import { type StringKey, text } from '../../state/language';
import { type MemberState, stateOf } from '../../state/members';

const ROLES: Record<string, StringKey> = {
  superadmin: 'company_role_superadmin',
  admin: 'company_role_admin',
  bp_admin: 'company_role_bp_admin',
  bp_finance: 'company_role_bp_finance',
  user: 'company_role_user',
  guest: 'company_role_guest',
};

/** Every member is a user: that is said only of who is nothing more. */
export function RoleTags({ member }: { member: Member }) {
  const special = Object.keys(ROLES).filter((role) => role !== 'user' && member.roles.includes(role));
  if (special.length === 0) return <span class="tag">{text('company_role_user')}</span>;
  return <>{special.map((role) => <span key={role} class="tag tag--accent">{text(ROLES[role] ?? 'company_role_user')}</span>)}</>;
}

const STATES: Record<MemberState, readonly [StringKey, string]> = {
  active: ['company_state_active', 'tag--good'],
  disabled: ['company_state_disabled', 'tag--bad'],
  waiting: ['company_state_waiting', 'tag--warn'],
};

export function StateTag({ member }: { member: Member }) {
  const [name, look] = STATES[stateOf(member)];
  return <span class={`tag ${look}`}>{text(name)}</span>;
}
