import { Asked } from '../../components/asked';
import { Avatar } from '../../components/avatar';
import { Button } from '../../components/button';
import { Name } from '../../components/name';
import { Empty } from '../../components/notice';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import type { Blocked } from '../../protocol/own';
import { useAsked } from '../../state/asked';
import { explain } from '../../state/failure';
import { text } from '../../state/language';
import { listBlocked, unblock } from '../../state/own';
import { plain } from '../../state/plain';

export function BlockedPeople() {
  const asked = useAsked(listBlocked, []);
  const name = (one: Blocked) => one.displayName ?? text('settings_blocked_nameless');
  const lift = async (one: Blocked) => {
    asked.put((asked.value ?? []).filter((other) => other.id !== one.id));
    try {
      await unblock(one.id);
      say(text('settings_blocked_lifted', { name: plain(name(one)) }));
    } catch (failure) {
      say(explain(failure), 'bad');
      asked.reload();
    }
  };
  return (
    <Part title={text('settings_blocked_title')} text={text('settings_blocked_text')}>
      <Asked of={asked} rows={2} round>
        {(people) => (people.length === 0 ? (
          <Empty icon="block" title={text('settings_blocked_none')}><p>{text('settings_blocked_none_text')}</p></Empty>
        ) : (
          <ul class="lines">
            {people.map((one) => (
              <li key={one.id} class="lines__one">
                <Avatar id={one.id} name={name(one)} />
                <p class="grow lines__name"><Name>{name(one)}</Name></p>
                <Button label={text('settings_blocked_lift_name', { name: plain(name(one)) })} onClick={() => void lift(one)}>{text('settings_blocked_lift')}</Button>
              </li>
            ))}
          </ul>
        ))}
      </Asked>
    </Part>
  );
}
