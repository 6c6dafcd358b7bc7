import { Choices } from '../../../components/field';
import { useAttempt } from '../../../state/attempt';
import { LANGUAGES, language, speak, text } from '../../../state/language';
import { save } from '../../../state/setup';
import { StepForm, goOn } from '../step-form';
import type { StepRow } from '../steps';

const STEP = 'language';
const OPTIONS = LANGUAGES.map(([value, name]) => ({ value, name }));

function Screen() {
  const attempt = useAttempt({
    fields: [],
    act: async () => {
      await save(STEP, { language: language.value });
      goOn(STEP);
    },
  });
  return (
    <StepForm step={STEP} title={text('setup_language')} lead={text('setup_language_lead')} attempt={attempt}>
      <Choices legend={text('setup_language')} name="language" value={language.value} options={OPTIONS} onChange={(code) => void speak(code)} named />
    </StepForm>
  );
}

export const languageStep: StepRow = {
  name: STEP,
  title: 'setup_language',
  Screen,
  isAnswered: (answers) => answers.language !== undefined,
  summary: ({ language: given }) => [['setup_language', LANGUAGES.find(([code]) => code === given?.language)?.[1] ?? '']],
};
