import { say } from '../../../components/toast';
import { nameTaken } from '../../../protocol/files';
import { CHOSEN_MAX, choose } from '../../../state/attachments';
import { taking } from '../../../state/files';
import { text } from '../../../state/language';

interface Named {
  file: File;
  name: string;
}

export const named = (file: File): Named => ({ file, name: nameTaken(file.name, text('file_unnamed')) });

export function chooseAll(peer: string, files: readonly Named[]): void {
  if (taking.value === undefined) return say(text('file_none_here'), 'bad');
  if (!choose(peer, files)) say(text('file_chosen_too_many', { count: CHOSEN_MAX }), 'bad');
}

/** Pictures from the clipboard are all called the same: they get the time as a name. */
function pasted(file: File): Named {
  if (!/^image\.\w+$/u.test(file.name)) return named(file);
  const now = new Date();
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, '0')).join('.');
  return { file, name: `${text('file_pasted')} ${now.toLocaleDateString('sv')} ${time}.${file.name.split('.').at(-1) ?? ''}` };
}

/** What is copied from a table or a text is a picture as well: there the words are meant. */
export function paste(peer: string, event: ClipboardEvent): void {
  const data = event.clipboardData;
  if (!data || data.files.length === 0 || data.types.includes('text/plain')) return;
  event.preventDefault();
  chooseAll(peer, [...data.files].map(pasted));
}

/** What was dropped; folders are none. */
export function dropped(peer: string, data: DataTransfer): void {
  const items = [...data.items].filter((item) => item.kind === 'file');
  const files = items.filter((item) => !item.webkitGetAsEntry()?.isDirectory).map((item) => item.getAsFile()).filter((file) => file !== null);
  if (files.length < items.length) say(text('file_folder'), 'bad');
  if (files.length > 0) chooseAll(peer, files.map(named));
}
