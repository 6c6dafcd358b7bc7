import { signal } from '@preact/signals';
import type { Strings } from '../strings/en';

/** Names of languages in themselves. */
export const LANGUAGES = [
  ['en', 'English'],
  ['fr', 'Français'],
  ['de', 'Deutsch'],
] as const;
export type Language = (typeof LANGUAGES)[number][0];
export type StringKey = keyof Strings;

const TABLES: Record<Language, () => Promise<{ strings: Strings }>> = {
  en: () => import('../strings/en'),
  fr: () => import('../strings/fr'),
  de: () => import('../strings/de'),
};
const KEPT = 'language';

export const language = signal<Language>('en');
const table = signal<Strings | undefined>(undefined);

function known(name: string | null | undefined): Language | undefined {
  return LANGUAGES.find(([code]) => name?.toLowerCase().split('-')[0] === code)?.[0];
}

/** The language as the browser wants it written: with the region's ways of times and numbers, where they are of that language. */
export const locale = (): string => navigator.languages.find((one) => one.toLowerCase().split('-')[0] === language.value) ?? language.value;

/** What the person chose on this device, else what the browser asks for. */
export function preferred(): Language {
  const wishes = [localStorage.getItem(KEPT), ...navigator.languages];
  return wishes.map(known).find((one) => one !== undefined) ?? 'en';
}

/** In French a blank stands before high punctuation, and no line may begin with what follows it. */
function spaced(strings: Strings): Strings {
  return Object.fromEntries(Object.entries(strings).map(([key, string]) => [key, string.replace(/ (?=[:;?!»])|(?<=«) /gu, '\u00A0')])) as Strings;
}

export async function speak(code: Language, keep = true): Promise<void> {
  const { strings } = await TABLES[code]();
  if (keep) localStorage.setItem(KEPT, code);
  table.value = code === 'fr' ? spaced(strings) : strings;
  language.value = code;
  document.documentElement.lang = code;
}

/** What the profile says, on a device where nobody has chosen. */
export async function speakUnlessChosen(name: string | null | undefined): Promise<void> {
  const code = known(name);
  if (code && code !== language.value && localStorage.getItem(KEPT) === null) await speak(code, false);
}

/** `{name}` in a string is filled from `values`. Always text, never markup. */
export function text(key: StringKey, values: Record<string, string | number> = {}): string {
  const template = table.value?.[key] ?? '';
  return template.replace(/\{(\w+)\}/gu, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

type Counted<K> = K extends `${infer Stem}_other` ? Stem : never;

/** The form of `KEY_one` or `KEY_other` that the language has for `count`; `{count}` is filled. */
export function counted(stem: Counted<StringKey>, count: number, values: Record<string, string | number> = {}): string {
  const form = new Intl.PluralRules(language.value).select(count) === 'one' ? 'one' : 'other';
  const number = new Intl.NumberFormat(language.value).format(count);
  return text(`${stem}_${form}` as StringKey, { ...values, count: number });
}
