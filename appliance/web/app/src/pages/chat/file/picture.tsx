import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Button } from '../../../components/button';
import { useModal } from '../../../components/modal';
import { say } from '../../../components/toast';
import type { Attached } from '../../../protocol/files';
import { bytesInWords } from '../../../state/bytes';
import { explain } from '../../../state/failure';
import { download } from '../../../state/files';
import { text } from '../../../state/language';
import { pictureOf, thumbnail } from '../../../state/thumbnails';
import { FileName, shownName } from './name';

/** The whole picture while the dialog is open. */
function usePicture(id: string) {
  const [url, setUrl] = useState<string | undefined>(undefined);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    let made: string | undefined;
    pictureOf(id, stop.signal).then(
      (there) => {
        made = there;
        if (stop.signal.aborted) URL.revokeObjectURL(there);
        else setUrl(there);
      },
      () => stop.signal.aborted || setFailed(true),
    );
    return () => {
      stop.abort();
      if (made) URL.revokeObjectURL(made);
    };
  }, [id]);
  return { url, failed };
}

/** A picture as large as the window allows. */
export function PictureDialog({ of, onClose }: { of: Attached; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const { url, failed } = usePicture(of.id);
  useModal(ref);
  const save = () => void download(of.id, of.name).catch((failure: unknown) => say(explain(failure), 'bad'));
  const shown = url ?? thumbnail(of.id)?.url;
  return (
    <dialog
      ref={ref}
      class="viewer"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="viewer__head">
        <h2 class="viewer__name" id={id}><FileName name={of.name} /></h2>
        <span class="faint">{bytesInWords(of.sizeBytes)}</span>
        <Button kind="quiet" icon="download" label={text('file_download')} onClick={save} />
        <Button kind="quiet" icon="close" label={text('close')} onClick={onClose} />
      </header>
      <div class="viewer__body" onClick={(event) => event.target === event.currentTarget && onClose()} aria-busy={!url && !failed}>
        {failed ? <p role="alert">{text('file_no_preview')}</p> : shown && <img class="viewer__picture" src={shown} alt={shownName(of.name)} data-whole={url !== undefined} />}
      </div>
    </dialog>
  );
}
