import { useRef, useState } from 'preact/hooks';
import { Refusal } from '../protocol/rest';
import { explain } from './failure';
import { type StringKey, text } from './language';

/** What is wrong with a form: beside which field, and what belongs to none. */
export interface Refused {
  fields: Readonly<Record<string, string>>;
  general: string | undefined;
}

const NOTHING: Refused = { fields: {}, general: undefined };

/** Reasons of the box that have words in every language; any other is shown as the box tells it. */
const REASONS: readonly (readonly [RegExp, StringKey])[] = [
  [/not the present password/u, 'form_wrong_password'],
  [/^the password /u, 'form_password_rules'],
  [/not an e-mail address/u, 'form_no_address'],
  [/at most (?<count>\d+) application passwords/u, 'form_too_many'],
  [/(?:at most|to) (?<count>\d+) characters/u, 'form_length'],
  [/account is disabled/u, 'form_disabled'],
];

function reason(why: string): string {
  for (const [pattern, key] of REASONS) {
    const match = pattern.exec(why);
    if (match) return text(key, match.groups ?? {});
  }
  return why;
}

/** Puts a refusal beside the field that the box names: `errorDetails` begins with `field: why`, or says what exists already. */
export function refused(failure: unknown, fields: readonly string[]): Refused {
  if (failure instanceof Refusal) {
    const named = /^(?<field>\w+): (?<why>.+)$/su.exec(failure.details)?.groups;
    if (failure.status === 400 && named?.['field'] && fields.includes(named['field'])) {
      return { fields: { [named['field']]: reason(named['why'] ?? '') }, general: undefined };
    }
    if (failure.status === 400 && named?.['why']) return { fields: {}, general: reason(named['why']) };
    const taken = failure.status === 409 && fields.find((field) => failure.details.includes(field));
    if (taken) return { fields: { [taken]: text('form_taken') }, general: undefined };
  }
  return { fields: {}, general: explain(failure) };
}

export interface Form {
  busy: boolean;
  /** What belongs to no field. */
  general: string | undefined;
  error: (field: string) => string | undefined;
  submit: (event?: Event) => Promise<void>;
  clear: () => void;
}

/** The first field that is wrong gets the focus, so that nobody has to look for it. */
function focusWrong(form: Element | undefined): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

/** Sends a form once at a time. `check` says what is wrong before the box is asked. */
export function useForm(fields: readonly string[], act: () => Promise<void>, check?: () => Record<string, string | undefined>): Form {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Refused>(NOTHING);
  const running = useRef(false);
  const submit = async (event?: Event) => {
    event?.preventDefault();
    if (running.current) return;
    const form = event?.currentTarget instanceof Element ? event.currentTarget : undefined;
    const found = Object.entries(check?.() ?? {}).filter((one): one is [string, string] => one[1] !== undefined);
    setWrong({ fields: Object.fromEntries(found), general: undefined });
    if (found.length > 0) return focusWrong(form);
    running.current = true;
    setBusy(true);
    try {
      await act();
    } catch (failure) {
      setWrong(refused(failure, fields));
      focusWrong(form);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, general: wrong.general, error: (field) => wrong.fields[field], submit, clear: () => setWrong(NOTHING) };
}

/** A field that must not stay empty. */
export const needed = (value: string): string | undefined => (value.trim() === '' ? text('form_needed') : undefined);
