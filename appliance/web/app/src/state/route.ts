import { computed, signal } from '@preact/signals';

/** Addresses of pages: `#/page/argument/...`. What stands behind `#` never reaches a server's log. */
const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

export const route = computed(() => {
  const parts = hash.value.replace(/^#\/?/u, '').split('/').map(safeDecode);
  return { page: parts[0] ?? '', rest: parts.slice(1) };
});

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

export const link = (...parts: string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`;

export function go(...parts: string[]): void {
  location.hash = link(...parts);
}

/** Leaves no entry behind to go back to. */
export function replace(...parts: string[]): void {
  history.replaceState(null, '', link(...parts));
  hash.value = location.hash;
}
