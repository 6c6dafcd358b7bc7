import { useState } from 'preact/hooks';
import { Avatar } from '../../components/avatar';
import { BubbleAvatar } from '../../components/bubble_avatar';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Empty } from '../../components/notice';
import { PaneSkeleton } from '../../components/pane';
import { Windowed } from '../../components/windowed';
import { isBubble } from '../../protocol/bubbles';
import { bubble, titleOf } from '../../state/bubbles';
import { type Conversation, conversations, conversationsState, fetchConversations } from '../../state/conversations';
import { draft } from '../../state/drafts';
import { counted, text } from '../../state/language';
import { level } from '../../state/levels';
import { folded, preview } from '../../state/names';
import { inNetwork, person } from '../../state/people';
import { go, link } from '../../state/route';
import { brief } from '../../state/time';
import { isTyping } from '../../state/typing';
import { BubbleDialog } from './bubble/new';
import { nameInBubble, nameOf, writers } from './name';

const ROW_HEIGHT = 68;

export function ConversationList({ current }: { current: string | undefined }) {
  const [filter, setFilter] = useState('');
  const [making, setMaking] = useState(false);
  const all = conversations.value;
  const words = folded(filter.trim());
  const shown = words ? all.filter((one) => folded(searched(one.peer)).includes(words)) : all;
  return (
    <section class="chat__list" aria-labelledby="chat-title">
      <header class="pane__head">
        <div class="row row--apart">
          <h2 class="pane__title" id="chat-title">{text('chat_list')}</h2>
          <div class="row row--close">
            <Button kind="quiet" icon="bubble" label={text('bubble_new')} popup="dialog" onClick={() => setMaking(true)} />
            <Button kind="quiet" icon="edit" label={text('chat_new')} onClick={() => go('people')} />
          </div>
        </div>
        <label class="finder">
          <Icon name="search" size={18} />
          <span class="visually-hidden">{text('chat_filter')}</span>
          <input class="finder__input" type="search" value={filter} placeholder={text('chat_filter')} maxLength={100} onInput={(event) => setFilter(event.currentTarget.value)} />
        </label>
      </header>
      <Rows shown={shown} current={current} filtered={words !== ''} />
      {making && <BubbleDialog onClose={() => setMaking(false)} />}
    </section>
  );
}

/** What the filter looks at. */
function searched(peer: string): string {
  const of = bubble(peer);
  if (isBubble(peer) && !of) return '';
  return of ? `${of.name} ${of.topic}` : `${nameOf(person(peer))} ${person(peer)?.company ?? ''}`;
}

function Rows({ shown, current, filtered }: { shown: readonly Conversation[]; current: string | undefined; filtered: boolean }) {
  if (conversationsState.value === 'loading' && shown.length === 0) return <PaneSkeleton rows={6} />;
  if (conversationsState.value === 'failed' && shown.length === 0) {
    return (
      <Empty icon="warning" title={text('chat_list_failed')}>
        <Button onClick={() => void fetchConversations()}>{text('retry')}</Button>
      </Empty>
    );
  }
  if (shown.length === 0) {
    return filtered ? (
      <p class="pane__none">{text('chat_none_found')}</p>
    ) : (
      <Empty icon="chat" title={text('chat_empty')}>
        <p>{text('chat_empty_text')}</p>
        <Button kind="main" icon="people" onClick={() => go('people')}>{text('chat_find_people')}</Button>
      </Empty>
    );
  }
  return (
    <Windowed
      label={text('chat_list')}
      class="pane__rows"
      items={shown}
      keyOf={(one) => one.peer}
      heightOf={() => ROW_HEIGHT}
      current={current}
      render={(one, tabIndex) => <ConversationRow one={one} current={one.peer === current} tabIndex={tabIndex} />}
    />
  );
}

function ConversationRow({ one, current, tabIndex }: { one: Conversation; current: boolean; tabIndex: number }) {
  const of = bubble(one.peer);
  const name = isBubble(one.peer) ? titleOf(of) : nameOf(person(one.peer));
  return (
    <a class="entry" href={link('chat', one.peer)} aria-current={current ? 'true' : undefined} tabIndex={tabIndex} data-unread={one.unread > 0}>
      {of && <span class="visually-hidden">{text('bubble')}</span>}
      {of ? <BubbleAvatar one={of} /> : <Avatar id={one.peer} name={name} bubble={isBubble(one.peer)} level={inNetwork(one.peer) ? level(one.peer) : undefined} />}
      <span class="entry__main">
        <span class="entry__line">
          <span class="entry__name cut"><bdi>{name}</bdi></span>
          {one.mute && <Muted />}
          {one.last && <time class="entry__time" dateTime={new Date(one.last.atMs).toISOString()}>{brief(one.last.atMs)}</time>}
        </span>
        <span class="entry__line">
          {of?.status === 'invited' ? <span class="entry__text"><span class="tag tag--accent">{text('bubble_invitation')}</span></span> : <Last one={one} current={current} />}
          {of && (of.archived || of.status === 'unsubscribed') && <span class="tag">{text(of.archived ? 'bubble_archived' : 'bubble_left')}</span>}
          {one.named && <span class="badge" title={text('chat_named')}><span aria-hidden="true">@</span><span class="visually-hidden">{text('chat_named')}</span></span>}
          {one.unread > 0 && (
            <span class="badge">
              <span aria-hidden="true">{one.unread > 99 ? '99+' : one.unread}</span>
              <span class="visually-hidden">{counted('chat_unread', one.unread)}</span>
            </span>
          )}
        </span>
      </span>
    </a>
  );
}

function Muted() {
  return (
    <span class="entry__muted">
      <Icon name="muted" size={14} />
      <span class="visually-hidden">{text('chat_is_muted')}</span>
    </span>
  );
}

function Last({ one, current }: { one: Conversation; current: boolean }) {
  const of = bubble(one.peer);
  if (isTyping(one.peer)) return <span class="entry__text entry__text--live cut">{of ? writers(one.peer) : text('chat_typing')}</span>;
  const begun = current ? '' : draft(one.peer);
  if (begun) return <span class="entry__text cut"><b class="entry__draft">{text('chat_draft')}</b> <bdi>{preview(begun)}</bdi></span>;
  if (!one.last) return <span class="entry__text cut"><bdi>{of?.topic || text('chat_no_message')}</bdi></span>;
  const words = preview(one.last.text) || text('chat_deleted');
  return (
    <span class="entry__text cut">
      {one.last.mine ? `${text('chat_mine')} ` : of && one.last.from && <><bdi>{nameInBubble(one.last.from)}</bdi>: </>}
      <bdi>{words}</bdi>
    </span>
  );
}
