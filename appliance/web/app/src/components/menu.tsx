import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button, type ButtonProps } from './button';
import { Icon, type IconName } from './icon';

export interface MenuItem {
  name: string;
  icon?: IconName;
  danger?: boolean;
  mark?: ComponentChildren;
  /** One of a choice: whether it is the chosen one. */
  checked?: boolean;
  /** A line above: something else begins. */
  apart?: boolean;
  run: () => void;
}

interface MenuProps {
  button: Omit<ButtonProps, 'onClick' | 'expanded' | 'popup'>;
  items: MenuItem[];
  up?: boolean;
  start?: boolean;
  /** Open from the beginning: made by the press of a plain button in its place. */
  opened?: boolean;
}

/** Within what scrolls, a list that would hang out below opens upwards; one that would hang out of the window, to the other side. */
function usePlace(root: RefObject<HTMLDivElement | null>, open: boolean, start: boolean) {
  const [place, setPlace] = useState({ up: false, start });
  useLayoutEffect(() => {
    const look = () => {
      const [list, button] = [root.current?.querySelector('.menu__list')?.getBoundingClientRect(), root.current?.getBoundingClientRect()];
      if (!list || !button) return;
      const below = root.current?.closest('[data-scroller]')?.getBoundingClientRect().bottom ?? innerHeight;
      const fits = start ? button.left + list.width <= innerWidth : button.right - list.width >= 0;
      setPlace({ up: button.bottom + list.height > below, start: fits ? start : !start });
    };
    if (!open) return;
    look();
    addEventListener('resize', look);
    return () => removeEventListener('resize', look);
  }, [open, start]);
  return place;
}

/** A button that opens a list of commands; arrows move, Escape closes and gives the focus back (WAI-ARIA menu button). */
export function Menu({ button, items, up = false, start = false, opened = false }: MenuProps) {
  const [open, setOpen] = useState(opened);
  const root = useRef<HTMLDivElement>(null);
  const entries = () => [...(root.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
  const close = () => {
    setOpen(false);
    root.current?.querySelector('button')?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const place = usePlace(root, open, start);
  // Before the next key is pressed: it is meant for the list.
  useLayoutEffect(() => {
    if (open) entries()[0]?.focus({ preventScroll: true });
  }, [open]);
  const move = (event: KeyboardEvent) => {
    if (!open) return;
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.stopPropagation();
      close();
    }
  };
  return (
    <div class="menu" ref={root} onKeyDown={move}>
      <Button {...button} popup="menu" expanded={open} onClick={() => setOpen(!open)} />
      {open && (
        <div class="menu__list" role="menu" data-up={up || place.up} data-start={place.start}>
          {items.map((item) => (
            <button
              key={item.name}
              type="button"
              role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={item.checked}
              tabIndex={-1}
              class={`menu__item ${item.danger ? 'menu__item--danger' : ''} ${item.apart ? 'menu__item--apart' : ''}`}
              onClick={() => {
                close();
                item.run();
              }}
            >
              {item.mark ?? (item.icon && <Icon name={item.icon} />)}
              <span class="grow">{item.name}</span>
              {item.checked && <Icon name="check" size={16} />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
