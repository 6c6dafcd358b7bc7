import type { StringKey } from './language';

/** What a password of a person must have (A1), in the order in which it is shown. The box has the last word. */
export const RULES: readonly (readonly [name: StringKey, holds: (password: string) => boolean])[] = [
  ['password_rule_length', (password) => [...password].length >= LENGTH_MIN && [...password].length <= LENGTH_MAX],
  ['password_rule_lower', (password) => /\p{Lowercase}/u.test(password)],
  ['password_rule_upper', (password) => /\p{Uppercase}/u.test(password)],
  ['password_rule_digit', (password) => /[0-9]/u.test(password)],
  ['password_rule_special', (password) => /[^\p{Alphabetic}\p{N}]/u.test(password)],
];
const LENGTH_MIN = 8;
const LENGTH_MAX = 64;

/** A control character is typed twice alike by no keyboard; it comes from a clumsy paste. */
export const isAllowed = (password: string): boolean => RULES.every(([, holds]) => holds(password)) && !/\p{Cc}/u.test(password);

export interface Strength {
  /** 0: nothing entered; 1: weak; 4: strong. */
  level: 0 | 1 | 2 | 3 | 4;
  /** What makes it weaker than its length. */
  hint: StringKey | undefined;
}

/** What guessers try first, in the languages of the application and by the rows of their keyboards. */
const COMMON = [
  'password', 'passwort', 'motdepasse', 'kennwort', 'rainbow', 'welcome', 'willkommen', 'bienvenue', 'bonjour', 'hallo', 'hello', 'admin', 'letmein', 'secret',
  'geheim', 'soleil', 'dragon', 'monkey', 'master', 'iloveyou', 'sunshine', 'football', 'schatz', 'chouchou', 'doudou', 'princess', 'login', 'office', 'company', 'firma',
  'sommer', 'summer', 'winter', 'fruhling', 'frühling', 'herbst', 'automne', 'printemps', 'spring', 'autumn', 'januar', 'march', 'juillet', 'test', 'user', 'box',
  'qwer', 'wert', 'erty', 'ertz', 'azer', 'zert', 'asdf', 'sdfg', 'dfgh', 'qsdf', 'yxcv', 'zxcv', 'wxcv', 'uiop', 'hjkl',
];
const LOOKS_LIKE: Record<string, string> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' };
const POOLS: readonly (readonly [RegExp, number])[] = [[/\p{Lowercase}/u, 26], [/\p{Uppercase}/u, 26], [/[0-9]/u, 10], [/[\u0021-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u007E ]/u, 33], [/[^\u0000-\u007F]/u, 100]];
/** A word out of a list of guesses, in bits. */
const WORD_BITS = 6;
/** Bits from which on a password is fair, good, strong. */
const LEVELS = [28, 44, 62] as const;
const PART_MIN = 3;
const REPEAT = 3;

/** Marks what stands in `words`; how often one of them does. */
function markWords(letters: readonly string[], words: readonly string[], cheap: boolean[]): number {
  const spelled = [letters.join(''), letters.map((letter) => LOOKS_LIKE[letter] ?? letter).join('')];
  let found = 0;
  for (const word of words) {
    const at = spelled.map((text) => text.indexOf(word)).find((place) => place >= 0);
    if (at === undefined || cheap[at]) continue;
    cheap.fill(true, at, at + word.length);
    found += 1;
  }
  return found;
}

/** Marks letters that follow from the ones before: aaa, abc, 321, and what stood there already. */
function markRuns(letters: readonly string[], cheap: boolean[]): number {
  const text = letters.join('');
  let found = 0;
  letters.forEach((letter, at) => {
    if (at === 0 || cheap[at]) return;
    const step = Math.abs((letter.codePointAt(0) ?? 0) - (letters[at - 1]?.codePointAt(0) ?? 0)) <= 1;
    const again = at >= REPEAT && text.indexOf(letters.slice(at - REPEAT + 1, at + 1).join('')) <= at - REPEAT;
    if (!step && !again) return;
    cheap[at] = true;
    found += 1;
  });
  return found;
}

/** Words of names and addresses that somebody who knows the person tries. */
const parts = (about: readonly string[]): string[] =>
  about.flatMap((one) => one.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((part) => part.length >= PART_MIN);

/** A rough guess at how long others would guess; `about` is what they know: name, e-mail address, company. */
export function strength(password: string, about: readonly string[] = []): Strength {
  if (password === '') return { level: 0, hint: undefined };
  // A letter whose small form is two letters counts as it stands, so that places stay the same.
  const letters = [...password].map((letter) => ([...letter.toLowerCase()].length === 1 ? letter.toLowerCase() : letter));
  const cheap: boolean[] = letters.map(() => false);
  const known = markWords(letters, parts(about), cheap);
  const common = markWords(letters, COMMON, cheap);
  const runs = markRuns(letters, cheap);
  const pool = POOLS.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0);
  const bits = cheap.filter((one) => !one).length * Math.log2(Math.max(pool, 2)) + (known + common) * WORD_BITS + Math.min(runs, 1) * 2;
  const level = (1 + LEVELS.filter((limit) => bits >= limit).length) as 1 | 2 | 3 | 4;
  const hint = known ? 'password_hint_about' : common ? 'password_hint_common' : runs * 4 > letters.length ? 'password_hint_runs' : level < 3 ? 'password_hint_short' : undefined;
  return { level: isAllowed(password) ? level : (Math.min(level, 2) as 1 | 2), hint };
}
