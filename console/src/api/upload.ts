/** Sends a file to the API. A browser tells how far it is only of a request of this older kind. */
import { Refused, refusedBy } from './ask';
import { defaults } from './operations';

interface Sent {
  /** Of the API, behind its base. */
  path: string;
  body: Blob;
  idempotencyKey: string;
  /** Bytes that were sent. */
  onProgress: (sent: number) => void;
}

/** Resolves with what the API told. `stop` breaks it off: then the API keeps nothing of it. @throws Refused */
export function sendFile<Answer>({ path, body, idempotencyKey, onProgress }: Sent): {
  answer: Promise<Answer>;
  stop: () => void;
} {
  const request = new XMLHttpRequest();
  const answer = new Promise<Answer>((resolve, reject) => {
    request.open('POST', defaults.baseUrl + path);
    request.responseType = 'json';
    request.setRequestHeader('content-type', 'text/csv');
    request.setRequestHeader('idempotency-key', idempotencyKey);
    for (const [name, value] of Object.entries(defaults.headers ?? {})) request.setRequestHeader(name, String(value));
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => {
      const { status, response } = request;
      if (status >= 300) void refusedBy(status, response, request.getResponseHeader('retry-after')).then(reject);
      else if (typeof response !== 'object' || response === null)
        reject(new Refused('unreachable', 0, `HTTP ${status}`));
      else resolve(response as Answer);
    };
    request.onerror = () => reject(new Refused('unreachable', 0, 'the connection broke'));
    request.onabort = () => reject(new Refused('stopped', 0, 'stopped'));
    request.send(body);
  });
  return { answer, stop: () => request.abort() };
}
