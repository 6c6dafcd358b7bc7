import { isAllowed } from './strength';

/** Without letters and digits that look alike: it is read aloud or copied from paper. */
const KINDS = ['abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!?%+-_='] as const;
const GENERATED_LENGTH = 16;

function below(limit: number): number {
  const one = new Uint32Array(1);
  const fair = Math.floor(2 ** 32 / limit) * limit;
  do crypto.getRandomValues(one);
  while ((one[0] ?? 0) >= fair);
  return (one[0] ?? 0) % limit;
}

/** A random password that is allowed: about 95 bits. */
export function generate(): string {
  const all = KINDS.join('');
  const pick = (from: string) => from[below(from.length)] ?? '';
  for (;;) {
    const password = Array.from({ length: GENERATED_LENGTH }, () => pick(all)).join('');
    if (isAllowed(password)) return password;
  }
}
