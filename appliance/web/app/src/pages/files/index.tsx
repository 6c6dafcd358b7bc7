import '../chat/file/file.css';
import './files.css';
import { useEffect, useState } from 'preact/hooks';
import { Failed, Skeleton } from '../../components/asked';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Empty } from '../../components/notice';
import { Pager } from '../../components/pager';
import { Head, Tabs } from '../../components/sections';
import type { Descriptor } from '../../protocol/files';
import { useAsked, useSettled } from '../../state/asked';
import { bytesInWords } from '../../state/bytes';
import { counted, text } from '../../state/language';
import { FILES_PER_PAGE, KINDS, type Kind, ORDERS, type Order, filesChanged, listFiles, readConsumption } from '../../state/own_files';
import { go, link, route } from '../../state/route';
import { type Act, FileActs } from './acts';
import { FileRow } from './row';

const RECEIVED = 'received';

/** `#/files`: one's own; `#/files/received`: those that others shared. */
export default function FilesPage() {
  const received = route.value.rest[0] === RECEIVED;
  return (
    <div class="folio">
      <Head title={text('nav_files')} text={text(received ? 'files_received_text' : 'files_own_text')} />
      <Tabs
        label={text('nav_files')}
        tabs={[
          { href: link('files'), name: text('files_own'), current: !received },
          { href: link('files', RECEIVED), name: text('files_received'), current: received },
        ]}
      />
      {!received && <Quota />}
      <List key={String(received)} received={received} />
    </div>
  );
}

/** Nearly all of it: whoever is here should know. */
const MUCH = 0.9;

function Quota() {
  const asked = useAsked(readConsumption, [filesChanged.value]);
  if (!asked.value) return null;
  const { currentValue: used, maxValue: quota } = asked.value;
  const words = text('files_quota', { used: bytesInWords(used), quota: bytesInWords(quota) });
  return (
    <div class="quota" data-much={used > quota * MUCH}>
      <span class="faint" id="quota">{words}</span>
      <progress class="quota__bar" value={Math.min(used, quota)} max={Math.max(quota, 1)} aria-labelledby="quota" />
    </div>
  );
}

function List({ received }: { received: boolean }) {
  const [typed, setTyped] = useState('');
  const [kind, setKind] = useState<Kind>('all');
  const [order, setOrder] = useState<Order>('newest');
  const [offset, setOffset] = useState(0);
  const [act, setAct] = useState<Act | undefined>(undefined);
  const name = useSettled(typed);
  const changed = filesChanged.value;
  useEffect(() => setOffset(0), [name, kind, order]);
  const asked = useAsked((stop) => listFiles({ received, name, kind, order, offset }, stop), [received, name, kind, order, offset, changed]);
  const page = asked.value;
  // The last of a page was deleted: the page before has something.
  useEffect(() => {
    if (page && page.data.length === 0 && page.total > 0 && offset > 0) setOffset(Math.max(0, offset - FILES_PER_PAGE));
  }, [page]);
  const bare = name.trim() === '' && kind === 'all';
  return (
    <div class="stack">
      <div class="files__tools">
        <label class="files__search">
          <span class="visually-hidden">{text('files_search')}</span>
          <Icon name="search" />
          <input class="input" type="search" value={typed} maxLength={100} placeholder={text('files_search')} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        <Choice label={text('files_kind')} value={kind} options={KINDS} nameOf={(one) => text(`files_kind_${one}`)} onChange={setKind} />
        <Choice label={text('files_order')} value={order} options={ORDERS} nameOf={(one) => text(`files_order_${one}`)} onChange={setOrder} />
        <span class="faint" role="status">{page && counted('files_count', page.total)}</span>
      </div>
      {asked.failure !== undefined && <Failed failure={asked.failure} retry={asked.reload} />}
      {page === undefined && asked.failure === undefined && <Skeleton rows={6} />}
      {page && page.data.length > 0 && <Files all={page.data} received={received} busy={asked.busy} onAct={setAct} />}
      {page?.total === 0 && (
        <Empty icon={bare ? 'folder' : 'search'} title={text(bare ? (received ? 'files_none_received' : 'files_none') : 'files_none_found')}>
          <p>{text(bare ? (received ? 'files_none_received_text' : 'files_none_text') : 'files_none_found_text')}</p>
          {bare && !received && <Button kind="main" icon="chat" onClick={() => go('chat')}>{text('nav_chat')}</Button>}
        </Empty>
      )}
      {page && <Pager offset={page.offset} limit={FILES_PER_PAGE} total={page.total} busy={asked.busy} onMove={setOffset} />}
      {act && <FileActs act={act} onClose={() => setAct(undefined)} onDone={asked.reload} />}
    </div>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly T[];
  nameOf: (one: T) => string;
  onChange: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, nameOf, onChange }: ChoiceProps<T>) {
  return (
    <div class="files__choice">
      <select class="input" aria-label={label} title={label} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map((one) => <option key={one} value={one}>{nameOf(one)}</option>)}
      </select>
    </div>
  );
}

interface FilesProps {
  all: readonly Descriptor[];
  received: boolean;
  busy: boolean;
  onAct: (act: Act) => void;
}

function Files({ all, received, busy, onAct }: FilesProps) {
  return (
    <div class="card files__card" aria-busy={busy}>
      <table class="table files">
        <caption class="visually-hidden">{text(received ? 'files_received' : 'files_own')}</caption>
        <thead>
          <tr>
            <th scope="col">{text('files_name')}</th>
            <th scope="col">{text('files_size')}</th>
            <th scope="col">{text('files_date')}</th>
            <th scope="col">{text(received ? 'files_from' : 'files_shared')}</th>
            <th scope="col"><span class="visually-hidden">{text('files_acts')}</span></th>
          </tr>
        </thead>
        <tbody>{all.map((one) => <FileRow key={one.id} one={one} received={received} onAct={onAct} />)}</tbody>
      </table>
    </div>
  );
}
