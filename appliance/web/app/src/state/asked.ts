import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Method, Request } from '../protocol/rest';
import { ask } from './session';

/** The box's answer about one thing, out of its envelope. */
export async function askOne<T>(method: Method, path: string, request: Request = {}): Promise<T> {
  const answer = await ask<{ data: T }>(method, path, request);
  return answer.data;
}

export interface Asked<T> {
  /** The newest answer; while another one is on its way, the one before. */
  value: T | undefined;
  failure: unknown;
  busy: boolean;
  reload: () => void;
  /** What this device itself has changed, without asking again. */
  put: (value: T) => void;
}

interface Held<T> {
  value: T | undefined;
  failure: unknown;
  busy: boolean;
}

/** Asks when it is first shown and when `inputs` change. An answer that came too late for its inputs is dropped. */
export function useAsked<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Asked<T> {
  const [held, setHeld] = useState<Held<T>>({ value: undefined, failure: undefined, busy: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const stop = new AbortController();
    setHeld((before) => ({ ...before, busy: true }));
    latest.current(stop.signal).then(
      (value) => stop.signal.aborted || setHeld({ value, failure: undefined, busy: false }),
      (failure: unknown) => stop.signal.aborted || setHeld((before) => ({ ...before, failure, busy: false })),
    );
    return () => stop.abort();
  }, [...inputs, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const put = useCallback((value: T) => setHeld({ value, failure: undefined, busy: false }), []);
  return { ...held, reload, put };
}

/** What is typed, once the person has paused. */
export function useSettled<T>(value: T, pauseMs = 250): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(() => value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return settled;
}

/** Asks again and again, but only while somebody looks at it. */
export function useEvery(act: () => void, everyMs: number): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const tick = () => document.visibilityState === 'visible' && latest.current();
    const timer = setInterval(tick, everyMs);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [everyMs]);
}
