import { useId } from 'preact/hooks';
import { Choices } from '../../components/field';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import { explain } from '../../state/failure';
import { LANGUAGES, type Language, type StringKey, language, text } from '../../state/language';
import { chooseLanguage } from '../../state/own';
import { THEMES, type Theme, choose, theme } from '../../state/theme';

const NAMES: Record<Theme, StringKey> = { system: 'settings_theme_system', light: 'settings_theme_light', dark: 'settings_theme_dark' };

export function Appearance() {
  const speak = (code: Language) => void chooseLanguage(code).catch((failure: unknown) => say(explain(failure), 'bad'));
  return (
    <>
      <Part title={text('settings_language')} text={text('settings_language_text')}>
        <Choices
          legend={text('settings_language_legend')}
          named
          name="language"
          value={language.value}
          options={LANGUAGES.map(([value, name]) => ({ value, name }))}
          onChange={speak}
        />
      </Part>
      <Part title={text('settings_theme')} text={text('settings_theme_text')}>
        <Themes />
      </Part>
    </>
  );
}

function Themes() {
  const id = useId();
  return (
    <fieldset class="fieldset">
      <legend class="visually-hidden">{text('settings_theme')}</legend>
      <div class="themes">
        {THEMES.map((one) => (
          <label key={one} class="themes__one" for={`${id}-${one}`}>
            <span class="themes__picture" data-theme-shown={one} aria-hidden="true"><i /><b /><b /></span>
            <span class="row">
              <input type="radio" id={`${id}-${one}`} name="theme" value={one} checked={theme.value === one} onChange={() => choose(one)} />
              <span>{text(NAMES[one])}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
