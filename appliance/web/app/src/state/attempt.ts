import { useEffect, useRef, useState } from 'preact/hooks';
import { Refusal } from '../protocol/rest';
import { explain } from './failure';
import { language } from './language';

/** What is wrong, by field; `form` is what belongs to none. */
export type Wrong = Readonly<Record<string, string | undefined>>;

export interface Attempt {
  busy: boolean;
  /** What `check` found goes as soon as it is put right; what the box said, when something is entered. */
  wrong: Wrong;
  submit: (event: Event) => Promise<void>;
  /** For the form's `onInput`. */
  entered: () => void;
}

/** The first field that is wrong gets the focus, so that nobody has to look for it. */
function focusWrong(form: Element | undefined): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

/** A refusal that names a field (`field: why`) stands beside that field. */
function placed(failure: unknown, fields: readonly string[]): Wrong {
  const named = failure instanceof Refusal && failure.status === 400 ? /^(?<field>\w+): (?<why>.+)$/su.exec(failure.details)?.groups : undefined;
  if (named?.['field'] && fields.includes(named['field'])) return { [named['field']]: named['why'] };
  return { form: explain(failure) };
}

interface AttemptOptions {
  /** Names of fields as the box knows them. */
  fields: readonly string[];
  /** What is wrong before the box is asked. */
  check?: () => Wrong;
  act: () => Promise<void>;
  /** Says it better than `explain`, or nothing. */
  tell?: (failure: unknown) => Wrong | undefined;
}

/** A form that is sent once at a time. */
export function useAttempt({ fields, check, act, tell }: AttemptOptions): Attempt {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Wrong>({});
  const [checked, setChecked] = useState(false);
  const running = useRef(false);
  // What was said in another language is not said any more.
  useEffect(() => setWrong({}), [language.value]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (running.current) return;
    const form = event.currentTarget instanceof Element ? event.currentTarget : undefined;
    const found = check?.() ?? {};
    setWrong(found);
    setChecked(true);
    if (Object.values(found).some((one) => one !== undefined)) return focusWrong(form);
    running.current = true;
    setBusy(true);
    try {
      await act();
    } catch (failure) {
      setWrong(tell?.(failure) ?? placed(failure, fields));
      setChecked(false);
      focusWrong(form);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  const entered = () => {
    if (!checked && Object.keys(wrong).length > 0) setWrong({});
  };
  const now = checked ? check?.() ?? {} : wrong;
  const still = Object.fromEntries(Object.keys(wrong).map((field) => [field, wrong[field] && now[field]]));
  return { busy, wrong: still, submit, entered };
}
