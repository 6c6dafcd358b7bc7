import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** Opens a dialog as the only thing that has the keys, before the next is pressed; whoever opened it has them again in the end. */
export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  const opener = useRef<Element | null>(null);
  useLayoutEffect(() => {
    opener.current = document.activeElement;
    dialog.current?.showModal();
  }, []);
  // It is gone from the page by then: before, the browser lets nothing else have the focus, and does not give it back itself.
  useEffect(() => () => {
    const { current } = opener;
    if (current instanceof HTMLElement && current.isConnected) current.focus();
  }, []);
}
