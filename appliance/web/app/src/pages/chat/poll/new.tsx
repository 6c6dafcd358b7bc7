import { useState } from 'preact/hooks';
import { Button } from '../../../components/button';
import { Dialog } from '../../../components/dialog';
import { Select, TextField } from '../../../components/field';
import { Notice } from '../../../components/notice';
import { needed, useForm } from '../../../state/form';
import { counted, text } from '../../../state/language';
import { ANSWERS_MAX, ANSWERS_MIN, POLL_TEXT_MAX, QUESTIONS_MAX, begin } from '../../../state/polls';

interface Draft {
  text: string;
  multiple: boolean;
  answers: readonly string[];
}

const EMPTY: Draft = { text: '', multiple: false, answers: Array.from({ length: ANSWERS_MIN }, () => '') };
const DURATIONS = [0, 5, 15, 30, 60] as const;

const replaced = <T,>(all: readonly T[], at: number, one: T): readonly T[] => all.map((before, place) => (place === at ? one : before));
const without = <T,>(all: readonly T[], at: number): readonly T[] => all.filter((_, place) => place !== at);

/** Asks the bubble something: people vote at once. */
export function NewPollDialog({ peer, onClose }: { peer: string; onClose: () => void }) {
  const [title, setTitle] = useState('');
  const [questions, setQuestions] = useState<readonly Draft[]>([EMPTY]);
  const [anonymous, setAnonymous] = useState(false);
  const [duration, setDuration] = useState('0');
  const form = useForm(['title', 'questions'], async () => {
    await begin(peer, { title, questions, anonymous, durationMin: Number(duration) });
    onClose();
  }, () => Object.fromEntries(questions.flatMap(wrongIn)));
  const several = questions.length > 1;
  return (
    <Dialog title={text('poll_new')} onClose={onClose}>
      <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
        {several && <TextField label={text('poll_title')} optional={text('optional')} value={title} onInput={setTitle} error={form.error('title')} maxLength={POLL_TEXT_MAX} autocomplete="off" />}
        {questions.map((one, place) => (
          <Asked key={place} one={one} number={several ? place + 1 : undefined} error={(field) => form.error(`${field} ${place}`)} onChange={(next) => setQuestions(replaced(questions, place, next))} onRemove={several ? () => setQuestions(without(questions, place)) : undefined} />
        ))}
        {questions.length < QUESTIONS_MAX && <div><Button kind="quiet" icon="plus" onClick={() => setQuestions([...questions, EMPTY])}>{text('poll_add_question')}</Button></div>}
        <Select label={text('poll_duration')} value={duration} onChange={setDuration} options={DURATIONS.map((minutes) => [String(minutes), minutes === 0 ? text('poll_no_end') : counted('poll_minutes', minutes)] as const)} />
        <label class="check">
          <input type="checkbox" checked={anonymous} onChange={(event) => setAnonymous(event.currentTarget.checked)} />
          <span>{text('poll_anonymous')}<span class="field__hint check__hint">{text('poll_anonymous_hint')}</span></span>
        </label>
        {form.error('questions') && <Notice kind="bad">{form.error('questions')}</Notice>}
        {form.general && <Notice kind="bad">{form.general}</Notice>}
        <div class="row row--end row--wrap">
          <Button onClick={onClose}>{text('cancel')}</Button>
          <Button type="submit" kind="main" busy={form.busy}>{text('poll_begin')}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What is wrong with a question: nothing asked, an answer without words, or one that stands there twice. */
function wrongIn(one: Draft, place: number): [string, string | undefined][] {
  const words = one.answers.map((answer) => answer.trim());
  return [
    [`question ${place}`, needed(one.text)],
    ...words.map((answer, at): [string, string | undefined] => [`${at} ${place}`, needed(answer) ?? (words.indexOf(answer) < at ? text('poll_twice') : undefined)]),
  ];
}

interface AskedProps {
  one: Draft;
  /** Among several. */
  number: number | undefined;
  error: (field: string) => string | undefined;
  onChange: (next: Draft) => void;
  onRemove: (() => void) | undefined;
}

function Asked({ one, number, error, onChange, onRemove }: AskedProps) {
  const name = number === undefined ? text('poll_question') : text('poll_question_number', { number });
  return (
    <fieldset class="stack stack--tight fieldset">
      <legend class="visually-hidden">{name}</legend>
      <div class="poll__line">
        <TextField label={name} value={one.text} onInput={(next) => onChange({ ...one, text: next })} error={error('question')} maxLength={POLL_TEXT_MAX} autocomplete="off" autofocus={number === undefined} required />
        {onRemove && <Button kind="quiet" icon="trash" label={text('poll_remove_question', { number: number ?? 1 })} onClick={onRemove} />}
      </div>
      {one.answers.map((answer, place) => (
        <div key={place} class="poll__line">
          <TextField label={text('poll_answer', { number: place + 1 })} value={answer} onInput={(next) => onChange({ ...one, answers: replaced(one.answers, place, next) })} error={error(String(place))} maxLength={POLL_TEXT_MAX} autocomplete="off" required />
          {one.answers.length > ANSWERS_MIN && <Button kind="quiet" icon="close" label={text('poll_remove_answer', { number: place + 1 })} onClick={() => onChange({ ...one, answers: without(one.answers, place) })} />}
        </div>
      ))}
      <div class="row row--apart row--wrap">
        <label class="check">
          <input type="checkbox" checked={one.multiple} onChange={(event) => onChange({ ...one, multiple: event.currentTarget.checked })} />
          <span>{text('poll_multiple')}</span>
        </label>
        {one.answers.length < ANSWERS_MAX && <Button kind="quiet" icon="plus" onClick={() => onChange({ ...one, answers: [...one.answers, ''] })}>{text('poll_add_answer')}</Button>}
      </div>
    </fieldset>
  );
}
