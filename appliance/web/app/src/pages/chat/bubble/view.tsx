import './bubble.css';
import { Button } from '../../../components/button';
import { Empty } from '../../../components/notice';
import { type Bubble, bubble, bubblesState, fetchBubbles, titleOf } from '../../../state/bubbles';
import { isOffline } from '../../../state/connection';
import { text } from '../../../state/language';
import { go } from '../../../state/route';
import { Closed } from '../closed';
import { PollBar } from '../poll/bar';
import { ThreadView } from '../thread';
import { Head } from './head';
import { InvitationView } from './invitation';
import { Panel } from './panel';

/** One bubble: what is said in it and, beside that, what it is; or the question whether one wants to be in it. */
export function BubbleView({ peer, details, place }: { peer: string; details: boolean; place: number | undefined }) {
  const one = bubble(peer);
  // Started without a network: what is written waits until the box says what this is.
  if (!one && bubblesState.value !== 'ready' && isOffline.value) return <ThreadView peer={peer} name={titleOf(one)} head={<Unknown />} closed={undefined} place={place} />;
  if (!one) return <NotThere />;
  if (one.status === 'invited') return <InvitationView one={one} />;
  return (
    <>
      <ThreadView peer={peer} name={titleOf(one)} head={<><Head one={one} /><PollBar peer={one.peer} /></>} closed={whyClosed(one)} place={place} />
      {details && <Panel one={one} />}
    </>
  );
}

const Unknown = () => (
  <header class="thread__head">
    <Button kind="quiet" icon="back" label={text('back')} class="thread__back" onClick={() => go('chat')} />
    <h2 class="thread__name" id="thread-title">{titleOf(undefined)}</h2>
  </header>
);

function NotThere() {
  const state = bubblesState.value;
  return (
    <section class="chat__nothing" aria-busy={state === 'loading'}>
      {state === 'loading' && <span class="spinner" role="status" aria-label={text('loading')} />}
      {state === 'failed' && <Empty icon="warning" title={text('bubble_list_failed')}><Button onClick={() => void fetchBubbles()}>{text('retry')}</Button></Empty>}
      {state === 'ready' && <Empty icon="bubble" title={text('bubble_gone')}><p>{text('bubble_gone_text')}</p><Button onClick={() => go('chat')}>{text('bubble_back')}</Button></Empty>}
    </section>
  );
}

/** Nothing for who is in it. */
function whyClosed(one: Bubble) {
  if (one.archived) return <Closed>{text('bubble_archived_text')}</Closed>;
  return one.status === 'accepted' ? undefined : <Closed>{text('bubble_left_text')}</Closed>;
}
