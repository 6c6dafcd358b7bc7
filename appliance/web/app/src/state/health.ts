import type { Health } from '../protocol/health';
import { askOne } from './asked';
import { daysUntil } from './when';

export const HEALTH_EVERY_MS = 10_000;

export const readHealth = (signal: AbortSignal): Promise<Health> => askOne('GET', '/api/edge/v1/health', { signal });

export type Grade = 'good' | 'warn' | 'bad';

const EXPIRY_WARN_DAYS = 30;
const EXPIRY_BAD_DAYS = 7;
const FREE_WARN = 0.15;
const FREE_BAD = 0.05;

export function certificateGrade(health: Health): Grade {
  const days = daysUntil(health.certificate.expirationDate);
  if (days < EXPIRY_BAD_DAYS) return 'bad';
  return days < EXPIRY_WARN_DAYS || health.certificate.warnings.length > 0 ? 'warn' : 'good';
}

export function diskGrade({ disk }: Health): Grade {
  const free = disk && disk.totalBytes > 0 ? disk.freeBytes / disk.totalBytes : 1;
  if (free < FREE_BAD) return 'bad';
  return free < FREE_WARN ? 'warn' : 'good';
}

export const servicesGrade = ({ services }: Health): Grade => (services.every((service) => service.state === 'running') ? 'good' : 'bad');

/** What is not said beside the certificate already. */
export const otherWarnings = ({ warnings, certificate }: Health): string[] => warnings.filter((warning) => !certificate.warnings.includes(warning));

/** The worst of all. */
export function grade(health: Health): Grade {
  const grades = [certificateGrade(health), diskGrade(health), servicesGrade(health)];
  if (grades.includes('bad')) return 'bad';
  return grades.includes('warn') || health.warnings.length > 0 || health.recovered.length > 0 ? 'warn' : 'good';
}

/** For whoever helps from afar; nothing in it opens anything. */
export function asText(health: Health, nowMs = Date.now()): string {
  const { certificate, disk, vault } = health;
  const lines = [
    `Rainbow Edge ${health.version}`,
    `told ${new Date(nowMs).toISOString()}, up since ${health.startDate}`,
    `address ${health.address}, name ${health.name}, domain ${health.domain}`,
    ...health.services.map((service) => `service ${service.name}: ${service.state}${service.detail ? ` (${service.detail})` : ''}`),
    disk ? `disk: ${disk.totalBytes} bytes, ${disk.freeBytes} free, ${disk.dataBytes} of data` : 'disk: not known',
    `certificate: ${certificate.kind}, ${certificate.names.join(' ')}, until ${certificate.expirationDate}, ${certificate.fingerprint}`,
    `vault: ${vault.algorithm}, ${vault.acceleration}, seal ${vault.sealMibPerS ?? '?'} MiB/s, open ${vault.openMibPerS ?? '?'} MiB/s`,
    `companies ${health.companies}, users ${health.users}, devices ${health.devices}`,
    ...health.recovered.map((one) => `recovered: ${one.database}: ${one.commits} commits, ${one.frames} frames, ${one.tornBytes} bytes torn`),
    ...health.warnings.map((warning) => `warning: ${warning}`),
  ];
  return lines.join('\n');
}
