import type { RefObject, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
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
import { isFavourite } from '../../state/favourites';
import { finding, look } from '../../state/find';
import { counted, text } from '../../state/language';
import { level } from '../../state/levels';
import { oneLine, preview } from '../../state/names';
import { inNetwork, person } from '../../state/people';
import { go, link } from '../../state/route';
import { isGuest } from '../../state/session';
import { brief } from '../../state/time';
import { isTyping } from '../../state/typing';
import { BubbleDialog } from './bubble/new';
import { Found } from './found';
import { nameInBubble, nameOf, writers } from './name';

const ROW_HEIGHT = 68;

export function ConversationList({ current }: { current: string | undefined }) {
  const [words, setWords] = useState(finding.value?.words ?? '');
  const [only, setOnly] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const [making, setMaking] = useState(false);
  const within = only ? current : undefined;
  useEffect(() => look(words, within), [words, within]);
  useSearchKey(field);
  return (
    <section class="chat__list" aria-labelledby="chat-title" onKeyDown={(event) => leaveSearch(event, words, () => setWords(''))}>
      <header class="pane__head">
        <div class="row row--apart">
          <h2 class="pane__title" id="chat-title">{text('chat_list')}</h2>
          {!isGuest.value && (
            <div class="row row--close">
              <Button kind="quiet" icon="bubble" label={text('bubble_new')} popup="dialog" onClick={() => setMaking(true)} />
              <Button kind="quiet" icon="edit" label={text('chat_new')} onClick={() => go('people')} />
            </div>
          )}
        </div>
        {!isGuest.value && (
          <label class="finder">
            <Icon name="search" size={18} />
            <span class="visually-hidden">{text('search_everything')}</span>
            <input
              ref={field}
              class="finder__input"
              type="search"
              value={words}
              placeholder={text('search_everything')}
              maxLength={200}
              autocomplete="off"
              aria-keyshortcuts="Control+K"
              onInput={(event) => setWords(event.currentTarget.value)}
              onKeyDown={intoFound}
            />
          </label>
        )}
        {words.trim() !== '' && current && (
          <label class="check search__only">
            <input type="checkbox" checked={only} onChange={(event) => setOnly(event.currentTarget.checked)} />
            <span class="cut">{text('search_only', { name: isBubble(current) ? titleOf(bubble(current)) : nameOf(person(current)) })}</span>
          </label>
        )}
      </header>
      {words.trim() === '' ? <Rows shown={conversations.value} current={current} /> : <Found words={words} current={current} />}
      {making && <BubbleDialog onClose={() => setMaking(false)} />}
    </section>
  );
}

/** Wherever one is on this page, Control and K lead to the search. */
function useSearchKey(field: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** Escape ends the search, and only then leaves the conversation. */
function leaveSearch(event: TargetedKeyboardEvent<HTMLElement>, words: string, clear: () => void): void {
  if (event.key !== 'Escape' || words === '' || event.defaultPrevented) return;
  event.preventDefault();
  event.stopPropagation();
  clear();
  event.currentTarget.querySelector<HTMLElement>('.finder__input')?.focus();
}

/** The arrow leads into what was found. */
function intoFound(event: TargetedKeyboardEvent<HTMLInputElement>): void {
  if (event.key !== 'ArrowDown') return;
  event.preventDefault();
  event.currentTarget.closest('section')?.querySelector<HTMLElement>('.windowed [tabindex="0"]')?.focus();
}

function Rows({ shown, current }: { shown: readonly Conversation[]; current: string | undefined }) {
  if (conversationsState.value === 'loading' && shown.length === 0) return <PaneSkeleton rows={6} />;
  if (conversationsState.value === 'failed' && shown.length === 0) {
    return (
      <Empty icon="warning" title={text('chat_list_failed')}>
        <Button onClick={() => void fetchConversations()}>{text('retry')}</Button>
      </Empty>
    );
  }
  if (shown.length === 0) {
    return (
      <Empty icon="chat" title={text('chat_empty')}>
        {!isGuest.value && <p>{text('chat_empty_text')}</p>}
        {!isGuest.value && <Button kind="main" icon="people" onClick={() => go('people')}>{text('chat_find_people')}</Button>}
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
          {isFavourite(one.peer) && <Star />}
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

function Star() {
  return (
    <span class="entry__star">
      <Icon name="star" size={14} />
      <span class="visually-hidden">{text('people_favourite')}</span>
    </span>
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
  const words = oneLine(one.last.text) || text('chat_deleted');
  return (
    <span class="entry__text cut">
      {one.last.mine ? `${text('chat_mine')} ` : of && one.last.from && <><bdi>{nameInBubble(one.last.from)}</bdi>: </>}
      <bdi>{words}</bdi>
    </span>
  );
}
