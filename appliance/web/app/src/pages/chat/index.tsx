import '../../components/pane.css';
import './chat.css';
import { useEffect } from 'preact/hooks';
import { Empty } from '../../components/notice';
import { latest } from '../../state/conversations';
import { text } from '../../state/language';
import { preview } from '../../state/names';
import { person } from '../../state/people';
import { go, route } from '../../state/route';
import { ConversationList } from './list';
import { nameOf } from './name';
import { ThreadView } from './thread';

/** `#/chat` and `#/chat/USER`: all conversations, and the one that is open. */
export default function ChatPage() {
  const peer = route.value.page === 'chat' ? route.value.rest[0] || undefined : undefined;
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && peer && !event.defaultPrevented && !document.querySelector('dialog[open], [role="menu"]')) go('chat');
    };
    addEventListener('keydown', leave);
    return () => removeEventListener('keydown', leave);
  }, [peer]);
  return (
    <div class="chat" data-open={peer !== undefined}>
      <h1 class="visually-hidden">{text('nav_chat')}</h1>
      <ConversationList current={peer} />
      {peer ? <ThreadView key={peer} peer={peer} /> : <Nothing />}
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
  const from = message && person(message.peer);
  return (
    <p class="visually-hidden" aria-live="polite">
      {message && text('chat_announced', { name: nameOf(from), text: preview(message.body) })}
    </p>
  );
}
