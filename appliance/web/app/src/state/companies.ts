import type { Company, CompanyChange, NewCompany, Organisation } from '../protocol/admin';
import type { Page } from '../protocol/rest';
import { askOne } from './asked';
import { ask } from './session';

export const COMPANIES_PER_PAGE = 25;
const COMPANIES = '/api/rainbow/admin/v1.0/companies';
const ORGANISATIONS = '/api/rainbow/admin/v1.0/organisations';

export const listCompanies = (name: string, offset: number, signal: AbortSignal): Promise<Page<Company>> =>
  ask('GET', COMPANIES, { query: { name: name.trim() || undefined, limit: COMPANIES_PER_PAGE, offset, format: 'full' }, signal });

export const readCompany = (id: string, signal: AbortSignal): Promise<Company> => askOne('GET', `${COMPANIES}/${id}`, { signal });

export const addCompany = (company: NewCompany): Promise<Company> => askOne('POST', COMPANIES, { body: company });

export const changeCompany = (id: string, change: CompanyChange): Promise<Company> => askOne('PUT', `${COMPANIES}/${id}`, { body: change });

/** The two see one another whatever their modes, or no longer do (B5). */
export const setVisibleBy = (id: string, other: string, on: boolean): Promise<Company> =>
  askOne(on ? 'POST' : 'DELETE', `${COMPANIES}/${id}/visible-by/${other}`);

export const listOrganisations = async (signal: AbortSignal): Promise<Organisation[]> =>
  (await ask<Page<Organisation>>('GET', ORGANISATIONS, { query: { limit: 1000 }, signal })).data;

export const addOrganisation = (name: string): Promise<Organisation> => askOne('POST', ORGANISATIONS, { body: { name } });

/** Names of companies by their ids, as far as the person may see them. */
export async function namesOf(ids: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const read = async (id: string) => [id, (await askOne<{ name: string }>('GET', `/api/rainbow/enduser/v1.0/companies/${id}`, { signal })).name] as const;
  const answers = await Promise.allSettled(ids.slice(0, NAMES_MAX).map(read));
  return new Map(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])));
}

const NAMES_MAX = 50;

/** Every business partner of the box; there are few. */
export async function listPartners(signal: AbortSignal): Promise<Company[]> {
  const { data } = await ask<Page<Company>>('GET', COMPANIES, { query: { limit: 1000, format: 'full' }, signal });
  return data.filter((company) => company.isBP);
}
