import { Part } from '../../components/sections';
import { Button } from '../../components/button';
import { canInstall, install } from '../../state/install';
import { type StringKey, text } from '../../state/language';
import { account } from '../../state/session';

/** Put in by the build. */
declare const APP_VERSION: string;

const CLIENTS: readonly (readonly [StringKey, StringKey])[] = [
  ['settings_about_web', 'settings_about_web_text'],
  ['settings_about_xmpp', 'settings_about_xmpp_text'],
  ['settings_about_sdk', 'settings_about_sdk_text'],
  ['settings_about_official', 'settings_about_official_text'],
];

export function About() {
  return (
    <>
      <Part title={text('product')}>
        <dl class="facts">
          <dt>{text('settings_about_version')}</dt><dd>{APP_VERSION}</dd>
          <dt>{text('settings_about_address')}</dt><dd class="mono">{location.host}</dd>
          <dt>{text('settings_about_account')}</dt><dd class="mono">{account.value?.jid_im}</dd>
        </dl>
        <p><a href="/licences.txt" target="_blank" rel="noopener">{text('settings_about_licences')}</a></p>
        {canInstall.value && <div><Button icon="device" onClick={() => void install()}>{text('settings_about_install')}</Button></div>}
      </Part>
      <Part title={text('settings_about_clients')}>
        <ul class="lines">
          {CLIENTS.map(([name, words]) => (
            <li key={name} class="lines__one">
              <div class="grow"><p class="lines__name">{text(name)}</p><p class="soft">{text(words)}</p></div>
            </li>
          ))}
        </ul>
      </Part>
    </>
  );
}
