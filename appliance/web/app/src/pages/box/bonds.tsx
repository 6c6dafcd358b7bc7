import { useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Select } from '../../components/field';
import { Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import type { Company } from '../../protocol/admin';
import { useAsked } from '../../state/asked';
import { changeCompany, listOrganisations, listPartners } from '../../state/companies';
import { useForm } from '../../state/form';
import { text } from '../../state/language';
import { plain } from '../../state/plain';
import { AddOrganisation } from './organisations';

interface BondsProps {
  company: Company;
  onChanged: (company: Company) => void;
}

/** The organization that a company belongs to (B4) and the partner who administers it (R1). */
export function Bonds({ company, onChanged }: BondsProps) {
  const organisations = useAsked(listOrganisations, []);
  const partners = useAsked(listPartners, []);
  const [organisation, setOrganisation] = useState(company.organisationId ?? '');
  const [partner, setPartner] = useState(company.bpId ?? '');
  const [adding, setAdding] = useState(false);
  const changed = organisation !== (company.organisationId ?? '') || partner !== (company.bpId ?? '');
  const form = useForm(['organisationId', 'bpId', 'visibility'], async () => {
    onChanged(await changeCompany(company.id, { organisationId: organisation || null, bpId: partner || null }));
    say(text('saved'));
  });
  const row = ({ id, name }: { id: string; name: string }): [string, string] => [id, plain(name)];
  const others = (partners.value ?? []).filter((one) => one.id !== company.id);
  return (
    <Part title={text('box_bonds')} text={text('box_bonds_text')}>
      <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
        <Select
          label={text('company_organisation')}
          hint={<>{text('box_organisation_hint')} <button type="button" class="inline" onClick={() => setAdding(true)}>{text('box_organisation_add')}</button></>}
          value={organisation}
          onChange={setOrganisation}
          error={form.error('organisationId') ?? form.error('visibility')}
          options={[['', text('company_organisation_none')], ...(organisations.value ?? []).map(row)]}
        />
        {!company.isDefault && (
          <Select label={text('company_partner')} hint={text('box_partner_hint')} value={partner} onChange={setPartner} error={form.error('bpId')} options={[['', text('company_partner_none')], ...others.map(row)]} />
        )}
        {form.general && <Notice kind="bad">{form.general}</Notice>}
        <div class="row row--end"><Button type="submit" kind="main" busy={form.busy} disabled={!changed}>{text('save')}</Button></div>
      </form>
      {adding && <AddOrganisation onClose={() => setAdding(false)} onAdded={(made) => { organisations.put([...(organisations.value ?? []), made]); setOrganisation(made.id); }} />}
    </Part>
  );
}
