import { useEffect, useState } from 'preact/hooks';
import { Failed, Skeleton } from '../../components/asked';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { TextField } from '../../components/field';
import { Icon } from '../../components/icon';
import { Name } from '../../components/name';
import { Empty, Notice } from '../../components/notice';
import { Pager } from '../../components/pager';
import { say } from '../../components/toast';
import type { Company, Visibility } from '../../protocol/admin';
import { useAsked, useSettled } from '../../state/asked';
import { COMPANIES_PER_PAGE, addCompany, listCompanies } from '../../state/companies';
import { needed, useForm } from '../../state/form';
import { counted, text } from '../../state/language';
import { plain } from '../../state/plain';
import { go, link } from '../../state/route';
import { account, isBoxOwner } from '../../state/session';
import { day } from '../../state/when';
import { MODE_NAMES, Modes } from '../company/modes';

/** The companies that the person administers. */
export function Companies({ page }: { page: string }) {
  const [typed, setTyped] = useState('');
  const name = useSettled(typed);
  const [offset, setOffset] = useState(0);
  useEffect(() => setOffset(0), [name]);
  const asked = useAsked((signal) => listCompanies(name, offset, signal), [name, offset]);
  const [adding, setAdding] = useState(false);
  const searched = name.trim() !== '';
  const add = <Button kind="main" icon="plus" onClick={() => setAdding(true)}>{text('box_company_add')}</Button>;
  return (
    <div class="stack">
      <div class="row row--wrap">
        <label class="members__search">
          <span class="visually-hidden">{text('box_company_search')}</span>
          <Icon name="search" />
          <input class="input" type="search" value={typed} maxLength={100} placeholder={text('box_company_search')} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        <span class="faint grow" role="status">{asked.value && counted('box_company_count', asked.value.total)}</span>
        {add}
      </div>
      {asked.failure !== undefined && <Failed failure={asked.failure} retry={asked.reload} />}
      {asked.value === undefined && asked.failure === undefined && <Skeleton rows={5} round />}
      {asked.value && asked.value.data.length > 0 && (
        <ul class="companies" aria-busy={asked.busy}>
          {asked.value.data.map((company) => <Row key={company.id} company={company} page={page} />)}
        </ul>
      )}
      {asked.value?.data.length === 0 && (
        <Empty icon="building" title={text(searched ? 'box_company_none_found' : 'box_company_none')}>
          {searched ? <Button onClick={() => setTyped('')}>{text('box_company_all')}</Button> : add}
        </Empty>
      )}
      {asked.value && <Pager offset={asked.value.offset} limit={COMPANIES_PER_PAGE} total={asked.value.total} busy={asked.busy} onMove={setOffset} />}
      {adding && <AddCompany onClose={() => setAdding(false)} onAdded={(company) => go(page, 'companies', company.id)} />}
    </div>
  );
}

function Row({ company, page }: { company: Company; page: string }) {
  return (
    <li class="card companies__one">
      <span class="lines__icon"><Icon name="building" /></span>
      <div class="grow">
        <p class="lines__name">
          <a class="companies__link" href={link(page, 'companies', company.id)}><Name>{company.name}</Name></a>
          {company.id === account.value?.companyId && <span class="tag tag--good">{text('box_company_own')}</span>}
        </p>
        <p class="faint">{text('box_company_since', { day: day(company.creationDate) })}</p>
      </div>
      <span class="row row--wrap companies__tags">
        <span class="tag">{text(MODE_NAMES[company.visibility])}</span>
        {company.isBP && <span class="tag tag--accent">{text('company_kind_partner')}</span>}
        {company.isDefault && <span class="tag">{text('company_kind_default')}</span>}
        {company.visibleBy.length > 0 && <span class="tag">{counted('box_company_sees', company.visibleBy.length)}</span>}
      </span>
      <Icon name="next" size={16} />
    </li>
  );
}

function AddCompany({ onClose, onAdded }: { onClose: () => void; onAdded: (company: Company) => void }) {
  const [name, setName] = useState('');
  const [mode, setMode] = useState<Visibility>('public');
  const [partner, setPartner] = useState(false);
  const form = useForm(['name', 'visibility'], async () => {
    const company = await addCompany({ name: name.trim(), visibility: mode, isBP: partner });
    say(text('box_company_added', { name: plain(company.name) }));
    onAdded(company);
  }, () => ({ name: needed(name) }));
  return (
    <Dialog title={text('box_company_add')} onClose={onClose}>
      <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
        <TextField label={text('company_name')} value={name} onInput={setName} error={form.error('name')} maxLength={255} autocomplete="off" autofocus />
        <Modes value={mode} inOrganisation={false} onChange={setMode} />
        {isBoxOwner.value && (
          <label class="check">
            <input type="checkbox" checked={partner} onChange={(event) => setPartner(event.currentTarget.checked)} />
            <span><span class="choice__name">{text('company_kind_partner')}</span><span class="choice__text">{text('box_company_partner_text')}</span></span>
          </label>
        )}
        {(form.general ?? form.error('visibility')) && <Notice kind="bad">{form.general ?? form.error('visibility')}</Notice>}
        <div class="row row--end row--wrap">
          <Button onClick={onClose}>{text('cancel')}</Button>
          <Button type="submit" kind="main" busy={form.busy}>{text('box_company_add')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
