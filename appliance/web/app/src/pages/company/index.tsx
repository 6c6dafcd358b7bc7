import { Asked } from '../../components/asked';
import { Name } from '../../components/name';
import { Head, Tabs } from '../../components/sections';
import { useAsked } from '../../state/asked';
import { readCompany } from '../../state/companies';
import { text } from '../../state/language';
import { link, route } from '../../state/route';
import { account } from '../../state/session';
import { Details } from './details';
import { MemberPage } from './member';
import { Members } from './members';

const MEMBERS = ['company', 'members'];

/** One's own company. */
export default function CompanyPage() {
  const id = account.value?.companyId ?? '';
  const asked = useAsked((signal) => readCompany(id, signal), [id]);
  const [section, member] = route.value.rest;
  const details = section === 'details';
  if (section === 'members' && member) {
    return (
      <div class="folio">
        <Asked of={asked} rows={4} round>{(company) => <MemberPage key={member} id={member} company={company} at={MEMBERS} />}</Asked>
      </div>
    );
  }
  return (
    <div class="folio">
      <Head title={<Name>{asked.value?.name ?? account.value?.companyName ?? ''}</Name>} text={text('company_text')} />
      <Tabs
        label={text('nav_company')}
        tabs={[
          { href: link(...MEMBERS), name: text('company_members'), current: !details },
          { href: link('company', 'details'), name: text('company_details'), current: details },
        ]}
      />
      <Asked of={asked} rows={6} round>
        {(company) => (details ? <Details company={company} onChanged={asked.put} /> : <Members company={company} at={MEMBERS} />)}
      </Asked>
    </div>
  );
}
