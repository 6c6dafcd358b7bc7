import { useState } from 'preact/hooks';
import { Asked } from '../../components/asked';
import { Button } from '../../components/button';
import { Confirm } from '../../components/confirm';
import { Dialog } from '../../components/dialog';
import { TextField } from '../../components/field';
import { Icon } from '../../components/icon';
import { Name } from '../../components/name';
import { Empty, Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import type { Company } from '../../protocol/admin';
import { useAsked, useSettled } from '../../state/asked';
import { listCompanies, readCompany, setVisibleBy } from '../../state/companies';
import { explain } from '../../state/failure';
import { text } from '../../state/language';
import { plain } from '../../state/plain';

interface VisibleByProps {
  company: Company;
  onChanged: (company: Company) => void;
}

type Other = Pick<Company, 'id' | 'name'>;

/** One that is gone meanwhile is shown by its id. */
async function readOthers(ids: readonly string[], signal: AbortSignal): Promise<Other[]> {
  return Promise.all(ids.map((id) => readCompany(id, signal).catch(() => ({ id, name: id }))));
}

/** Companies that this one sees, and that see it, whatever their modes (B5). */
export function VisibleBy({ company, onChanged }: VisibleByProps) {
  const others = useAsked((signal) => readOthers(company.visibleBy, signal), [company.visibleBy.join()]);
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Other | undefined>(undefined);
  const add = <Button icon="plus" onClick={() => setAdding(true)}>{text('box_visible_add')}</Button>;
  return (
    <Part title={text('company_visible_by')} text={text('box_visible_text')} actions={company.visibleBy.length > 0 && add}>
      <Asked of={others} rows={1} round>
        {(rows) => (rows.length === 0 ? <Empty icon="people" title={text('company_visible_by_none')}>{add}</Empty> : (
          <ul class="lines">
            {rows.map((row) => (
              <li key={row.id} class="lines__one">
                <span class="lines__icon"><Icon name="building" /></span>
                <p class="grow lines__name"><Name>{row.name}</Name></p>
                <Button kind="quiet" label={`${text('remove')}: ${plain(row.name)}`} onClick={() => setEnding(row)}>{text('remove')}</Button>
              </li>
            ))}
          </ul>
        ))}
      </Asked>
      {adding && <Add company={company} onClose={() => setAdding(false)} onChanged={onChanged} />}
      {ending && (
        <Confirm title={text('box_visible_end', { name: plain(ending.name) })} action={text('remove')} act={async () => onChanged(await setVisibleBy(company.id, ending.id, false))} onClose={() => setEnding(undefined)}>
          <p>{text('box_visible_end_text')}</p>
        </Confirm>
      )}
    </Part>
  );
}

function Add({ company, onClose, onChanged }: VisibleByProps & { onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const name = useSettled(typed);
  const asked = useAsked((signal) => listCompanies(name, 0, signal), [name]);
  const [busy, setBusy] = useState<string | undefined>(undefined);
  const [failure, setFailure] = useState<unknown>(undefined);
  const choose = async (other: Company) => {
    setBusy(other.id);
    try {
      onChanged(await setVisibleBy(company.id, other.id, true));
      onClose();
    } catch (refusal) {
      setFailure(refusal);
      setBusy(undefined);
    }
  };
  const open = (one: Company) => one.id !== company.id && !company.visibleBy.includes(one.id);
  return (
    <Dialog title={text('box_visible_add')} onClose={onClose}>
      <p class="soft">{text('box_visible_text')}</p>
      <TextField label={text('box_company_search')} type="search" value={typed} onInput={setTyped} maxLength={100} autocomplete="off" autofocus />
      {failure !== undefined && <Notice kind="bad">{explain(failure)}</Notice>}
      <Asked of={asked} rows={3} round>
        {(page) => (page.data.some(open) ? (
          <ul class="lines choose">
            {page.data.filter(open).map((one) => (
              <li key={one.id} class="lines__one">
                <p class="grow lines__name"><Name>{one.name}</Name></p>
                <Button label={`${text('box_visible_choose')}: ${plain(one.name)}`} busy={busy === one.id} onClick={() => void choose(one)}>{text('box_visible_choose')}</Button>
              </li>
            ))}
          </ul>
        ) : <p class="soft">{text('box_company_none_found')}</p>)}
      </Asked>
      <div class="row row--end"><Button onClick={onClose}>{text('cancel')}</Button></div>
    </Dialog>
  );
}
