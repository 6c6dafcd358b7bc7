import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button';
import { CopyButton } from '../../components/copy';
import { Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import { type Grade, type Hop, verdict } from '../../state/calltest/judge';
import { test } from '../../state/calltest/run';
import { explain } from '../../state/failure';
import { text } from '../../state/language';

export function CallTest() {
  const { hops, busy, done, run } = useTest();
  const start = <Button kind="main" busy={busy} onClick={run}>{text(done ? 'calltest_again' : 'calltest_start')}</Button>;
  return (
    <Part title={text('calltest')} text={text('calltest_text')} actions={start}>
      <div role="status" class="stack">
        {busy && <p class="soft">{text('calltest_busy')}</p>}
        {done && <Verdict hops={hops} />}
      </div>
      {hops.length > 0 && <ul class="lines">{hops.map((hop, at) => <Line key={at} hop={hop} />)}</ul>}
      {done && hops.length > 0 && <div><CopyButton content={asText(hops)} label={text('copy')} words={text('calltest_copy')} /></div>}
    </Part>
  );
}

/** What was found so far. A second run begins anew; what a page that was left still hears is dropped. */
function useTest() {
  const [hops, setHops] = useState<readonly Hop[]>([]);
  const [state, setState] = useState<'new' | 'busy' | 'done'>('new');
  const left = useRef(false);
  useEffect(() => () => { left.current = true; }, []);
  const run = () => {
    setHops([]);
    setState('busy');
    const ended = (next: 'new' | 'done') => { if (!left.current) setState(next); };
    test((hop) => setHops((before) => [...before, hop]), () => left.current).then(
      () => ended('done'),
      (failure: unknown) => { ended('new'); if (!left.current) say(explain(failure), 'bad'); },
    );
  };
  return { hops, busy: state === 'busy', done: state === 'done', run };
}

const LOOKS: Record<Grade, string> = { good: 'tag tag--good', warn: 'tag tag--warn', bad: 'tag tag--bad' };

function Line({ hop }: { hop: Hop }) {
  return (
    <li class="lines__one">
      <div class="grow">
        <p class="lines__name">{text(hop.name)}</p>
        <p class="soft">{text(hop.told, hop.values)}</p>
      </div>
      <span class={LOOKS[hop.grade]}>{text(`calltest_${hop.grade}`)}</span>
    </li>
  );
}

function Verdict({ hops }: { hops: readonly Hop[] }) {
  const { grade, told } = verdict(hops);
  return <Notice kind={grade}>{text(told)}</Notice>;
}

/** For whoever helps. */
const asText = (hops: readonly Hop[]): string => hops.map((hop) => `${text(hop.name)}: ${text(`calltest_${hop.grade}`)}. ${text(hop.told, hop.values)}`).join('\n');
