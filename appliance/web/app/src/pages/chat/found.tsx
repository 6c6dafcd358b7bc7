import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Avatar } from '../../components/avatar';
import { BubbleAvatar } from '../../components/bubble_avatar';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Empty } from '../../components/notice';
import { PaneSkeleton } from '../../components/pane';
import { say } from '../../components/toast';
import { Windowed } from '../../components/windowed';
import { isBubble } from '../../protocol/bubbles';
import type { Attached, Descriptor } from '../../protocol/files';
import { bubble, bubbles, titleOf } from '../../state/bubbles';
import { bytesInWords } from '../../state/bytes';
import { type Conversation, conversations } from '../../state/conversations';
import { explain } from '../../state/failure';
import { download } from '../../state/files';
import { type Finding, type Hit, finding, look, lookFurther, words as wordsOf } from '../../state/find';
import { counted, text } from '../../state/language';
import { level } from '../../state/levels';
import { folded, oneLine, placeOf } from '../../state/names';
import { type Person, inNetwork, isMe, network, person } from '../../state/people';
import { partOf } from '../../state/place';
import { link, route } from '../../state/route';
import { showAround, thread } from '../../state/threads';
import { isPicture } from '../../state/thumbnails';
import { brief } from '../../state/time';
import { FileName, iconOf } from './file/name';
import { PictureDialog } from './file/picture';
import { nameInBubble, nameOf } from './name';

type Item =
  | { is: 'heading'; key: string; name: string }
  | { is: 'conversation'; key: string; peer: string }
  | { is: 'person'; key: string; one: Person }
  | { is: 'hit'; key: string; hit: Hit }
  | { is: 'file'; key: string; one: Descriptor }
  | { is: 'more'; key: string };

const HEIGHTS: Record<Item['is'], number> = { heading: 34, conversation: 60, person: 60, hit: 88, file: 60, more: 52 };
/** Names are at hand; the messages below them must not be far. */
const NAMES_MAX = 6;

/** What a conversation is found by. */
export function searched(peer: string): string {
  const of = bubble(peer);
  if (isBubble(peer) && !of) return '';
  return of ? `${of.name} ${of.topic}` : `${nameOf(person(peer))} ${person(peer)?.company ?? ''}`;
}

function section(name: string, items: readonly Item[]): Item[] {
  return items.length === 0 ? [] : [{ is: 'heading', key: `heading ${name}`, name }, ...items];
}

/** Conversations and people at once, by what this device knows; then what the box has found. */
function itemsOf(words: string, now: Finding): Item[] {
  const wanted = folded(words.trim()).split(/\s+/u).filter(Boolean);
  const fits = (name: string) => wanted.every((part) => folded(name).includes(part));
  const talked = new Set(conversations.value.map((one: Conversation) => one.peer));
  const peers = now.only ? [] : [...new Set([...talked, ...bubbles.value.keys()])].filter((peer) => fits(searched(peer))).slice(0, NAMES_MAX);
  const near = now.only ? [] : network.value.filter((one) => fits(`${one.name} ${one.company} ${one.email ?? ''}`));
  const others = [...new Map([...near, ...now.people].map((one) => [one.id, one])).values()].filter((one) => !talked.has(one.id) && !isMe(one.id));
  return [
    ...section(text('search_conversations'), peers.map((peer) => ({ is: 'conversation', key: peer, peer }))),
    ...section(text('nav_people'), others.slice(0, NAMES_MAX).map((one) => ({ is: 'person', key: one.id, one }))),
    ...section(text('search_messages'), now.hits.map((hit) => ({ is: 'hit', key: `${hit.peer} ${hit.place}`, hit }))),
    ...(now.more ? [{ is: 'more', key: 'more' } as const] : []),
    ...section(text('nav_files'), now.files.map((one) => ({ is: 'file', key: one.id, one }))),
  ];
}

