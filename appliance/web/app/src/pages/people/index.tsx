import '../../components/pane.css';
import './people.css';
import { useState } from 'preact/hooks';
import { Icon } from '../../components/icon';
import { Empty } from '../../components/notice';
import { askedIntoCount } from '../../state/bubbles';
import { receivedCount } from '../../state/invitations';
import { counted, text } from '../../state/language';
import { link, route } from '../../state/route';
import { found, look } from '../../state/search';
import { Card } from './card';
import { Invitations } from './invitations';
import { NetworkRows } from './network';
import { SearchRows } from './results';

const INVITATIONS = 'invitations';

/** `#/people`, `#/people/invitations`, and `#/people/USER` with somebody's card. */
export default function PeoplePage() {
  const at = route.value.page === 'people' ? route.value.rest[0] || undefined : undefined;
  const [words, setWords] = useState(() => found.value?.words ?? '');
  const invitations = at === INVITATIONS;
  const type = (next: string) => {
    setWords(next);
    look(next);
  };
  return (
    <div class="people" data-open={at !== undefined && !invitations}>
      <h1 class="visually-hidden">{text('nav_people')}</h1>
      <section class="people__list" aria-labelledby="people-title">
        <header class="pane__head">
          <h2 class="pane__title" id="people-title">{text('nav_people')}</h2>
          <label class="finder">
            <Icon name="search" size={18} />
            <span class="visually-hidden">{text('people_search')}</span>
            <input class="finder__input" type="search" value={words} placeholder={text('people_search')} maxLength={100} autocomplete="off" onInput={(event) => type(event.currentTarget.value)} />
          </label>
          {!words && <Views invitations={invitations} />}
        </header>
        {words ? <SearchRows words={words} current={at} /> : invitations ? <Invitations /> : <NetworkRows current={at} />}
      </section>
      {at && !invitations ? <Card key={at} id={at} /> : <Nothing />}
    </div>
  );
}

function Views({ invitations }: { invitations: boolean }) {
  const count = receivedCount.value + askedIntoCount.value;
  return (
    <nav class="segments" aria-label={text('people_views')}>
      <a class="segments__one" href={link('people')} aria-current={invitations ? undefined : 'page'}>{text('people_network')}</a>
      <a class="segments__one" href={link('people', INVITATIONS)} aria-current={invitations ? 'page' : undefined}>
        {text('people_invitations')}
        {count > 0 && (
          <span class="badge">
            <span aria-hidden="true">{count}</span>
            <span class="visually-hidden">{counted('people_invitations_count', count)}</span>
          </span>
        )}
      </a>
    </nav>
  );
}

function Nothing() {
  return (
    <section class="people__nothing">
      <Empty icon="people" title={text('people_choose')}>
        <p>{text('people_choose_text')}</p>
      </Empty>
    </section>
  );
}
