import { useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { say } from '../../components/toast';
import { language, text } from '../../state/language';

const SHOWN_MS = 2500;

const today = (): string => new Intl.DateTimeFormat(language.value, { dateStyle: 'long' }).format(new Date());

/** The key as a text file, with what somebody needs who finds it years later. */
function letter(secret: string, name: string): string {
  return [text('setup_key_sheet_title', { name }), today(), '', secret, '', text('setup_key_sheet_text'), ''].join('\r\n');
}

function download(secret: string, name: string): void {
  const address = URL.createObjectURL(new Blob([letter(secret, name)], { type: 'text/plain;charset=utf-8' }));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = `${text('setup_key_sheet_file')}-${name.replace(/[^\w.-]+/gu, '-')}.txt`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), SHOWN_MS);
}

function Copy({ secret }: { secret: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setDone(true);
      setTimeout(() => setDone(false), SHOWN_MS);
    } catch {
      say(text('setup_key_copy_failed'), 'bad');
    }
  };
  return <Button icon={done ? 'check' : 'copy'} onClick={() => void copy()}>{text(done ? 'copied' : 'copy')}</Button>;
}

/** The recovery key in groups that one can read aloud; alone on the paper when it is printed. */
export function KeySheet({ secret, name }: { secret: string; name: string }) {
  return (
    <div class="stack">
      <section class="sheet" aria-label={text('setup_key_field')}>
        <p class="sheet__title">{text('setup_key_sheet_title', { name })} <span class="faint">{today()}</span></p>
        <p class="sheet__key mono" dir="ltr" translate={false}>
          {secret.split('-').map((group, at) => <span key={at}>{at > 0 && <span class="sheet__dash">-</span>}{group}</span>)}
        </p>
        <p class="sheet__text">{text('setup_key_sheet_text')}</p>
      </section>
      <div class="row row--wrap">
        <Copy secret={secret} />
        <Button icon="print" onClick={() => print()}>{text('setup_key_print')}</Button>
        <Button icon="download" onClick={() => download(secret, name)}>{text('setup_key_download')}</Button>
      </div>
    </div>
  );
}
