import type { ComponentType } from 'preact';
import type { Answers } from '../../protocol/setup';
import type { StringKey } from '../../state/language';
import { status } from '../../state/start';
import { administrator } from './steps/administrator';
import { company } from './steps/company';
import { languageStep } from './steps/language';
import { name } from './steps/name';
import { recovery } from './steps/recovery';

export interface StepRow {
  /** As the box names it, and the last part of its address. */
  name: string;
  title: StringKey;
  Screen: ComponentType;
  isAnswered: (answers: Answers) => boolean;
  /** Label and value of what was answered, for the summary. */
  summary: (answers: Answers) => readonly (readonly [label: StringKey, value: string])[];
}

/** Screens by step. Which of them are shown, and in which order, the box says; a new one is a file and a line here. */
const ROWS: readonly StepRow[] = [languageStep, name, company, administrator, recovery];

/** Address of the summary, which comes after whatever the box asks. */
export const SUMMARY = 'summary';

export const asked = (): StepRow[] =>
  (status.value?.steps ?? []).map((one) => ROWS.find((row) => row.name === one)).filter((row) => row !== undefined);

/** Steps of a newer box, for which this page has no screen. */
export const unknown = (): string[] => (status.value?.steps ?? []).filter((one) => !ROWS.some((row) => row.name === one));

/** Where one goes on: the first step without an answer, or the summary. */
export const firstOpen = (answers: Answers): string => asked().find((row) => !row.isAnswered(answers))?.name ?? SUMMARY;

/** The step itself where it may be seen already, else the one to go on with. */
export function reachable(wanted: string | undefined, answers: Answers): string {
  const order = [...asked().map((row) => row.name), SUMMARY];
  const open = firstOpen(answers);
  const at = order.indexOf(wanted ?? '');
  return at >= 0 && at <= order.indexOf(open) ? order[at] ?? open : open;
}

export function beside(step: string, by: 1 | -1): string | undefined {
  const order = [...asked().map((row) => row.name), SUMMARY];
  return order[order.indexOf(step) + by];
}
