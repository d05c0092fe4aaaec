/** Throws requests at the operator's API, and compares its answers with its document and its books with what was asked. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RingfenceCli } from '../lab/ringfence';
import { openDatabase } from '../src/database/connection';
import { type ApiDocument, isChange, Judge, matching, type Operation, operationsOf } from './api-document';
import { Client, type Received } from './client';
import { curlOf } from './curl';
import { makeBooks } from './fixture';
import type { Known } from './known';
import { Money } from './money';
import { Person } from './person';
import { type By, type Recipe, type Request, recipesTo, requestOf } from './requests';
import { FuzzedService } from './service';
import type { Existing } from './values';

export interface FuzzOptions {
  /** Of an empty database that has Ringfence's tables. */
  databaseUrl: string;
  requests: number;
  seed: number;
  /** How many requests are in progress at once. With one, the same seed is the same run. */
  connections: number;
  onProgress?: (done: number, violations: readonly string[]) => void;
  /** For tests: called once, in the middle. */
  meanwhile?: () => Promise<void>;
}

export interface FuzzReport {
  requests: number;
  elapsedMs: number;
  /** How many answers had each status. */
  statuses: Readonly<Record<string, number>>;
  /** How often each operation was asked, and how often it did what was asked. */
  operations: Readonly<Record<string, { asked: number; done: number }>>;
  violations: readonly string[];
}

/** After so many the run ends: the first ones say enough. */
const MOST_VIOLATIONS = 20;

/** Recipes are made in portions. */
const PORTION = 500;

/**
 * Answers of 500 and more that are right here: what the operation asks of is not there. No switch can be asked to hang up, and webhooks may
 * point to where nothing takes them; too many hash a password, listen or upload at once.
 */
const EXPLAINED: Readonly<Record<string, string>> = {
  'callHangup 502': 'hangup_not_confirmed',
  'webhookTest 502': 'webhook_not_taken',
  'sessionBegin 503': 'too_busy',
  'invitationAccept 503': 'too_busy',
  'passwordChange 503': 'too_busy',
  'secondFactorEnrol 503': 'too_busy',
  'secondFactorRemove 503': 'too_busy',
  'recoveryCodesRenew 503': 'too_busy',
  'deckLoad 503': 'too_many_uploads',
  'eventFollow 503': 'too_many_listeners',
  'callFollow 503': 'too_many_listeners',
  'ownEventFollow 503': 'too_many_listeners',
  'ownLiveFollow 503': 'too_many_listeners',
};

/** Its own service, on these books. @throws Error if the service or the fixture fails */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { databaseUrl, connections } = options;
  const receiver = await openReceiver();
  const database = openDatabase(databaseUrl);
  try {
    const { port } = receiver.address() as AddressInfo;
    const { known, keys, made } = await makeBooks(databaseUrl, database, `http://127.0.0.1:${port}/`);
    const money = new Money();
    await money.begin(database);
    for (const each of made) money.heard(each);
    const service = await FuzzedService.start(databaseUrl);
    const client = new Client(service.port, connections);
    try {
      const run = new Run({ options, service, client, money, known, keys });
      const report = await run.throwAll();
      const differences = await money.differences(database);
      const exitCode = await service.stop();
      const verified = await new RingfenceCli({ PATH: process.env.PATH, RINGFENCE_DATABASE_URL: databaseUrl }).try([
        'verify',
      ]);
      return {
        ...report,
        violations: [
          ...report.violations,
          ...differences,
          ...(exitCode === 0 ? [] : [`the service ended with ${exitCode}`]),
          ...(verified.exitCode === 0 ? [] : [`verify: ${verified.stdout}${verified.stderr}`]),
        ],
      };
    } finally {
      client.close();
      await service.stop();
    }
  } finally {
    await database.destroy();
    receiver.close();
    receiver.closeAllConnections();
  }
}

/** Takes every webhook. */
async function openReceiver(): Promise<Server> {
  const receiver = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end());
  });
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve));
  return receiver;
}

interface Parts {
  options: FuzzOptions;
  service: FuzzedService;
  client: Client;
  money: Money;
  known: Known;
  keys: Record<By, string>;
}

/** A change that was answered: the same again must be answered alike. */
interface Answered {
  request: Request;
  received: Received;
}

const MOST_ANSWERED = 200;

