import { useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { Choices, TextField } from '../../components/field';
import { NewPassword } from '../../components/password';
import { Notice } from '../../components/notice';
import { say } from '../../components/toast';
import type { Company, JoinLink, Member } from '../../protocol/admin';
import { explain } from '../../state/failure';
import { needed, useForm } from '../../state/form';
import { text } from '../../state/language';
import { addMember, makeJoinLink } from '../../state/members';
import { generate } from '../../state/password';
import { isAllowed } from '../../state/strength';
import { plain } from '../../state/plain';
import { JoinLinkBox } from './joinlink';

type Way = 'link' | 'password';
const FIELDS = ['loginEmail', 'firstName', 'lastName', 'jobTitle', 'password'] as const;
type Entered = Record<(typeof FIELDS)[number], string>;
const NOTHING: Entered = { loginEmail: '', firstName: '', lastName: '', jobTitle: '', password: '' };

interface Added {
  member: Member;
  link?: JoinLink;
  /** The account is there, but its link could not be made. */
  failure?: unknown;
}

interface AddMemberProps {
  company: Company;
  onClose: () => void;
  onAdded: () => void;
}

export function AddMember({ company, onClose, onAdded }: AddMemberProps) {
  const [added, setAdded] = useState<Added | undefined>(undefined);
  const done = (next: Added) => {
    onAdded();
    if (next.link || next.failure !== undefined) return setAdded(next);
    say(text('company_added', { name: plain(next.member.displayName) }));
    onClose();
  };
  return (
    <Dialog title={added ? text('company_added', { name: plain(added.member.displayName) }) : text('company_add')} onClose={added ? () => undefined : onClose}>
      {added ? <Result added={added} onClose={onClose} /> : <AddForm company={company} onDone={done} onClose={onClose} />}
    </Dialog>
  );
}

/** Adds the account; without a password its link is made at once. */
async function add(company: Company, entered: Entered, role: string, way: Way): Promise<Added> {
  const { password, ...person } = entered;
  const roles = role === 'admin' ? ['user', 'admin'] : ['user'];
  const member = await addMember({ ...person, loginEmail: person.loginEmail.trim(), companyId: company.id, roles, ...(way === 'password' && { password }) });
  if (way === 'password') return { member };
  return makeJoinLink(member.id).then((link) => ({ member, link }), (failure: unknown) => ({ member, failure }));
}

function AddForm({ company, onDone, onClose }: { company: Company; onDone: (added: Added) => void; onClose: () => void }) {
  const [entered, setEntered] = useState(NOTHING);
  const [role, setRole] = useState<'user' | 'admin'>('user');
  const [way, setWay] = useState<Way>('link');
  const set = (field: keyof Entered) => (value: string) => setEntered((before) => ({ ...before, [field]: value }));
  const check = () => ({
    loginEmail: needed(entered.loginEmail),
    password: way === 'password' && !isAllowed(entered.password) ? text('form_password_rules') : undefined,
  });
  const form = useForm(way === 'password' ? FIELDS : FIELDS.filter((field) => field !== 'password'), async () => onDone(await add(company, entered, role, way)), check);
  const optional = text('optional');
  return (
    <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
      <TextField label={text('company_email')} type="email" autocomplete="off" value={entered.loginEmail} onInput={set('loginEmail')} error={form.error('loginEmail')} hint={text('company_email_hint')} autofocus />
      <div class="pair">
        <TextField label={text('company_first_name')} optional={optional} autocomplete="off" maxLength={255} value={entered.firstName} onInput={set('firstName')} error={form.error('firstName')} />
        <TextField label={text('company_last_name')} optional={optional} autocomplete="off" maxLength={255} value={entered.lastName} onInput={set('lastName')} error={form.error('lastName')} />
      </div>
      <TextField label={text('company_job')} optional={optional} autocomplete="off" maxLength={255} value={entered.jobTitle} onInput={set('jobTitle')} error={form.error('jobTitle')} />
      <Choices
        legend={text('company_role')}
        name="role"
        value={role}
        options={[
          { value: 'user', name: text('company_role_user'), text: text('company_role_user_text') },
          { value: 'admin', name: text('company_role_admin'), text: text('company_role_admin_text') },
        ]}
        onChange={setRole}
      />
      <Choices
        legend={text('company_way')}
        name="way"
        value={way}
        options={[
          { value: 'link', name: text('company_way_link'), text: text('company_way_link_text') },
          { value: 'password', name: text('company_way_password'), text: text('company_way_password_text') },
        ]}
        onChange={setWay}
      />
      {way === 'password' && <NewPassword label={text('company_first_password')} value={entered.password} onInput={set('password')} error={form.error('password')} onGenerate={() => set('password')(generate())} />}
      {form.general && <Notice kind="bad">{form.general}</Notice>}
      <div class="row row--end row--wrap">
        <Button onClick={onClose}>{text('cancel')}</Button>
        <Button type="submit" kind="main" busy={form.busy}>{text(way === 'link' ? 'company_add_link' : 'company_add')}</Button>
      </div>
    </form>
  );
}

function Result({ added, onClose }: { added: Added; onClose: () => void }) {
  return (
    <div class="stack">
      {added.link && <JoinLinkBox link={added.link} name={added.member.displayName} />}
      {added.failure !== undefined && <Notice kind="warn"><p>{text('company_link_failed')}</p><p class="faint">{explain(added.failure)}</p></Notice>}
      <div class="row row--end">
        <Button kind="main" onClick={onClose}>{text(added.link ? 'company_link_taken' : 'close')}</Button>
      </div>
    </div>
  );
}
