import '../../components/pane.css';
import './chat.css';
import './file/file.css';
import { useEffect } from 'preact/hooks';
import { Empty } from '../../components/notice';
import { isBubble } from '../../protocol/bubbles';
import { bubble } from '../../state/bubbles';
import { latest } from '../../state/conversations';
import { text } from '../../state/language';
import { preview } from '../../state/names';
import { person } from '../../state/people';
import { placeIn } from '../../state/place';
import { go, route } from '../../state/route';
import { ConversationList } from './list';
import { nameOf } from './name';
import { DETAILS } from './bubble/head';
import { BubbleView } from './bubble/view';
import { PersonView } from './person';

/**
 * `#/chat`, `#/chat/USER` and `#/chat/room_BUBBLE`: all conversations, and the one that is open; `/details`: what a bubble is;
 * `/aPLACE`: one message of it.
 */
export default function ChatPage() {
  const [peer, more] = route.value.page === 'chat' ? route.value.rest.map((part) => part || undefined) : [];
  const details = peer !== undefined && isBubble(peer) && more === DETAILS && bubble(peer)?.status !== 'invited';
  const place = placeIn(more);
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && peer && !event.defaultPrevented && !document.querySelector('dialog[open], [role="menu"]')) go('chat', ...(details ? [peer] : []));
    };
    addEventListener('keydown', leave);
    return () => removeEventListener('keydown', leave);
  }, [peer, details]);
  return (
    <div class="chat" data-open={peer !== undefined} data-details={details}>
      <h1 class="visually-hidden">{text('nav_chat')}</h1>
      <ConversationList current={peer} />
      {peer ? isBubble(peer) ? <BubbleView key={peer} peer={peer} details={details} place={place} /> : <PersonView key={peer} peer={peer} place={place} /> : <Nothing />}
      <Announcer />
    </div>
  );
}

function Nothing() {
  return (
    <section class="chat__nothing">
      <Empty icon="chat" title={text('chat_choose')}>
        <p>{text('chat_choose_text')}</p>
      </Empty>
    </section>
  );
}

/** New messages in words, for those who do not see them come. */
function Announcer() {
  const message = latest.value;
  const where = message && bubble(message.peer)?.name;
  const name = message && nameOf(person(message.from));
  return (
    <p class="visually-hidden" aria-live="polite">
      {message && text('chat_announced', { name: where ? text('bubble_someone_in', { name: name ?? '', bubble: where }) : name ?? '', text: preview(message.body) })}
    </p>
  );
}
