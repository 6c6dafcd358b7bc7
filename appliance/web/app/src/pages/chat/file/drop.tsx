import { type RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../../components/icon';
import { text } from '../../../state/language';
import { dropped } from './choose';

const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** A file that misses its place would take the whole page's. */
function refuse(event: DragEvent): void {
  if (!holdsFiles(event) || event.defaultPrevented) return;
  event.preventDefault();
  if (event.dataTransfer) event.dataTransfer.dropEffect = 'none';
}

/** Files may be dropped onto the whole conversation. */
export function useDrop(peer: string, on: boolean): { place: RefObject<HTMLElement | null>; over: boolean } {
  const place = useRef<HTMLElement>(null);
  const [over, setOver] = useState(false);
  useEffect(() => {
    for (const sign of ['dragover', 'drop'] as const) addEventListener(sign, refuse);
    return () => {
      for (const sign of ['dragover', 'drop'] as const) removeEventListener(sign, refuse);
    };
  }, []);
  useEffect(() => {
    const element = place.current;
    if (!element || !on) return;
    const stop = new AbortController();
    const hear = (sign: 'dragover' | 'dragleave' | 'drop', act: (event: DragEvent) => void) => element.addEventListener(sign, (event) => holdsFiles(event) && act(event), { signal: stop.signal });
    hear('dragover', (event) => {
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    });
    hear('dragleave', (event) => {
      // Into something inside it is no leaving.
      if (!(event.relatedTarget instanceof Node) || !element.contains(event.relatedTarget)) setOver(false);
    });
    hear('drop', (event) => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer) dropped(peer, event.dataTransfer);
      element.querySelector<HTMLElement>('.composer__field')?.focus();
    });
    return () => stop.abort();
  }, [peer, on]);
  return { place, over };
}

export function DropHere({ name }: { name: string }) {
  return (
    <div class="drop" aria-hidden="true">
      <p class="drop__words"><Icon name="clip" size={28} /><span>{text('file_drop', { name })}</span></p>
    </div>
  );
}
