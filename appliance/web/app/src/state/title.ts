import { useEffect } from 'preact/hooks';
import { text } from './language';

/** Names the page in the tab, in the list of windows and for screen readers. */
export function useTitle(name: string): void {
  const whole = `${name} – ${text('product')}`;
  useEffect(() => {
    document.title = whole;
  }, [whole]);
}
