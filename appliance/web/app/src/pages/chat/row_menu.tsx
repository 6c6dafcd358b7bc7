import type { TargetedKeyboardEvent, TargetedMouseEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Menu, type MenuItem } from '../../components/menu';
import { file } from '../../state/files';
import { text } from '../../state/language';
import type { Actions } from './message_row';
import { React } from './react';
import type { Row } from './rows';

interface RowMenuProps {
  row: Row;
  /** Several people read it. */
  many: boolean;
  /** Somebody may write here. */
  open: boolean;
  reachable: boolean;
  changeable: boolean;
  pinned: boolean;
  marked: boolean;
  actions: Actions;
}

/** There are hundreds of them, so each is plain buttons until one is pressed. */
export function RowMenu(props: RowMenuProps) {
  const [opened, setOpened] = useState(false);
  const [reacting, setReacting] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const more = { current: root.current?.querySelector<HTMLElement>('.message__more button') ?? null };
  const { row, open, reachable, actions } = props;
  if (row.change === 'deleted') return null;
  const button = { kind: 'quiet', icon: 'more', label: text('chat_actions'), tabIndex: reachable ? 0 : -1 } as const;
  const react = () => setReacting(true);
  return (
    <div class="message__menu" ref={root} data-open={reacting || undefined}>
      {open && row.reactedAs !== undefined && (
        <span class="message__quick">
          <Button kind="quiet" icon="react" label={text('chat_react')} popup="dialog" expanded={reacting} tabIndex={-1} onClick={react} />
          <Button kind="quiet" icon="answer" label={text('chat_answer')} tabIndex={-1} onClick={() => actions.answer(row)} />
        </span>
      )}
      <span class="message__more">
        {opened ? <Menu opened start={!row.mine} button={button} items={commands(props, react)} /> : <Button {...button} popup="menu" expanded={false} onClick={() => setOpened(true)} />}
      </span>
      {reacting && <React row={row} at={more} onPick={(icon) => actions.react(row, icon)} onClose={() => setReacting(false)} />}
    </div>
  );
}

function commands(props: RowMenuProps, react: () => void): MenuItem[] {
  const { row, many, open, changeable, actions } = props;
  const said = row.status !== 'pending' && row.status !== 'failed' && row.place !== undefined;
  const answerable = open && row.status !== 'pending' && row.status !== 'failed';
  const all: (MenuItem | false)[] = [
    answerable && { name: text('chat_answer'), icon: 'answer', run: () => actions.answer(row) },
    open && row.reactedAs !== undefined && { name: text('chat_react'), icon: 'react', run: react },
    row.reactions.length > 0 && { name: text('chat_reacted_show'), icon: 'people', run: () => actions.reacted(row) },
    said && many && row.mine && { name: text('chat_readers'), icon: 'checks', run: () => actions.readers(row) },
    { name: text('chat_copy'), icon: 'copy', run: () => actions.copy(row) },
    said && { name: text('chat_forward'), icon: 'forward', run: () => actions.forward(row) },
    said && { name: text(props.pinned ? 'chat_unpin' : 'chat_pin'), icon: 'pin', run: () => actions.pin(row) },
    said && { name: text(props.marked ? 'chat_unmark' : 'chat_mark'), icon: 'bookmark', run: () => actions.mark(row) },
    changeable && { name: text('chat_edit'), icon: 'edit', apart: true, run: () => actions.edit(row) },
    row.mine && row.file !== undefined && file(row.file.id).peek().is !== 'deleted' && { name: text('file_delete'), icon: 'file', danger: true, run: () => actions.removeFile(row) },
    changeable && { name: text('chat_delete'), icon: 'trash', danger: true, run: () => actions.remove(row) },
  ];
  return all.filter((item) => item !== false);
}

const MORE = '.message__more > button, .message__more > .menu > button';

/**
 * From what can be done with one message to that of the next, up and down, and among what stands there, left and right: there are
 * too many to be reached by Tab.
 */
export function moveOn(event: TargetedKeyboardEvent<HTMLElement>): void {
  if (event.defaultPrevented) return;
  const [target, step] = [event.target as HTMLElement, { ArrowUp: -1, ArrowDown: 1 }[event.key]];
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const own = target.closest('.message__menu');
  const all = step ? [...event.currentTarget.querySelectorAll<HTMLElement>(MORE)] : aside && own ? [...own.querySelectorAll<HTMLElement>('button')] : [];
  const from = step && own ? own.querySelector<HTMLElement>(MORE) : target;
  const at = from ? all.indexOf(from) : -1;
  const next = at < 0 ? undefined : all[at + (step ?? aside ?? 0)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Where nothing hovers, a touch on a message shows what can be done with it. */
export function showMenu(event: TargetedMouseEvent<HTMLDivElement>): void {
  if ((event.target as HTMLElement).closest('a, button') || !matchMedia('(hover: none)').matches) return;
  event.currentTarget.querySelector<HTMLElement>(MORE)?.focus();
}
