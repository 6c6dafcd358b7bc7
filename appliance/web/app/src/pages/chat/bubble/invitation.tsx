import { useAct } from '../../../components/act';
import { AskedBy } from '../../../components/asked_by';
import { BubbleAvatar } from '../../../components/bubble_avatar';
import { Button } from '../../../components/button';
import { type Bubble, accept, decline, titleOf } from '../../../state/bubbles';
import { counted, text } from '../../../state/language';
import { go } from '../../../state/route';

/** Whether this person wants to be in a bubble: all that is told of it before. */
export function InvitationView({ one }: { one: Bubble }) {
  const doing = useAct();
  const name = titleOf(one);
  const refuse = async () => {
    await decline(one);
    go('chat');
  };
  return (
    <section class="asked" aria-labelledby="asked-title">
      <Button kind="quiet" icon="back" label={text('back')} class="thread__back" onClick={() => go('chat')} />
      <div class="card asked__card">
        <BubbleAvatar one={one} size="large" />
        <h2 id="asked-title"><bdi>{name}</bdi></h2>
        {one.topic && <p class="soft"><bdi>{one.topic}</bdi></p>}
        <p><AskedBy one={one} /></p>
        <p class="faint">{counted('bubble_members', one.count)} · {text(one.sharesHistory ? 'bubble_history_all' : 'bubble_history_none')}</p>
        <div class="row row--wrap">
          <Button kind="main" busy={doing.busy} onClick={() => void doing.act(() => accept(one))}>{text('bubble_accept')}</Button>
          <Button disabled={doing.busy} onClick={() => void doing.act(refuse)}>{text('bubble_decline')}</Button>
        </div>
      </div>
    </section>
  );
}
