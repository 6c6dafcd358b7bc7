import { Icon } from '../../components/icon';
import { Notice } from '../../components/notice';
import { Refusal, Unreachable } from '../../protocol/rest';
import { type Wrong, useAttempt } from '../../state/attempt';
import { text } from '../../state/language';
import { link } from '../../state/route';
import { answers, finish } from '../../state/setup';
import { Heading, StepForm } from './step-form';
import { SUMMARY, type StepRow, asked } from './steps';

/** The box names the step whose answer it misses: perhaps it has been started anew and the recovery key is gone. */
function tell(failure: unknown): Wrong | undefined {
  if (failure instanceof Unreachable) return { form: text('setup_lost') };
  if (!(failure instanceof Refusal) || failure.status !== 409) return undefined;
  const row = asked().find(({ name }) => new RegExp(`\\b${name}\\b`, 'u').test(failure.details));
  return row && { form: text('setup_missing', { step: text(row.title) }) };
}

export function Summary() {
  const attempt = useAttempt({ fields: [], act: finish, tell });
  if (attempt.busy) return <Working />;
  return (
    <StepForm step={SUMMARY} title={text('setup_summary')} lead={text('setup_summary_lead')} attempt={attempt} go={text('setup_finish')}>
      <ul class="answers">{asked().map((row) => <Row key={row.name} row={row} />)}</ul>
      <Notice>{text('setup_summary_forever', { domain: answers.value.name?.domain ?? '' })}</Notice>
    </StepForm>
  );
}

function Row({ row }: { row: StepRow }) {
  const lines = row.summary(answers.value);
  return (
    <li class="answers__row">
      <dl class="grow stack stack--tight">
        {lines.map(([label, value]) => (
          <div key={label}>
            <dt class="faint">{text(label)}</dt>
            <dd><bdi>{value}</bdi></dd>
          </div>
        ))}
      </dl>
      <a class="button button--quiet" href={link('setup', row.name)}><Icon name="edit" size={16} />{text('setup_change')}<span class="visually-hidden">: {text(row.title)}</span></a>
    </li>
  );
}

/** The box makes keys, databases and its first account; that takes seconds, not minutes. */
function Working() {
  return (
    <div class="step working" role="status">
      <span class="working__spinner spinner" aria-hidden="true" />
      <Heading>{text('setup_working')}</Heading>
      <p class="soft">{text('setup_working_text')}</p>
    </div>
  );
}
