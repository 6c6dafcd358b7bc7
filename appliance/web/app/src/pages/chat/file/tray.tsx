import { Button } from '../../../components/button';
import { Icon } from '../../../components/icon';
import { bytesInWords } from '../../../state/bytes';
import { inWords } from '../../../state/file_refusals';
import { text } from '../../../state/language';
import { type Upload, dismiss, pause, resume, retry, uploads } from '../../../state/uploads';
import { FileName, shownName } from './name';

/** Files on their way into this conversation: how far they are, and what can be done. */
export function Tray({ peer }: { peer: string }) {
  const mine = uploads.value.filter((one) => one.peer === peer);
  if (mine.length === 0) return null;
  return (
    <ul class="tray" aria-label={text('file_sending')} data-scroller tabIndex={mine.length > 2 ? 0 : undefined}>
      {mine.map((one) => <Line key={one.key} one={one} />)}
    </ul>
  );
}

function Line({ one }: { one: Upload }) {
  const name = shownName(one.name);
  const failed = one.step === 'failed';
  return (
    <li class="tray__line" data-step={one.step}>
      <span class="tray__icon"><Icon name={failed ? 'warning' : one.step === 'scan' ? 'shield' : 'file'} /></span>
      <div class="tray__words">
        <FileName name={one.name} />
        {failed && one.why ? <p class="tray__why" role="alert">{inWords(one.why)}</p> : <p class="tray__state">{stateOf(one)}</p>}
        {failed && one.body && <p class="tray__body cut"><bdi>{one.body}</bdi></p>}
        {!failed && <progress class="tray__progress" aria-label={text('file_progress', { name })} {...(one.step === 'scan' ? {} : { value: one.sentBytes, max: Math.max(1, one.sizeBytes) })} />}
      </div>
      <div class="tray__acts"><Acts one={one} name={name} /></div>
    </li>
  );
}

function stateOf(one: Upload): string {
  const [sent, size] = [bytesInWords(one.sentBytes), bytesInWords(one.sizeBytes)];
  if (one.step === 'sending') return text('file_sent_of', { sent, size });
  if (one.step === 'paused') return text('file_paused', { sent, size });
  return text(one.step === 'cut' ? 'file_cut' : one.step === 'scan' ? 'file_scan' : 'file_waiting');
}

function Acts({ one, name }: { one: Upload; name: string }) {
  const { key, step, why } = one;
  return (
    <>
      {(step === 'waiting' || step === 'sending' || step === 'cut') && <Button kind="quiet" icon="pause" label={text('file_pause', { name })} onClick={() => pause(key)} />}
      {step === 'paused' && <Button kind="quiet" icon="play" label={text('file_resume', { name })} onClick={() => resume(key)} />}
      {step === 'failed' && why?.again && <Button kind="quiet" onClick={() => retry(key)} label={text('file_again', { name })}>{text('retry')}</Button>}
      <Button kind="quiet" icon="close" label={text(step === 'failed' ? 'file_dismiss' : 'file_cancel', { name })} onClick={() => dismiss(key)} />
    </>
  );
}
