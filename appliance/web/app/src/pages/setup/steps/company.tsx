import { useState } from 'preact/hooks';
import { Choices, TextField } from '../../../components/field';
import type { Visibility } from '../../../protocol/setup';
import { useAttempt } from '../../../state/attempt';
import { text } from '../../../state/language';
import { answers, save } from '../../../state/setup';
import { StepForm, goOn } from '../step-form';
import type { StepRow } from '../steps';

const STEP = 'company';
const MODES: readonly Visibility[] = ['public', 'private', 'closed', 'isolated'];
const LENGTH_MAX = 255;

function Screen() {
  const given = answers.value.company;
  const [name, setName] = useState(given?.name ?? '');
  const [visibility, setVisibility] = useState<Visibility>(given?.visibility ?? 'public');
  const attempt = useAttempt({
    fields: ['name'],
    check: () => ({ name: name.trim() === '' ? text('setup_company_needed') : undefined }),
    act: async () => {
      await save(STEP, { name: name.trim(), visibility });
      goOn(STEP);
    },
  });
  const options = MODES.map((value) => ({ value, name: text(`setup_visibility_${value}`), text: text(`setup_visibility_${value}_text`) }));
  return (
    <StepForm step={STEP} title={text('setup_company')} lead={text('setup_company_lead')} attempt={attempt}>
      <TextField label={text('setup_company_name')} value={name} onInput={setName} autocomplete="organization" maxLength={LENGTH_MAX} error={attempt.wrong['name']} />
      <Choices legend={text('setup_visibility')} name="visibility" value={visibility} options={options} onChange={setVisibility} />
      <p class="faint">{text('setup_visibility_later')}</p>
    </StepForm>
  );
}

export const company: StepRow = {
  name: STEP,
  title: 'setup_company_short',
  Screen,
  isAnswered: (given) => given.company !== undefined,
  summary: ({ company: given }) => [
    ['setup_company_name', given?.name ?? ''],
    ['setup_visibility_label', given ? text(`setup_visibility_${given.visibility}`) : ''],
  ],
};
