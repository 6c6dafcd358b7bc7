import { useRef, useState } from 'preact/hooks';
import { BubbleAvatar } from '../../../components/bubble_avatar';
import { Button } from '../../../components/button';
import { Dialog } from '../../../components/dialog';
import { TextField } from '../../../components/field';
import { Notice } from '../../../components/notice';
import { BUBBLE_TEXT_MAX } from '../../../protocol/bubbles';
import { type Bubble, describe, setPicture } from '../../../state/bubbles';
import { explain } from '../../../state/failure';
import { needed, useForm } from '../../../state/form';
import { text } from '../../../state/language';
import { drawn } from '../../../state/pictures';

/** Name, topic and picture of a bubble; the picture changes at once, the words when they are saved. */
export function EditDialog({ one, onClose }: { one: Bubble; onClose: () => void }) {
  const [name, setName] = useState(one.name);
  const [topic, setTopic] = useState(one.topic);
  const form = useForm(['name', 'topic'], async () => {
    await describe(one, name === one.name ? undefined : name, topic === one.topic ? undefined : topic);
    onClose();
  }, () => ({ name: needed(name) }));
  return (
    <Dialog title={text('bubble_edit')} onClose={onClose}>
      <Picture one={one} />
      <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
        <TextField label={text('bubble_name')} value={name} onInput={setName} error={form.error('name')} maxLength={BUBBLE_TEXT_MAX} autocomplete="off" required />
        <TextField label={text('bubble_topic')} optional={text('optional')} value={topic} onInput={setTopic} error={form.error('topic')} maxLength={BUBBLE_TEXT_MAX} autocomplete="off" />
        {form.general && <Notice kind="bad">{form.general}</Notice>}
        <div class="row row--end row--wrap">
          <Button onClick={onClose}>{text('cancel')}</Button>
          <Button type="submit" kind="main" busy={form.busy}>{text('save')}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Picture({ one }: { one: Bubble }) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  const put = async (file: File | undefined) => {
    setBusy(true);
    setWrong(undefined);
    const picture = file && (await drawn(file).catch(() => undefined));
    if (file && !picture) setWrong(text('bubble_picture_wrong'));
    else await setPicture(one, picture).catch((failure: unknown) => setWrong(explain(failure)));
    setBusy(false);
  };
  return (
    <div class="stack stack--tight">
      <div class="row row--wrap">
        <BubbleAvatar one={one} size="large" />
        <input
          ref={input}
          class="visually-hidden"
          type="file"
          accept="image/*"
          aria-label={text('bubble_picture')}
          tabIndex={-1}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void put(file);
            event.currentTarget.value = '';
          }}
        />
        <Button icon="picture" busy={busy} onClick={() => input.current?.click()}>{text('bubble_picture')}</Button>
        {one.pictureMs !== undefined && <Button kind="quiet" icon="trash" disabled={busy} onClick={() => void put(undefined)}>{text('bubble_picture_remove')}</Button>}
      </div>
      {wrong && <Notice kind="bad">{wrong}</Notice>}
    </div>
  );
}
