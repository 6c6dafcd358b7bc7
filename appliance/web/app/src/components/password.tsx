import './password.css';
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { text } from '../state/language';
import { RULES, strength } from '../state/strength';
import { Frame, described } from './field';
import { Icon } from './icon';

interface PasswordFieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  autocomplete: 'current-password' | 'new-password';
  hint?: ComponentChildren;
  error?: string | undefined;
  name?: string;
  autofocus?: boolean;
  disabled?: boolean;
  /** More of the field's description: the id of rules that stand below. */
  describedBy?: string;
}

/** A password that can be looked at while it is typed. */
export function PasswordField(props: PasswordFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const watch = (event: KeyboardEvent) => setCaps(event.getModifierState?.('CapsLock') ?? false);
  const descriptions = [described(id, props), props.describedBy, caps ? `${id}-caps` : ''].filter(Boolean).join(' ');
  return (
    <Frame id={id} label={props.label} hint={props.hint} error={props.error}>
      <div class="password">
        <input
          id={id}
          ref={input}
          class="input password__input"
          type={(shown ? 'text' : 'password') as 'password'}
          name={props.name}
          value={props.value}
          autoFocus={props.autofocus}
          autocomplete={props.autocomplete}
          autocapitalize="off"
          spellcheck={false}
          disabled={props.disabled}
          aria-invalid={props.error !== undefined}
          aria-describedby={descriptions || undefined}
          onInput={(event) => props.onInput(event.currentTarget.value)}
          onKeyUp={watch}
          onBlur={() => setCaps(false)}
        />
        <button
          type="button"
          class="password__reveal"
          aria-pressed={shown}
          aria-controls={id}
          aria-label={text('password_show')}
          title={text(shown ? 'password_hide' : 'password_show')}
          onClick={() => { setShown(!shown); input.current?.focus(); }}
        >
          <Icon name={shown ? 'unseen' : 'seen'} />
        </button>
      </div>
      {caps && <p class="field__hint password__caps" id={`${id}-caps`} role="status"><Icon name="warning" size={16} /> {text('password_caps')}</p>}
    </Frame>
  );
}

interface NewPasswordProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  error?: string | undefined;
  hint?: ComponentChildren;
  /** What others know of the person: name, e-mail address. A password that holds it is weak. */
  about?: readonly string[];
  name?: string;
  autofocus?: boolean;
  /** Makes one up, for a password that is handed over. */
  onGenerate?: () => void;
}

/** A new password with the rules that it must keep, each ticked as soon as it is kept (A1), and how strong it is. */
export function NewPassword({ about = [], onGenerate, ...field }: NewPasswordProps) {
  const rules = useId();
  return (
    <div class="stack stack--tight">
      <PasswordField {...field} autocomplete="new-password" describedBy={rules} />
      <PasswordMeter value={field.value} about={about} />
      <PasswordRules id={rules} value={field.value} />
      {onGenerate && <div><button type="button" class="button button--quiet" onClick={onGenerate}>{text('password_generate')}</button></div>}
    </div>
  );
}

export function PasswordRules({ id, value }: { id: string; value: string }) {
  return (
    <div id={id}>
      <p class="visually-hidden">{text('password_rules')}</p>
      <ul class="rules">
        {RULES.map(([name, holds]) => {
          const kept = holds(value);
          return (
            <li key={name} class="rules__one" data-kept={kept}>
              <span class="rules__mark">{kept && <Icon name="check" size={12} />}</span>
              <span>{text(name)}{kept && <span class="visually-hidden"> – {text('password_rule_kept')}</span>}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** In bars for those who look and in words for everybody. Its line keeps its height, so that nothing jumps while one types. */
export function PasswordMeter({ value, about }: { value: string; about: readonly string[] }) {
  const { level, hint } = strength(value, about);
  return (
    <div class="strength" data-level={level}>
      <div class="strength__bars" aria-hidden="true"><i /><i /><i /><i /></div>
      <p class="strength__words" role="status">
        {level !== 0 && <><span class="strength__level">{text(`password_strength_${level}`)}</span> {hint && <span>{text(hint)}</span>}</>}
      </p>
    </div>
  );
}
