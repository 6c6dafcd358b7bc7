import { useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { say } from '../../components/toast';
import type { Attached, Descriptor, Viewer } from '../../protocol/files';
import { explain } from '../../state/failure';
import { peerOfViewer } from '../../state/find';
import { text } from '../../state/language';
import { isMe } from '../../state/people';
import { link } from '../../state/route';
import { pass, unshare } from '../../state/share';
import { PictureDialog } from '../chat/file/picture';
import { RemoveFile } from '../chat/file/remove';
import { ForwardDialog } from '../chat/forward';
import { shownName } from '../chat/file/name';
import { placeName } from './row';

/** What somebody does with a file. */
export interface Act {
  kind: 'show' | 'share' | 'places' | 'delete';
  one: Descriptor;
}

const attachedOf = (one: Descriptor): Attached => ({ id: one.id, name: one.fileName, type: one.typeMIME, sizeBytes: one.size });

export function FileActs({ act, onClose, onDone }: { act: Act; onClose: () => void; onDone: () => void }) {
  const { kind, one } = act;
  const done = () => {
    onClose();
    onDone();
  };
  if (kind === 'show') return <PictureDialog of={attachedOf(one)} onClose={onClose} />;
  if (kind === 'delete') return <RemoveFile of={attachedOf(one)} message={undefined} onClose={done} />;
  return kind === 'share' ? <Share one={one} onClose={done} /> : <Places one={one} onClose={onClose} onDone={onDone} />;
}

function Share({ one, onClose }: { one: Descriptor; onClose: () => void }) {
  const file = useRef<string | undefined>(one.id);
  const send = async (peer: string) => {
    file.current = await pass(peer, '', file.current);
  };
  return <ForwardDialog title={text('files_share_title', { name: shownName(one.fileName) })} body="" file={attachedOf(one)} send={send} onClose={onClose} />;
}

/** Everywhere it is shown, and the end of each. */
function Places({ one, onClose, onDone }: { one: Descriptor; onClose: () => void; onDone: () => void }) {
  const [left, setLeft] = useState(one.viewers.filter((viewer) => !isMe(viewer.viewerId)));
  const [busy, setBusy] = useState<string | undefined>(undefined);
  const stop = async (viewer: Viewer) => {
    setBusy(viewer.viewerId);
    try {
      await unshare(one.id, viewer);
      setLeft((before) => before.filter((other) => other.viewerId !== viewer.viewerId));
      onDone();
    } catch (failure) {
      say(explain(failure), 'bad');
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <Dialog title={text('files_places_title', { name: shownName(one.fileName) })} onClose={onClose}>
      <p class="soft">{text('files_places_text')}</p>
      {left.length === 0 && <p class="faint">{text('files_shared_nowhere')}</p>}
      <ul class="stack stack--tight" data-scroller>
        {left.map((viewer) => {
          const peer = peerOfViewer(viewer);
          const name = placeName(peer);
          return (
            <li key={viewer.viewerId} class="row">
              <a class="grow cut" href={link('chat', peer)}><bdi>{name}</bdi></a>
              <Button busy={busy === viewer.viewerId} label={text('files_stop_for', { name })} onClick={() => void stop(viewer)}>{text('files_stop')}</Button>
            </li>
          );
        })}
      </ul>
      <div class="row row--end"><Button onClick={onClose}>{text('close')}</Button></div>
    </Dialog>
  );
}
