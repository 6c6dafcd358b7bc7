import { signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const KEPT = 'theme';

const kept = localStorage.getItem(KEPT) as Theme | null;
export const theme = signal<Theme>(kept && THEMES.includes(kept) ? kept : 'system');
show(theme.value);

export function choose(wanted: Theme): void {
  localStorage.setItem(KEPT, wanted);
  theme.value = wanted;
  show(wanted);
}

function show(wanted: Theme): void {
  if (wanted === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = wanted;
}
