import './bubble/bubble.css';
import './chat.css';
import { useState } from 'preact/hooks';
import { Avatar } from '../../components/avatar';
import { BubbleAvatar } from '../../components/bubble_avatar';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { Icon } from '../../components/icon';
import { Notice } from '../../components/notice';
import { say } from '../../components/toast';
import { isBubble } from '../../protocol/bubbles';
import type { Attached } from '../../protocol/files';
import { bubble, titleOf } from '../../state/bubbles';
import { conversations } from '../../state/conversations';
import { explain } from '../../state/failure';
import { counted, text } from '../../state/language';
import { folded, oneLine } from '../../state/names';
import { inNetwork, isMe, network, person } from '../../state/people';
import { FileName, iconOf } from './file/name';
import { nameOf } from './name';

const SHOWN_MAX = 40;
/** Conversations that one message goes to at once. */
const TARGETS_MAX = 10;

const titled = (peer: string): string => (isBubble(peer) ? titleOf(bubble(peer)) : nameOf(person(peer)));

function isOpen(peer: string): boolean {
  const one = bubble(peer);
  return isBubble(peer) ? one?.status === 'accepted' && !one.archived : inNetwork(peer);
}

/** Where something may go: conversations as they stand in the list, then everybody else of the network. */
function targets(words: string): string[] {
  const talked = conversations.value.map((one) => one.peer);
  const all = [...new Set([...talked, ...network.value.map((one) => one.id)])].filter((peer) => !isMe(peer) && isOpen(peer));
  const parts = folded(words.trim()).split(/\s+/u).filter(Boolean);
  return all.filter((peer) => parts.every((part) => folded(titled(peer)).includes(part)));
}

interface ForwardProps {
  title: string;
  body: string;
  file: Attached | undefined;
  /** Sends it to one conversation; throws when it cannot. */
  send: (peer: string) => Promise<void>;
  onClose: () => void;
}

/** Asks to whom something goes, and sends it to each. */
export function ForwardDialog({ title, body, file, send, onClose }: ForwardProps) {
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(undefined);
  const found = targets(words);
  const toggle = (peer: string) => setChosen(chosen.includes(peer) ? chosen.filter((one) => one !== peer) : [...chosen, peer].slice(-TARGETS_MAX));
  const submit = async () => {
    setBusy(true);
    setFailure(undefined);
    const left = [...chosen];
    try {
      for (let peer = left[0]; peer !== undefined; peer = left[0]) {
        await send(peer);
        left.shift();
      }
      say(counted('chat_forwarded_to', chosen.length));
      onClose();
    } catch (why) {
      // Those whom it has gone to do not get it again.
      setChosen(left);
      setFailure(why);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <blockquote class="forward__what">
        {file && <span class="row"><Icon name={iconOf(file.type)} /><span class="grow"><FileName name={file.name} /></span></span>}
        {body !== '' && body !== file?.name && <span class="forward__words"><bdi>{oneLine(body)}</bdi></span>}
      </blockquote>
      <label class="finder">
        <Icon name="search" size={18} />
        <span class="visually-hidden">{text('chat_forward_find')}</span>
        <input class="finder__input" type="search" value={words} placeholder={text('chat_forward_find')} maxLength={100} autocomplete="off" onInput={(event) => setWords(event.currentTarget.value)} />
      </label>
      <ul class="picker__list forward__list" aria-label={text('chat_forward_to')}>
        {found.slice(0, SHOWN_MAX).map((peer) => <li key={peer}><Target peer={peer} chosen={chosen.includes(peer)} onToggle={() => toggle(peer)} /></li>)}
        {found.length === 0 && <li class="picker__more faint">{text('people_found_none')}</li>}
      </ul>
      {failure !== undefined && <Notice kind="bad"><p>{explain(failure)}</p></Notice>}
      <div class="row row--end row--wrap">
        <Button onClick={onClose}>{text('cancel')}</Button>
        <Button kind="main" icon="send" busy={busy} disabled={chosen.length === 0} onClick={() => void submit()}>{chosen.length > 1 ? text('chat_forward_many', { count: chosen.length }) : text('chat_send')}</Button>
      </div>
    </Dialog>
  );
}

function Target({ peer, chosen, onToggle }: { peer: string; chosen: boolean; onToggle: () => void }) {
  const of = bubble(peer);
  const name = titled(peer);
  return (
    <label class="picker__one">
      <input type="checkbox" checked={chosen} onChange={onToggle} />
      {of ? <BubbleAvatar one={of} /> : <Avatar id={peer} name={name} />}
      <span class="grow">
        <span class="picker__name cut"><bdi>{name}</bdi></span>
        <span class="picker__about cut"><bdi>{of ? of.topic || text('bubble') : person(peer)?.company}</bdi></span>
      </span>
    </label>
  );
}
