import type { ComponentChildren, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

interface WindowedProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** In pixels at the root's font size; rows must be as high. */
  heightOf: (item: T) => number;
  /** What can be reached by the keyboard takes `tabIndex`; headings take none. */
  render: (item: T, tabIndex: number) => ComponentChildren;
  isRow?: (item: T) => boolean;
  /** The row that the rest of the page shows. */
  current?: string | undefined;
  class?: string;
}

/** Rows drawn beyond what is seen, on each side. */
const SPARE = 8;

/** Index of the row at a height: `tops` holds where each begins, and the end of all. */
function rowAt(tops: Float64Array, y: number): number {
  let [low, high] = [0, Math.max(0, tops.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A list of which only what is seen is drawn. One row can be reached by Tab; arrows, Home and End move on. */
export function Windowed<T>(props: WindowedProps<T>) {
  const { items, keyOf, heightOf, render, isRow = () => true, current } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  const [active, setActive] = useState<string | undefined>(undefined);
  const focus = useRef<string | undefined>(undefined);
  const tops = useMemo(() => {
    const made = new Float64Array(items.length + 1);
    items.forEach((item, index) => (made[index + 1] = (made[index] ?? 0) + heightOf(item)));
    return made;
  }, [items]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => setSeen({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  useLayoutEffect(() => {
    if (focus.current === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(focus.current)}"] [tabindex="0"]`);
    // It may have to be scrolled to first.
    if (!row) return;
    focus.current = undefined;
    row.focus();
  });
  const [first, last] = [Math.max(0, rowAt(tops, seen.top) - SPARE), Math.min(items.length, rowAt(tops, seen.top + seen.height) + 1 + SPARE)];
  const [start, end] = [tops[first] ?? 0, (tops[items.length] ?? 0) - (tops[last] ?? 0)];
  const keys = items.map(keyOf);
  const reachable = [active, current].find((key) => key !== undefined && keys.includes(key)) ?? keys[items.findIndex(isRow)];
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const at = keys.indexOf((event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset['key'] ?? '');
    const to = at < 0 ? undefined : target(event.key, at, items, isRow);
    const key = to === undefined ? undefined : keys[to];
    if (to === undefined || key === undefined) return;
    event.preventDefault();
    focus.current = key;
    setActive(key);
    reveal(scroller.current, tops[to] ?? 0, tops[to + 1] ?? 0);
  };
  return (
    <div class={`windowed ${props.class ?? ''}`} ref={scroller} onKeyDown={move}>
      <ul class="windowed__rows" aria-label={props.label} style={{ paddingBlockStart: `${start}px`, paddingBlockEnd: `${end}px` }}>
        {items.slice(first, last).map((item, offset) => {
          const key = keys[first + offset] ?? '';
          return (
            <li key={key} data-key={key} style={{ height: `${heightOf(item)}px` }} aria-setsize={items.length} aria-posinset={first + offset + 1}>
              {render(item, key === reachable ? 0 : -1)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function target<T>(key: string, at: number, items: readonly T[], isRow: (item: T) => boolean): number | undefined {
  const rows = items.flatMap((item, index) => (isRow(item) ? [index] : []));
  const place = rows.indexOf(at);
  return { ArrowDown: rows[place + 1], ArrowUp: rows[place - 1], Home: rows[0], End: rows.at(-1) }[key];
}

function reveal(element: HTMLElement | null, top: number, bottom: number): void {
  if (!element) return;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
}
