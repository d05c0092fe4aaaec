/** Asks the operator's API: answers as data, refusals as errors that a page can show. */
import { defaults, type OwnSession, type Problem } from './operations';

const TYPE = 'urn:ringfence:problem:';

/** A refusal of the API (RFC 9457), or `unreachable` if there was no answer at all. */
export class Refused extends Error {
  constructor(
    /** The name of the refusal, such as `account_blocked`. */
    readonly refusal: string,
    readonly status: number,
    /** What is wrong, with the field, its value and what to do; the first line for a person. */
    readonly detail: string,
    /** Everything that is wrong, if it is more than `detail`. */
    readonly problems: readonly string[] = [],
    readonly errors: readonly { line: number; detail: string }[] = [],
    /** How long to wait before it is asked again; null where the answer does not say. */
    readonly waitSeconds: number | null = null,
  ) {
    super(detail);
  }
}

/** Whether the same request may succeed later, as nothing is wrong with it. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Refused && (error.refusal === 'unreachable' || error.status === 429 || error.status >= 502);

interface Response {
  status: number;
  data?: unknown;
  headers?: Headers;
}

/** The data of the answers that are no refusal. */
export type Told<Answer extends Response> = Exclude<Answer extends { data: infer Data } ? Data : undefined, Problem>;

/** Resolves with what the API told. @throws Refused */
export async function told<Answer extends Response>(asked: Promise<Answer>): Promise<Told<Answer>> {
  const answer = await asked.catch((error: unknown) => {
    // fetch rejects without a status if the service, or the way to it, is away.
    throw new Refused('unreachable', 0, error instanceof Error ? error.message : String(error));
  });
  const { status, data } = answer;
  // An answer that broke off has no data, and a page of a proxy in front is a text: what became of the request is not known.
  const isBroken = status !== 204 && (typeof data !== 'object' || data === null);
  if (status < 300 && isBroken) throw new Refused('unreachable', 0, `HTTP ${status}`);
  if (status < 300) return data as Told<Answer>;
  throw refusedBy(status, data, answer.headers?.get('retry-after'));
}

/** The same, with the version of what was told: `If-Match` of a change takes it. @throws Refused */
export async function toldWithVersion<Answer extends Response & { headers: Headers }>(
  asked: Promise<Answer>,
): Promise<{ facts: Told<Answer>; version: string }> {
  let version = '';
  const noted = asked.then(answer => {
    version = answer.headers.get('etag') ?? '';
    return answer;
  });
  return { facts: await told(noted), version };
}

export function refusedBy(status: number, data: unknown, retryAfter: string | null = null): Refused {
  if (typeof data !== 'object' || data === null || !('type' in data)) {
    // A proxy in front answers with pages of its own.
    return new Refused('unreachable', status, `HTTP ${status}`);
  }
  const { type, title, detail = title, problems, errors } = data as Problem;
  return new Refused(
    type.replace(TYPE, ''),
    status,
    detail,
    problems,
    errors,
    retryAfter === null ? null : Number(retryAfter),
  );
}

/** Requests that change something carry the session's token from now on. */
export function setToken(session: OwnSession | null): void {
  defaults.headers = session ? { 'x-csrf-token': session.csrf_token } : {};
}

/** A new name for the cause of a change. The same change asked again must carry the same one. */
export const newKey = (): string => crypto.randomUUID();
