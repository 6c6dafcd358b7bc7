import { useState } from 'preact/hooks';
import { Choices, TextField } from '../../components/field';
import { Notice } from '../../components/notice';
import { SaveBar } from '../../components/savebar';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import { AS_COMPANY, type Company, type Member, type MemberChange, type MemberVisibility, SET_APART } from '../../protocol/admin';
import { useForm } from '../../state/form';
import { type StringKey, text } from '../../state/language';
import { changeMember, isOwnAccount } from '../../state/members';
import { isBoxOwner, updateAccount } from '../../state/session';
import { MODE_NAMES } from './modes';

const TEXTS = ['loginEmail', 'firstName', 'lastName', 'title', 'jobTitle'] as const;
const FIELDS = [...TEXTS, 'roles', 'visibility'] as const;
type Values = Record<(typeof TEXTS)[number], string> & { roles: readonly string[]; visibility: MemberVisibility };

const valuesOf = (member: Member): Values => ({
  loginEmail: member.loginEmail,
  firstName: member.firstName,
  lastName: member.lastName,
  title: member.title,
  jobTitle: member.jobTitle,
  roles: member.roles,
  visibility: member.visibility,
});

/** Only what was changed is sent: somebody else may be at the same account. */
function difference(before: Values, now: Values): MemberChange {
  const changed = FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]));
  return Object.fromEntries(changed.map((field) => [field, now[field]]));
}

interface EditMemberProps {
  member: Member;
  company: Company;
  disabled: boolean;
  onChanged: (member: Member) => void;
}

export function EditMember({ member, company, disabled, onChanged }: EditMemberProps) {
  const [saved, setSaved] = useState(() => valuesOf(member));
  const [values, setValues] = useState(saved);
  const set = <K extends keyof Values>(field: K) => (value: Values[K]) => setValues((before) => ({ ...before, [field]: value }));
  const change = difference(saved, values);
  const changed = Object.keys(change).length > 0;
  const form = useForm(FIELDS, async () => {
    const now = await changeMember(member.id, change);
    setSaved(valuesOf(now));
    setValues(valuesOf(now));
    onChanged(now);
    if (isOwnAccount(now)) updateAccount({ displayName: now.displayName, firstName: now.firstName, lastName: now.lastName, roles: now.roles });
    say(text('saved'));
  });
  return (
    <form class="stack member__form" noValidate onSubmit={(event) => void form.submit(event)}>
      <Person values={values} set={set} error={form.error} disabled={disabled} />
      <Part title={text('company_rights')} text={text('company_rights_text')}>
        <Roles roles={values.roles} company={company} disabled={disabled} own={isOwnAccount(member)} onChange={set('roles')} />
        {form.error('roles') && <Notice kind="bad">{form.error('roles')}</Notice>}
      </Part>
      <Part title={text('company_apart')} text={text('company_apart_text', { mode: text(MODE_NAMES[company.visibility]) })}>
        <Apart value={values.visibility} company={company} disabled={disabled} onChange={set('visibility')} />
        {form.error('visibility') && <Notice kind="bad">{form.error('visibility')}</Notice>}
      </Part>
      {form.general && <Notice kind="bad">{form.general}</Notice>}
      <SaveBar shown={changed} busy={form.busy} onUndo={() => { setValues(saved); form.clear(); }} />
    </form>
  );
}

interface PersonProps {
  values: Values;
  set: <K extends keyof Values>(field: K) => (value: Values[K]) => void;
  error: (field: string) => string | undefined;
  disabled: boolean;
}

function Person({ values, set, error, disabled }: PersonProps) {
  const field = (name: (typeof TEXTS)[number], label: StringKey, more: object = {}) => (
    <TextField label={text(label)} value={values[name]} onInput={set(name)} error={error(name)} maxLength={255} autocomplete="off" disabled={disabled} {...more} />
  );
  return (
    <Part title={text('company_person')}>
      {field('loginEmail', 'company_email', { type: 'email', hint: text('company_email_hint') })}
      <div class="pair">
        {field('firstName', 'company_first_name')}
        {field('lastName', 'company_last_name')}
        {field('title', 'settings_title')}
        {field('jobTitle', 'company_job')}
      </div>
    </Part>
  );
}

interface RolesProps {
  roles: readonly string[];
  company: Company;
  disabled: boolean;
  own: boolean;
  onChange: (roles: readonly string[]) => void;
}

type RoleRow = readonly [role: string, name: StringKey, words: StringKey];

const ADMIN: RoleRow = ['admin', 'company_role_admin', 'company_role_admin_text'];
const FINANCE: RoleRow = ['bp_finance', 'company_role_bp_finance', 'company_role_bp_finance_text'];
const OPERATION: RoleRow = ['bp_admin', 'company_role_bp_admin', 'company_role_bp_admin_text'];
const OWNER: RoleRow = ['superadmin', 'company_role_superadmin', 'company_role_superadmin_text'];

/** Roles that reach beyond a company are offered to the box owner alone (R1). */
function Roles({ roles, company, disabled, own, onChange }: RolesProps) {
  const rows = isBoxOwner.value ? [ADMIN, FINANCE, ...(company.isBP ? [OPERATION] : []), OWNER] : [ADMIN];
  const toggle = (role: string, on: boolean) => onChange(on ? [...roles, role] : roles.filter((one) => one !== role));
  return (
    <div class="stack">
      {rows.map(([role, name, words]) => {
        const kept = own && roles.includes(role) && (role === 'admin' || role === 'superadmin');
        return (
          <label key={role} class="check">
            <input type="checkbox" checked={roles.includes(role)} disabled={disabled || kept} onChange={(event) => toggle(role, event.currentTarget.checked)} />
            <span>
              <span class="choice__name">{text(name)}</span>
              <span class="choice__text">{text(kept ? 'company_role_own' : words)}</span>
            </span>
          </label>
        );
      })}
    </div>
  );
}

const APART: Record<string, readonly [StringKey, StringKey]> = {
  [AS_COMPANY]: ['company_apart_same', 'company_apart_same_text'],
  public: ['company_apart_public', 'company_apart_public_text'],
  private: ['company_apart_private', 'company_apart_private_text'],
};

function Apart({ value, company, disabled, onChange }: { value: MemberVisibility; company: Company; disabled: boolean; onChange: (value: MemberVisibility) => void }) {
  const modes: MemberVisibility[] = [AS_COMPANY, ...SET_APART[company.visibility]];
  const options = modes.map((mode) => {
    const [name, words] = APART[mode] ?? ['company_apart_same', 'company_apart_same_text'];
    return { value: mode, name: text(name), text: text(words) };
  });
  return (
    <fieldset class="fieldset" disabled={disabled}>
      <Choices legend={text('company_apart')} named name="apart" value={modes.includes(value) ? value : AS_COMPANY} options={options} onChange={onChange} />
    </fieldset>
  );
}
