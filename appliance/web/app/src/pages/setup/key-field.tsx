import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Frame, described } from '../../components/field';

const LENGTH_MAX = 200;

interface KeyFieldProps {
  label: string;
  hint?: ComponentChildren;
  value: string;
  onInput: (value: string) => void;
  error?: string | undefined;
  short?: boolean;
}

/** For a code or key that is copied from paper or a terminal: line ends of a paste become blanks, the box forgives the rest. */
export function KeyField(props: KeyFieldProps) {
  const id = useId();
  return (
    <Frame id={id} label={props.label} hint={props.hint} error={props.error}>
      <input
        id={id}
        class={`input input--code key-input ${props.short ? 'key-input--short' : ''}`}
        value={props.value}
        maxLength={LENGTH_MAX}
        dir="ltr"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        aria-invalid={props.error !== undefined}
        aria-describedby={described(id, props)}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </Frame>
  );
}
