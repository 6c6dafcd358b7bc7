import { Unreachable, refusal } from './rest';

/** Nothing moved for so long: the way to the box is dead. The box itself may wait 10 s for the request before. */
const STILL_MS = 25_000;

interface Sending {
  authorization: string;
  signal: AbortSignal;
  /** Bytes of this part that have left. */
  sent: (bytes: number) => void;
}

/** Sends bytes and tells how far it is, which `fetch` does not. The browser reads them from the file as it sends. */
export function put(path: string, bytes: Blob, { authorization, signal, sent }: Sending): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let late: ReturnType<typeof setTimeout> | undefined;
    const moved = () => {
      clearTimeout(late);
      late = setTimeout(() => request.abort(), STILL_MS);
    };
    const stop = () => request.abort();
    const end = (settle: () => void) => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      settle();
    };
    const lost = () => end(() => reject(signal.aborted ? new DOMException('stopped', 'AbortError') : new Unreachable(request.status)));
    request.open('PUT', path);
    request.setRequestHeader('authorization', authorization);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-rainbow-client', 'web_edge');
    request.upload.onprogress = (event) => {
      moved();
      sent(event.loaded);
    };
    request.onload = () => end(() => (request.status < 300 ? resolve() : void refused(request).then(reject)));
    request.onerror = request.onabort = lost;
    if (signal.aborted) return lost();
    signal.addEventListener('abort', stop, { once: true });
    moved();
    request.send(bytes);
  });
}

function refused(request: XMLHttpRequest): Promise<Error> {
  const after = request.getResponseHeader('retry-after');
  return refusal(new Response(request.responseText, { status: request.status, headers: after === null ? {} : { 'retry-after': after } }));
}
