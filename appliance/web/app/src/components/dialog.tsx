import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** Modal: the browser keeps the focus inside; Escape closes it, and whoever opened it has the focus again. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the next key is pressed: it is meant for what has just come.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    ref.current?.showModal();
    // It is gone from the page by then, so the browser does not give the focus back itself.
    return () => opener instanceof HTMLElement && opener.isConnected && opener.focus();
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div class="dialog__body">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
