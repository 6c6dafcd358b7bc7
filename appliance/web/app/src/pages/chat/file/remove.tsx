import { Confirm } from '../../../components/confirm';
import type { Attached } from '../../../protocol/files';
import { removeFile } from '../../../state/files';
import { text } from '../../../state/language';
import { shownName } from './name';

interface RemoveProps {
  of: Attached;
  /** With its message (C8), which is done after it. */
  message: (() => void) | undefined;
  onClose: () => void;
}

/** Asks before a file of one's own is deleted for everybody. */
export function RemoveFile({ of, message, onClose }: RemoveProps) {
  return (
    <Confirm
      title={message ? text('chat_delete_title') : text('file_delete_title', { name: shownName(of.name) })}
      action={text(message ? 'chat_delete' : 'file_delete')}
      act={async () => {
        await removeFile(of.id);
        message?.();
      }}
      onClose={onClose}
    >
      <p>{text(message ? 'file_delete_message_text' : 'file_delete_text')}</p>
    </Confirm>
  );
}
