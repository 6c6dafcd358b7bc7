import { Button } from '../../components/button';
import { Empty } from '../../components/notice';
import { PaneSkeleton } from '../../components/pane';
import { counted, text } from '../../state/language';
import { folded } from '../../state/names';
import { type Person, inNetwork, isMe, network } from '../../state/people';
import { found, look } from '../../state/search';
import { ItemList, grouped } from './network';

/** Own contacts at once, by any part of their names; others as soon as the box has found them. */
export function SearchRows({ words, current }: { words: string; current: string | undefined }) {
  const wanted = folded(words.trim());
  const parts = wanted.split(/\s+/u).filter(Boolean);
  const matches = (one: Person) => parts.every((part) => folded(`${one.name} ${one.company} ${one.email ?? ''}`).includes(part));
  const own = network.value.filter(matches);
  const there = new Set(own.map((one) => one.id));
  const result = found.value;
  const more = (result?.people ?? []).filter((one) => !there.has(one.id) && !isMe(one.id));
  const others = more.filter((one) => !inNetwork(one.id));
  const also = more.filter((one) => inNetwork(one.id));
  const items = grouped([[text('people_found_network'), [...own, ...also]], [text('people_found_others'), others]]);
  const count = own.length + more.length;
  return (
    <>
      <p class="visually-hidden" role="status">{result?.state === 'done' ? counted('people_found_count', count) : ''}</p>
      {items.length > 0 ? <ItemList label={text('people_search')} items={items} current={current} /> : <NoRows words={words} />}
    </>
  );
}

function NoRows({ words }: { words: string }) {
  const state = found.value?.state;
  if (state === 'failed') {
    return (
      <Empty icon="warning" title={text('people_search_failed')}>
        <Button onClick={() => look(words)}>{text('retry')}</Button>
      </Empty>
    );
  }
  if (state !== 'done') return <PaneSkeleton rows={7} />;
  return (
    <Empty icon="search" title={text('people_found_none')}>
      <p>{text('people_found_none_text')}</p>
    </Empty>
  );
}
