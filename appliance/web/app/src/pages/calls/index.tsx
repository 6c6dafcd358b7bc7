import '../../call/call.css';
import { useEffect, useState } from 'preact/hooks';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { Icon } from '../../components/icon';
import { Empty } from '../../components/notice';
import { Head } from '../../components/sections';
import { Skeleton } from '../../components/asked';
import { say } from '../../components/toast';
import { When } from '../../components/when';
import { lasting } from '../../call';
import { call, start } from '../../call/calls';
import { clearLog, fetchLog, records, recordsState, sawMissed } from '../../call/log';
import type { CallRecord } from '../../protocol/call_log';
import { explain } from '../../state/failure';
import { text } from '../../state/language';
import { missed } from '../../state/missed';
import { inNetwork, person } from '../../state/people';
import { link } from '../../state/route';
import { nameOf } from '../chat/name';

/** `#/calls`: who called whom when (J6). */
export default function CallsPage() {
  const [clearing, setClearing] = useState(false);
  const count = missed.value;
  // What is looked at is seen, and what comes while one looks.
  useEffect(() => {
    if (document.visibilityState === 'visible') sawMissed();
  }, [count]);
  const all = records.value;
  return (
    <div class="page">
      <Head
        title={text('nav_calls')}
        text={text('calls_text')}
        actions={all.length > 0 && <Button icon="trash" onClick={() => setClearing(true)}>{text('calls_clear')}</Button>}
      />
      <Log all={all} />
      {clearing && <Clear onClose={() => setClearing(false)} />}
    </div>
  );
}

function Log({ all }: { all: readonly CallRecord[] }) {
  if (recordsState.value === 'loading') return <Skeleton rows={5} round />;
  if (recordsState.value === 'failed') {
    return <Empty icon="warning" title={text('calls_failed')}><Button onClick={() => void fetchLog()}>{text('retry')}</Button></Empty>;
  }
  if (all.length === 0) return <Empty icon="phone" title={text('calls_empty')}><p>{text('calls_empty_text')}</p></Empty>;
  return <ul class="card">{all.map((one) => <Row key={one.id} of={one} />)}</ul>;
}

function kindOf(of: CallRecord): string {
  if (of.outcome === 'missed') return text(of.outgoing ? 'calls_unanswered' : 'calls_missed');
  if (of.outcome === 'declined') return text(of.outgoing ? 'calls_declined_there' : 'calls_declined');
  return text(of.outgoing ? 'calls_outgoing' : 'calls_incoming');
}

function Row({ of }: { of: CallRecord }) {
  const name = nameOf(person(of.peer));
  const reachable = inNetwork(of.peer) && call.value === undefined;
  return (
    <li class="log__one" data-missed={of.outcome === 'missed' && !of.outgoing}>
      <Avatar id={of.peer} name={name} />
      <div class="grow">
        <a class="log__who" href={link('chat', of.peer)}><bdi>{name}</bdi></a>
        <p class="log__what">
          <Icon name={of.outgoing ? 'arrow_out' : 'arrow_in'} size={16} />
          <span class="log__kind">{kindOf(of)}</span>
          <span>{text(of.medium === 'video' ? 'calls_video' : 'calls_audio')}</span>
          <When date={new Date(of.atMs).toISOString()} />
          {of.outcome === 'answered' && <span>{lasting(of.durationMs)}</span>}
        </p>
      </div>
      {reachable && <Button kind="quiet" icon="phone" label={text('call_audio', { name })} onClick={() => void start(of.peer, 'audio')} />}
      <Button kind="quiet" icon="trash" label={text('calls_remove', { name })} onClick={() => void clearLog(of.id).catch((failed: unknown) => say(explain(failed), 'bad'))} />
    </li>
  );
}

function Clear({ onClose }: { onClose: () => void }) {
  const clear = () => {
    onClose();
    void clearLog().catch((failed: unknown) => say(explain(failed), 'bad'));
  };
  return (
    <Dialog title={text('calls_clear_title')} onClose={onClose}>
      <p>{text('calls_clear_text')}</p>
      <div class="row row--end">
        <Button onClick={onClose}>{text('cancel')}</Button>
        <Button kind="danger" onClick={clear}>{text('calls_clear')}</Button>
      </div>
    </Dialog>
  );
}
