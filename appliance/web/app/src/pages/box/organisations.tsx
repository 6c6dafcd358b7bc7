import { useState } from 'preact/hooks';
import { Asked } from '../../components/asked';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { TextField } from '../../components/field';
import { Icon } from '../../components/icon';
import { Name } from '../../components/name';
import { Empty, Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import type { Organisation } from '../../protocol/admin';
import { useAsked } from '../../state/asked';
import { addOrganisation, listOrganisations } from '../../state/companies';
import { needed, useForm } from '../../state/form';
import { text } from '../../state/language';
import { plain } from '../../state/plain';
import { day } from '../../state/when';

/** Organizations join companies that shall see one another as one (B4). */
export function Organisations() {
  const asked = useAsked(listOrganisations, []);
  const [adding, setAdding] = useState(false);
  const add = <Button kind="main" icon="plus" onClick={() => setAdding(true)}>{text('box_organisation_add')}</Button>;
  return (
    <Part title={text('box_organisations')} text={text('box_organisations_text')} actions={asked.value && asked.value.length > 0 && add}>
      <Asked of={asked} rows={2} round>
        {(rows) => (rows.length === 0 ? (
          <Empty icon="link" title={text('box_organisation_none')}><p>{text('box_organisation_none_text')}</p>{add}</Empty>
        ) : (
          <ul class="lines">
            {rows.map((row) => (
              <li key={row.id} class="lines__one">
                <span class="lines__icon"><Icon name="link" /></span>
                <div class="grow"><p class="lines__name"><Name>{row.name}</Name></p><p class="faint">{text('box_company_since', { day: day(row.creationDate) })}</p></div>
              </li>
            ))}
          </ul>
        ))}
      </Asked>
      {adding && <AddOrganisation onClose={() => setAdding(false)} onAdded={(made) => asked.put([...(asked.value ?? []), made])} />}
    </Part>
  );
}

export function AddOrganisation({ onClose, onAdded }: { onClose: () => void; onAdded: (made: Organisation) => void }) {
  const [name, setName] = useState('');
  const form = useForm(['name'], async () => {
    const made = await addOrganisation(name.trim());
    say(text('box_organisation_added', { name: plain(made.name) }));
    onAdded(made);
    onClose();
  }, () => ({ name: needed(name) }));
  return (
    <Dialog title={text('box_organisation_add')} onClose={onClose}>
      <form class="stack" noValidate onSubmit={(event) => void form.submit(event)}>
        <TextField label={text('box_organisation_name')} value={name} onInput={setName} error={form.error('name')} maxLength={255} autocomplete="off" autofocus />
        {form.general && <Notice kind="bad">{form.general}</Notice>}
        <div class="row row--end row--wrap">
          <Button onClick={onClose}>{text('cancel')}</Button>
          <Button type="submit" kind="main" busy={form.busy}>{text('box_organisation_add')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
