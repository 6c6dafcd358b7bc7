import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon';

const ICONS: Record<string, IconName> = { info: 'info', good: 'check', warn: 'warning', bad: 'warning' };

/** Something to know; when it is bad, screen readers are told at once. */
export function Notice({ kind = 'info', children }: { kind?: 'info' | 'good' | 'warn' | 'bad'; children: ComponentChildren }) {
  return (
    <div class={`notice notice--${kind}`} role={kind === 'bad' ? 'alert' : undefined}>
      <span class="notice__icon">
        <Icon name={ICONS[kind] ?? 'info'} />
      </span>
      <div class="grow">{children}</div>
    </div>
  );
}

/** What stands where there is nothing yet: why, and what to do. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty__icon">
        <Icon name={icon} size={28} />
      </span>
      <p class="empty__title">{title}</p>
      {children}
    </div>
  );
}
