import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Confirm } from '../../components/confirm';
import { TextField } from '../../components/field';
import { Name } from '../../components/name';
import { Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import type { Company } from '../../protocol/admin';
import { useAsked } from '../../state/asked';
import { changeCompany, namesOf } from '../../state/companies';
import { needed, useForm } from '../../state/form';
import { text } from '../../state/language';
import { link } from '../../state/route';
import { account, isBoxOwner, updateAccount } from '../../state/session';
import { day } from '../../state/when';
import { MODE_NAMES, Modes } from './modes';

interface DetailsProps {
  company: Company;
  onChanged: (company: Company) => void;
  /** What the box owner decides besides. */
  children?: ComponentChildren;
}

/** What the administrator of a company decides about it, and what not. */
export function Details({ company, onChanged, children }: DetailsProps) {
  return (
    <div class="duo">
      <div>
        <Rename company={company} onChanged={onChanged} />
        <Mode key={company.visibility} company={company} onChanged={onChanged} />
      </div>
      <div>{children || <Fixed company={company} />}</div>
    </div>
  );
}

function Rename({ company, onChanged }: DetailsProps) {
  const [name, setName] = useState(company.name);
  const form = useForm(['name'], async () => {
    const changed = await changeCompany(company.id, { name: name.trim() });
    setName(changed.name);
    onChanged(changed);
    if (changed.id === account.value?.companyId) updateAccount({ companyName: changed.name });
    say(text('saved'));
  }, () => ({ name: needed(name) }));
  return (
    <Part title={text('company_name')} text={text('company_name_text')}>
      <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
        <TextField label={text('company_name')} value={name} onInput={setName} error={form.error('name')} maxLength={255} autocomplete="off" />
        {form.general && <Notice kind="bad">{form.general}</Notice>}
        <div class="row row--end"><Button type="submit" kind="main" busy={form.busy} disabled={name.trim() === company.name}>{text('save')}</Button></div>
      </form>
    </Part>
  );
}

/** A mode is felt by everybody in the company at once: it is asked for again. */
function Mode({ company, onChanged }: DetailsProps) {
  const [mode, setMode] = useState(company.visibility);
  const [asking, setAsking] = useState(false);
  const act = async () => {
    onChanged(await changeCompany(company.id, { visibility: mode }));
    say(text('saved'));
  };
  return (
    <Part title={text('company_mode')} text={text('company_mode_text')}>
      <Modes value={mode} named inOrganisation={company.organisationId !== null} onChange={setMode} />
      <div class="row row--end">
        <Button kind="main" disabled={mode === company.visibility} onClick={() => setAsking(true)}>{text('company_mode_change')}</Button>
      </div>
      {asking && (
        <Confirm title={text('company_mode_confirm', { mode: text(MODE_NAMES[mode]) })} action={text('company_mode_change')} danger={false} act={act} onClose={() => setAsking(false)}>
          <p>{text('company_mode_confirm_text')}</p>
        </Confirm>
      )}
    </Part>
  );
}

function Fixed({ company }: { company: Company }) {
  const names = useAsked((signal) => namesOf(company.visibleBy, signal), [company.id]);
  return (
    <Part title={text('company_fixed')} text={isBoxOwner.value ? <a href={link('box', 'companies', company.id, 'details')}>{text('company_fixed_owner')}</a> : text('company_fixed_text')}>
      <dl class="facts">
        <dt>{text('company_kind')}</dt>
        <dd>{text(company.isDefault ? 'company_kind_default' : company.isBP ? 'company_kind_partner' : 'company_kind_customer')}</dd>
        <dt>{text('company_organisation')}</dt>
        <dd>{text(company.organisationId === null ? 'company_organisation_none' : 'company_organisation_some')}</dd>
        <dt>{text('company_partner')}</dt>
        <dd>{text(company.bpId === null ? 'company_partner_none' : 'company_partner_some')}</dd>
        <dt>{text('company_visible_by')}</dt>
        <dd>
          {company.visibleBy.length === 0 && text('company_visible_by_none')}
          {company.visibleBy.map((id) => <p key={id}><Name>{names.value?.get(id) ?? id}</Name></p>)}
        </dd>
        <dt>{text('company_created')}</dt>
        <dd>{day(company.creationDate)}</dd>
      </dl>
    </Part>
  );
}
