import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Skeleton } from '../../../components/asked';
import { BubbleAvatar } from '../../../components/bubble_avatar';
import { Button } from '../../../components/button';
import { say } from '../../../components/toast';
import { type Bubble, may, needMembers, titleOf } from '../../../state/bubbles';
import { conversation, setMute } from '../../../state/conversations';
import { isFavourite, setFavourite } from '../../../state/favourites';
import { explain } from '../../../state/failure';
import { text } from '../../../state/language';
import { go } from '../../../state/route';
import { isGuest } from '../../../state/session';
import { day } from '../../../state/when';
import { PollSection } from '../poll/section';
import { AddDialog } from './add';
import { LinkSection, LobbySection } from './door';
import { EditDialog } from './edit';
import { EndDialog, type Ending, endings } from './ending';
import { OPENER, inside } from './head';
import { Members } from './members';

/** What a bubble is, who is in it, and what this person may do with it. */
export function Panel({ one }: { one: Bubble }) {
  const [open, setOpen] = useState<'edit' | 'add' | Ending | undefined>(undefined);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => needMembers(one), [one]);
  useLayoutEffect(() => {
    title.current?.focus();
    // It is gone by then: where it was opened is the place to go on.
    return () => document.getElementById(OPENER)?.focus();
  }, []);
  const close = () => setOpen(undefined);
  return (
    <aside class="panel" aria-labelledby="panel-title">
      <header class="panel__head">
        <h3 class="grow" id="panel-title" ref={title} tabIndex={-1}>{text('bubble_details')}</h3>
        <Button kind="quiet" icon="close" label={text('close')} onClick={() => go('chat', one.peer)} />
      </header>
      <div class="panel__body" data-scroller>
        <About one={one} />
        <div class="panel__acts">
          {may(one, 'people') && <Button kind="main" icon="plus" onClick={() => setOpen('add')}>{text('bubble_add')}</Button>}
          {may(one, 'describe') && <Button icon="edit" onClick={() => setOpen('edit')}>{text('bubble_edit')}</Button>}
          <Mute peer={one.peer} />
          {!isGuest.value && <Star peer={one.peer} />}
        </div>
        {may(one, 'people') && <LobbySection one={one} />}
        <PollSection one={one} />
        {one.members ? <Members one={one} /> : <Skeleton rows={4} round />}
        {may(one, 'link') && <LinkSection one={one} />}
        <div class="panel__ends">
          {endings(one).map((ending) => (
            <Button key={ending.kind} kind={ending.danger ? 'danger' : 'plain'} icon={ending.icon} onClick={() => setOpen(ending.kind)}>{ending.name}</Button>
          ))}
          {one.role === 'organizer' && one.count > 1 && <p class="faint">{text('bubble_stays')}</p>}
        </div>
      </div>
      {open === 'edit' && <EditDialog one={one} onClose={close} />}
      {open === 'add' && <AddDialog one={one} onClose={close} />}
      {open && open !== 'edit' && open !== 'add' && <EndDialog one={one} kind={open} onClose={close} />}
    </aside>
  );
}

function About({ one }: { one: Bubble }) {
  return (
    <div class="panel__about">
      <BubbleAvatar one={one} size="large" />
      <p class="panel__name"><bdi>{titleOf(one)}</bdi></p>
      {one.topic && <p class="soft"><bdi>{one.topic}</bdi></p>}
      <p class="faint">{[...inside(one), text('bubble_since', { date: day(new Date(one.createdMs).toISOString()) })].join(' · ')}</p>
      <p class="faint">{text(one.sharesHistory ? 'bubble_history_all' : 'bubble_history_none')}</p>
      {one.archived && <span class="tag tag--warn">{text('bubble_archived')}</span>}
    </div>
  );
}

function Star({ peer }: { peer: string }) {
  const on = isFavourite(peer);
  const toggle = () => void setFavourite(peer, !on).catch((failure: unknown) => say(explain(failure), 'bad'));
  return <Button icon="star" onClick={toggle}>{text(on ? 'people_favourite_remove' : 'people_favourite_add')}</Button>;
}

function Mute({ peer }: { peer: string }) {
  const one = conversation(peer);
  if (!one?.id) return null;
  const toggle = () => void setMute(one, !one.mute).catch((failure: unknown) => say(explain(failure), 'bad'));
  return <Button icon={one.mute ? 'bell' : 'muted'} onClick={toggle}>{text(one.mute ? 'chat_unmute' : 'chat_mute')}</Button>;
}
