import { Button } from '../../../components/button';
import { Icon } from '../../../components/icon';
import { type Chosen, chosen, unchoose } from '../../../state/attachments';
import { bytesInWords } from '../../../state/bytes';
import { counted, text } from '../../../state/language';
import { FileName, iconOf, shownName } from './name';

/** What goes with the next message. */
export function Chips({ peer, onLess }: { peer: string; onLess: () => void }) {
  const all = chosen(peer);
  return (
    <>
      <p class="visually-hidden" role="status">{all.length > 0 && counted('file_added', all.length)}</p>
      {all.length > 0 && (
        <ul class="chosen" aria-label={text('file_chosen')} data-scroller>
          {all.map((one) => (
            <Chip
              key={one.key}
              one={one}
              onRemove={() => {
                unchoose(peer, one);
                onLess();
              }}
            />
          ))}
        </ul>
      )}
    </>
  );
}

function Chip({ one, onRemove }: { one: Chosen; onRemove: () => void }) {
  const preview = one.preview.value;
  return (
    <li class="chosen__one">
      {preview ? <img class="chosen__picture" src={preview.url} alt={shownName(one.name)} /> : <span class="chosen__icon"><Icon name={iconOf(one.file.type)} /></span>}
      <span class="chosen__words">
        <FileName name={one.name} />
        <span class="chosen__size">{bytesInWords(one.file.size)}</span>
      </span>
      <Button kind="quiet" icon="close" label={text('file_unchoose', { name: shownName(one.name) })} onClick={onRemove} />
    </li>
  );
}
