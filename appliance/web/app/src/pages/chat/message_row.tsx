import type { TargetedKeyboardEvent, TargetedMouseEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Icon, type IconName } from '../../components/icon';
import { Menu, type MenuItem } from '../../components/menu';
import { file } from '../../state/files';
import { language, text } from '../../state/language';
import { pieces } from '../../state/mentions';
import { isMe } from '../../state/people';
import { link } from '../../state/route';
import { clock, day, whole } from '../../state/time';
import { isEmojiOnly, withLinks } from './body';
import { FileCard } from './file/card';
import { Quote } from './quote';
import type { Row } from './rows';

export interface Actions {
  copy: (row: Row) => void;
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
  actions: Actions;
}

export function MessageRow({ row, name, peer, many, open, reachable, changeable, actions }: MessageRowProps) {
  // What looks at a signal is drawn again only when what it got has changed: most rows never are.
  void language.value;
  const names = ['message', row.mine ? 'message--mine' : 'message--theirs', row.first ? 'message--first' : '', row.last ? 'message--last' : ''];
  return (
    <>
      {row.day && <li class="messages__day" key={`${row.key} day`}><h3>{day(row.atMs)}</h3></li>}
      {row.fresh && <li class="messages__fresh" data-fresh><span>{text('chat_new_messages')}</span></li>}
      <li class={names.filter(Boolean).join(' ')} data-key={row.key}>
        {many && row.first && !row.mine && (
          <a class="message__who" href={link('people', row.from)} aria-hidden="true" tabIndex={-1}><Avatar id={row.from} name={name} size="small" /><bdi class="cut">{name}</bdi></a>
        )}
        <div class="message__line" onClick={showMenu}>
          <Bubble row={row} name={name} peer={peer} />
          <RowMenu row={row} open={open} reachable={reachable} changeable={changeable} actions={actions} />
        </div>
        <Failure row={row} many={many} actions={actions} />
        {(row.last || row.status === 'pending') && row.status !== 'failed' && <Meta row={row} />}
      </li>
    </>
  );
}

/** From what can be done with one message to that of the next: there are too many to be reached by Tab. */
export function moveOn(event: TargetedKeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || event.defaultPrevented) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('.message__menu > button, .message__menu > .menu > button')];
  const at = all.indexOf(event.target as HTMLElement);
  const next = at < 0 ? undefined : all[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Where nothing hovers, a touch on a message shows what can be done with it. */
function showMenu(event: TargetedMouseEvent<HTMLDivElement>): void {
  if ((event.target as HTMLElement).closest('a, button') || !matchMedia('(hover: none)').matches) return;
  event.currentTarget.querySelector<HTMLElement>('.message__menu button')?.focus();
}

function Bubble({ row, name, peer }: { row: Row; name: string; peer: string }) {
  const said = <span class="visually-hidden">{text('chat_said', { name: row.mine ? text('chat_you') : name, time: clock(row.atMs) })} </span>;
  if (row.change === 'deleted') return <div class="bubble bubble--gone" title={whole(row.atMs)}>{said}{text('chat_deleted')}</div>;
  const large = isEmojiOnly(row.body);
  const named = !row.mine && row.mentions.some((one) => isMe(one.user));
  return (
    <div class={`bubble ${large ? 'bubble--emoji' : ''}`} title={whole(row.atMs)} data-status={row.status} data-named={named}>
      {row.answers && <Quote peer={peer} of={row.answers} />}
      {said}
      {named && <span class="visually-hidden">{text('chat_named')}. </span>}
      {row.file && <FileCard of={row.file} mine={row.mine} />}
      {row.file?.name !== row.body && <span class="bubble__text" dir="auto">{large ? row.body : <Text row={row} />}</span>}
      {row.change === 'modified' && <span class="bubble__edited"> {text('chat_edited')}</span>}
    </div>
  );
}

/** Nothing in it is ever markup: links, and people who are named in it. */
function Text({ row }: { row: Row }) {
  if (row.mentions.length === 0) return <>{withLinks(row.body)}</>;
  return (
    <>
      {pieces(row.body, row.mentions).map((piece) =>
        piece.user === undefined ? withLinks(piece.text) : <b key={piece.at} class="bubble__named" data-me={isMe(piece.user)}>{piece.text}</b>,
      )}
    </>
  );
}

type Commanded = Pick<MessageRowProps, 'row' | 'open' | 'reachable' | 'changeable' | 'actions'>;

/** There are hundreds of them, so each is a plain button until it is pressed. */
function RowMenu(props: Commanded) {
  const [opened, setOpened] = useState(false);
  const { row, reachable } = props;
  if (row.change === 'deleted') return null;
  const button = { kind: 'quiet', icon: 'more', label: text('chat_actions'), tabIndex: reachable ? 0 : -1 } as const;
  return (
    <div class="message__menu">
      {opened ? <Menu opened start={!row.mine} button={button} items={commands(props)} /> : <Button {...button} popup="menu" expanded={false} onClick={() => setOpened(true)} />}
    </div>
  );
}

function commands({ row, open, changeable, actions }: Commanded): MenuItem[] {
  const copy: MenuItem = { name: text('chat_copy'), icon: 'copy', run: () => actions.copy(row) };
  const sent = row.status !== 'pending' && row.status !== 'failed';
  const always: MenuItem[] = open && sent ? [{ name: text('chat_answer'), icon: 'answer' as const, run: () => actions.answer(row) }, copy] : [copy];
  if (row.mine && row.file && file(row.file.id).peek().is !== 'deleted') always.push({ name: text('file_delete'), icon: 'file', danger: true, run: () => actions.removeFile(row) });
  if (!changeable) return always;
  return [
    ...always,
    { name: text('chat_edit'), icon: 'edit', run: () => actions.edit(row) },
    { name: text('chat_delete'), icon: 'trash', danger: true, run: () => actions.remove(row) },
  ];
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
function Meta({ row }: { row: Row }) {
  if (row.status === 'failed') return null;
  return (
    <div class="message__meta">
      <time dateTime={new Date(row.atMs).toISOString()}>{clock(row.atMs)}</time>
      {row.mine && (
        <span class="message__tick" data-status={row.status} title={text(`chat_status_${row.status}`)}>
          <Icon name={TICKS[row.status]} size={16} />
          <span class="visually-hidden">{text(`chat_status_${row.status}`)}</span>
        </span>
      )}
    </div>
  );
}
