import type { ComponentChildren } from 'preact';
import { Asked } from '../../components/asked';
import { CopyButton } from '../../components/copy';
import { Icon, type IconName } from '../../components/icon';
import { Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import { When } from '../../components/when';
import type { Health } from '../../protocol/health';
import { useAsked, useEvery } from '../../state/asked';
import { type Grade, HEALTH_EVERY_MS, asText, grade, otherWarnings, readHealth } from '../../state/health';
import { type StringKey, language, text } from '../../state/language';
import { moment } from '../../state/when';
import { Certificate, Disk, Recovered, Services, Vault } from './healthparts';

const SUMMARY: Record<Grade, readonly [IconName, StringKey, StringKey]> = {
  good: ['check', 'box_good', 'box_good_text'],
  warn: ['warning', 'box_warn', 'box_warn_text'],
  bad: ['warning', 'box_bad', 'box_bad_text'],
};

/** How the box is, for its owner: asked for again while somebody looks. */
export function HealthPage() {
  const asked = useAsked(readHealth, []);
  useEvery(asked.reload, HEALTH_EVERY_MS);
  return <Asked of={asked} rows={8}>{(health) => <Content health={health} />}</Asked>;
}

function Content({ health }: { health: Health }) {
  return (
    <div class="stack health">
      <Summary health={health} />
      {otherWarnings(health).map((warning) => <Notice key={warning} kind="warn"><p>{warning}</p></Notice>)}
      <Numbers health={health} />
      <div class="health__columns">
        <Disk health={health} />
        <Certificate health={health} />
        <Services health={health} />
        <About health={health} />
        <Vault health={health} />
        <Recovered health={health} />
      </div>
    </div>
  );
}

function Summary({ health }: { health: Health }) {
  const state = grade(health);
  const [icon, title, words] = SUMMARY[state];
  return (
    <div class="card health__summary" data-grade={state}>
      <span class="health__mark"><Icon name={icon} size={28} /></span>
      <div class="grow">
        <h2>{text(title)}</h2>
        <p class="soft">{text(words)}</p>
      </div>
      <CopyButton content={asText(health)} label={text('box_copy')} words={text('box_copy')} />
    </div>
  );
}

function Numbers({ health }: { health: Health }) {
  const number = new Intl.NumberFormat(language.value);
  const one = (name: StringKey, value: ComponentChildren) => <div class="card health__number"><dt>{text(name)}</dt><dd>{value}</dd></div>;
  return (
    <dl class="health__numbers">
      {one('box_companies', number.format(health.companies))}
      {one('box_users', number.format(health.users))}
      {one('box_devices', number.format(health.devices))}
      {one('box_up', <When date={health.startDate} />)}
    </dl>
  );
}

function About({ health }: { health: Health }) {
  return (
    <Part title={text('box_about')}>
      <dl class="facts">
        <dt>{text('settings_about_version')}</dt><dd>{health.version}</dd>
        <dt>{text('box_address')}</dt><dd class="mono">{health.address}</dd>
        <dt>{text('box_name')}</dt><dd class="mono">{health.name}</dd>
        <dt>{text('box_domain')}</dt><dd class="mono">{health.domain}</dd>
        <dt>{text('box_started')}</dt><dd>{moment(health.startDate)}</dd>
      </dl>
    </Part>
  );
}
