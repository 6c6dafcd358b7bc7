import './box.css';
import { Head, Tabs } from '../../components/sections';
import { text } from '../../state/language';
import { link, route } from '../../state/route';
import { isBoxOwner } from '../../state/session';
import { Companies } from './companies';
import { CompanyOfBox } from './company';
import { HealthPage } from './health';
import { Organisations } from './organisations';

/** The whole box for its owner; a business partner has the customers alone. */
export default function BoxPage() {
  const { page, rest } = route.value;
  const owner = isBoxOwner.value;
  const here = owner ? 'box' : 'customers';
  const at = page === here ? rest : [];
  if (at[0] === 'companies' && at[1]) return <CompanyOfBox key={at[1]} id={at[1]} page={here} rest={at.slice(2)} />;
  if (!owner) {
    return (
      <div class="folio">
        <Head title={text('box_customers')} text={text('box_customers_text')} />
        <Companies page={here} />
      </div>
    );
  }
  const open = at[0] === 'health' || at[0] === 'organisations' ? at[0] : 'companies';
  const tab = (path: string, name: string) => ({ href: link(here, path), name, current: open === path });
  return (
    <div class="folio">
      <Head title={text('box_title')} text={text('box_text')} />
      <Tabs label={text('box_title')} tabs={[tab('companies', text('box_companies')), tab('organisations', text('box_organisations')), tab('health', text('box_health'))]} />
      {open === 'companies' && <Companies page={here} />}
      {open === 'organisations' && <div class="folio__narrow"><Organisations /></div>}
      {open === 'health' && <HealthPage />}
    </div>
  );
}
