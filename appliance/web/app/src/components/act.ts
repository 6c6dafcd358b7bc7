import { useState } from 'preact/hooks';
import { explain } from '../state/failure';
import { say } from './toast';

/** Does something that the box may refuse, once at a time; what went wrong is told. */
export function useAct() {
  const [busy, setBusy] = useState(false);
  const act = async (what: () => Promise<unknown>, done?: string) => {
    setBusy(true);
    try {
      await what();
      if (done) say(done);
    } catch (failure) {
      say(explain(failure), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return { busy, act };
}

export type Act = ReturnType<typeof useAct>;
