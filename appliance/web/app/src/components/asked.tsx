import type { ComponentChildren } from 'preact';
import type { Asked as Answer } from '../state/asked';
import { explain } from '../state/failure';
import { text } from '../state/language';
import { Button } from './button';
import { Notice } from './notice';

/** Lines that stand where the content will, so that nothing jumps when it comes. */
export function Skeleton({ rows = 3, round = false }: { rows?: number; round?: boolean }) {
  return (
    <div class="stack" role="status">
      <span class="visually-hidden">{text('loading')}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div class="row" key={row} aria-hidden="true">
          {round && <span class="skeleton skeleton--round" />}
          <span class="grow stack stack--tight">
            <span class="skeleton skeleton--name" data-length={row % 3} />
            <span class="skeleton skeleton--text" />
          </span>
        </div>
      ))}
    </div>
  );
}

export function Failed({ failure, retry }: { failure: unknown; retry: () => void }) {
  return (
    <Notice kind="bad">
      <div class="row row--apart row--wrap">
        <p>{explain(failure)}</p>
        <Button onClick={retry}>{text('retry')}</Button>
      </div>
    </Notice>
  );
}

interface AskedProps<T> {
  of: Answer<T>;
  rows?: number;
  round?: boolean;
  children: (value: T) => ComponentChildren;
}

/** Skeleton, content or failure. What was shown before stays while it is asked for again, and when that fails. */
export function Asked<T>({ of, rows, round, children }: AskedProps<T>) {
  if (of.value === undefined && of.failure !== undefined) return <Failed failure={of.failure} retry={of.reload} />;
  if (of.value === undefined) return <Skeleton {...(rows !== undefined && { rows })} {...(round !== undefined && { round })} />;
  return (
    <div class="stack" aria-busy={of.busy}>
      {of.failure !== undefined && <Failed failure={of.failure} retry={of.reload} />}
      {children(of.value)}
    </div>
  );
}
