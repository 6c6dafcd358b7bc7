import { drop, find, keep } from './kept';

/** What was begun and not sent, per conversation. */
export const draft = (peer: string): string => find<string>(`draft/${peer}`) ?? '';

export function setDraft(peer: string, text: string): void {
  if (text) keep(`draft/${peer}`, text);
  else drop(`draft/${peer}`);
}
