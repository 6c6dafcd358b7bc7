import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type Act, useAct } from '../../components/act';
import { Avatar, PresenceDot } from '../../components/avatar';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { Menu, type MenuItem } from '../../components/menu';
import { Empty, Notice } from '../../components/notice';
import { isBlocked, setBlocked } from '../../state/blocks';
import { isFavourite, setFavourite } from '../../state/favourites';
import { answer, cancel, invite, receivedFrom, sentTo } from '../../state/invitations';
import { text } from '../../state/language';
import { level } from '../../state/levels';
import { type Person, inNetwork, isColleague, isMe, leave, person } from '../../state/people';
import { go } from '../../state/route';
import { day } from '../../state/time';

/** Somebody: who he is, how he stands to this person, and what can be done. */
export function Card({ id }: { id: string }) {
  const one = person(id);
  return (
    <section class="people__card" aria-labelledby="card-name">
      <Button kind="quiet" icon="back" label={text('back')} class="people__back" onClick={() => go('people')} />
      {one === undefined && <div class="card-person"><span class="skeleton skeleton--round skeleton--portrait" /><span class="skeleton skeleton--name" /></div>}
      {one === null && <Empty icon="person" title={text('people_gone')}><p>{text('people_gone_text')}</p></Empty>}
      {one && <Known one={one} />}
    </section>
  );
}

function Known({ one }: { one: Person }) {
  const doing = useAct();
  const near = inNetwork(one.id);
  const shown = near ? level(one.id) : undefined;
  const favourite = isFavourite(one.id);
  return (
    <div class="card-person">
      <div class="card-person__head">
        <Avatar id={one.id} name={one.name} level={shown} size="large" />
        <div class="grow">
          <h2 class="card-person__name" id="card-name"><bdi>{one.name}</bdi></h2>
          <p class="soft">{[one.jobTitle, one.company].filter(Boolean).join(' · ')}</p>
          {shown && <p class="card-person__level"><PresenceDot level={shown} /> {text(`presence_${shown}`)}</p>}
        </div>
        {near && (
          <Button kind="quiet" icon="star" pressed={favourite} class="card-person__star" label={text(favourite ? 'people_favourite_remove' : 'people_favourite_add')} onClick={() => void doing.act(() => setFavourite(one.id, !favourite))} />
        )}
      </div>
      <Relation one={one} near={near} doing={doing} />
      <dl class="card-facts">
        <Fact name={text('people_company')}>{one.company}</Fact>
        <Fact name={text('people_job')}>{one.jobTitle}</Fact>
        {one.email && <Fact name={text('people_email')}><a href={`mailto:${encodeURIComponent(one.email)}`}>{one.email}</a></Fact>}
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (!children) return null;
  return (
    <div class="card-facts__one">
      <dt>{name}</dt>
      <dd><bdi>{children}</bdi></dd>
    </div>
  );
}

/** How the two stand to one another, and what follows from that. */
function Relation({ one, near, doing }: { one: Person; near: boolean; doing: Act }) {
  const { name } = one;
  const theirs = receivedFrom(one.id);
  const mine = sentTo(one.id);
  if (isMe(one.id)) return null;
  if (isBlocked(one.id)) {
    return (
      <Notice kind="warn">
        <p><b>{text('people_blocked', { name })}</b></p>
        <p>{text('people_blocked_text')}</p>
        <Actions><Button busy={doing.busy} onClick={() => void doing.act(() => setBlocked(one.id, false))}>{text('people_unblock')}</Button></Actions>
      </Notice>
    );
  }
  if (near) {
    return (
      <Actions>
        <Button kind="main" icon="chat" onClick={() => go('chat', one.id)}>{text('people_write')}</Button>
        <More one={one} near doing={doing} />
      </Actions>
    );
  }
  if (theirs) {
    return (
      <Notice>
        <p><b>{text('people_invites_you', { name })}</b></p>
        <p>{text('people_invites_you_text')}</p>
        <Actions>
          <Button kind="main" busy={doing.busy} onClick={() => void doing.act(() => answer(theirs.id, 'accept'), text('people_accepted', { name }))}>{text('people_accept')}</Button>
          <Button disabled={doing.busy} onClick={() => void doing.act(() => answer(theirs.id, 'decline'))}>{text('people_decline')}</Button>
          <More one={one} near={false} doing={doing} />
        </Actions>
      </Notice>
    );
  }
  return (
    <Notice>
      <p>{mine ? text('people_invited_already', { name, date: day(mine.atMs) }) : text('people_stranger_text', { name })}</p>
      <Actions>
        {mine ? (
          <Button busy={doing.busy} onClick={() => void doing.act(() => cancel(mine.id))}>{text('people_cancel')}</Button>
        ) : (
          <Button kind="main" icon="plus" busy={doing.busy} onClick={() => void doing.act(() => invite(one.id), text('people_invited', { name }))}>{text('people_invite')}</Button>
        )}
        <More one={one} near={false} doing={doing} />
      </Actions>
    </Notice>
  );
}

const Actions = ({ children }: { children: ComponentChildren }) => <div class="row row--wrap card-person__actions">{children}</div>;

/** What is done seldom and asked about first. */
function More({ one, near, doing }: { one: Person; near: boolean; doing: Act }) {
  const [asked, setAsked] = useState<'remove' | 'block' | undefined>(undefined);
  const items: MenuItem[] = [];
  if (near && !isColleague(one)) items.push({ name: text('people_remove'), icon: 'trash', run: () => setAsked('remove') });
  items.push({ name: text('people_block'), icon: 'block', danger: true, run: () => setAsked('block') });
  const close = () => setAsked(undefined);
  const confirm = () => {
    close();
    void doing.act(() => (asked === 'block' ? setBlocked(one.id, true) : leave(one.id)));
  };
  return (
    <>
      <Menu start button={{ icon: 'more', label: text('people_more', { name: one.name }) }} items={items} />
      {asked && (
        <Dialog title={text(`people_${asked}_title`, { name: one.name })} onClose={close}>
          <p>{text(`people_${asked}_text`, { name: one.name })}</p>
          <div class="row row--end">
            <Button onClick={close}>{text('cancel')}</Button>
            <Button kind="danger" onClick={confirm}>{text(asked === 'block' ? 'people_block' : 'people_remove')}</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
