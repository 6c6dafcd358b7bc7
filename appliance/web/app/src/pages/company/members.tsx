import './company.css';
import { useEffect, useState } from 'preact/hooks';
import { Failed, Skeleton } from '../../components/asked';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Menu } from '../../components/menu';
import { Name } from '../../components/name';
import { Empty } from '../../components/notice';
import { Pager } from '../../components/pager';
import type { Company, Member } from '../../protocol/admin';
import { useAsked, useSettled } from '../../state/asked';
import { counted, text } from '../../state/language';
import { MEMBERS_PER_PAGE, isOwnAccount, listMembers, mayChange } from '../../state/members';
import { plain } from '../../state/plain';
import { go, link } from '../../state/route';
import { day } from '../../state/when';
import { type Act, Acts } from './acts';
import { AddMember } from './add';
import { RoleTags, StateTag } from './tags';

interface MembersProps {
  company: Company;
  /** The address of the list: a member's page stands below it. */
  at: readonly string[];
}

/** The members of a company, page by page: a company may have thousands. */
export function Members({ company, at }: MembersProps) {
  const [typed, setTyped] = useState('');
  const name = useSettled(typed);
  const [offset, setOffset] = useState(0);
  useEffect(() => setOffset(0), [name]);
  const asked = useAsked((signal) => listMembers({ company: company.id, name, offset }, signal), [company.id, name, offset]);
  const [adding, setAdding] = useState(false);
  const [act, setAct] = useState<Act | undefined>(undefined);
  const add = <Button kind="main" icon="plus" onClick={() => setAdding(true)}>{text('company_add')}</Button>;
  const total = asked.value?.total;
  return (
    <div class="stack">
      <div class="row row--wrap">
        <Search value={typed} onInput={setTyped} />
        <span class="faint grow" role="status">{total !== undefined && counted('company_count', total)}</span>
        {add}
      </div>
      {asked.failure !== undefined && <Failed failure={asked.failure} retry={asked.reload} />}
      {asked.value === undefined && asked.failure === undefined && <Skeleton rows={8} round />}
      {asked.value && asked.value.data.length > 0 && <Table members={asked.value.data} at={at} busy={asked.busy} onAct={setAct} />}
      {asked.value?.data.length === 0 && (
        <Empty icon="people" title={text(name.trim() === '' ? 'company_nobody' : 'company_none_found')}>
          <p>{text(name.trim() === '' ? 'company_nobody_text' : 'company_none_found_text')}</p>
          {name.trim() === '' ? add : <Button onClick={() => setTyped('')}>{text('company_all')}</Button>}
        </Empty>
      )}
      {asked.value && <Pager offset={asked.value.offset} limit={MEMBERS_PER_PAGE} total={asked.value.total} busy={asked.busy} onMove={setOffset} />}
      {adding && <AddMember company={company} onClose={() => setAdding(false)} onAdded={asked.reload} />}
      {act && <Acts act={act} onClose={() => setAct(undefined)} onDone={asked.reload} />}
    </div>
  );
}

function Search({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  return (
    <label class="members__search">
      <span class="visually-hidden">{text('company_search')}</span>
      <Icon name="search" />
      <input class="input" type="search" value={value} maxLength={100} placeholder={text('company_search')} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

interface TableProps {
  members: readonly Member[];
  at: readonly string[];
  busy: boolean;
  onAct: (act: Act) => void;
}

function Table({ members, at, busy, onAct }: TableProps) {
  return (
    <div class="card members__card" aria-busy={busy}>
      <table class="table members">
        <caption class="visually-hidden">{text('company_members')}</caption>
        <thead>
          <tr>
            <th scope="col">{text('company_column_name')}</th>
            <th scope="col">{text('company_column_roles')}</th>
            <th scope="col">{text('company_column_state')}</th>
            <th scope="col">{text('company_column_since')}</th>
            <th scope="col"><span class="visually-hidden">{text('company_column_acts')}</span></th>
          </tr>
        </thead>
        <tbody>{members.map((member) => <Row key={member.id} member={member} at={at} onAct={onAct} />)}</tbody>
      </table>
    </div>
  );
}

function Row({ member, at, onAct }: { member: Member; at: readonly string[]; onAct: (act: Act) => void }) {
  return (
    <tr class="members__row">
      <td class="members__who">
        <Avatar id={member.id} name={plain(member.displayName)} />
        <span class="members__names">
          <a class="members__link" href={link(...at, member.id)}><Name>{member.displayName}</Name></a>
          <span class="faint cut"><Name>{member.loginEmail}</Name></span>
        </span>
      </td>
      <td data-label={text('company_column_roles')}><span class="row row--wrap members__tags"><RoleTags member={member} /></span></td>
      <td data-label={text('company_column_state')}><span class="row"><StateTag member={member} /></span></td>
      <td class="members__since faint">{day(member.creationDate)}</td>
      <td class="members__acts"><RowMenu member={member} at={at} onAct={onAct} /></td>
    </tr>
  );
}

function RowMenu({ member, at, onAct }: { member: Member; at: readonly string[]; onAct: (act: Act) => void }) {
  const others = mayChange(member) && !isOwnAccount(member);
  const entry = (kind: Act['kind'], name: string, icon: 'link' | 'block' | 'check' | 'trash', danger = false) => ({ name, icon, danger, run: () => onAct({ kind, member }) });
  return (
    <Menu
      button={{ kind: 'quiet', icon: 'more', label: text('company_acts_of', { name: plain(member.displayName) }) }}
      items={[
        { name: text('company_open'), icon: 'edit', run: () => go(...at, member.id) },
        ...(others && member.isActive ? [entry('link', text(member.hasJoined === false ? 'company_link_make' : 'company_link_reset'), 'link')] : []),
        ...(others ? [member.isActive ? entry('disable', text('company_disable'), 'block') : entry('enable', text('company_enable'), 'check')] : []),
        ...(others ? [entry('remove', text('company_remove'), 'trash', true)] : []),
      ]}
    />
  );
}
