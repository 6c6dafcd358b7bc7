import type { ComponentChildren } from 'preact';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Icon, type IconName } from '../../components/icon';
import { language, text } from '../../state/language';
import { pieces } from '../../state/mentions';
import { isMe } from '../../state/people';
import { type Reach, reach } from '../../state/readers';
import { link } from '../../state/route';
import { clock, day, whole } from '../../state/time';
import { isEmojiOnly, withLinks } from './body';
import { FileCard } from './file/card';
import { Markdown } from './markdown';
import { Quote } from './quote';
import { Reactions } from './reactions';
import { RowMenu, showMenu } from './row_menu';
import type { Row } from './rows';

export interface Actions {
  copy: (row: Row) => void;
  /** Takes one emoji, or takes it back. */
  react: (row: Row, icon: string) => void;
  reacted: (row: Row) => void;
  /** Who has read it. */
  readers: (row: Row) => void;
  forward: (row: Row) => void;
  pin: (row: Row) => void;
  /** Here one wants to read on. */
  mark: (row: Row) => void;
  answer: (row: Row) => void;
  edit: (row: Row) => void;
  remove: (row: Row) => void;
  removeFile: (row: Row) => void;
  retry: (row: Row) => void;
  discard: (row: Row) => void;
}

interface MessageRowProps {
  row: Row;
  /** Of who wrote it, if it was somebody else. */
  name: string;
  peer: string;
  /** Several people write here: it is said who. */
  many: boolean;
  /** Somebody may write here. */
  open: boolean;
  /** Tab leads to what can be done with it; from there arrows lead on. */
  reachable: boolean;
  /** It may be changed: the last of one's own (C8). */
  changeable: boolean;
  pinned: boolean;
  marked: boolean;
  /** It was looked for, and found. */
  sought: boolean;
  actions: Actions;
}

export function MessageRow(props: MessageRowProps) {
  const { row, name, peer, many, open, actions } = props;
  // What looks at a signal is drawn again only when what it got has changed: most rows never are.
  void language.value;
  const names = ['message', row.mine ? 'message--mine' : 'message--theirs', row.first ? 'message--first' : '', row.last ? 'message--last' : ''];
  return (
    <>
      {row.day && <li class="messages__day" key={`${row.key} day`}><h3>{day(row.atMs)}</h3></li>}
      {row.fresh && <li class="messages__fresh" data-fresh><span>{text('chat_new_messages')}</span></li>}
      {props.marked && <li class="messages__marked"><Icon name="bookmark" size={14} /><span>{text('chat_marked')}</span></li>}
      <li class={names.filter(Boolean).join(' ')} data-key={row.key} data-place={row.place} data-sought={props.sought || undefined}>
        {many && row.first && !row.mine && (
          <a class="message__who" href={link('people', row.from)} aria-hidden="true" tabIndex={-1}><Avatar id={row.from} name={name} size="small" /><bdi class="cut">{name}</bdi></a>
        )}
        <div class="message__line" onClick={showMenu}>
          <Bubble row={row} name={name} peer={peer} />
          <RowMenu {...props} />
        </div>
        <Reactions row={row} open={open} onToggle={(icon) => actions.react(row, icon)} />
        <Failure row={row} many={many} actions={actions} />
        {(row.last || props.pinned || row.status === 'pending') && row.status !== 'failed' && <Meta row={row} pinned={props.pinned} peer={peer} newest={props.changeable} actions={actions} />}
      </li>
    </>
  );
}

function Bubble({ row, name, peer }: { row: Row; name: string; peer: string }) {
  const said = <span class="visually-hidden">{text('chat_said', { name: row.mine ? text('chat_you') : name, time: clock(row.atMs) })} </span>;
  if (row.change === 'deleted') return <div class="bubble bubble--gone" title={whole(row.atMs)}>{said}{text('chat_deleted')}</div>;
  const large = isEmojiOnly(row.body);
  const named = !row.mine && row.mentions.some((one) => isMe(one.user));
  return (
    <div class={`bubble ${large ? 'bubble--emoji' : ''}`} title={whole(row.atMs)} data-status={row.status} data-named={named} data-urgency={row.urgency}>
      {row.urgency && <span class="bubble__urgency"><Icon name="flag" size={14} />{text(`chat_urgency_${row.urgency}`)}</span>}
      {row.forwarded && <span class="bubble__forwarded"><Icon name="forward" size={14} />{text('chat_forwarded')}</span>}
      {row.answers && <Quote peer={peer} of={row.answers} />}
      {said}
      {named && <span class="visually-hidden">{text('chat_named')}. </span>}
      {row.file && <FileCard of={row.file} mine={row.mine} />}
      {row.file?.name !== row.body && <span class="bubble__text" dir="auto">{large ? row.body : <Text row={row} />}</span>}
      {row.change === 'modified' && <span class="bubble__edited"> {text('chat_edited')}</span>}
    </div>
  );
}

