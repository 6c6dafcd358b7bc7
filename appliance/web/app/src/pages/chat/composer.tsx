import type { RefObject, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { say } from '../../components/toast';
import type { Urgency } from '../../protocol/shape';
import { TEXT_MAX } from '../../protocol/stanzas';
import { chosen } from '../../state/attachments';
import { draft, setDraft } from '../../state/drafts';
import { locale, text } from '../../state/language';
import { mentionsIn } from '../../state/mentions';
import { oneLine } from '../../state/names';
import { person } from '../../state/people';
import { correct, write } from '../../state/outbox';
import { sentTo, stopped, wrote } from '../../state/typing';
import { returned, sendChosen } from '../../state/uploads';
import { EmojiPicker } from './emoji_picker';
import { Attach } from './file/attach';
import { Chips } from './file/chips';
import { paste } from './file/choose';
import { nameOf } from './name';
import { Names, useNames } from './names';
import type { Row } from './rows';
import { UrgencyLine, UrgencyMenu } from './urgency';

/** From here on it is told how much fits. */
const TOLD_FROM = TEXT_MAX - 1000;

interface ComposerProps {
  peer: string;
  name: string;
  editing: Row | undefined;
  /** What is answered. */
  answering: Row | undefined;
  onEdited: () => void;
  onAnswered: () => void;
  /** The arrow up in an empty field. */
  onEditLast: () => void;
  onSent: () => void;
}

/** The field grows with its text, up to what its style allows. */
function useGrowing(field: RefObject<HTMLTextAreaElement | null>, value: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [value]);
}

/** What is being written: kept as a draft, told to the peer as typing, put over an earlier message while that is edited. */
function useText({ peer, editing, answering }: ComposerProps, field: RefObject<HTMLTextAreaElement | null>) {
  const [value, setValue] = useState(() => draft(peer));
  // Before anybody can type into it.
  useLayoutEffect(() => {
    setValue(editing ? editing.markdown ?? editing.body : draft(peer));
    if (editing) field.current?.focus();
  }, [editing?.key]);
  useLayoutEffect(() => {
    if (answering) field.current?.focus();
  }, [answering]);
  // What was written with a file that does not come.
  const back = returned.value;
  useLayoutEffect(() => {
    if (!editing) setValue(draft(peer));
  }, [back]);
  useEffect(() => () => stopped(), [peer]);
  useLayoutEffect(() => {
    // On a telephone the keyboard would cover what is to be read first.
    if (matchMedia('(hover: hover)').matches) field.current?.focus();
  }, [peer]);
  useGrowing(field, value);
  const change = (next: string) => {
    setValue(next);
    if (editing) return;
    setDraft(peer, next);
    wrote(peer, next.trim() === '');
  };
  return { value, change, show: setValue };
}

function useComposer(props: ComposerProps) {
  const { peer, editing, answering, onEdited, onAnswered, onEditLast, onSent } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const { value, change, show } = useText(props, field);
  const names = useNames(peer, field, value, change);
  const [urgency, setUrgency] = useState<Urgency | undefined>(undefined);
  const body = value.trim();
  const files = !editing && chosen(peer).length > 0;
  const sendable = (body !== '' || files) && value.length <= TEXT_MAX;
  const leave = () => {
    onEdited();
    show(draft(peer));
    field.current?.focus();
  };
  const submit = () => {
    if (!sendable) return;
    if (editing && body === (editing.markdown ?? editing.body)) return leave();
    const mentions = mentionsIn(peer, body);
    const about = { answers: answering && { id: answering.id, atMs: answering.atMs }, mentions, urgency };
    const taken = editing ? correct(peer, editing.id, body, { answers: editing.answers, mentions, file: editing.file, urgency: editing.urgency }) : files ? sendChosen(peer, body, about) : write(peer, body, about);
    if (!taken) return say(text('chat_no_room'), 'bad');
    if (editing) return leave();
    setUrgency(undefined);
    sentTo(peer);
    setDraft(peer, '');
    show('');
    onSent();
    field.current?.focus();
  };
  const press = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes a word, Enter is its own.
    if (event.isComposing || names.press(event)) return;
    const enter = event.key === 'Enter' && !event.shiftKey;
    const away = event.key === 'Escape' && (editing || answering);
    const up = event.key === 'ArrowUp' && value === '' && !editing;
    if (!enter && !away && !up) return;
    event.preventDefault();
    if (enter) submit();
    else if (away) editing ? leave() : onAnswered();
    else onEditLast();
  };
  return { field, value, change, sendable, leave, submit, press, names, urgency, setUrgency };
}

/** Puts a text where the caret is. */
function insert(element: HTMLTextAreaElement | null, value: string, more: string, change: (next: string) => void): void {
  if (!element) return change(value + more);
  element.setRangeText(more, element.selectionStart, element.selectionEnd, 'end');
  change(element.value);
}

export function Composer(props: ComposerProps) {
  const { peer, name, editing, answering } = props;
  const { field, value, change, sendable, leave, submit, press, names, urgency, setUrgency } = useComposer(props);
  const left = TEXT_MAX - value.length;
  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); submit(); }}>
      {editing && (
        <div class="composer__edit">
          <Icon name="edit" size={16} />
          <span class="grow">{text('chat_editing')}</span>
          <Button kind="quiet" icon="close" label={text('cancel')} onClick={leave} />
        </div>
      )}
      {answering && !editing && (
        <div class="composer__edit">
          <Icon name="answer" size={16} />
          <span class="grow cut">{text('chat_answering', { name: answering.mine ? text('chat_you') : nameOf(person(answering.from)) })} <bdi>{oneLine(answering.body)}</bdi></span>
          <Button kind="quiet" icon="close" label={text('cancel')} onClick={props.onAnswered} />
        </div>
      )}
      {!editing && <UrgencyLine of={urgency} onChange={setUrgency} />}
      {!editing && <Chips peer={peer} onLess={() => field.current?.focus()} />}
      {names.list.length > 0 && <Names {...names} />}
      <div class="composer__line">
        <EmojiPicker onPick={(emoji) => insert(field.current, value, emoji, change)} onClose={() => field.current?.focus()} />
        {!editing && <Attach peer={peer} />}
        {!editing && <UrgencyMenu of={urgency} onChange={setUrgency} />}
        <textarea
          ref={field}
          class="composer__field"
          rows={1}
          value={value}
          placeholder={text('chat_write', { name })}
          aria-label={text('chat_write', { name })}
          aria-describedby="composer-left"
          {...names.field}
          aria-invalid={left < 0}
          dir="auto"
          enterkeyhint="send"
          onInput={(event) => {
            change(event.currentTarget.value);
            names.look();
          }}
          onSelect={names.look}
          onKeyDown={press}
          onPaste={(event) => !editing && paste(peer, event)}
        />
        <Button kind="main" type="submit" icon={editing ? 'check' : 'send'} label={editing ? text('save') : text('chat_send')} disabled={!sendable} class="composer__send" />
      </div>
      <p class="composer__left" id="composer-left" role="status" data-over={left < 0}>
        {value.length > TOLD_FROM && text(left < 0 ? 'chat_too_long' : 'chat_left', { count: new Intl.NumberFormat(locale()).format(Math.abs(left)) })}
      </p>
    </form>
  );
}
