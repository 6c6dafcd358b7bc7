import { useEffect, useState } from 'preact/hooks';
import { Skeleton } from '../../components/asked';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { explain } from '../../state/failure';
import { text } from '../../state/language';
import { NoWorker, push, readPush, turnOff, turnOn } from '../../state/push';

/** Browsers refuse a subscription in words of their own; what is known is what to try. */
function why(failure: unknown): string {
  if (failure instanceof NoWorker) return text('settings_push_no_worker');
  if (failure instanceof DOMException) return text('settings_push_browser');
  return explain(failure);
}

export function Notifications() {
  const [failure, setFailure] = useState<unknown>(undefined);
  const [busy, setBusy] = useState(false);
  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    setFailure(undefined);
    await act().catch(setFailure);
    setBusy(false);
  };
  useEffect(() => void run(readPush), []);
  return (
    <Part title={text('settings_push')} text={text('settings_push_text')}>
      {push.value === 'unknown' ? failure === undefined && <Skeleton rows={1} round /> : <State busy={busy} run={run} />}
      {failure !== undefined && (
        <Notice kind="bad">
          <p>{why(failure)}</p>
          {push.value === 'unknown' && <p class="settings__after"><Button busy={busy} onClick={() => void run(readPush)}>{text('retry')}</Button></p>}
        </Notice>
      )}
    </Part>
  );
}

function State({ busy, run }: { busy: boolean; run: (act: () => Promise<void>) => Promise<void> }) {
  const now = push.value;
  if (now === 'unsupported') return <Notice kind="warn">{text('settings_push_unsupported')}</Notice>;
  if (now === 'not_offered') return <Notice>{text('settings_push_not_offered')}</Notice>;
  if (now === 'denied') {
    return (
      <Notice kind="warn">
        <p>{text('settings_push_denied')}</p>
        <p class="settings__after"><Button busy={busy} onClick={() => void run(readPush)}>{text('settings_push_check')}</Button></p>
      </Notice>
    );
  }
  const on = now === 'on';
  return (
    <div class="lines">
      <div class="lines__one">
        <span class="lines__icon"><Icon name="bell" /></span>
        <div class="grow">
          <p class="lines__name">
            {text('settings_push_here')}
            <span class={on ? 'tag tag--good' : 'tag'}>{text(on ? 'settings_push_on' : 'settings_push_off')}</span>
          </p>
          <p class="faint">{text(on ? 'settings_push_on_text' : 'settings_push_off_text')}</p>
        </div>
        <Button kind={on ? 'plain' : 'main'} busy={busy} onClick={() => void run(on ? turnOff : turnOn)}>{text(on ? 'settings_push_turn_off' : 'settings_push_turn_on')}</Button>
      </div>
    </div>
  );
}
