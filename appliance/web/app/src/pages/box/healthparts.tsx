import { type ComponentChildren, Fragment } from 'preact';
import { CopyButton } from '../../components/copy';
import { Icon } from '../../components/icon';
import { Notice } from '../../components/notice';
import { Part } from '../../components/sections';
import type { Health, Service } from '../../protocol/health';
import { type Grade, certificateGrade, diskGrade } from '../../state/health';
import { counted, language, text } from '../../state/language';
import { daysUntil, distance, moment } from '../../state/when';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** In powers of 1000, as disks are sold. */
function size(bytes: number): string {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const style = { style: 'unit', unit: UNITS[step] ?? 'byte', unitDisplay: 'short', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language.value, style).format(bytes / 1000 ** step);
}

const percent = (part: number): string => new Intl.NumberFormat(language.value, { style: 'percent', maximumFractionDigits: 0 }).format(part);

function Advice({ grade, children }: { grade: Grade; children: ComponentChildren }) {
  return grade === 'good' ? null : <Notice kind={grade === 'bad' ? 'bad' : 'warn'}>{children}</Notice>;
}

export function Disk({ health }: { health: Health }) {
  if (!health.disk) return <Part title={text('box_disk')}><p class="soft">{text('box_disk_unknown')}</p></Part>;
  const { totalBytes, freeBytes, dataBytes } = health.disk;
  const used = Math.max(totalBytes - freeBytes, 0);
  const grade = diskGrade(health);
  const share = totalBytes > 0 ? used / totalBytes : 0;
  return (
    <Part title={text('box_disk')}>
      <div class="stack stack--tight">
        <meter class="gauge" data-grade={grade} min={0} max={1} value={share} aria-label={text('box_disk')}>{percent(share)}</meter>
        <div class="row row--apart row--wrap">
          <span><strong>{percent(share)}</strong> {text('box_disk_used', { used: size(used), total: size(totalBytes) })}</span>
          <span class="faint">{text('box_disk_free', { free: size(freeBytes) })}</span>
        </div>
        <p class="faint">{text('box_disk_data', { data: size(dataBytes) })}</p>
      </div>
      <Advice grade={grade}>{text('box_disk_advice')}</Advice>
    </Part>
  );
}

export function Certificate({ health }: { health: Health }) {
  const { kind, names, expirationDate, fingerprint, warnings } = health.certificate;
  const grade = certificateGrade(health);
  const left = daysUntil(expirationDate);
  const look = { good: 'tag tag--good', warn: 'tag tag--warn', bad: 'tag tag--bad' }[left < 7 ? 'bad' : left < 30 ? 'warn' : 'good'];
  return (
    <Part title={text('box_certificate')}>
      <dl class="facts">
        <dt>{text('box_certificate_kind')}</dt><dd>{text(kind === 'own_ca' ? 'box_certificate_own' : 'box_certificate_uploaded')}</dd>
        <dt>{text('box_certificate_names')}</dt><dd class="mono">{names.map((name) => <p key={name}>{name}</p>)}</dd>
        <dt>{text('box_certificate_until')}</dt>
        <dd class="row row--wrap health__until"><span>{moment(expirationDate)}</span><span class={look}>{left < 0 ? text('box_certificate_over') : distance(expirationDate, 'day')}</span></dd>
        <dt>{text('box_certificate_fingerprint')}</dt>
        <dd class="row health__fingerprint"><span class="mono grow">{fingerprint.split(':').map((pair, at) => <Fragment key={at}>{at > 0 && <>:<wbr /></>}{pair}</Fragment>)}</span><CopyButton content={fingerprint} label={`${text('copy')}: ${text('box_certificate_fingerprint')}`} /></dd>
      </dl>
      {kind === 'own_ca' && <p class="faint">{text('box_certificate_own_text')}</p>}
      {warnings.map((warning) => <Notice key={warning} kind="warn">{warning}</Notice>)}
      <Advice grade={grade === 'warn' && left >= 30 ? 'good' : grade}>{text('box_certificate_advice')}</Advice>
    </Part>
  );
}

export function Services({ health }: { health: Health }) {
  const runs = (service: Service) => service.state === 'running';
  return (
    <Part title={text('box_services')}>
      <ul class="lines">
        {health.services.map((service) => (
          <li key={service.name} class="lines__one health__service">
            <div class="grow">
              <p class="lines__name">{service.name}</p>
              {service.detail && <p class="faint">{service.detail}</p>}
            </div>
            <span class={runs(service) ? 'tag tag--good' : 'tag tag--bad'}>{runs(service) ? text('box_service_running') : service.state}</span>
          </li>
        ))}
      </ul>
      {!health.services.every(runs) && <Notice kind="bad">{text('box_service_advice')}</Notice>}
    </Part>
  );
}

export function Vault({ health }: { health: Health }) {
  const { algorithm, acceleration, sealMibPerS, openMibPerS } = health.vault;
  const speed = (value: number | null) => value === null ? text('box_vault_unmeasured') : text('box_vault_speed', { speed: new Intl.NumberFormat(language.value, { maximumFractionDigits: 0 }).format(value) });
  return (
    <Part title={text('box_vault')} text={text('box_vault_text')}>
      <dl class="facts">
        <dt>{text('box_vault_algorithm')}</dt><dd>{algorithm}</dd>
        <dt>{text('box_vault_hardware')}</dt><dd>{acceleration}</dd>
        <dt>{text('box_vault_seal')}</dt><dd>{speed(sealMibPerS)}</dd>
        <dt>{text('box_vault_open')}</dt><dd>{speed(openMibPerS)}</dd>
      </dl>
    </Part>
  );
}

export function Recovered({ health }: { health: Health }) {
  return (
    <Part title={text('box_recovered')} text={text('box_recovered_text')}>
      {health.recovered.length === 0 ? (
        <p class="row soft"><Icon name="check" /> {text('box_recovered_none')}</p>
      ) : (
        <>
          <ul class="stack stack--tight">
            {health.recovered.map((one) => <li key={one.database}><span class="mono">{one.database}</span> <span class="faint">{counted('box_recovered_commits', one.commits)}</span></li>)}
          </ul>
          <Notice kind="warn">{text('box_recovered_advice')}</Notice>
        </>
      )}
    </Part>
  );
}
