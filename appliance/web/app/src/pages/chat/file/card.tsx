import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../../components/icon';
import { say } from '../../../components/toast';
import { type Attached, extensionOf } from '../../../protocol/files';
import { bytesInWords } from '../../../state/bytes';
import { explain } from '../../../state/failure';
import { download, file, look, turn } from '../../../state/files';
import { text } from '../../../state/language';
import { type Thumbnail, isPicture, thumbnail } from '../../../state/thumbnails';
import { FileName, iconOf, shownName } from './name';
import { PictureDialog } from './picture';

/** Before it is scrolled into sight, it is asked for. */
const AHEAD = '600px';

/** Whether something is, or was, near to what is looked at. */
function useSeen() {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (!element || seen) return;
    const observer = new IntersectionObserver((all) => all.some((one) => one.isIntersecting) && setSeen(true), { rootMargin: AHEAD });
    observer.observe(element);
    return () => observer.disconnect();
  }, [seen]);
  return { place, seen };
}

/** The file of a message: what it is called, how large it is, a picture of it; or why it is not to be had. */
export function FileCard({ of: given, mine }: { of: Attached; mine: boolean }) {
  const { place, seen } = useSeen();
  const [open, setOpen] = useState(false);
  const state = file(given.id).value;
  const now = turn.value;
  useEffect(() => {
    if (seen) look(given.id);
  }, [seen, given.id, now]);
  const known = 'of' in state ? { id: given.id, name: state.of.fileName, type: state.of.typeMIME, sizeBytes: state.of.size } : given;
  const drawn = seen && state.is === 'there' && isPicture(known.type, known.sizeBytes) ? thumbnail(given.id) : null;
  return (
    <div class="file" ref={place}>
      {drawn === null ? <Card of={known} is={mine && state.is === 'gone' ? 'deleted' : state.is} /> : <Picture of={known} drawn={drawn} onOpen={() => setOpen(true)} />}
      {open && <PictureDialog of={known} onClose={() => setOpen(false)} />}
    </div>
  );
}

const fetched = (of: Attached) => void download(of.id, of.name).catch((failure: unknown) => say(explain(failure), 'bad'));

type Is = ReturnType<typeof file>['value']['is'];

function Card({ of, is }: { of: Attached; is: Is }) {
  const why = is === 'deleted' || is === 'gone' || is === 'held' || is === 'refused' ? text(`file_${is}`) : undefined;
  const words = (
    <>
      <span class="file__icon"><Icon name={iconOf(of.type)} size={24} /></span>
      <span class="file__words">
        <FileName name={of.name} />
        <span class="file__about">{why ?? about(of)}</span>
      </span>
    </>
  );
  if (why) return <div class="file__card" data-is={is}>{words}</div>;
  return (
    <button type="button" class="file__card" title={text('file_download_name', { name: shownName(of.name) })} onClick={() => fetched(of)}>
      <span class="visually-hidden">{text('file_download')} </span>
      {words}
      <Icon name="download" />
    </button>
  );
}

const about = (of: Attached) => [extensionOf(of.name.trim()).toUpperCase(), bytesInWords(of.sizeBytes)].filter(Boolean).join(' · ');

function Picture({ of, drawn, onOpen }: { of: Attached; drawn: Thumbnail | undefined; onOpen: () => void }) {
  const name = shownName(of.name);
  return (
    <button type="button" class="file__picture" aria-label={text('file_open', { name })} title={name} onClick={onOpen} disabled={!drawn} aria-busy={!drawn}>
      {drawn ? <img src={drawn.url} width={drawn.width} height={drawn.height} alt={name} /> : <span class="file__coming"><Icon name="picture" size={28} /></span>}
    </button>
  );
}
