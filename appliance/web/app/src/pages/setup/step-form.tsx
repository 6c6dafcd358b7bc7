import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Notice } from '../../components/notice';
import type { Attempt } from '../../state/attempt';
import { text } from '../../state/language';
import { go, link } from '../../state/route';
import { useTitle } from '../../state/title';
import { beside } from './steps';

/** The heading of a screen: who comes to it hears it first, and goes on from there. */
export function Heading({ children }: { children: string }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useTitle(children);
  useEffect(() => {
    ref.current?.focus({ preventScroll: true });
    document.getElementById('content')?.scrollTo(0, 0);
    scrollTo(0, 0);
  }, []);
  return <h1 ref={ref} tabIndex={-1}>{children}</h1>;
}

interface StepFormProps {
  step: string;
  title: string;
  lead?: ComponentChildren;
  attempt: Attempt;
  /** Words on the button; `Continue` without. */
  go?: string;
  disabled?: boolean;
  children: ComponentChildren;
}

/** What every step has: heading, what it is about, what was refused, the ways back and on. */
export function StepForm({ step, title, lead, attempt, go: words, disabled = false, children }: StepFormProps) {
  const before = beside(step, -1);
  return (
    <form class="step" noValidate onInput={attempt.entered} onSubmit={(event) => void attempt.submit(event)}>
      <div class="step__head">
        <Heading>{title}</Heading>
        {lead && <p class="step__lead">{lead}</p>}
      </div>
      {children}
      {attempt.wrong['form'] && <Notice kind="bad">{attempt.wrong['form']}</Notice>}
      <div class="step__ways">
        {before ? <a class="button button--quiet" href={link('setup', before)}><Icon name="back" />{text('back')}</a> : <span />}
        <Button kind="main" type="submit" busy={attempt.busy} disabled={disabled}>{words ?? text('next')}</Button>
      </div>
    </form>
  );
}

/** On to the step after this one. */
export function goOn(step: string): void {
  const after = beside(step, 1);
  if (after) go('setup', after);
}
