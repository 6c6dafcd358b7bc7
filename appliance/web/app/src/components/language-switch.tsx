import './language-switch.css';
import { LANGUAGES, type Language, language, speak, text } from '../state/language';
import { Icon } from './icon';

/** Small, for the corner of a page; each language in its own name, since who needs it reads no other. */
export function LanguageSwitch() {
  return (
    <label class="language">
      <Icon name="globe" size={18} />
      <span class="visually-hidden">{text('language_label')}</span>
      <select class="language__list" value={language.value} onChange={(event) => void speak(event.currentTarget.value as Language)}>
        {LANGUAGES.map(([code, name]) => <option key={code} value={code} lang={code}>{name}</option>)}
      </select>
    </label>
  );
}
