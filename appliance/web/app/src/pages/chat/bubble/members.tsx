import { useState } from 'preact/hooks';
import { useAct } from '../../../components/act';
import { Avatar } from '../../../components/avatar';
import { Button } from '../../../components/button';
import { Confirm } from '../../../components/confirm';
import { Menu, type MenuItem } from '../../../components/menu';
import { type Bubble, type Member, exclude, handOver, invite, may, promote, takeOff } from '../../../state/bubbles';
import { language, text } from '../../../state/language';
import { level } from '../../../state/levels';
import { compare } from '../../../state/names';
import { inNetwork, isColleague, isMe, person } from '../../../state/people';
import { link } from '../../../state/route';
import { isGuest } from '../../../state/session';
import { nameInBubble } from '../name';

const RANK = { organizer: 0, coOrganizer: 1, member: 2, guest: 3 } as const;
/** Shown before somebody asks for all. */
const FEW = 30;

function sorted(members: readonly Member[]): Member[] {
  const name = (one: Member) => nameInBubble(one.user);
  return [...members].sort((one, other) => RANK[one.role] - RANK[other.role] || compare(name(one), name(other), language.value));
}

/** Who is in a bubble, and who is asked. */
export function Members({ one }: { one: Bubble }) {
  const all = one.members ?? [];
  // In an archived one nobody is any more: those are shown who were until the end.
  const inside = sorted(all.filter((member) => member.status === 'accepted' || (one.archived && member.status === 'unsubscribed')));
  const asked = sorted(all.filter((member) => member.status === 'invited' || (member.status === 'rejected' && may(one, 'people'))));
  return (
    <>
      <Group heading={text('bubble_members_title')} all={inside} one={one} />
      {asked.length > 0 && <Group heading={text('bubble_asked_title')} all={asked} one={one} />}
    </>
  );
}

function Group({ heading, all, one }: { heading: string; all: readonly Member[]; one: Bubble }) {
  const [whole, setWhole] = useState(false);
  return (
    <section>
      <h4 class="panel__heading">{heading}</h4>
      <ul>
        {(whole ? all : all.slice(0, FEW)).map((member) => <MemberRow key={member.user} one={one} member={member} />)}
      </ul>
      {!whole && all.length > FEW && <Button kind="quiet" onClick={() => setWhole(true)}>{text('bubble_show_all', { count: all.length })}</Button>}
    </section>
  );
}

const TAGS = { organizer: 'bubble_organizer', coOrganizer: 'bubble_co_organizer', member: undefined, guest: 'bubble_guest' } as const;

function MemberRow({ one, member }: { one: Bubble; member: Member }) {
  const who = person(member.user);
  const name = nameInBubble(member.user);
  const tag = member.status === 'invited' ? 'bubble_invited' : member.status === 'rejected' ? 'bubble_declined' : TAGS[member.role];
  return (
    <li class="member">
      <Avatar id={member.user} name={name} size="small" level={inNetwork(member.user) ? level(member.user) : undefined} />
      <span class="grow">
        <MemberName user={member.user} name={isMe(member.user) ? text('bubble_me', { name }) : name} plain={isGuest.value || member.role === 'guest'} />
        {who && !isColleague(who) && who.company && <span class="member__about cut"><bdi>{who.company}</bdi></span>}
      </span>
      {tag && <span class={`tag ${member.role === 'organizer' ? 'tag--accent' : ''}`}>{text(tag)}</span>}
      <Commands one={one} member={member} name={name} />
    </li>
  );
}

/** A guest, and whom a guest meets, has no page to go to. */
function MemberName({ user, name, plain }: { user: string; name: string; plain: boolean }) {
  if (plain) return <span class="member__name cut"><bdi>{name}</bdi></span>;
  return <a class="member__name cut" href={link('people', user)}><bdi>{name}</bdi></a>;
}

type Question = 'exclude' | 'handOver';

/** What this person may do to that one (R2); nothing is done to the organizer, or to oneself. */
function Commands({ one, member, name }: { one: Bubble; member: Member; name: string }) {
  const doing = useAct();
  const [asked, setAsked] = useState<Question | undefined>(undefined);
  if (isMe(member.user) || member.role === 'organizer' || one.archived) return null;
  const run = (act: () => Promise<void>) => () => void doing.act(act);
  const { user, status, role } = member;
  const items: MenuItem[] = [];
  if (status === 'accepted' && role !== 'guest' && may(one, 'promote')) {
    items.push({ name: text(role === 'member' ? 'bubble_promote' : 'bubble_demote'), icon: 'star', run: run(() => promote(one, user, role === 'member')) });
  }
  if (status === 'accepted' && role === 'coOrganizer' && may(one, 'handOver')) {
    items.push({ name: text('bubble_hand_over'), icon: 'crown', run: () => setAsked('handOver') });
  }
  if (may(one, 'people')) {
    if (status === 'accepted') items.push({ name: text('bubble_exclude'), icon: 'leave', danger: true, apart: items.length > 0, run: () => setAsked('exclude') });
    if (status === 'rejected') items.push({ name: text('bubble_ask_again'), icon: 'mail', run: run(() => invite(one, user)) });
    if (status !== 'accepted') items.push({ name: text(status === 'invited' ? 'bubble_take_back' : 'bubble_take_off'), icon: 'close', run: run(() => takeOff(one, user)) });
  }
  if (items.length === 0) return null;
  return (
    <>
      <Menu button={{ kind: 'quiet', icon: 'more', label: text('people_more', { name }), busy: doing.busy }} items={items} />
      {asked === 'exclude' && (
        <Confirm title={text('bubble_exclude_title', { name })} action={text('bubble_exclude')} act={() => exclude(one, user)} onClose={() => setAsked(undefined)}>
          <p>{text(role === 'guest' ? 'bubble_exclude_guest' : 'bubble_exclude_text')}</p>
        </Confirm>
      )}
      {asked === 'handOver' && (
        <Confirm title={text('bubble_hand_over_title', { name })} action={text('bubble_hand_over')} danger={false} act={() => handOver(one, user)} onClose={() => setAsked(undefined)}>
          <p>{text('bubble_hand_over_text')}</p>
        </Confirm>
      )}
    </>
  );
}
