import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon';

export interface ButtonProps {
  children?: ComponentChildren;
  kind?: 'main' | 'plain' | 'quiet' | 'danger';
  icon?: IconName;
  /** Said to screen readers and shown as a hint where there is only an icon. */
  label?: string;
  type?: 'button' | 'submit';
  busy?: boolean;
  disabled?: boolean;
  wide?: boolean;
  onClick?: (event: MouseEvent) => void;
  class?: string;
  id?: string;
  expanded?: boolean;
  popup?: 'menu' | 'dialog';
  pressed?: boolean;
  /** -1: reached by other keys than Tab. */
  tabIndex?: number;
}

/** While it is busy it cannot be pressed again, and keeps its words so that nothing jumps. */
export function Button(props: ButtonProps) {
  const { kind = 'plain', icon, label, type = 'button', busy = false, disabled = false, wide = false } = props;
  const only = props.children === undefined;
  const names = ['button', `button--${kind}`, only ? 'button--icon' : '', wide ? 'button--wide' : '', props.class ?? ''];
  return (
    <button
      id={props.id}
      type={type}
      class={names.filter(Boolean).join(' ')}
      aria-label={label}
      title={only ? label : undefined}
      aria-busy={busy}
      aria-expanded={props.expanded}
      aria-haspopup={props.popup}
      aria-pressed={props.pressed}
      tabIndex={props.tabIndex}
      disabled={disabled || busy}
      onClick={props.onClick}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {props.children}
    </button>
  );
}
