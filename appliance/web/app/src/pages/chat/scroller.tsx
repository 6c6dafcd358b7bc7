import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { readIfSeen } from '../../state/conversations';
import { counted, text } from '../../state/language';
import { type Thread, showNewer, showNewest, showOlder } from '../../state/threads';

/** This near to the end counts as being there. */
const AT_END_PX = 48;
/** Further messages are asked for before the reader sees the end of those that are there. */
const AHEAD_PX = 1400;

interface Anchor {
  key: string;
  top: number;
  /** Where it was scrolled to then: what was scrolled since counts too. */
  scrolled: number;
  /** How much was seen at once, of how much. */
  height: number;
  whole: number;
}

const isSeen = (element: HTMLElement, row: HTMLElement) => row.offsetTop < element.scrollTop + element.clientHeight && row.offsetTop + row.offsetHeight > element.scrollTop;

/** What was looked for, while it is seen; else the first row that is. And where. */
function anchorOf(element: HTMLElement): Anchor | undefined {
  const sought = element.querySelector<HTMLElement>('li[data-sought]');
  const row = sought && isSeen(element, sought) ? sought : firstSeen(element);
  return row && { key: row.dataset['key'] ?? '', top: row.offsetTop - element.scrollTop, scrolled: element.scrollTop, height: element.clientHeight, whole: element.scrollHeight };
}

function firstSeen(element: HTMLElement): HTMLElement | undefined {
  const all = element.querySelectorAll<HTMLElement>('li[data-key]');
  let [low, high] = [0, all.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = all[middle];
    if (row && row.offsetTop + row.offsetHeight <= element.scrollTop) low = middle + 1;
    else high = middle;
  }
  return all[low];
}

interface ScrollerProps {
  of: Thread;
  /** What it holds, for those who do not see it. */
  name: string;
  children: ComponentChildren;
  /** Changes whenever something else is drawn. */
  drawn: unknown;
}

/** Where the reader is, and how he stays there. */
function useReader(of: Thread) {
  const ref = useRef<HTMLDivElement>(null);
  const anchor = useRef<Anchor | undefined>(undefined);
  const placed = useRef(false);
  const [following, setFollowing] = useState(true);
  const follow = (on: boolean) => {
    of.following = on;
    setFollowing(on);
  };
  const toEnd = (smooth = false) => {
    const element = ref.current;
    element?.scrollTo({ top: element.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
  };
  const look = () => {
    const element = ref.current;
    if (!element || !placed.current) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    // What grows or shrinks by itself takes the reader along; only he himself goes up.
    const before = anchor.current;
    const grown = before?.height !== element.clientHeight || before.whole !== element.scrollHeight;
    const stayed = of.following && (grown || element.scrollTop >= before.scrolled);
    anchor.current = anchorOf(element);
    follow(of.atEnd.value && (below < AT_END_PX || stayed));
    if (element.scrollTop < AHEAD_PX) void showOlder(of);
    if (below < AHEAD_PX) void showNewer(of);
    readIfSeen();
  };
  const settle = () => {
    const element = ref.current;
    if (!element) return;
    if (of.following) return toEnd();
    const row = anchor.current && element.querySelector<HTMLElement>(`li[data-key="${CSS.escape(anchor.current.key)}"]`);
    if (row && anchor.current) element.scrollTop += row.offsetTop - anchor.current.top - anchor.current.scrolled;
  };
  return { ref, placed, following, follow, toEnd, look, settle };
}

type Reader = ReturnType<typeof useReader>;

/** Whatever comes, and however large it becomes: what is read stays where it is. */
function useStaying(of: Thread, { ref, placed, look, settle }: Reader, drawn: unknown): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || of.state.value !== 'ready') return;
    if (placed.current) settle();
    else begin(element, of);
    placed.current = true;
    look();
  }, [drawn, of.state.value]);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => placed.current && settle());
    observer.observe(element);
    // What it holds grows by itself when pictures come.
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
}

/** What was looked for stands in the middle, and has the eye. */
function useGoal(of: Thread, { ref, placed, look }: Reader, drawn: unknown): void {
  const goal = of.goal.value;
  const reached = useRef<typeof goal>(undefined);
  useLayoutEffect(() => {
    if (goal === reached.current) return;
    const row = goal && ref.current?.querySelector<HTMLElement>(`li[data-place="${goal.place}"]`);
    if (!row) return;
    placed.current = true;
    reached.current = goal;
    row.scrollIntoView({ block: 'center' });
    look();
  }, [goal, drawn]);
}

/** Keeps what is read where it is, whatever comes above or below; follows the newest message when the reader is there. */
export function Scroller({ of, name, children, drawn }: ScrollerProps) {
  const reader = useReader(of);
  useStaying(of, reader, drawn);
  useGoal(of, reader, drawn);
  const jump = async () => {
    of.goal.value = undefined;
    if (!of.atEnd.value) await showNewest(of);
    reader.follow(true);
    reader.toEnd(true);
  };
  const below = of.below.value;
  return (
    <div class="thread__middle">
      <div class="thread__scroller" ref={reader.ref} onScroll={reader.look} data-scroller tabIndex={0} role="region" aria-label={name}>
        <div class="thread__content">{children}</div>
      </div>
      {(!reader.following || !of.atEnd.value) && of.state.value === 'ready' && (
        <div class="thread__jump">
          {below > 0 && <span class="badge">{below}</span>}
          <Button icon="down" label={below > 0 ? counted('chat_jump_new', below) : text('chat_jump')} onClick={() => void jump()} />
        </div>
      )}
    </div>
  );
}

/** Where reading begins: at what is new, else at the end. */
function begin(element: HTMLElement, of: Thread): void {
  const fresh = element.querySelector<HTMLElement>('[data-fresh]');
  element.scrollTop = fresh ? fresh.offsetTop - element.clientHeight / 4 : element.scrollHeight;
  of.following = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX;
}
