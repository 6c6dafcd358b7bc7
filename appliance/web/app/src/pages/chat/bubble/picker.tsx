import { useState } from 'preact/hooks';
import { Avatar } from '../../../components/avatar';
import { Icon } from '../../../components/icon';
import { useAsked, useSettled } from '../../../state/asked';
import { explain } from '../../../state/failure';
import { counted, text } from '../../../state/language';
import { folded } from '../../../state/names';
import { type Person, isMe, network, search } from '../../../state/people';

interface PickerProps {
  chosen: readonly Person[];
  onChange: (chosen: readonly Person[]) => void;
  /** Who cannot be chosen: already there. */
  without?: (user: string) => boolean;
}

/** People in a list that is no longer than can be looked through. */
const SHOWN_MAX = 30;

/** One's own contacts at once, by any part of their names; others as soon as the box has found them. */
function useFound(words: string, without: (user: string) => boolean) {
  const wanted = folded(words.trim());
  const settled = useSettled(words.trim());
  const asked = useAsked((signal) => (settled ? search(settled, signal) : Promise.resolve([])), [settled]);
  const parts = wanted.split(/\s+/u).filter(Boolean);
  const own = network.value.filter((one) => parts.every((part) => folded(`${one.name} ${one.company} ${one.email ?? ''}`).includes(part)));
  const there = new Set(own.map((one) => one.id));
  const others = wanted ? (asked.value ?? []).filter((one) => !there.has(one.id)) : [];
  const all = [...own, ...others].filter((one) => !isMe(one.id) && !without(one.id));
  return { all, busy: asked.busy || settled !== words.trim(), failure: asked.failure };
}

/** Chooses people: those who are chosen stay above whatever is searched. */
export function Picker({ chosen, onChange, without = () => false }: PickerProps) {
  const [words, setWords] = useState('');
  const { all, busy, failure } = useFound(words, without);
  const ids = new Set(chosen.map((one) => one.id));
  const toggle = (one: Person) => onChange(ids.has(one.id) ? chosen.filter((other) => other.id !== one.id) : [...chosen, one]);
  // Enter is not for the form around: it takes the first who was found.
  const takeFirst = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    const first = words.trim() && all.find((one) => !ids.has(one.id));
    if (!first) return;
    toggle(first);
    setWords('');
  };
  return (
    <fieldset class="fieldset picker">
      <legend class="field__label">{text('bubble_people')}</legend>
      {chosen.length > 0 && (
        <ul class="picker__chosen">
          {chosen.map((one) => (
            <li key={one.id} class="chip">
              <bdi class="cut">{one.name}</bdi>
              <button type="button" class="chip__off" aria-label={text('bubble_unpick', { name: one.name })} title={text('bubble_unpick', { name: one.name })} onClick={() => toggle(one)}><Icon name="close" size={14} /></button>
            </li>
          ))}
        </ul>
      )}
      <label class="finder">
        <Icon name="search" size={18} />
        <span class="visually-hidden">{text('people_search')}</span>
        <input class="finder__input" type="search" value={words} placeholder={text('people_search')} maxLength={100} autocomplete="off" onInput={(event) => setWords(event.currentTarget.value)} onKeyDown={takeFirst} />
      </label>
      <p class="visually-hidden" role="status">{busy ? '' : counted('people_found_count', all.length)}</p>
      <ul class="picker__list" aria-label={text('bubble_people')}>
        {all.slice(0, SHOWN_MAX).map((one) => (
          <li key={one.id}>
            <label class="picker__one">
              <input type="checkbox" checked={ids.has(one.id)} onChange={() => toggle(one)} />
              <Avatar id={one.id} name={one.name} size="small" />
              <span class="grow">
                <span class="picker__name cut"><bdi>{one.name}</bdi></span>
                <span class="picker__about cut"><bdi>{[one.jobTitle, one.company].filter(Boolean).join(' · ')}</bdi></span>
              </span>
            </label>
          </li>
        ))}
        {all.length > SHOWN_MAX && <li class="picker__more faint">{text('bubble_people_more')}</li>}
        {all.length === 0 && !busy && <li class="picker__more faint">{failure ? explain(failure) : text('people_found_none')}</li>}
      </ul>
    </fieldset>
  );
}
