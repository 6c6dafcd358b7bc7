import './company.css';
import { useState } from 'preact/hooks';
import { Asked } from '../../components/asked';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Name } from '../../components/name';
import { Notice } from '../../components/notice';
import { Head, Part } from '../../components/sections';
import { SessionList } from '../../components/sessions';
import type { Company, Member } from '../../protocol/admin';
import { useAsked } from '../../state/asked';
import { text } from '../../state/language';
import { isOwnAccount, mayChange, readMember, stateOf } from '../../state/members';
import { plain } from '../../state/plain';
import { go, link } from '../../state/route';
import { sessionsOf } from '../../state/sessions';
import { day } from '../../state/when';
import { type Act, Acts } from './acts';
import { EditMember } from './edit';
import { RoleTags, StateTag } from './tags';

interface MemberPageProps {
  id: string;
  company: Company;
  /** The address of the list that it belongs to. */
  at: readonly string[];
}

export function MemberPage({ id, company, at }: MemberPageProps) {
  const asked = useAsked((signal) => readMember(id, signal), [id]);
  const back = { href: link(...at), name: text('company_members') };
  const name = asked.value ? plain(asked.value.displayName) : text('company_member');
  return (
    <>
      <Head title={<Name>{name}</Name>} back={back} focus />
      <Asked of={asked} rows={5} round>
        {(member) => <Content member={member} company={company} onChanged={asked.put} onRemoved={() => go(...at)} />}
      </Asked>
    </>
  );
}

interface ContentProps {
  member: Member;
  company: Company;
  onChanged: (member: Member) => void;
  onRemoved: () => void;
}

function Content({ member, company, onChanged, onRemoved }: ContentProps) {
  const [act, setAct] = useState<Act | undefined>(undefined);
  const open = (kind: Act['kind']) => () => setAct({ kind, member });
  const may = mayChange(member);
  const own = isOwnAccount(member);
  return (
    <>
      <Summary member={member} />
      {!may && <Notice kind="info">{text('company_only_owner')}</Notice>}
      {may && !own && stateOf(member) === 'waiting' && (
        <Notice kind="warn">
          <div class="row row--apart row--wrap">
            <p>{text('company_waiting_text')}</p>
            <Button icon="link" onClick={open('link')}>{text('company_link_make')}</Button>
          </div>
        </Notice>
      )}
      <div class="duo">
        <EditMember key={member.id} member={member} company={company} disabled={!may} onChanged={onChanged} />
        <div>
          {may && !own && <SessionList of={sessionsOf(member.id)} member={member.id} />}
          {may && !own && <Access member={member} open={open} />}
          {own && <Notice kind="info">{text('company_yourself')} <a href={link('settings', 'security')}>{text('settings_security')}</a></Notice>}
        </div>
      </div>
      {act && <Acts act={act} onClose={() => setAct(undefined)} onDone={(changed) => (changed ? onChanged(changed) : onRemoved())} />}
    </>
  );
}

function Summary({ member }: { member: Member }) {
  return (
    <div class="row member__summary">
      <Avatar id={member.id} name={plain(member.displayName)} size="large" />
      <div class="grow stack stack--tight">
        <p class="soft"><Name>{member.loginEmail}</Name></p>
        <p class="row row--wrap members__tags">
          <StateTag member={member} />
          <RoleTags member={member} />
          <span class="faint">{text('company_since', { day: day(member.creationDate) })}</span>
        </p>
      </div>
    </div>
  );
}

function Access({ member, open }: { member: Member; open: (kind: Act['kind']) => () => void }) {
  return (
    <Part title={text('company_access')} danger>
      <ul class="lines">
        {member.isActive && (
          <Line name={text('company_link_reset')} words={text('company_link_reset_short')}>
            <Button onClick={open('link')}>{text('company_link_do')}</Button>
          </Line>
        )}
        {member.isActive ? (
          <Line name={text('company_disable')} words={text('company_disable_text')}><Button kind="danger" onClick={open('disable')}>{text('company_disable')}</Button></Line>
        ) : (
          <Line name={text('company_enable')} words={text('company_enable_text')}><Button onClick={open('enable')}>{text('company_enable')}</Button></Line>
        )}
        <Line name={text('company_remove')} words={text('company_remove_text')}><Button kind="danger" onClick={open('remove')}>{text('company_remove')}</Button></Line>
      </ul>
    </Part>
  );
}

function Line({ name, words, children }: { name: string; words: string; children: preact.ComponentChildren }) {
  return (
    <li class="lines__one lines__one--wrap">
      <div class="grow"><p class="lines__name">{name}</p><p class="faint">{words}</p></div>
      {children}
    </li>
  );
}