/** One search over people, bubbles, messages and files. */
export function Found({ words, current }: { words: string; current: string | undefined }) {
  const now = finding.value;
  const [shown, setShown] = useState<Attached | undefined>(undefined);
  if (!now) return null;
  const items = itemsOf(words, now);
  const count = items.filter((one) => one.is !== 'heading' && one.is !== 'more').length;
  return (
    <>
      <p class="visually-hidden" role="status">{now.state === 'done' ? counted('search_count', count) : ''}</p>
      {items.length > 0 ? (
        <Windowed
          label={text('search_results')}
          class="pane__rows"
          items={items}
          keyOf={(one) => one.key}
          heightOf={(one) => HEIGHTS[one.is]}
          isRow={(one) => one.is !== 'heading'}
          render={(one, tabIndex) => <One item={one} words={now.words} current={current} tabIndex={tabIndex} onShow={setShown} />}
        />
      ) : (
        <Nothing now={now} words={words} />
      )}
      {shown && <PictureDialog of={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

function Nothing({ now, words }: { now: Finding; words: string }) {
  if (now.state === 'searching') return <PaneSkeleton rows={6} />;
  if (now.state === 'failed') {
    return (
      <Empty icon="warning" title={text('people_search_failed')}>
        <Button onClick={() => look(words, now.only)}>{text('retry')}</Button>
      </Empty>
    );
  }
  return <Empty icon="search" title={text('search_nothing')}><p>{text('search_nothing_text')}</p></Empty>;
}

interface OneProps {
  item: Item;
  words: string;
  current: string | undefined;
  tabIndex: number;
  onShow: (one: Attached) => void;
}

function One({ item, words, current, tabIndex, onShow }: OneProps) {
  if (item.is === 'heading') return <h3 class="pane__heading">{item.name}</h3>;
  if (item.is === 'conversation') return <ConversationFound peer={item.peer} current={item.peer === current} tabIndex={tabIndex} words={words} />;
  if (item.is === 'person') return <PersonFound one={item.one} tabIndex={tabIndex} words={words} />;
  if (item.is === 'hit') return <HitFound hit={item.hit} tabIndex={tabIndex} words={words} />;
  if (item.is === 'file') return <FileFound one={item.one} tabIndex={tabIndex} words={words} onShow={onShow} />;
  return (
    <button type="button" class="entry entry--more" tabIndex={tabIndex} aria-busy={finding.value?.state === 'searching'} onClick={lookFurther}>{text('search_more')}</button>
  );
}

/** A text with what was looked for in it marked, however that is written: accents and case are nothing to a search. */
function Marked({ of, words }: { of: string; words: string }) {
  const found = placeOf(of, words);
  if (!found) return <>{of}</>;
  return <>{of.slice(0, found.from)}<mark>{of.slice(found.from, found.to)}</mark>{of.slice(found.to)}</>;
}

interface EntryProps {
  href: string;
  tabIndex: number;
  current?: boolean;
  picture: ComponentChildren;
  name: ComponentChildren;
  about: ComponentChildren;
  /** What is said of it may take two lines. */
  lines?: boolean;
  onClick?: () => void;
}

function Entry({ href, tabIndex, current = false, picture, name, about, lines = false, onClick }: EntryProps) {
  return (
    <a class="entry" href={href} tabIndex={tabIndex} aria-current={current ? 'true' : undefined} onClick={onClick}>
      {picture}
      <span class="entry__main">
        <span class="entry__line">{name}</span>
        <span class={`entry__text ${lines ? 'entry__text--lines' : 'cut'}`}>{about}</span>
      </span>
    </a>
  );
}

function ConversationFound({ peer, current, tabIndex, words }: { peer: string; current: boolean; tabIndex: number; words: string }) {
  const of = bubble(peer);
  const name = isBubble(peer) ? titleOf(of) : nameOf(person(peer));
  const picture = of ? <BubbleAvatar one={of} /> : <Avatar id={peer} name={name} bubble={isBubble(peer)} level={inNetwork(peer) ? level(peer) : undefined} />;
  const about = of ? of.topic || text('bubble') : person(peer)?.company ?? '';
  return <Entry href={link('chat', peer)} tabIndex={tabIndex} current={current} picture={picture} name={<span class="entry__name cut"><bdi><Marked of={name} words={words} /></bdi></span>} about={<bdi>{about}</bdi>} />;
}

function PersonFound({ one, tabIndex, words }: { one: Person; tabIndex: number; words: string }) {
  const near = inNetwork(one.id);
  const about = [one.jobTitle, one.company].filter(Boolean).join(' · ');
  return (
    <Entry
      href={near ? link('chat', one.id) : link('people', one.id)}
      tabIndex={tabIndex}
      picture={<Avatar id={one.id} name={one.name} level={near ? level(one.id) : undefined} />}
      name={<span class="entry__name cut"><bdi><Marked of={one.name} words={words} /></bdi></span>}
      about={<bdi>{about}</bdi>}
    />
  );
}

function HitFound({ hit, tabIndex, words }: { hit: Hit; tabIndex: number; words: string }) {
  const message = wordsOf(hit);
  const of = bubble(hit.peer);
  const where = isBubble(hit.peer) ? titleOf(of) : nameOf(person(hit.peer));
  // Of a message that says something else by now only that.
  const line = message === null ? text('search_gone') : oneLine(message && !placeOf(message.body, words) ? message.body : hit.excerpt);
  const who = message ? (message.mine ? text('chat_you') : of ? nameInBubble(message.from) : '') : '';
  const href = link('chat', hit.peer, partOf(hit.place));
  // The address is there already: the place is shown again all the same.
  const again = () => {
    const [peer, part] = route.value.rest;
    if (peer === hit.peer && part === partOf(hit.place)) void showAround(thread(hit.peer), hit.place).catch(() => undefined);
  };
  const name = (
    <>
      <span class="entry__name cut"><bdi>{where}</bdi></span>
      <time class="entry__time" dateTime={new Date(hit.place / 1000).toISOString()}>{brief(hit.place / 1000)}</time>
    </>
  );
  const about = <>{who && <><bdi>{who}</bdi>: </>}<bdi><Marked of={line} words={words} /></bdi></>;
  return <Entry href={href} tabIndex={tabIndex} picture={of ? <BubbleAvatar one={of} /> : <Avatar id={hit.peer} name={where} bubble={isBubble(hit.peer)} />} name={name} about={about} lines onClick={again} />;
}

function FileFound({ one, tabIndex, words, onShow }: { one: Descriptor; tabIndex: number; words: string; onShow: (one: Attached) => void }) {
  const of: Attached = { id: one.id, name: one.fileName, type: one.typeMIME, sizeBytes: one.size };
  const open = () => (isPicture(of.type, of.sizeBytes) ? onShow(of) : void download(of.id, of.name).catch((failure: unknown) => say(explain(failure), 'bad')));
  const owner = isMe(one.ownerId) ? text('chat_you') : nameInBubble(one.ownerId);
  return (
    <button type="button" class="entry" tabIndex={tabIndex} onClick={open} title={words}>
      <span class="file__icon"><Icon name={iconOf(of.type)} size={24} /></span>
      <span class="entry__main">
        <span class="entry__line"><span class="entry__name"><FileName name={of.name} /></span></span>
        <span class="entry__text cut">{[owner, bytesInWords(of.sizeBytes), brief(Date.parse(one.dateToSort))].join(' · ')}</span>
      </span>
    </button>
  );
}
