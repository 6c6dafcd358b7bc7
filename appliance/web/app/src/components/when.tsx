import { distance, moment } from '../state/when';

/** How long ago or until when; the exact time on hovering and to screen readers. */
export function When({ date }: { date: string }) {
  return (
    <time dateTime={date} title={moment(date)}>
      {distance(date)}
    </time>
  );
}
