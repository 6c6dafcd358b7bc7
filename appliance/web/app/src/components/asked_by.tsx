import { type Bubble, inviter } from '../state/bubbles';
import { text } from '../state/language';
import { person } from '../state/people';
import { link } from '../state/route';

/** Who asks; when that was told to another device, whose bubble it is. */
export function AskedBy({ one }: { one: Bubble }) {
  const by = inviter(one);
  const name = (user: string) => <a href={link('people', user)}><bdi>{person(user)?.name ?? text('bubble_somebody')}</bdi></a>;
  return by ? <>{name(by)} {text('bubble_asks_you')}</> : <>{text('bubble_organized')} {name(one.organizer)}</>;
}
