import type { RefObject, TargetedKeyboardEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Avatar } from '../../components/avatar';
import { text } from '../../state/language';
import { begun, meant } from '../../state/mentions';
import type { Person } from '../../state/people';

const LIST = 'composer-names';

/** While a name is written after `@`, those whom it may mean. Arrows choose, Enter or Tab takes one, Escape leaves the text alone. */
export function useNames(peer: string, ref: RefObject<HTMLTextAreaElement | null>, value: string, change: (next: string) => void) {
  const [caret, setCaret] = useState<number | undefined>(undefined);
  const [chosen, setChosen] = useState(0);
  const [left, setLeft] = useState<number | undefined>(undefined);
  const name = caret === undefined ? undefined : begun(value, caret);
  const list = name && name.at !== left ? meant(peer, name.words) : [];
  const at = Math.min(chosen, list.length - 1);
  const look = () => {
    const element = ref.current;
    setCaret(element && document.activeElement === element && element.selectionStart === element.selectionEnd ? element.selectionStart : undefined);
  };
  const take = (one: Person | undefined) => {
    const element = ref.current;
    if (!name || !one || !element || caret === undefined) return;
    element.focus();
    // At once, and not when it is drawn: whoever types on would find his next letter behind the caret.
    element.setRangeText(`@${one.name} `, name.at, value[caret] === ' ' ? caret + 1 : caret, 'end');
    change(element.value);
    setChosen(0);
    setCaret(element.selectionStart);
  };
  /** Whether the key was for the list. */
  const press = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): boolean => {
    if (list.length === 0 || event.shiftKey) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((at + step + list.length) % list.length);
    else if (event.key === 'Enter' || event.key === 'Tab') take(list[at]);
    else if (event.key === 'Escape') setLeft(name?.at);
    else return false;
    event.preventDefault();
    return true;
  };
  const field = list.length > 0 ? { 'aria-autocomplete': 'list' as const, 'aria-controls': LIST, 'aria-activedescendant': `${LIST}-${at}` } : {};
  return { list, at, look, take, press, field };
}

/** The focus stays in the field: it says which of them is chosen. */
export function Names({ list, at, take }: Pick<ReturnType<typeof useNames>, 'list' | 'at' | 'take'>) {
  return (
    <div class="names" role="listbox" id={LIST} aria-label={text('chat_names')}>
      {list.map((one, index) => (
        <div
          key={one.id}
          id={`${LIST}-${index}`}
          class="names__one"
          role="option"
          aria-selected={index === at}
          onPointerDown={(event) => {
            event.preventDefault();
            take(one);
          }}
        >
          <Avatar id={one.id} name={one.name} size="small" />
          <span class="grow cut"><bdi>{one.name}</bdi></span>
          <span class="faint cut"><bdi>{one.company}</bdi></span>
        </div>
      ))}
    </div>
  );
}
