/** The box's REST interface: one function, and refusals as they are told (errorDetails says what is wrong and what to do). */

const TIMEOUT_MS = 20_000;

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly details: string,
    readonly detailsCode: number,
    readonly retryAfterS: number | undefined,
  ) {
    super(details);
    this.name = 'Refusal';
  }
}

/** The box could not be reached, or not in time. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the box cannot be reached', { cause });
    this.name = 'Unreachable';
  }
}

export interface Request {
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON; a `Blob` as it is. */
  body?: unknown;
  /** What the answer is read as: JSON unless said. */
  as?: 'blob';
  /** `Bearer ...` or `Basic ...`. */
  authorization?: string;
  signal?: AbortSignal;
  /** How long the whole may take, in milliseconds. */
  patienceMs?: number;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Page<T> {
  data: T[];
  total: number;
  limit: number;
  offset: number;
}

function address(path: string, query: Request['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
  return search.size > 0 ? `${path}?${search}` : path;
}

/** Ends late, or when the caller says so (`AbortSignal.any` is newer than some browsers that this works in). */
function bounded(given: AbortSignal | undefined, patienceMs: number): AbortSignal {
  const control = new AbortController();
  const end = () => control.abort();
  const late = AbortSignal.timeout(patienceMs);
  for (const signal of given ? [late, given] : [late]) {
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  }
  return control.signal;
}

/** Without cookies and without the browser's own password dialog: who asks is said by `authorization` alone. */
export async function call<T>(method: Method, path: string, request: Request = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', 'x-rainbow-client': 'web_edge' };
  if (request.authorization) headers['authorization'] = request.authorization;
  const { body } = request;
  const raw = body instanceof Blob ? body : undefined;
  if (body !== undefined) headers['content-type'] = raw?.type ?? 'application/json';
  let answer: Response;
  try {
    answer = await fetch(address(path, request.query), {
      method,
      headers,
      body: raw ?? (body === undefined ? null : JSON.stringify(body)),
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: bounded(request.signal, request.patienceMs ?? TIMEOUT_MS),
    });
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new Unreachable(cause);
  }
  if (answer.ok) return (await (request.as === 'blob' ? answer.blob() : answer.json())) as T;
  throw await refusal(answer);
}

export async function refusal(answer: Response): Promise<Error> {
  const body = (await answer.json().catch(() => ({}))) as { errorDetails?: string; errorDetailsCode?: number };
  if (body.errorDetails === undefined && answer.status >= 502) return new Unreachable(answer.status);
  const after = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return new Refusal(answer.status, body.errorDetails ?? answer.statusText, body.errorDetailsCode ?? answer.status * 1000, Number.isFinite(after) ? after : undefined);
}

/** `Basic` of any name and password, in UTF-8 (RFC 7617 section 2.1). */
export function basic(name: string, password: string): string {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
