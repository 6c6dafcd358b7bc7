import type { ComponentChildren } from 'preact';
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
    entries()[0]?.focus();
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  // Within what scrolls, a list that would hang out below opens upwards.
  const [room, setRoom] = useState(true);
  useLayoutEffect(() => {
    const list = root.current?.querySelector('.menu__list');
    if (!open || !list) return setRoom(true);
    const below = root.current?.closest('[data-scroller]')?.getBoundingClientRect().bottom ?? innerHeight;
    setRoom(list.getBoundingClientRect().bottom <= below);
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
        <div class="menu__list" role="menu" data-up={up || !room} data-start={start}>
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
