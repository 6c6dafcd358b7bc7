import { Icon } from '../../components/icon';
import { Menu, type MenuItem } from '../../components/menu';
import { say } from '../../components/toast';
import { type Descriptor, extensionOf } from '../../protocol/files';
import { isBubble } from '../../protocol/bubbles';
import { bubble, titleOf } from '../../state/bubbles';
import { bytesInWords } from '../../state/bytes';
import { explain } from '../../state/failure';
import { download } from '../../state/files';
import { peerOfViewer } from '../../state/find';
import { text } from '../../state/language';
import { isMe } from '../../state/people';
import { link } from '../../state/route';
import { isPicture, thumbnail } from '../../state/thumbnails';
import { day, moment } from '../../state/when';
import { FileName, iconOf, shownName } from '../chat/file/name';
import { nameInBubble } from '../chat/name';
import type { Act } from './acts';

/** Places that are named in a row; how many more there are is said. */
const PLACES_MAX = 2;

/** What a place is called: somebody, or a bubble. */
export const placeName = (peer: string): string => (isBubble(peer) ? titleOf(bubble(peer)) : nameInBubble(peer));

/** Where a file of one's own is shown, and where one that came is from. */
export const placesOf = (one: Descriptor): string[] => one.viewers.map(peerOfViewer).filter((peer) => !isMe(peer));

export const fetched = (one: Descriptor): void => void download(one.id, one.fileName).catch((failure: unknown) => say(explain(failure), 'bad'));

export function FileRow({ one, received, onAct }: { one: Descriptor; received: boolean; onAct: (act: Act) => void }) {
  const picture = one.isClean === true && isPicture(one.typeMIME, one.size);
  const open = () => (picture ? onAct({ kind: 'show', one }) : fetched(one));
  const name = shownName(one.fileName);
  return (
    <tr class="files__row">
      <td class="files__what">
        <span class="files__line">
          <Picture one={one} drawn={picture} />
          {one.isClean === true ? <button type="button" class="files__open" title={text(picture ? 'file_open' : 'file_download_name', { name })} onClick={open}><FileName name={one.fileName} /></button> : <FileName name={one.fileName} />}
          <State one={one} />
        </span>
      </td>
      <td class="files__size" data-label={text('files_size')}>{[extensionOf(one.fileName).toUpperCase(), bytesInWords(one.size)].filter(Boolean).join(' · ')}</td>
      <td class="files__date" data-label={text('files_date')}><time dateTime={one.dateToSort} title={moment(one.dateToSort)}>{day(one.dateToSort)}</time></td>
      <td class="files__places" data-label={text(received ? 'files_from' : 'files_shared')}>{received ? <From one={one} /> : <Places one={one} onMore={() => onAct({ kind: 'places', one })} />}</td>
      <td class="files__acts"><RowMenu one={one} received={received} picture={picture} onAct={onAct} /></td>
    </tr>
  );
}

function Picture({ one, drawn }: { one: Descriptor; drawn: boolean }) {
  const small = drawn ? thumbnail(one.id) : null;
  return <span class="files__picture" aria-hidden="true">{small ? <img src={small.url} alt={shownName(one.fileName)} /> : <Icon name={iconOf(one.typeMIME)} size={22} />}</span>;
}

function State({ one }: { one: Descriptor }) {
  if (one.isClean === true) return null;
  if (one.isClean === false) return <span class="tag tag--bad">{text('file_refused')}</span>;
  return <span class="tag tag--warn">{text(one.isUploaded ? 'file_held' : 'files_coming')}</span>;
}

function Place({ peer }: { peer: string }) {
  return <a class="files__place" href={link('chat', peer)}><bdi>{placeName(peer)}</bdi></a>;
}

function Places({ one, onMore }: { one: Descriptor; onMore: () => void }) {
  const all = placesOf(one);
  if (all.length === 0) return <span class="faint">{text('files_shared_nowhere')}</span>;
  return (
    <span class="files__chips">
      {all.slice(0, PLACES_MAX).map((peer) => <Place key={peer} peer={peer} />)}
      {all.length > PLACES_MAX && <button type="button" class="files__more" onClick={onMore}>{text('files_shared_more', { count: all.length - PLACES_MAX })}</button>}
    </span>
  );
}

/** Who shared it, and in which bubble. */
function From({ one }: { one: Descriptor }) {
  const rooms = one.viewers.map(peerOfViewer).filter((peer) => isBubble(peer) && bubble(peer));
  return (
    <span class="files__chips">
      <Place peer={one.ownerId} />
      {rooms.slice(0, 1).map((peer) => <Place key={peer} peer={peer} />)}
    </span>
  );
}

function RowMenu({ one, received, picture, onAct }: { one: Descriptor; received: boolean; picture: boolean; onAct: (act: Act) => void }) {
  const clean = one.isClean === true;
  const items: (MenuItem | false)[] = [
    picture && { name: text('files_show'), icon: 'picture', run: () => onAct({ kind: 'show', one }) },
    clean && { name: text('file_download'), icon: 'download', run: () => fetched(one) },
    clean && { name: text('files_share'), icon: 'share', run: () => onAct({ kind: 'share', one }) },
    !received && placesOf(one).length > 0 && { name: text('files_places'), icon: 'people', run: () => onAct({ kind: 'places', one }) },
    !received && { name: text('file_delete'), icon: 'trash', danger: true, apart: true, run: () => onAct({ kind: 'delete', one }) },
  ];
  return <Menu button={{ kind: 'quiet', icon: 'more', label: text('files_acts_of', { name: shownName(one.fileName) }) }} items={items.filter((item) => item !== false)} />;
}