/** Nothing in it is ever markup: marks that are drawn, links, and people who are named in it. */
function Text({ row }: { row: Row }) {
  if (row.markdown !== undefined) return <Markdown text={row.markdown} draw={drawnWith(row)} />;
  if (row.mentions.length === 0) return <>{withLinks(row.body)}</>;
  return <>{pieces(row.body, row.mentions).map((piece) => (piece.user === undefined ? withLinks(piece.text) : <Named key={piece.at} user={piece.user}>{piece.text}</Named>))}</>;
}

const Named = ({ user, children }: { user: string; children: string }) => <b class="bubble__named" data-me={isMe(user)}>{children}</b>;

/** In a marked text the places of names are others than in the plain one: they are told by themselves. */
function drawnWith(row: Row): (text: string) => ComponentChildren {
  const named = pieces(row.body, row.mentions).flatMap((piece) => (piece.user === undefined ? [] : [{ user: piece.user, text: piece.text }]));
  if (named.length === 0) return withLinks;
  return (words) => {
    const one = named.find((name) => words.includes(name.text));
    if (!one) return withLinks(words);
    const at = words.indexOf(one.text);
    return <>{drawnWith(row)(words.slice(0, at))}<Named user={one.user}>{one.text}</Named>{drawnWith(row)(words.slice(at + one.text.length))}</>;
  };
}

const WHY: Record<string, 'chat_failed_unreachable' | 'chat_failed_not_last' | 'chat_failed_gone' | 'chat_failed_long'> = {
  'service-unavailable': 'chat_failed_unreachable',
  'not-allowed': 'chat_failed_not_last',
  'item-not-found': 'chat_failed_gone',
  'policy-violation': 'chat_failed_long',
};

function Failure({ row, many, actions }: { row: Row; many: boolean; actions: Actions }) {
  if (!row.failed) return null;
  const change = row.failed.kind !== 'send';
  const why = many && !change && row.failed.failed === 'item-not-found' ? 'bubble_failed_outside' : WHY[row.failed.failed ?? ''] ?? 'chat_failed';
  return (
    <div class="message__failed" role="alert">
      <Icon name="warning" size={16} />
      <span>{text(why)}</span>
      {!change && <Button kind="quiet" onClick={() => actions.retry(row)}>{text('retry')}</Button>}
      <Button kind="quiet" onClick={() => actions.discard(row)}>{text('chat_discard')}</Button>
    </div>
  );
}

const TICKS: Record<Exclude<Row['status'], 'failed'>, IconName> = { pending: 'clock', sent: 'check', received: 'checks', read: 'checks' };

/** Time, and how far a message of one's own has come. */
function Meta({ row, pinned, peer, newest, actions }: { row: Row; pinned: boolean; peer: string; newest: boolean; actions: Actions }) {
  if (row.status === 'failed') return null;
  const told = row.mine && row.status !== 'pending' ? reach(peer, row.place) : undefined;
  const status = told ? statusOf(told) : row.status;
  const words = told && told.received > 0 ? text(told.read > 0 ? 'chat_read_by' : 'chat_received_by', { count: told.read || told.received, of: told.of }) : text(`chat_status_${status}`);
  return (
    <div class="message__meta">
      {pinned && <span class="message__pin" title={text('chat_pinned')}><Icon name="pin" size={14} /><span class="visually-hidden">{text('chat_pinned')}</span></span>}
      <time dateTime={new Date(row.atMs).toISOString()}>{clock(row.atMs)}</time>
      {row.mine && (
        <span class="message__tick" data-status={status} title={words}>
          <Icon name={TICKS[status]} size={16} />
          {!(newest && told) && <span class="visually-hidden">{words}</span>}
        </span>
      )}
      {newest && told && <button type="button" class="message__reach" onClick={() => actions.readers(row)}>{words}</button>}
    </div>
  );
}

/** Of all who may read it. */
function statusOf({ of, received, read }: Reach): 'sent' | 'received' | 'read' {
  if (of === 0) return 'sent';
  return read === of ? 'read' : received === of ? 'received' : 'sent';
}
