import type { ComponentType } from 'preact';
import type { IconName } from '../components/icon';
import type { StringKey } from '../state/language';
import { askedIntoCount } from '../state/bubbles';
import { unreadTotal } from '../state/conversations';
import { receivedCount } from '../state/invitations';
import { missed } from '../state/missed';
import { isBoxOwner, isCompanyAdmin, isGuest, isPartner, session } from '../state/session';

export interface PageRow {
  /** First part of the address. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
  /** Where it stands in the navigation, if it does. */
  navigation?: { name: StringKey; icon: IconName; badge?: () => number };
  /** Who gets it; everybody who is signed in unless said. The box checks again whatever is asked of it. */
  allowed?: () => boolean;
}

/** Pages of who is signed in. A new page is a folder and a line here; the first is where one begins. */
export const PAGES: readonly PageRow[] = [
  { path: 'chat', load: () => import('./chat'), navigation: { name: 'nav_chat', icon: 'chat', badge: () => unreadTotal.value } },
  { path: 'people', load: () => import('./people'), navigation: { name: 'nav_people', icon: 'people', badge: () => receivedCount.value + askedIntoCount.value }, allowed: () => !isGuest.value },
  { path: 'calls', load: () => import('./calls'), navigation: { name: 'nav_calls', icon: 'phone', badge: () => missed.value }, allowed: () => !isGuest.value },
  { path: 'files', load: () => import('./files'), navigation: { name: 'nav_files', icon: 'folder' }, allowed: () => !isGuest.value },
  { path: 'company', load: () => import('./company'), navigation: { name: 'nav_company', icon: 'building' }, allowed: () => isCompanyAdmin.value },
  { path: 'box', load: () => import('./box'), navigation: { name: 'nav_box', icon: 'server' }, allowed: () => isBoxOwner.value },
  { path: 'customers', load: () => import('./box'), navigation: { name: 'box_nav_customers', icon: 'server' }, allowed: () => isPartner.value && !isBoxOwner.value },
  { path: 'settings', load: () => import('./settings'), navigation: { name: 'nav_settings', icon: 'settings' }, allowed: () => !isGuest.value },
];

/** Pages of who is not: what a link leads to before anybody has signed in. */
export const OPEN_PAGES: readonly PageRow[] = [
  { path: 'sign-in', load: () => import('./sign-in'), allowed: () => session.value === undefined },
  { path: 'join', load: () => import('./join') },
  { path: 'meet', load: () => import('./meet') },
];

export const ADMIN = { owner: () => isBoxOwner.value, company: () => isCompanyAdmin.value };
