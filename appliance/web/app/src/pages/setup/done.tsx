import { useEffect, useState } from 'preact/hooks';
import { Logo } from '../../components/brand';
import { Button } from '../../components/button';
import { Icon, type IconName } from '../../components/icon';
import type { Finished } from '../../protocol/setup';
import { type StringKey, text } from '../../state/language';
import { replace } from '../../state/route';
import { knownAs } from '../../state/session';
import { answers, leave } from '../../state/setup';
import { Heading } from './step-form';

/** What to do with a box that has just been set up, most urgent first. */
const NEXT: readonly (readonly [icon: IconName, title: StringKey, text: StringKey])[] = [
  ['key', 'setup_next_key', 'setup_next_key_text'],
  ['people', 'setup_next_people', 'setup_next_people_text'],
  ['shield', 'setup_next_ca', 'setup_next_ca_text'],
  ['link', 'setup_next_client', 'setup_next_client_text'],
];

export function Done({ box }: { box: Finished }) {
  useEffect(() => replace('setup', 'done'), []);
  const email = answers.value.administrator?.email ?? '';
  const [busy, setBusy] = useState(false);
  const signIn = () => {
    setBusy(true);
    knownAs.value = email;
    replace('');
    void leave();
  };
  return (
    <div class="step">
      <div class="step__head">
        <Logo size={64} />
        <Heading>{text('setup_done')}</Heading>
        <p class="step__lead">{text('setup_done_lead', { email })}</p>
      </div>
      <dl class="setup-facts">
        <div><dt class="faint">{text('setup_done_address')}</dt><dd class="mono" dir="ltr">{box.address}</dd></div>
        <div><dt class="faint">{text('setup_name_domain')}</dt><dd class="mono" dir="ltr">{box.domain}</dd></div>
      </dl>
      <div class="stack stack--tight">
        <div><Button kind="main" busy={busy} onClick={signIn}>{text('setup_done_go')}</Button></div>
        <p class="faint">{text('setup_done_again')}</p>
      </div>
      <h2>{text('setup_next')}</h2>
      <ul class="next">
        {NEXT.map(([icon, title, words]) => (
          <li key={title} class="next__one">
            <span class="next__icon"><Icon name={icon} /></span>
            <div>
              <h3>{text(title)}</h3>
              <p class="soft">{text(words, { domain: box.domain, name: box.name })}</p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
