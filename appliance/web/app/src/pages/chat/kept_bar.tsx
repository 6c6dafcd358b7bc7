import { useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { Icon } from '../../components/icon';
import { say } from '../../components/toast';
import { conversation, setBookmark } from '../../state/conversations';
import { explain } from '../../state/failure';
import { counted, text } from '../../state/language';
import { oneLine } from '../../state/names';
import { type Pin, pins, unpin } from '../../state/pins';
import { partOf } from '../../state/place';
import { go } from '../../state/route';
import { day } from '../../state/time';

const failed = (failure: unknown) => say(explain(failure), 'bad');

/** Above the messages: the one at which this person reads on, and those that he keeps at hand. */
export function KeptBar({ peer }: { peer: string }) {
  const [open, setOpen] = useState(false);
  const all = pins(peer);
  const one = conversation(peer);
  const mark = one?.bookmark;
  const first = all[0];
  if (!mark && !first) return null;
  const lead = (place: number) => go('chat', peer, partOf(place));
  return (
    <div class="kept">
      {first && (
        <div class="kept__one">
          <button type="button" class="kept__lead" onClick={() => (all.length > 1 ? setOpen(true) : lead(first.place))}>
            <Icon name="pin" size={16} />
            <span class="visually-hidden">{text('chat_pinned')}: </span>
            <span class="cut"><bdi>{oneLine(first.text)}</bdi></span>
            {all.length > 1 && <span class="badge kept__count"><span aria-hidden="true">{all.length}</span><span class="visually-hidden">{counted('chat_pins', all.length)}</span></span>}
          </button>
          {all.length === 1 && <Button kind="quiet" icon="close" label={text('chat_unpin')} onClick={() => void unpin(peer, first).catch(failed)} />}
        </div>
      )}
      {one && mark && (
        <div class="kept__one">
          <button type="button" class="kept__lead" onClick={() => lead(mark.place)}><Icon name="bookmark" size={16} /><span class="cut">{text('chat_mark_lead')}</span></button>
          <Button kind="quiet" icon="close" label={text('chat_unmark')} onClick={() => void setBookmark(one, undefined).catch(failed)} />
        </div>
      )}
      {open && all.length > 0 && <Pins peer={peer} all={all} onLead={lead} onClose={() => setOpen(false)} />}
    </div>
  );
}

interface PinsProps {
  peer: string;
  all: readonly Pin[];
  onLead: (place: number) => void;
  onClose: () => void;
}

function Pins({ peer, all, onLead, onClose }: PinsProps) {
  return (
    <Dialog title={text('chat_pinned')} onClose={onClose}>
      <p class="soft">{text('chat_pinned_text')}</p>
      <ul class="kept__list" data-scroller>
        {all.map((one) => (
          <li key={one.id} class="row">
            <button
              type="button"
              class="kept__lead kept__lead--whole"
              onClick={() => {
                onClose();
                onLead(one.place);
              }}
            >
              <span class="kept__words"><bdi>{oneLine(one.text) || text('chat_deleted')}</bdi></span>
              <span class="faint">{day(one.place / 1000)}</span>
            </button>
            <Button kind="quiet" icon="close" label={text('chat_unpin')} onClick={() => void unpin(peer, one).catch(failed)} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
