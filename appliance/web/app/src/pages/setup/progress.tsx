import { Icon } from '../../components/icon';
import { text } from '../../state/language';
import { link } from '../../state/route';
import { answers } from '../../state/setup';
import { SUMMARY, asked, firstOpen } from './steps';

type State = 'done' | 'current' | 'ahead';

/** Where one is, in words and numbers; what has been answered can be gone back to. */
export function Progress({ current }: { current: string }) {
  const rows = [...asked().map(({ name, title }) => ({ name, title: text(title) })), { name: SUMMARY, title: text('setup_summary_short') }];
  const at = rows.findIndex((row) => row.name === current);
  const open = rows.findIndex((row) => row.name === firstOpen(answers.value));
  const state = (place: number): State => (place === at ? 'current' : place <= open ? 'done' : 'ahead');
  return (
    <nav class="progress" aria-label={text('setup_progress')}>
      <p class="progress__short">{text('setup_progress_step', { step: at + 1, count: rows.length })}</p>
      <progress class="progress__bar" max={rows.length} value={at + 1} aria-hidden="true" />
      <ol class="progress__list">
        {rows.map((row, place) => (
          <li key={row.name} class="progress__step" data-state={state(place)}>
            <span class="progress__mark" aria-hidden="true">{place < open && place !== at ? <Icon name="check" size={14} /> : place + 1}</span>
            {state(place) === 'done'
              ? <a class="progress__name" href={link('setup', row.name)}>{row.title}{place < open && <span class="visually-hidden"> – {text('setup_progress_done')}</span>}</a>
              : <span class="progress__name" aria-current={place === at ? 'step' : undefined}>{row.title}</span>}
          </li>
        ))}
      </ol>
    </nav>
  );
}
