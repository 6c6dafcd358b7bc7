import { Asked } from '../../components/asked';
import { Name } from '../../components/name';
import { Head, Tabs } from '../../components/sections';
import { useAsked } from '../../state/asked';
import { readCompany } from '../../state/companies';
import { text } from '../../state/language';
import { link } from '../../state/route';
import { isBoxOwner } from '../../state/session';
import { Details } from '../company/details';
import { MemberPage } from '../company/member';
import { Members } from '../company/members';
import { Bonds } from './bonds';
import { VisibleBy } from './visible';

interface CompanyOfBoxProps {
  id: string;
  page: string;
  /** The address behind the company's. */
  rest: readonly string[];
}

/** One company of the box: its members, and what is decided about it. */
export function CompanyOfBox({ id, page, rest }: CompanyOfBoxProps) {
  const asked = useAsked((signal) => readCompany(id, signal), [id]);
  const at = [page, 'companies', id];
  const [section, member] = rest;
  const members = [...at, 'members'];
  const details = section === 'details';
  if (section === 'members' && member) {
    return <div class="folio"><Asked of={asked} rows={4} round>{(company) => <MemberPage key={member} id={member} company={company} at={members} />}</Asked></div>;
  }
  const back = { href: link(page), name: text(page === 'box' ? 'box_companies' : 'box_customers') };
  return (
    <div class="folio">
      <Head title={asked.value ? <Name>{asked.value.name}</Name> : text('nav_company')} back={back} focus />
      <Tabs
        label={text('nav_company')}
        tabs={[
          { href: link(...members), name: text('company_members'), current: !details },
          { href: link(...at, 'details'), name: text('company_details'), current: details },
        ]}
      />
      <Asked of={asked} rows={6} round>
        {(company) => (details ? (
          <Details company={company} onChanged={asked.put}>
            {isBoxOwner.value && <><Bonds company={company} onChanged={asked.put} /><VisibleBy company={company} onChanged={asked.put} /></>}
          </Details>
        ) : <Members company={company} at={members} />)}
      </Asked>
    </div>
  );
}
