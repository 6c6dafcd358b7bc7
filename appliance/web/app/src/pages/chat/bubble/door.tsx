import { useEffect, useState } from 'preact/hooks';
import { type Act, useAct } from '../../../components/act';
import { Skeleton } from '../../../components/asked';
import { Avatar } from '../../../components/avatar';
import { Button } from '../../../components/button';
import { Confirm } from '../../../components/confirm';
import { Copyable } from '../../../components/copy';
import { Choices } from '../../../components/field';
import type { Door } from '../../../protocol/bubbles';
import type { Waiter } from '../../../protocol/door';
import { type Bubble, may, setDoor } from '../../../state/bubbles';
import { answer, door, makeLink, readDoor, removeLink, setPassword } from '../../../state/door';
import { text } from '../../../state/language';

/** Who waits to be let in (C5). */
export function LobbySection({ one }: { one: Bubble }) {
  const doing = useAct();
  useEffect(() => void doing.act(() => readDoor(one, may(one, 'link'))), [one.id]);
  const { waiting } = door(one);
  return waiting && waiting.length > 0 ? <Lobby one={one} waiting={waiting} doing={doing} /> : null;
}

function Lobby({ one, waiting, doing }: { one: Bubble; waiting: readonly Waiter[]; doing: Act }) {
  const run = (users: readonly string[], letIn: boolean) => () => void doing.act(() => answer(one, users, letIn));
  return (
    <section aria-labelledby="lobby-title" class="stack stack--tight">
      <h4 class="panel__heading" id="lobby-title">{text('door_lobby_title')}</h4>
      <ul aria-live="polite">
        {waiting.map((who) => (
          <li key={who.userId} class="member member--waits">
            <Avatar id={who.userId} name={who.displayName} size="small" />
            <span class="grow member__name cut"><bdi>{who.displayName}</bdi></span>
            {who.privilege === 'guest' && <span class="tag">{text('bubble_guest')}</span>}
            <Button kind="quiet" icon="check" label={text('door_let_in_name', { name: who.displayName })} onClick={run([who.userId], true)} />
            <Button kind="quiet" icon="close" label={text('door_refuse_name', { name: who.displayName })} onClick={run([who.userId], false)} />
          </li>
        ))}
      </ul>
      {waiting.length > 1 && <div><Button busy={doing.busy} onClick={run(waiting.map((who) => who.userId), true)}>{text('door_let_in_all')}</Button></div>}
    </section>
  );
}

type Question = 'fresh' | 'remove';

/** Whom the link of a bubble brings: the organizer's alone (C4, R2). */
export function LinkSection({ one }: { one: Bubble }) {
  const doing = useAct();
  const [asked, setAsked] = useState<Question | undefined>(undefined);
  const { link } = door(one);
  const close = () => setAsked(undefined);
  return (
    <section aria-labelledby="door-title" class="stack stack--tight">
      <h4 class="panel__heading" id="door-title">{text('door_title')}</h4>
      {link === undefined && <Skeleton rows={1} />}
      {link === null && (
        <>
          <p class="soft">{text('door_none')}</p>
          <div><Button icon="link" busy={doing.busy} onClick={() => void doing.act(() => makeLink(one, false))}>{text('door_make')}</Button></div>
        </>
      )}
      {link && (
        <>
          <Copyable label={text('door_link')} content={link} />
          <div class="row row--wrap">
            <Button onClick={() => setAsked('fresh')}>{text('door_fresh')}</Button>
            <Button kind="danger" onClick={() => setAsked('remove')}>{text('door_remove')}</Button>
          </div>
          <Who one={one} doing={doing} />
          <Password one={one} doing={doing} />
        </>
      )}
      {asked && (
        <Confirm
          title={text(asked === 'fresh' ? 'door_fresh_title' : 'door_remove_title')}
          action={text(asked === 'fresh' ? 'door_fresh' : 'door_remove')}
          act={() => (asked === 'fresh' ? makeLink(one, true) : removeLink(one))}
          onClose={close}
        >
          <p>{text('door_void_text')}</p>
        </Confirm>
      )}
    </section>
  );
}

function Who({ one, doing }: { one: Bubble; doing: Act }) {
  // What was chosen, until the box has answered.
  const [chosen, setChosen] = useState<Door | undefined>(undefined);
  const options = [
    { value: 'unlock', name: text('door_open'), text: text('door_open_text') },
    { value: 'unlock_ack', name: text('door_lobby'), text: text('door_lobby_text') },
    { value: 'lock', name: text('door_locked'), text: text('door_locked_text') },
  ] as const;
  const choose = (door: Door) => {
    setChosen(door);
    void doing.act(() => setDoor(one, door)).then(() => setChosen(undefined));
  };
  return <Choices legend={text('door_who')} name="door" value={chosen ?? one.door} options={options} onChange={choose} />;
}

function Password({ one, doing }: { one: Bubble; doing: Act }) {
  const { password } = door(one);
  const [chosen, setChosen] = useState<boolean | undefined>(undefined);
  const on = chosen ?? one.hasPassword;
  const set = (what: 'on' | 'off' | 'fresh') => () => {
    setChosen(what !== 'off');
    void doing.act(() => setPassword(one, what)).then(() => setChosen(undefined));
  };
  return (
    <div class="stack stack--tight">
      <label class="check">
        <input type="checkbox" checked={on} onChange={set(on ? 'off' : 'on')} />
        <span>{text('door_password')}<span class="field__hint check__hint">{text('door_password_text')}</span></span>
      </label>
      {one.hasPassword && password && (
        <>
          <Copyable label={text('door_password_is')} content={password} secret />
          <div><Button onClick={set('fresh')}>{text('door_password_fresh')}</Button></div>
        </>
      )}
    </div>
  );
}
