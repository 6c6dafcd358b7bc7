import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon';

export interface FieldProps {
  label: string;
  /** What to enter and why, before anything is wrong. */
  hint?: ComponentChildren;
  /** What is wrong and what to do. */
  error?: string | undefined;
  optional?: string;
}

interface TextFieldProps extends FieldProps {
  value: string;
  onInput: (value: string) => void;
  type?: 'text' | 'email' | 'password' | 'search';
  name?: string;
  autocomplete?: AutoFill;
  required?: boolean;
  autofocus?: boolean;
  maxLength?: number;
  placeholder?: string;
  inputMode?: 'text' | 'email' | 'url' | 'search';
  class?: string;
  disabled?: boolean;
}

/** Label, hint and error around a control of any kind; the control says `described(id, props)`. */
export function Frame({ id, label, hint, error, optional, children }: FieldProps & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label class="field__label" for={id}>
        {label} {optional && <span class="field__optional">({optional})</span>}
      </label>
      {children}
      {hint && (
        <div class="field__hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <div class="field__error" id={`${id}-error`} role="alert">
          <Icon name="warning" size={16} />
          <span>{error}</span>
        </div>
      )}
    </div>
  );
}

export const described = (id: string, { hint, error }: Pick<FieldProps, 'hint' | 'error'>) =>
  [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined;

export function TextField(props: TextFieldProps) {
  const id = useId();
  return (
    <Frame {...props} id={id}>
      <input
        id={id}
        class={`input ${props.class ?? ''}`}
        type={(props.type ?? 'text') as 'text'}
        name={props.name}
        value={props.value}
        required={props.required}
        autoFocus={props.autofocus}
        autocomplete={props.autocomplete}
        maxLength={props.maxLength}
        placeholder={props.placeholder}
        inputMode={props.inputMode}
        disabled={props.disabled}
        spellcheck={false}
        aria-invalid={props.error !== undefined}
        aria-describedby={described(id, props)}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </Frame>
  );
}

interface SelectProps<T extends string> extends FieldProps {
  value: T;
  options: readonly (readonly [value: T, name: string])[];
  onChange: (value: T) => void;
  disabled?: boolean;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const id = useId();
  return (
    <Frame {...props} id={id}>
      <select
        id={id}
        class="input"
        value={props.value}
        disabled={props.disabled}
        aria-invalid={props.error !== undefined}
        aria-describedby={described(id, props)}
        onChange={(event) => props.onChange(event.currentTarget.value as T)}
      >
        {props.options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Frame>
  );
}

interface ChoicesProps<T extends string> {
  legend: string;
  name: string;
  value: T | undefined;
  options: readonly { value: T; name: string; text?: string }[];
  onChange: (value: T) => void;
  /** Where the heading of the page says it already, it is for screen readers only. */
  named?: boolean;
}

/** One of a few, each explained. */
export function Choices<T extends string>({ legend, name, value, options, onChange, named = false }: ChoicesProps<T>) {
  return (
    <fieldset class="stack stack--tight fieldset">
      <legend class={named ? 'visually-hidden' : 'field__label'}>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} class="choice">
          <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>
            <span class="choice__name">{option.name}</span>
            {option.text && <span class="choice__text">{option.text}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
