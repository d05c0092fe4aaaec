import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { projectRoot } from '../../config/project-root';
import { version } from '../../config/version';
import type { CallLedger } from '../../credit/ledger';
import { DatabaseFault } from '../../database/fault';
import { type HttpAnswer, HttpListener, type HttpQuestion } from '../../listeners/http-listener';
import type { ListenAt } from '../../listeners/listen-at';
import { parsePeers } from '../../listeners/peers';
import { accountIn } from '../door-call';
import type { DoorNode, OwnCallsKind } from '../door-kind';
import { ListeningDoor } from '../listening-door';
import { IdempotencyKeys } from './idempotency-keys';
import { openApi } from './openapi';
import { type Caller, type Done, RestCalls } from './rest-calls';
import { type Fields, MessageError, type MessageOf, readMessage, shown } from './rest-fields';
import { ANSWERED, AUTHORIZE, CALL_ID, EXTEND, SETTLE } from './rest-messages';
import { type RequestedOperation, requestedOperation } from './rest-operations';
import { CAUSE_OF_PROBLEM, MESSAGE_NOT_IN_TIME, RestProblem, STATUS_OF_PROBLEM } from './rest-problems';
import { REST_SETTINGS, type RestSettings } from './rest-settings';
import { checkSettle } from './rest-settlement';
import { restStore } from './rest-store';

export interface RestDoorOptions {
  node: DoorNode;
  settings: RestSettings & { listen: ListenAt };
  ledger: CallLedger;
  database: Knex;
  emergencyNumbers: readonly string[];
  maxCallSeconds: number;
  log: Logger;
}

const LOOPBACK = parsePeers(['127.0.0.0/8', '::1']);

/** The door for any other switch: JSON over HTTP, with a page that shows how. */
export class RestDoor extends ListeningDoor {
  private readonly calls: RestCalls;
  private readonly idempotencyKeys = new IdempotencyKeys();
  protected readonly listener: HttpListener;
  private readonly pages: Readonly<Record<string, HttpAnswer>>;

  constructor(private readonly options: RestDoorOptions) {
    const { node, settings, ledger, database, emergencyNumbers, maxCallSeconds, log } = options;
    super(node, log);
    this.pages = pagesOf();
    this.calls = new RestCalls({
      node,
      ledger,
      store: restStore(database),
      emergencyNumbers,
      capSeconds: Math.min(settings.capSeconds, maxCallSeconds),
      emergencySeconds: maxCallSeconds,
      log,
    });
    this.listener = new HttpListener({
      door: node,
      variable: REST_SETTINGS.listen.variable,
      listen: settings.listen,
      peers: settings.peers,
      methods: ['GET', 'POST'],
      answer: question => this.answer(question),
      busy: inJson(new RestProblem('overloaded', MESSAGE_NOT_IN_TIME)),
      tooLong: inJson(new RestProblem('message_too_long', 'the body is longer than 16384 bytes')),
      refusals: this.refusals,
      log,
    });
  }

  /** @throws Error that names the setting, if it cannot listen, or would listen beyond loopback without keys. */
  override async open(): Promise<void> {
    const { keys, listen, account } = this.options.settings;
    if (keys.isEmpty && !LOOPBACK.has(listen.host)) {
      throw new Error(
        `RINGFENCE_REST_LISTEN: ${listen.host} is not loopback, and RINGFENCE_REST_KEYS has no key: set one, or listen on a port alone`,
      );
    }
    if (keys.isEmpty && account.includes('{key}')) {
      throw new Error(
        'RINGFENCE_REST_ACCOUNT has {key}, and RINGFENCE_REST_KEYS names none: set that, or leave {key} out',
      );
    }
    await super.open();
  }

  override get waiting(): number {
    return this.calls.waiting;
  }

  override abandon(): void {
    this.calls.close();
  }

  private async answer(question: HttpQuestion): Promise<HttpAnswer> {
    const { method, url } = question;
    const page = method === 'GET' && Object.hasOwn(this.pages, url) ? this.pages[url] : undefined;
    if (page) return page;
    let requested: RequestedOperation | undefined;
    let key: string | null = null;
    try {
      key = this.keyOf(question);
      requested = requestedOperation(method, url);
      const { status, body } = await this.perform(requested, question, key);
      return { status, type: 'application/json', text: JSON.stringify(body), headers: { 'Cache-Control': 'no-store' } };
    } catch (error) {
      const problem = this.problemOf(error);
      const { word, details } = problem;
      // The problem's message stays out of the log: it may show the dialled number.
      const facts = { peer: question.from, key, operation: requested?.operation, field: details.beside?.field };
      this.refusals.note(word, { ...facts, ...details.facts });
      return inJson(problem);
    }
  }

  private perform(requested: RequestedOperation, question: HttpQuestion, key: string | null): Promise<Done> {
    const { operation, word } = requested;
    const read = <F extends Fields>(fields: F) => this.messageOf(fields, requested, question, key);
    switch (operation) {
      case 'authorize': {
        const message = read(AUTHORIZE);
        const accountcode = this.accountcodeOf(message.account, key);
        if (accountcode === null) {
          const todo = 'makes no account code of 1 to 79 bytes: see RINGFENCE_REST_ACCOUNT';
          throw new MessageError('field_invalid', 'account', `account ${shown(message.account)} ${todo}`);
        }
        return this.calls.authorize(message, { callId: message.call_id, key }, accountcode);
      }
      case 'answered':
        return this.calls.answered(read(ANSWERED), callIn(word, key));
      case 'extend':
        return this.calls.extend(read(EXTEND), callIn(word, key));
      case 'settle': {
        const message = read(SETTLE);
        checkSettle(message);
        return this.calls.settle(message, callIn(word, key));
      }
      case 'call':
        return this.calls.call(callIn(word, key));
      case 'account':
        return this.calls.account(this.accountcodeOf(word, key), word);
    }
  }

