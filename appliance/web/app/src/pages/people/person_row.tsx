import { Avatar } from '../../components/avatar';
import { Icon } from '../../components/icon';
import { isBlocked } from '../../state/blocks';
import { isFavourite } from '../../state/favourites';
import { text } from '../../state/language';
import { level } from '../../state/levels';
import { type Person, inNetwork, isColleague } from '../../state/people';
import { link } from '../../state/route';

export const PERSON_HEIGHT = 60;
export const HEADING_HEIGHT = 34;

/** One person of a list; leads to his card. */
export function PersonRow({ one, current, tabIndex }: { one: Person; current: boolean; tabIndex: number }) {
  const shown = inNetwork(one.id) ? level(one.id) : undefined;
  const about = [one.jobTitle, isColleague(one) ? '' : one.company].filter(Boolean).join(' · ') || one.company;
  return (
    <a class="entry" href={link('people', one.id)} aria-current={current ? 'true' : undefined} tabIndex={tabIndex}>
      <Avatar id={one.id} name={one.name} level={shown} />
      <span class="entry__main">
        <span class="entry__name cut"><bdi>{one.name}</bdi></span>
        <span class="entry__text cut"><bdi>{about}</bdi></span>
      </span>
      {isBlocked(one.id) && <span class="tag">{text('people_is_blocked')}</span>}
      {isFavourite(one.id) && (
        <span class="entry__star">
          <Icon name="star" size={16} />
          <span class="visually-hidden">{text('people_favourite')}</span>
        </span>
      )}
    </a>
  );
}
