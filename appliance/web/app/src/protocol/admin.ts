/** Companies and their members as administrators see them (protocol section 14). */

export const VISIBILITIES = ['public', 'private', 'organization', 'closed', 'isolated'] as const;
export type Visibility = (typeof VISIBILITIES)[number];
/** A member who is not set apart from the company (B2). */
export const AS_COMPANY = 'same_than_company';
export type MemberVisibility = Visibility | typeof AS_COMPANY;

export interface Member {
  id: string;
  companyId: string;
  loginEmail: string;
  firstName: string;
  lastName: string;
  displayName: string;
  nickName: string;
  title: string;
  jobTitle: string;
  roles: string[];
  isActive: boolean;
  /** Has chosen a password; boxes that know of no join links do not tell. */
  hasJoined?: boolean;
  visibility: MemberVisibility;
  creationDate: string;
}

export interface MemberChange {
  loginEmail?: string;
  firstName?: string;
  lastName?: string;
  title?: string;
  jobTitle?: string;
  roles?: string[];
  isActive?: boolean;
  visibility?: MemberVisibility;
}

export interface NewMember {
  companyId: string;
  loginEmail: string;
  firstName: string;
  lastName: string;
  jobTitle: string;
  roles: string[];
  /** Without one the member joins by a link. */
  password?: string;
}

export interface JoinLink {
  address: string;
  expirationDate: string;
}

export interface Company {
  id: string;
  name: string;
  visibility: Visibility;
  visibleBy: string[];
  organisationId: string | null;
  isBP: boolean;
  bpId: string | null;
  isDefault: boolean;
  creationDate: string;
}

export interface CompanyChange {
  name?: string;
  visibility?: Visibility;
  organisationId?: string | null;
  bpId?: string | null;
}

export interface NewCompany {
  name: string;
  visibility: Visibility;
  isBP: boolean;
}

export interface Organisation {
  id: string;
  name: string;
  creationDate: string;
}

/** What members of a company may be set apart to, by the company's mode (B2, B4). */
export const SET_APART: Record<Visibility, readonly Visibility[]> = {
  public: ['private'],
  private: ['public'],
  organization: ['public'],
  closed: ['public', 'private'],
  isolated: ['public', 'private'],
};

/** Roles that reach beyond one company: only the box owner grants them (R1). */
export const OWNERS_ROLES = ['bp_admin', 'bp_finance', 'superadmin'] as const;
