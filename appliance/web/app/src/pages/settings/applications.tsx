import { useState } from 'preact/hooks';
import { Asked } from '../../components/asked';
import { Button } from '../../components/button';
import { Confirm } from '../../components/confirm';
import { Copyable } from '../../components/copy';
import { Dialog } from '../../components/dialog';
import { TextField } from '../../components/field';
import { Icon } from '../../components/icon';
import { Name } from '../../components/name';
import { Empty, Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import { When } from '../../components/when';
import type { ApplicationPassword, NewApplicationPassword } from '../../protocol/own';
import { useAsked } from '../../state/asked';
import { needed, useForm } from '../../state/form';
import { text } from '../../state/language';
import { listApplicationPasswords, makeApplicationPassword, removeApplicationPassword, streamAddress } from '../../state/own';
import { plain } from '../../state/plain';
import { account } from '../../state/session';

const NAME_LENGTH_MAX = 64;

export function Applications() {
  const asked = useAsked(listApplicationPasswords, []);
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<ApplicationPassword | undefined>(undefined);
  const add = <Button kind="main" icon="plus" onClick={() => setMaking(true)}>{text('settings_app_add')}</Button>;
  return (
    <>
      <Part title={text('settings_app_passwords')} text={text('settings_app_text')} actions={asked.value && asked.value.length > 0 && add}>
        <Asked of={asked} rows={2} round>
          {(passwords) => (passwords.length === 0 ? (
            <Empty icon="key" title={text('settings_app_none')}><p>{text('settings_app_none_text')}</p>{add}</Empty>
          ) : (
            <ul class="lines">
              {passwords.map((one) => <Line key={one.id} one={one} onRemove={() => setRemoving(one)} />)}
            </ul>
          ))}
        </Asked>
      </Part>
      <Connection />
      {making && <Make onClose={() => { setMaking(false); asked.reload(); }} />}
      {removing && <Remove one={removing} onClose={() => setRemoving(undefined)} onRemoved={asked.reload} />}
    </>
  );
}

function Line({ one, onRemove }: { one: ApplicationPassword; onRemove: () => void }) {
  return (
    <li class="lines__one">
      <span class="lines__icon"><Icon name="key" /></span>
      <div class="grow">
        <p class="lines__name"><Name>{one.name}</Name></p>
        <p class="faint">
          {one.lastUseDate ? <>{text('sessions_used')} <When date={one.lastUseDate} /></> : text('settings_app_unused')} · {text('settings_app_made')} <When date={one.creationDate} />
        </p>
      </div>
      <Button kind="quiet" label={`${text('remove')}: ${plain(one.name)}`} onClick={onRemove}>{text('remove')}</Button>
    </li>
  );
}

function Connection() {
  return (
    <Part title={text('settings_app_connect')} text={text('settings_app_connect_text')}>
      <div class="stack">
        <Copyable label={text('settings_app_jid')} content={account.value?.jid_im ?? ''} />
        <Copyable label={text('settings_app_address')} content={streamAddress()} />
      </div>
      <p class="faint">{text('settings_app_connect_more')}</p>
    </Part>
  );
}

function Make({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<NewApplicationPassword | undefined>(undefined);
  return (
    <Dialog title={made ? text('settings_app_made_title') : text('settings_app_add')} onClose={made ? () => undefined : onClose}>
      {made ? <Made made={made} onClose={onClose} /> : <MakeForm onMade={setMade} onClose={onClose} />}
    </Dialog>
  );
}

function MakeForm({ onMade, onClose }: { onMade: (made: NewApplicationPassword) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [current, setCurrent] = useState('');
  const form = useForm(['name', 'currentPassword'], async () => onMade(await makeApplicationPassword(name.trim(), current)), () => ({ name: needed(name), currentPassword: needed(current) }));
  return (
    <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
      <TextField label={text('settings_app_name')} hint={text('settings_app_name_hint')} value={name} onInput={setName} error={form.error('name')} maxLength={NAME_LENGTH_MAX} autocomplete="off" autofocus />
      <TextField label={text('settings_password_present')} hint={text('settings_app_present_hint')} type="password" autocomplete="current-password" value={current} onInput={setCurrent} error={form.error('currentPassword')} />
      {form.general && <Notice kind="bad">{form.general}</Notice>}
      <div class="row row--end row--wrap">
        <Button onClick={onClose}>{text('cancel')}</Button>
        <Button type="submit" kind="main" busy={form.busy}>{text('settings_app_make')}</Button>
      </div>
    </form>
  );
}

function Made({ made, onClose }: { made: NewApplicationPassword; onClose: () => void }) {
  return (
    <div class="stack">
      <Notice kind="warn">{text('settings_app_once')}</Notice>
      <Copyable label={text('settings_app_password')} content={made.password} secret />
      <Copyable label={text('settings_app_jid')} content={made.jid} />
      <Copyable label={text('settings_app_address')} content={streamAddress()} />
      <div class="row row--end">
        <Button kind="main" onClick={onClose}>{text('settings_app_taken')}</Button>
      </div>
    </div>
  );
}

function Remove({ one, onClose, onRemoved }: { one: ApplicationPassword; onClose: () => void; onRemoved: () => void }) {
  const act = async () => {
    await removeApplicationPassword(one.id);
    say(text('settings_app_removed'));
    onRemoved();
  };
  return (
    <Confirm title={text('settings_app_remove')} action={text('remove')} act={act} onClose={onClose}>
      <p><Name class="settings__name">{one.name}</Name></p>
      <p>{text('settings_app_remove_text')}</p>
    </Confirm>
  );
}
