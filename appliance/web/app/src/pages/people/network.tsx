import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button';
import { Empty } from '../../components/notice';
import { PaneSkeleton } from '../../components/pane';
import { Windowed } from '../../components/windowed';
import { isFavourite } from '../../state/favourites';
import { counted, text } from '../../state/language';
import { type Person, fetchNetwork, network, networkState } from '../../state/people';
import { HEADING_HEIGHT, PERSON_HEIGHT, PersonRow } from './person_row';

export type Item = { heading: string } | { person: Person };
const isPerson = (item: Item) => 'person' in item;

/** Rows under headings; a heading without rows is left out. */
export function grouped(groups: readonly (readonly [heading: string, people: readonly Person[]])[]): Item[] {
  return groups.flatMap(([heading, people]) => (people.length > 0 ? [{ heading }, ...people.map((person) => ({ person }))] : []));
}

export function ItemList({ label, items, current }: { label: string; items: readonly Item[]; current: string | undefined }) {
  return (
    <Windowed
      label={label}
      class="pane__rows"
      items={items}
      keyOf={(item) => ('person' in item ? item.person.id : `heading ${item.heading}`)}
      heightOf={(item) => (isPerson(item) ? PERSON_HEIGHT : HEADING_HEIGHT)}
      isRow={isPerson}
      current={current}
      render={(item, tabIndex) =>
        'person' in item ? <PersonRow one={item.person} current={item.person.id === current} tabIndex={tabIndex} /> : <h3 class="pane__heading">{item.heading}</h3>
      }
    />
  );
}

/** The people in the network, favourites first. */
export function NetworkRows({ current }: { current: string | undefined }) {
  const all = network.value;
  const favourites = all.filter((one) => isFavourite(one.id));
  const items = useMemo(
    () => grouped([[text('people_favourites'), favourites], [counted('people_network_count', all.length), all.filter((one) => !isFavourite(one.id))]]),
    [all, favourites.map((one) => one.id).join()],
  );
  if (networkState.value === 'loading') return <PaneSkeleton rows={7} />;
  if (networkState.value === 'failed') {
    return (
      <Empty icon="warning" title={text('people_list_failed')}>
        <Button onClick={() => void fetchNetwork()}>{text('retry')}</Button>
      </Empty>
    );
  }
  if (all.length === 0) {
    return (
      <Empty icon="people" title={text('people_empty')}>
        <p>{text('people_empty_text')}</p>
      </Empty>
    );
  }
  return <ItemList label={text('people_network')} items={items} current={current} />;
}
