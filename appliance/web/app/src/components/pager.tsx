import { language, text } from '../state/language';
import { Button } from './button';

interface PagerProps {
  offset: number;
  limit: number;
  total: number;
  busy: boolean;
  onMove: (offset: number) => void;
}

/** Goes through a long list page by page; a list of one page has none. */
export function Pager({ offset, limit, total, busy, onMove }: PagerProps) {
  if (total <= limit && offset === 0) return null;
  const number = new Intl.NumberFormat(language.value);
  const last = Math.floor(Math.max(total - 1, 0) / limit) * limit;
  const range = { first: number.format(Math.min(offset + 1, total)), last: number.format(Math.min(offset + limit, total)), total: number.format(total) };
  return (
    <nav class="row row--apart row--wrap pager" aria-label={text('pager_label')}>
      <span class="faint" role="status">{text('pager_range', range)}</span>
      <span class="row pager__buttons">
        <Button disabled={offset === 0} onClick={() => onMove(0)}>{text('pager_first')}</Button>
        <Button icon="back" disabled={offset === 0} label={text('pager_before')} busy={busy && offset > 0} onClick={() => onMove(Math.max(offset - limit, 0))} />
        <Button icon="next" disabled={offset >= last} label={text('pager_after')} busy={busy && offset < last} onClick={() => onMove(offset + limit)} />
        <Button disabled={offset >= last} onClick={() => onMove(last)}>{text('pager_last')}</Button>
      </span>
    </nav>
  );
}
