/** Characters that turn or hide the text around them: with them a name can pretend to be another one (UAX 9, UTR 36). */
const TURNING = /[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/gu;
const CONTROL = /\p{Cc}+/gu;
const LENGTH_MAX = 120;

/** What somebody else has entered, as it may be shown on one line. */
export function plain(entered: string): string {
  const shown = entered.replace(TURNING, '').replace(CONTROL, ' ').trim();
  const letters = [...shown];
  return letters.length > LENGTH_MAX ? `${letters.slice(0, LENGTH_MAX).join('')}…` : shown;
}
