import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { CallLedger } from '../../credit/ledger';
import { isFromPage } from '../../listeners/from-page';
import { type HttpAnswer, HttpListener, type HttpQuestion } from '../../listeners/http-listener';
import type { ListenAt } from '../../listeners/listen-at';
import type { Micros } from '../../money/micros';
import { accountIn } from '../door-call';
import type { DoorNode, OwnCallsKind } from '../door-kind';
import { ListeningDoor } from '../listening-door';
import { holdPrefix, NOT_DONE, SemsCalls } from './sems-calls';
import { CreditRefused, SemsCredit } from './sems-credit';
import { type NotUnderstood, requestOf, type SemsRequest } from './sems-request';
import { SEMS_SETTINGS, type SemsSettings } from './sems-settings';
import { semsStore } from './sems-store';
import { readCall, writeFault, writeResponse, type XmlRpcCall, XmlRpcError } from './xml-rpc';

export interface SemsDoorOptions {
  node: DoorNode;
  settings: SemsSettings & { listen: ListenAt };
  ledger: CallLedger;
  database: Knex;
  emergencyNumbers: readonly string[];
  maxCallSeconds: number;
  secondPersonAbove: Micros | null;
  log: Logger;
}

/** The door for an unmodified SEMS (cc_prepaid_xmlrpc), and for programs that manage credit as in its cc_prepaid. */
export class SemsDoor extends ListeningDoor {
  private readonly calls: SemsCalls;
  private readonly credit: SemsCredit;
  protected readonly listener: HttpListener;

  constructor(private readonly options: SemsDoorOptions) {
    const { node, settings, ledger, database, emergencyNumbers, maxCallSeconds, secondPersonAbove, log } = options;
    super(node, log);
    this.credit = new SemsCredit({ database, node, secondsNumber: settings.secondsNumber, secondPersonAbove });
    this.calls = new SemsCalls({
      node,
      ledger,
      store: semsStore(database, holdPrefix(node)),
      accountcodeOf: uuid => accountIn(settings.account, { uuid }),
      emergencyNumbers,
      capSeconds: Math.min(settings.capSeconds, maxCallSeconds),
      emergencySeconds: maxCallSeconds,
      secondsNumber: settings.secondsNumber,
      refusals: this.refusals,
      log,
    });
    this.listener = new HttpListener({
      door: node,
      variable: SEMS_SETTINGS.listen.variable,
      listen: settings.listen,
      peers: settings.peers,
      methods: ['POST'],
      answer: async question => this.refusalOf(question) ?? inXml(await this.answer(question.body, question.from)),
      busy: inXml(writeResponse(0)),
      keepsLostAnswers: true,
      refusals: this.refusals,
      log,
    });
  }

  /** Debits that are not durable yet. */
  override get waiting(): number {
    return this.calls.waiting;
  }

  override abandon(): void {
    this.calls.close();
  }

  /**
   * The refusal of a message that SEMS would not send, because a web page can make a browser send XML as plain text. null for SEMS's own
   * messages.
   */
  private refusalOf({ headers, from }: HttpQuestion): HttpAnswer | null {
    const isXml = /^(?:text|application)\/xml *(;|$)/i.test(headers['content-type'] ?? '');
    if (isXml && !isFromPage(headers)) return null;
    const text = isXml ? 'a browser sent this: pages may not ask here' : 'send Content-Type: text/xml';
    this.refusals.note(isXml ? 'origin_not_allowed' : 'content_type_wrong', { peer: from, todo: text });
    return { status: isXml ? 403 : 415, type: 'text/plain', text };
  }

  private async answer(message: Buffer, from: string): Promise<string> {
    let call: XmlRpcCall;
    try {
      call = readCall(message);
    } catch (error) {
      const { name, message: detail } = error as Error;
      this.refusals.note('message_invalid', { peer: from, detail: name === XmlRpcError.name ? detail : name });
      return writeResponse(NOT_DONE);
    }
    const request = requestOf(call);
    if ('wrong' in request) return this.notUnderstood(request, from);
    const { form, method, pin, amount } = request;
    try {
      if (form === 'module') return await this.manage(request, from);
      const { calls } = this;
      return writeResponse(await (method === 'getCredit' ? calls.getCredit(pin) : calls.subtractCredit(pin, amount)));
    } catch (error) {
      // The database is away, or there is a bug. SEMS must get an answer in either case.
      this.options.log.error({ event: 'door_failed', door: this.name, method, err: error });
      this.refusals.note('not_done', { peer: from, method });
      return form === 'call' ? writeResponse(NOT_DONE) : writeFault(500, 'it could not be done: ask again later');
    }
  }

  private notUnderstood({ wrong, form, code, text }: NotUnderstood, from: string): string {
    this.refusals.note(wrong, { peer: from, todo: text });
    return form === 'call' ? writeResponse(NOT_DONE) : writeFault(code, text);
  }

  private async manage(request: SemsRequest, from: string): Promise<string> {
    const { settings, log } = this.options;
    const { method, pin, amount } = request;
    const isAskedWhether = method === 'getCredit' || method === 'subtractCredit';
    const refuse = (reason: string, text: string, facts: object): string => {
      this.refusals.note(reason, { peer: from, method, ...facts, todo: text });
      return writeFault(500, text);
    };
    if (!settings.managers.has(from)) {
      return refuse('peer_may_not_manage', 'this address may not manage credit: see RINGFENCE_SEMS_MANAGERS', {});
    }
    const accountcode = accountIn(settings.account, { uuid: pin });
    if (accountcode === null) return refuse('uuid_invalid', 'the first argument is no account', {});
    try {
      const left = await this.credit.perform(request, accountcode, from);
      if (method !== 'getCredit') {
        log.info({
          event: 'sems_credit_changed',
          method,
          accountcode,
          seconds: amount,
          left_seconds: left,
          peer: from,
        });
      }
      return writeResponse(isAskedWhether ? [left, true] : [left]);
    } catch (error) {
      const { name, reason, text } = error as CreditRefused;
      if (name !== CreditRefused.name) throw error;
      const refusal = refuse(reason, text, { accountcode });
      return reason === 'account_not_found' && isAskedWhether ? writeResponse([0, false]) : refusal;
    }
  }
}

export const SEMS_DOOR: OwnCallsKind<SemsSettings> = {
  settings: SEMS_SETTINGS,
  page: 'sems',
  node: 'sems',
  hears: 'ended by the limit, as SEMS cannot be told',
  make: (settings, parts) => new SemsDoor({ ...parts, settings }),
};

const inXml = (text: string): HttpAnswer => ({ status: 200, type: 'text/xml', text });
