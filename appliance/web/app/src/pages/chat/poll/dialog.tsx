import { useState } from 'preact/hooks';
import { useAct } from '../../../components/act';
import { Asked } from '../../../components/asked';
import { Button } from '../../../components/button';
import { Confirm } from '../../../components/confirm';
import { Dialog } from '../../../components/dialog';
import { useAsked } from '../../../state/asked';
import { bubble, may } from '../../../state/bubbles';
import { counted, text } from '../../../state/language';
import { type Ballot, type Poll, type Question, end, publish, remove, titleOf, vote, votersOf } from '../../../state/polls';
import { clock } from '../../../state/time';
import { nameInBubble } from '../name';

/** One poll: where it is open its form, with the votes as they come; then its result. */
export function PollDialog({ one, onClose }: { one: Poll; onClose: () => void }) {
  const doing = useAct();
  const [chosen, setChosen] = useState<Ballot>(one.own);
  const [asked, setAsked] = useState<'end' | 'remove' | undefined>(undefined);
  const [named, setNamed] = useState(false);
  const of = bubble(one.peer);
  const open = one.state === 'published' && of?.status === 'accepted' && !of.archived;
  const manages = of !== undefined && may(of, 'poll');
  const submit = (event: Event) => {
    event.preventDefault();
    void doing.act(() => vote(one, chosen), text('poll_counted'));
  };
  if (asked) return <Sure asked={asked} one={one} onClose={() => setAsked(undefined)} onDone={asked === 'remove' ? onClose : () => setAsked(undefined)} />;
  return (
    <Dialog title={titleOf(one)} onClose={onClose}>
      <form class="stack" noValidate onSubmit={submit}>
        <p class="soft">{[counted('poll_votes', one.voters), text(one.anonymous ? 'poll_anonymous_text' : 'poll_named_text'), ...ends(one)].join(' · ')}</p>
        <div class="poll" data-scroller tabIndex={open ? undefined : 0}>
          {one.questions.map((question, place) => (
            <Asking key={place} name={`${one.id}-${place}`} question={question} alone={one.questions.length === 1 && !one.title} voters={one.voters} chosen={chosen.get(place) ?? []} open={open} onChange={(answers) => setChosen(put(chosen, place, answers))} />
          ))}
        </div>
        {!one.anonymous && one.voters > 0 && <div><Button kind="quiet" icon="people" expanded={named} onClick={() => setNamed(!named)}>{text('poll_who')}</Button></div>}
        {named && <Voters one={one} />}
        <div class="row row--end row--wrap">
          {manages && <Button kind="quiet" icon="trash" onClick={() => setAsked('remove')}>{text('poll_delete')}</Button>}
          {manages && one.state === 'unpublished' && <Button kind="main" busy={doing.busy} onClick={() => void doing.act(() => publish(one))}>{text('poll_publish')}</Button>}
          {manages && one.state === 'published' && <Button onClick={() => setAsked('end')}>{text('poll_end')}</Button>}
          <Button onClick={onClose}>{text('close')}</Button>
          {open && <Button type="submit" kind="main" busy={doing.busy} disabled={chosen.size === 0}>{text(one.voted ? 'poll_vote_again' : 'poll_vote')}</Button>}
        </div>
      </form>
    </Dialog>
  );
}

function put(ballot: Ballot, place: number, answers: readonly number[]): Ballot {
  const next = new Map(ballot);
  if (answers.length > 0) next.set(place, answers);
  else next.delete(place);
  return next;
}

function ends(one: Poll): string[] {
  if (one.state === 'terminated') return [text('poll_over')];
  return one.state === 'published' && one.endsMs !== undefined ? [text('poll_until', { time: clock(one.endsMs) })] : [];
}

interface AskingProps {
  name: string;
  question: Question;
  /** Its words stand above the dialog already. */
  alone: boolean;
  voters: number;
  chosen: readonly number[];
  open: boolean;
  onChange: (answers: readonly number[]) => void;
}

function Asking({ name, question, alone, voters, chosen, open, onChange }: AskingProps) {
  const take = (place: number, on: boolean) => {
    if (!question.multiple) onChange([place]);
    else onChange(on ? [...chosen, place].sort((one, other) => one - other) : chosen.filter((one) => one !== place));
  };
  return (
    <fieldset class="stack stack--tight fieldset">
      <legend class={alone ? 'visually-hidden' : 'poll__question'}><bdi>{question.text}</bdi></legend>
      {question.multiple && <p class="faint">{text('poll_multiple')}</p>}
      {question.answers.map((answer, place) => {
        const share = voters > 0 ? Math.round((answer.votes / voters) * 100) : 0;
        return (
          <label key={place} class={`poll__answer ${open ? 'poll__answer--open' : ''}`}>
            {open && <input type={question.multiple ? 'checkbox' : 'radio'} name={name} checked={chosen.includes(place)} onChange={(event) => take(place, event.currentTarget.checked)} />}
            <span class="grow poll__text"><bdi>{answer.text}</bdi>{!open && chosen.includes(place) && <span class="field__optional"> ({text('poll_yours')})</span>}</span>
            <span class="poll__count">{counted('poll_votes', answer.votes)}</span>
            <span class="poll__bar" aria-hidden="true"><span style={{ width: `${share}%` }} /></span>
          </label>
        );
      })}
    </fieldset>
  );
}

const NAMED_MAX = 30;

/** Who chose what, as the box tells it now. */
function Voters({ one }: { one: Poll }) {
  const told = useAsked((stop) => votersOf(one, stop), [one.id, one.voters, one.questions]);
  const names = (users: readonly string[]) => {
    const some = users.slice(0, NAMED_MAX).map(nameInBubble).join(', ');
    return users.length > NAMED_MAX ? `${some} +${users.length - NAMED_MAX}` : some;
  };
  return (
    <Asked of={told}>
      {(questions) => (
        <dl class="poll__voters" data-scroller tabIndex={0} aria-label={text('poll_who')}>
          {one.questions.flatMap((question, place) => question.answers.map((answer, at) => {
            const users = questions[place]?.[at] ?? [];
            return users.length === 0 ? null : <div key={`${place}-${at}`}><dt><bdi>{answer.text}</bdi></dt><dd><bdi>{names(users)}</bdi></dd></div>;
          }))}
        </dl>
      )}
    </Asked>
  );
}

function Sure({ asked, one, onClose, onDone }: { asked: 'end' | 'remove'; one: Poll; onClose: () => void; onDone: () => void }) {
  if (asked === 'end') {
    return <Confirm title={text('poll_end_title')} action={text('poll_end')} danger={false} act={() => end(one)} onClose={onClose} onDone={onDone}><p>{text('poll_end_text')}</p></Confirm>;
  }
  return <Confirm title={text('poll_delete_title')} action={text('poll_delete')} act={() => remove(one)} onClose={onClose} onDone={onDone}><p>{text('poll_delete_text')}</p></Confirm>;
}
