/** Asks the operator's API: answers as data, refusals as errors that a page can show. */
import type { RefusedField, RefusedLine, Said } from '../texts/refusals';
import { defaults, type OwnSession, type Problem } from './operations';

const TYPE = 'urn:ringfence:problem:';

/** A refusal of the API (RFC 9457), or `unreachable` if there was no answer at all. */
export class Refused extends Error {
  constructor(
    /** The name of the refusal, such as `account_blocked`. */
    readonly refusal: string,
    readonly status: number,
    /** What is wrong and what to do, in the reader's language if it has words for it; the first line for a person. */
    readonly detail: string,
    /** Everything that is wrong, if it is more than `detail`. */
    readonly problems: readonly string[] = [],
    /** The lines of a file that are wrong, or the first of them. */
    readonly lines: readonly RefusedLine[] = [],
    /** How long to wait before it is asked again; null where the answer does not say. */
    readonly waitSeconds: number | null = null,
    /** The fields that are wrong by a rule that has a name. */
    readonly fields: readonly RefusedField[] = [],
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
  throw await refusedBy(status, data, answer.headers?.get('retry-after'));
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

/** Says a problem of the API in the reader's language. Rejects if the words of it cannot be read. */
type Say = (refusal: string, problem: Problem) => Promise<Said>;

/** In the API's own words, in English. */
const asTold = ({ title, detail = title, problems = [], errors = [] }: Problem): Said => ({
  detail,
  problems,
  fields: [],
  lines: errors.map(({ line, detail: sentence }) => ({ line, says: () => sentence })),
});

let sayInWords: Say = async (_, problem) => asTold(problem);

/** From now on what the API refuses is said so. */
export function sayRefusalsBy(say: Say): void {
  sayInWords = say;
}

/** Resolves with the error of an answer that is a refusal. Never rejects. */
export async function refusedBy(status: number, data: unknown, retryAfter: string | null = null): Promise<Refused> {
  if (typeof data !== 'object' || data === null || !('type' in data)) {
    return new Refused('unreachable', status, `HTTP ${status}`);
  }
  const problem = data as Problem;
  const refusal = problem.type.replace(TYPE, '');
  const { detail, problems, fields, lines } = await sayInWords(refusal, problem).catch(() => asTold(problem));
  const wait = retryAfter === null ? null : Number(retryAfter);
  return new Refused(refusal, status, detail, problems, lines, wait, fields);
}

/** Requests that change something carry the session's token from now on. */
export function setToken(session: OwnSession | null): void {
  defaults.headers = session ? { 'x-csrf-token': session.csrf_token } : {};
}

/** A new name for the cause of a change. The same change asked again must carry the same one. */
export const newKey = (): string => crypto.randomUUID();
