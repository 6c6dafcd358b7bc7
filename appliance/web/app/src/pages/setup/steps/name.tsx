import { useState } from 'preact/hooks';
import { TextField } from '../../../components/field';
import { Notice } from '../../../components/notice';
import { useAttempt } from '../../../state/attempt';
import { text } from '../../../state/language';
import { answers, save, sheet } from '../../../state/setup';
import { StepForm, goOn } from '../step-form';
import type { StepRow } from '../steps';

const STEP = 'name';
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/u;
const LENGTH_MAX = 253;

const clean = (entered: string): string => entered.trim().toLowerCase().replace(/^https?:\/\//u, '').replace(/\/+$/u, '').replace(/\.$/u, '');
const isHost = (name: string): boolean => name.length <= LENGTH_MAX && name.split('.').every((label) => LABEL.test(label));
const isNumbers = (name: string): boolean => /^[0-9.]+$/u.test(name);

/** A name that has led here already leads others here too; without one, what the box calls itself. */
function suggestion(): string {
  const here = location.hostname;
  const leads = isHost(here) && !isNumbers(here) && here !== 'localhost';
  return leads ? here : sheet.value?.suggestions?.name ?? here;
}

function Screen() {
  const given = answers.value.name;
  const [name, setName] = useState(given?.name ?? suggestion());
  const [own, setOwn] = useState<string | undefined>(given && given.domain !== given.name ? given.domain : undefined);
  const domain = own ?? clean(name);
  const attempt = useAttempt({
    fields: ['name', 'domain'],
    check: () => ({
      name: isHost(clean(name)) ? undefined : text('setup_name_wrong'),
      domain: isHost(clean(domain)) ? undefined : text('setup_name_wrong'),
    }),
    act: async () => {
      await save(STEP, { name: clean(name), domain: clean(domain) });
      goOn(STEP);
    },
  });
  const shown = isHost(clean(domain)) ? clean(domain) : 'rainbow.example.org';
  return (
    <StepForm step={STEP} title={text('setup_name')} lead={text('setup_name_lead')} attempt={attempt}>
      <TextField label={text('setup_name_name')} hint={text('setup_name_name_hint')} value={name} onInput={setName} inputMode="url" autocomplete="off" maxLength={300} error={attempt.wrong['name']} />
      {clean(name).split('.').length === 2 && <Notice kind="warn">{text('setup_name_two', { name: clean(name) })}</Notice>}
      {isNumbers(clean(name)) && clean(name) !== '' && <Notice kind="warn">{text('setup_name_numbers')}</Notice>}
      <TextField label={text('setup_name_domain')} hint={text('setup_name_domain_hint')} value={domain} onInput={setOwn} inputMode="url" autocomplete="off" maxLength={300} error={attempt.wrong['domain']} />
      <p class="example" aria-live="polite"><span>{text('setup_name_example')}</span> <code class="mono" dir="ltr">{text('setup_name_person')}@{shown}</code></p>
    </StepForm>
  );
}

export const name: StepRow = {
  name: STEP,
  title: 'setup_name_short',
  Screen,
  isAnswered: (given) => given.name !== undefined,
  summary: ({ name: given }) => [['setup_name_name', given?.name ?? ''], ['setup_name_domain', given?.domain ?? '']],
};
