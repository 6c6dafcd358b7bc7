import { whenSignedOut } from './session';

/** What comes in bursts is acted on once for each key, so long after its first; at the sign-out no more. */
export function soon(pauseMs: number, act: (key: string) => void): (key: string) => void {
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  whenSignedOut(() => {
    for (const timer of waiting.values()) clearTimeout(timer);
    waiting.clear();
  });
  return (key) => {
    if (waiting.has(key)) return;
    waiting.set(key, setTimeout(() => {
      waiting.delete(key);
      act(key);
    }, pauseMs));
  };
}
