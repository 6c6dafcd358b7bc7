import { useState } from 'preact/hooks';
import { Asked } from '../../components/asked';
import { Avatar } from '../../components/avatar';
import { Select, TextField } from '../../components/field';
import { Name } from '../../components/name';
import { Notice } from '../../components/notice';
import { SaveBar } from '../../components/savebar';
import { Part } from '../../components/sections';
import { say } from '../../components/toast';
import { useAsked } from '../../state/asked';
import { countries } from '../../state/countries';
import { useForm } from '../../state/form';
import { LANGUAGES, language, text } from '../../state/language';
import { PROFILE_FIELDS, type Profile as Values, readProfile, saveProfile } from '../../state/own';
import { account } from '../../state/session';

const LENGTH_MAX = 255;

export function Profile() {
  const asked = useAsked(readProfile, []);
  return <Asked of={asked} rows={4} round>{(values) => <Form known={values} />}</Asked>;
}

function Form({ known }: { known: Values }) {
  const [saved, setSaved] = useState(known);
  const [values, setValues] = useState(known);
  const set = (field: keyof Values) => (value: string) => setValues((before) => ({ ...before, [field]: value }));
  const form = useForm(PROFILE_FIELDS, async () => {
    await saveProfile(values);
    setSaved(values);
    say(text('saved'));
  });
  const changed = PROFILE_FIELDS.some((field) => values[field] !== saved[field]);
  const field = (name: keyof Values, label: string, more: object = {}) => (
    <TextField label={label} value={values[name]} onInput={set(name)} error={form.error(name)} maxLength={LENGTH_MAX} {...more} />
  );
  return (
    <form class="stack settings__form" noValidate onSubmit={(event) => void form.submit(event)}>
      <Part title={text('settings_you')} text={text('settings_you_text')}>
        <Who />
        <div class="pair">
          {field('firstName', text('settings_first_name'), { autocomplete: 'given-name' })}
          {field('lastName', text('settings_last_name'), { autocomplete: 'family-name' })}
          {field('nickName', text('settings_nick_name'), { optional: text('optional'), autocomplete: 'nickname' })}
          {field('title', text('settings_title'), { optional: text('optional'), autocomplete: 'honorific-prefix', placeholder: text('settings_title_example') })}
        </div>
        {field('jobTitle', text('settings_job'), { optional: text('optional'), autocomplete: 'organization-title' })}
      </Part>
      <Part title={text('settings_place')} text={text('settings_place_text')}>
        <div class="pair">
          <Select label={text('settings_country')} value={values.country} onChange={set('country')} error={form.error('country')} options={withPresent(values.country, countries())} />
          <TimeZone value={values.timezone} onChange={set('timezone')} error={form.error('timezone')} />
          <Select label={text('settings_language')} value={values.language} onChange={set('language')} error={form.error('language')} options={withPresent(values.language, LANGUAGES)} />
        </div>
      </Part>
      {form.general && <Notice kind="bad">{form.general}</Notice>}
      <SaveBar shown={changed} busy={form.busy} onUndo={() => { setValues(saved); form.clear(); }} />
    </form>
  );
}

function Who() {
  const who = account.value;
  if (!who) return null;
  return (
    <div class="row">
      <Avatar id={who.id} name={who.displayName} size="large" />
      <div class="grow">
        <p class="settings__name"><Name>{who.displayName}</Name></p>
        <p class="soft">{who.loginEmail}</p>
        <p class="faint"><Name>{who.companyName}</Name></p>
      </div>
    </div>
  );
}

/** The list, and whatever the profile holds already though the list does not. */
function withPresent(present: string, list: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const known = present === '' || list.some(([code]) => code === present);
  return [['', text('settings_not_said')], ...(known ? [] : [[present, present] as const]), ...list];
}

const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

function offset(zone: string): string {
  const parts = new Intl.DateTimeFormat(language.value, { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(new Date());
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

const zoneName = (zone: string): string => zone.replace(/_/gu, ' ').replace(/\//gu, ' / ');

function TimeZone({ value, onChange, error }: { value: string; onChange: (zone: string) => void; error: string | undefined }) {
  const [zones] = useState(() => Intl.supportedValuesOf('timeZone').map((zone): [string, string] => [zone, zoneName(zone)]));
  const local = here();
  const hint = value === '' || value === local ? undefined : (
    <button type="button" class="inline" onClick={() => onChange(local)}>{text('settings_zone_here', { zone: zoneName(local) })}</button>
  );
  const shown = value !== '' && zones.some(([zone]) => zone === value) ? offset(value) : undefined;
  return <Select label={text('settings_zone')} value={value} onChange={onChange} error={error} hint={hint} options={withPresent(value, zones)} {...(shown && { optional: shown })} />;
}