  private accountcodeOf(account: string, key: string | null): string | null {
    return accountIn(this.options.settings.account, { account, key: key ?? '' });
  }

  /** The name of the key that a request came with; null in a service without keys. @throws RestProblem */
  private keyOf({ headers }: HttpQuestion): string | null {
    const { keys } = this.options.settings;
    if (keys.isEmpty) {
      // A web page can make a browser on this machine send a request, by a host name that it resolves to loopback.
      if (isLiteral(headers.host)) return null;
      throw new RestProblem('host_not_allowed', 'without keys the Host must be an address or localhost: use 127.0.0.1');
    }
    const [, key = ''] = /^Bearer +([!-~]+)$/i.exec(headers.authorization ?? '') ?? [];
    const name = keys.nameOf(key);
    if (name !== null) return name;
    const message = 'the key is missing or not known: send Authorization: Bearer <key>, see RINGFENCE_REST_KEYS';
    // The answer does not say what is wrong with the key: that would help in guessing one.
    throw new RestProblem('unauthorized', message, { headers: { 'WWW-Authenticate': 'Bearer' } });
  }

  private messageOf<F extends Fields>(
    fields: F,
    requested: RequestedOperation,
    question: HttpQuestion,
    key: string | null,
  ): MessageOf<F> {
    const { headers, body } = question;
    // A page of another site cannot send this type without asking first whether it may.
    if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) {
      throw new RestProblem('content_type_wrong', 'the body must be JSON: send Content-Type: application/json');
    }
    const idempotencyKey = headers['idempotency-key'];
    const message = readMessage(fields, body, Date.now());
    if (idempotencyKey === undefined) return message;
    const [, plain] = /^"?([ !#-~]{1,255}?)"?$/.exec(String(idempotencyKey)) ?? [];
    if (plain === undefined) {
      throw new RestProblem('idempotency_key_invalid', 'Idempotency-Key is not 1 to 255 printable ASCII characters');
    }
    const content = createHash('sha256')
      .update(JSON.stringify([requested.word, message]))
      .digest('base64');
    if (this.idempotencyKeys.fits(`${requested.operation} ${key} ${plain}`, content)) return message;
    const todo = 'this Idempotency-Key stood on another content: use a new one for each';
    throw new RestProblem('idempotency_key_reused', todo);
  }

  private problemOf(error: unknown): RestProblem {
    if (error instanceof RestProblem) return error;
    if (error instanceof MessageError)
      return new RestProblem(error.word, error.message, { beside: { field: error.field } });
    if (error instanceof DatabaseFault) {
      return new RestProblem('ledger_unavailable', MESSAGE_NOT_IN_TIME, { facts: { code: error.code } });
    }
    this.options.log.error({ event: 'door_failed', door: this.name, err: error });
    return new RestProblem(
      'failed',
      'it could not be done, and the log says why: send the same again, it is done once',
    );
  }
}

export const REST_DOOR: OwnCallsKind<RestSettings> = {
  settings: REST_SETTINGS,
  page: 'rest',
  node: 'rest',
  hears: 'its switch hears it by the event hangup_wanted, and by its next extend, which is refused',
  make: (settings, parts) => new RestDoor({ ...parts, settings }),
};

/** @throws RestProblem */
function callIn(callId: string, key: string | null): Caller {
  if (CALL_ID.test(callId)) return { callId, key };
  throw new RestProblem('path_invalid', 'the call_id in the path is not 1 to 200 printable ASCII characters');
}

/** Whether a Host is an address or localhost, with or without a port. An old client sends no Host. */
function isLiteral(host: string | undefined): boolean {
  if (host === undefined) return true;
  const [, bracketed, plain = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z.-]+))(?::\d{1,5})?$/.exec(host) ?? [];
  return isIP(bracketed ?? plain) !== 0 || plain.toLowerCase() === 'localhost';
}

function inJson({ word, message, details: { beside, headers } }: RestProblem): HttpAnswer {
  const status = STATUS_OF_PROBLEM[word];
  const body = { error: word, message, cause: CAUSE_OF_PROBLEM[word], ...beside };
  const all: Record<string, string> = { 'Cache-Control': 'no-store', ...headers };
  if (status === 503) all['Retry-After'] = '1';
  return { status, type: 'application/json', text: JSON.stringify(body), headers: all };
}

/** What needs no key: a page for people, which loads nothing else, and the OpenAPI document for programs. */
function pagesOf(): Record<string, HttpAnswer> {
  const inProject = (...path: string[]) => readFileSync(join(projectRoot, ...path), 'utf8');
  const headers = {
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
    'X-Content-Type-Options': 'nosniff',
  };
  return {
    '/': { status: 200, type: 'text/html; charset=utf-8', text: inProject('pages', 'rest.html'), headers },
    '/openapi.json': { status: 200, type: 'application/json', text: JSON.stringify(openApi(version)), headers },
  };
}