class Run {
  private readonly violations: string[] = [];
  private readonly statuses: Record<string, number> = {};
  private readonly counts: Record<string, { asked: number; done: number }> = {};
  private readonly answered: Answered[] = [];
  private readonly person: Person;
  private base = '';
  private judge!: Judge;
  private operations: Operation[] = [];
  private keys = 0;
  /** Requests of the person come one after the other: each may change the password. */
  private personal: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: Parts) {
    const { client, known, keys } = parts;
    const ask: ConstructorParameters<typeof Person>[0] = async (method, path, body, headers) => {
      const all = [...Object.entries(headers), ...(body ? [['content-type', 'application/json'] as const] : [])];
      const sent = { method, path: this.base + path, headers: all, body: body && Buffer.from(JSON.stringify(body)) };
      const { status, text, setCookie } = await client.send(sent);
      return { status, body: jsonIn(text), setCookie };
    };
    this.person = new Person(ask, { authorization: `Bearer ${keys.first}` }, known);
  }

  async throwAll(): Promise<FuzzReport> {
    const { options, client } = this.parts;
    const { requests, connections, meanwhile, onProgress } = options;
    const document: ApiDocument = JSON.parse(
      (await client.send({ method: 'GET', path: '/api/v1/openapi.json', headers: [], body: null })).text,
    );
    this.base = document.servers[0]?.url ?? '';
    this.judge = new Judge(document);
    this.operations = operationsOf(document);
    for (const { id } of this.operations) this.counts[id] = { asked: 0, done: 0 };
    const recipes = recipesTo(this.operations);
    const beganAt = performance.now();
    let [thrown, done] = [0, 0];
    let waiting: Recipe[] = [];
    let portion = 0;
    const next = (): Recipe | undefined => {
      if (thrown === requests || this.violations.length >= MOST_VIOLATIONS) return undefined;
      if (waiting.length === 0) waiting = recipes(mixed(options.seed, portion++), PORTION);
      thrown++;
      return waiting.pop();
    };
    const half = Math.floor(requests / 2);
    const throwSome = async () => {
      for (let recipe = next(); recipe; recipe = next()) {
        const place = thrown;
        if (place === half) await meanwhile?.();
        try {
          await this.one(recipe, place);
        } catch (error) {
          // Also a fault of the fuzz itself, which must not count as a request that was borne.
          this.violations.push(`request ${place}, ${recipe.operation.id}: ${(error as Error).stack}`);
        }
        done++;
        onProgress?.(done, this.violations);
      }
    };
    await Promise.all(Array.from({ length: connections }, throwSome));
    return {
      requests: done,
      elapsedMs: performance.now() - beganAt,
      statuses: this.statuses,
      operations: this.counts,
      violations: this.violations,
    };
  }

  /** One request. A person's waits for the person's other ones. */
  private one(recipe: Recipe, place: number): Promise<void> {
    if (recipe.operation.credential === 'key') return this.send(recipe, place);
    const sent = this.personal.then(() => this.send(recipe, place));
    this.personal = sent.catch(() => undefined);
    return sent;
  }

  private async send(recipe: Recipe, place: number): Promise<void> {
    const former = recipe.repeats && this.answered.at(-1 - (recipe.repeats.back % Math.max(1, this.answered.length)));
    if (former && recipe.repeats?.isSame) return this.repeat(former, place);
    // Before the fields: what is right in them may follow from it.
    const own = recipe.operation.credential === 'session' ? await this.person.credentials() : [];
    const request = requestOf(recipe, {
      known: existing => this.valueOf(existing),
      key: former ? keyIn(former.request) : `fuzz-${this.parts.options.seed}-${++this.keys}`,
    });
    const headers = this.headersOf(request, own);
    const received = await this.received(request, headers, place);
    if (!received) return;
    const { operation, asked } = request;
    const isDone = received.status < 300;
    const told = jsonIn(received.text);
    const actual = matching(this.operations, request);
    this.compare(request, actual, { received, told, headers, place });
    const isUnderKey = former && keyIn(former.request) === keyIn(request) && former.request.by === request.by;
    if (isUnderKey && isDone && !received.isRepeat) {
      this.violate(
        `another request under a key that was used was done: ${received.text.slice(0, 300)}`,
        request,
        headers,
        place,
      );
    }
    if (operation.credential !== 'key') {
      const heard = { status: received.status, body: told, setCookie: received.setCookie };
      this.person.heard(operation.id, asked ?? {}, heard, request.faults.length === 0);
    }
    if (actual !== operation) return;
    const counted = this.counts[operation.id];
    if (counted) {
      counted.asked++;
      if (isDone) counted.done++;
    }
    if (!isDone) return;
    if (asked) {
      this.parts.money.heard({
        operation: operation.id,
        asked,
        status: received.status,
        told,
        isRepeat: received.isRepeat,
      });
      this.learn(operation.id, asked, told, received.status);
    }
    if (isChange(operation)) {
      this.answered.push({ request, received });
      if (this.answered.length > MOST_ANSWERED) this.answered.shift();
    }
  }

  /** The same request under the same key: the same answer, and nothing is done. */
  private async repeat({ request, received: first }: Answered, place: number): Promise<void> {
    const headers = this.headersOf(request, []);
    const received = await this.received(request, headers, place);
    if (!received) return;
    const { status, text, isRepeat } = received;
    // Before the key is looked at.
    const explained = EXPLAINED[`${request.operation.id} ${status}`];
    if (explained !== undefined && status !== first.status && text.includes(`:${explained}"`)) return;
    const isSecret = status === 409 && /answer_not_kept/.test(text);
    const isSame = isRepeat && (isSecret || (status === first.status && text === first.text));
    if (!isSame)
      this.violate(
        `a repeated request was answered ${status} ${text.slice(0, 300)}, first ${first.status}`,
        request,
        headers,
        place,
      );
  }

  /** The answer; null if there was none, which is noted. */
  private async received(request: Request, headers: Headers, place: number): Promise<Received | null> {
    const { method, path, body } = request;
    try {
      const received = await this.parts.client.send({ method, path: this.base + path, headers, body });
      const { status } = received;
      this.statuses[status] = (this.statuses[status] ?? 0) + 1;
      return received;
    } catch (error) {
      // What is too large is not read to its end, and the connection is closed: the answer may be lost on its way.
      if ((body !== null && body.length > MOST_BODY_BYTES) || isLongHead(request, headers)) return null;
      this.violate(`no answer: ${(error as Error).message}`, request, headers, place);
      return null;
    }
  }

  private compare(
    request: Request,
    actual: Operation | null,
    { received, told, headers, place }: { received: Received; told: unknown; headers: Headers; place: number },
  ): void {
    const { status, text, requestId } = received;
    const violate = (what: string) => this.violate(what, request, headers, place);
    // Of HTTP itself, before it is known what is asked.
    if (status === 431 && isLongHead(request, headers)) return;
    if (!actual) {
      const isProblem = received.contentType.startsWith('application/problem+json');
      if (![400, 404, 413, 414, 415].includes(status) || !isProblem)
        violate(`what no operation is was answered ${status} ${text.slice(0, 300)}`);
      return;
    }
    const verdict = this.judge.verdict(actual, received);
    if (verdict !== '') violate(`${verdict}: ${text.slice(0, 500)}`);
    if (status >= 500) {
      const why = EXPLAINED[`${actual.id} ${status}`];
      const { type = '' } = (told ?? {}) as { type?: string };
      if (why === undefined || !type.endsWith(`:${why}`)) {
        violate(`${status} ${text.slice(0, 300)} ${this.parts.service.lineOf(requestId)}`);
      }
    }
    if (status >= 300 || actual !== request.operation) return;
    if (request.isWrong) violate(`a request that is wrong was done: ${text.slice(0, 300)}`);
    const { body } = request;
    if (body !== null && body.length > 0 && !this.judge.accepts(actual, jsonIn(body.toString()))) {
      violate(`a body that the document does not allow was taken: ${text.slice(0, 300)}`);
    }
  }

  private violate(what: string, request: Request, headers: Headers, place: number): void {
    const line = curlOf(request, headers, `http://127.0.0.1:${this.parts.service.port}${this.base}`);
    this.violations.push(`request ${place}, ${request.operation.id}: ${what}\n  ${line}`);
  }

  private headersOf({ operation, by, headers, faults }: Request, own: readonly [string, string][]): Headers {
    if (operation.credential !== 'key') return [...own, ...headers];
    const fault = faults.find(({ kind }) => kind === 'credential');
    const value = fault?.kind === 'credential' ? fault.value : `Bearer ${this.parts.keys[by]}`;
    return value === null ? headers : [['authorization', value], ...headers];
  }

  private valueOf({ kind, part, place, otherwise }: Existing): unknown {
    return this.parts.known.pick(kind, place)?.[part] ?? otherwise;
  }

  /** Notes what there is now, and what is gone. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
  private learn(operation: string, asked: Readonly<Record<string, unknown>>, told: any, status: number): void {
    const { known } = this.parts;
    if (status === 202 && typeof told.approval === 'number') known.add('approval', told.approval);
    if (typeof told?.next_cursor === 'string') known.add(`cursor ${operation}`, told.next_cursor);
    switch (operation) {
      case 'accountCreate':
        known.add(Number(told.balance) === 0 ? 'empty' : 'account', told.accountcode);
        return;
      case 'cardGenerate':
        known.add('card-batch', told.batch);
        known.add('card', ...told.cards.map(({ serial }: { serial: number }) => serial));
        return;
      case 'voucherGenerate':
        known.add('voucher-batch', told.batch);
        known.add('voucher', ...told.vouchers.map(({ serial }: { serial: number }) => serial));
        known.add('voucher-code', ...told.vouchers.map(({ code }: { code: string }) => code));
        return;
      case 'voucherRedeem':
        known.remove('voucher-code', { value: String(asked.code) });
        return;
      case 'callerAdd':
        known.add('caller', told.number);
        return;
      case 'callerRemove':
        known.remove('caller', { value: told.number });
        return;
      case 'trunkAdd':
        known.add('spare-trunk', told.trunk);
        return;
      case 'trunkRemove':
        known.remove('spare-trunk', { value: String(asked.trunk) });
        return;
      case 'routeAdd':
        known.add('route', { prefix: String(asked.prefix), trunk: String(asked.trunk) });
        return;
      case 'routeRemove':
        known.remove('route', { prefix: String(asked.prefix), trunk: String(asked.trunk) });
        return;
      case 'jobVerify':
      case 'jobReconcile':
        known.add('job', told.job);
        return;
      case 'deckLoad':
        known.add('waiting-version', { deck: told.deck, version: told.version });
        return;
      case 'deckPublish':
        known.remove('waiting-version', { deck: String(asked.deck), version: String(asked.version) });
        return;
      case 'deckDeleteVersion':
        for (const kind of ['version', 'waiting-version']) {
          known.remove(kind, { deck: String(asked.deck), version: String(asked.version) });
        }
        return;
      case 'webhookAdd':
        known.add('spare-webhook', told.webhook);
        known.add('webhook', told.webhook);
        return;
      case 'webhookRemove':
        for (const kind of ['spare-webhook', 'webhook']) known.remove(kind, { value: told.webhook });
        return;
      case 'keyCreate':
        known.add('key', told.name);
        return;
      case 'operatorInvite':
      case 'operatorReset':
        known.add('operator', told.name);
        known.add('token', told.token);
        return;
      case 'invitationAccept':
        known.remove('token', { value: String(asked.token) });
        return;
      case 'approvalApprove':
      case 'approvalRefuse':
      case 'approvalWithdraw':
        known.remove('approval', { value: told.approval });
        return;
      case 'sessionRevoke':
        known.remove('session', { value: told.session_number });
        return;
      case 'sessionOfMineEnd':
        known.remove('my-session', { value: String(asked.session_number) });
        return;
    }
  }
}

type Headers = [name: string, value: string][];

/** As the API has them; it has room for some more headers than those of a request. */
const MOST_BODY_BYTES = 65_536;
const LONG_HEAD_BYTES = 7_500;

const isLongHead = ({ path }: Request, headers: Headers): boolean =>
  headers.reduce((bytes, [name, value]) => bytes + name.length + value.length + 4, path.length) > LONG_HEAD_BYTES;

const keyIn = ({ headers }: Request): string => headers.find(([name]) => name === 'idempotency-key')?.[1] ?? '';

// biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
function jsonIn(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Seeds that are far from one another: those of neighbours begin alike. Source: murmur3's last steps. */
function mixed(seed: number, portion: number): number {
  let hash = Math.imul(seed, 0x9e3779b1) ^ Math.imul(portion + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
