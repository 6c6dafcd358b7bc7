import { Button } from '../../components/button';
import { Icon } from '../../components/icon';
import { Menu } from '../../components/menu';
import { URGENCIES, type Urgency } from '../../protocol/shape';
import { text } from '../../state/language';

interface UrgencyProps {
  of: Urgency | undefined;
  onChange: (level: Urgency | undefined) => void;
}

/** How much the next message wants to be seen. */
export function UrgencyMenu({ of, onChange }: UrgencyProps) {
  return (
    <Menu
      up
      start
      button={{ kind: 'quiet', icon: 'flag', label: text('chat_urgency'), class: 'composer__flag' }}
      items={[
        { name: text('chat_urgency_none'), checked: of === undefined, run: () => onChange(undefined) },
        ...URGENCIES.map((level) => ({ name: text(`chat_urgency_${level}`), checked: of === level, run: () => onChange(level) })),
      ]}
    />
  );
}

/** That it is not like the others is said above the field, before it is sent. */
export function UrgencyLine({ of, onChange }: UrgencyProps) {
  if (!of) return null;
  return (
    <div class="composer__edit">
      <span class="bubble__urgency" data-urgency={of}><Icon name="flag" size={14} />{text(`chat_urgency_${of}`)}</span>
      <span class="grow" />
      <Button kind="quiet" icon="close" label={text('chat_urgency_none')} onClick={() => onChange(undefined)} />
    </div>
  );
}
