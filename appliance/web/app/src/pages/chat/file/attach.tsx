import { useRef } from 'preact/hooks';
import { Button } from '../../../components/button';
import { taking } from '../../../state/files';
import { text } from '../../../state/language';
import { chooseAll, named } from './choose';

/** Opens the device's own choice of files; not there where the box takes none. */
export function Attach({ peer }: { peer: string }) {
  const input = useRef<HTMLInputElement>(null);
  if (taking.value === undefined) return null;
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          chooseAll(peer, [...(event.currentTarget.files ?? [])].map(named));
          event.currentTarget.value = '';
        }}
      />
      <Button kind="quiet" icon="clip" label={text('file_attach')} onClick={() => input.current?.click()} />
    </>
  );
}
