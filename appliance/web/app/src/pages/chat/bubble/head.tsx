import { BubbleAvatar } from '../../../components/bubble_avatar';
import { Button } from '../../../components/button';
import { type Bubble, titleOf } from '../../../state/bubbles';
import { counted, text } from '../../../state/language';
import { go, link } from '../../../state/route';
import { isTyping } from '../../../state/typing';
import { writers } from '../name';

/** Behind the bubble's name in the address: what it is, and who is in it. */
export const DETAILS = 'details';

/** The button that opens them. */
export const OPENER = 'bubble-details';

/** How many are in it; in an archived one nobody is. */
export const inside = (one: Bubble): string[] => (one.archived ? [] : [counted('bubble_members', one.count)]);

export function Head({ one }: { one: Bubble }) {
  const name = titleOf(one);
  const about = [...inside(one), one.topic].filter(Boolean).join(' · ');
  return (
    <header class="thread__head">
      <Button kind="quiet" icon="back" label={text('back')} class="thread__back" onClick={() => go('chat')} />
      <a class="thread__who" href={link('chat', one.peer, DETAILS)}>
        <BubbleAvatar one={one} />
        <span class="grow">
          <h2 class="thread__name cut" id="thread-title"><bdi>{name}</bdi></h2>
          <span class="thread__state cut">{isTyping(one.peer) ? writers(one.peer) : <bdi>{about}</bdi>}</span>
        </span>
      </a>
      <Button kind="quiet" icon="info" id={OPENER} label={text('bubble_details')} onClick={() => go('chat', one.peer, DETAILS)} />
    </header>
  );
}

