import { Avatar, PresenceDot } from './components/avatar';
import { Menu, type MenuItem } from './components/menu';
import { say } from './components/toast';
import { CHOICES } from './protocol/presence';
import { explain } from './state/failure';
import { text } from './state/language';
import { endVisit } from './state/meet';
import { choose, chosen, shownAs } from './state/me';
import { clean } from './state/names';
import { go } from './state/route';
import { account, isGuest, signOut } from './state/session';

/** The person who is signed in: how he is shown, his settings, and the way out. */
export function OwnMenu() {
  const me = account.value;
  if (!me) return null;
  const name = clean(me.displayName);
  const levels: MenuItem[] = CHOICES.map((level) => ({
    name: text(`presence_${level}`),
    mark: <PresenceDot level={level} />,
    checked: level === chosen.value,
    run: () => void choose(level).catch((failure: unknown) => say(explain(failure), 'bad')),
  }));
  const items: MenuItem[] = isGuest.value
    ? [{ name: text('meet_leave'), icon: 'leave', run: () => void endVisit() }]
    : [
        ...levels,
        { name: text('nav_settings'), icon: 'settings', apart: true, run: () => go('settings') },
        { name: text('sign_out'), icon: 'leave', run: () => void signOut() },
      ];
  return (
    <div class="rail__own">
      <Menu up start button={{ kind: 'quiet', label: text('own_menu', { name, presence: text(`presence_${shownAs.value}`) }), children: <Avatar id={me.id} name={name} level={shownAs.value} /> }} items={items} />
    </div>
  );
}
