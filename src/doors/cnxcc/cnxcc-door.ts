import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { SwitchError } from '../../calls/switch-port';
import { POOL_PREFIX } from '../../credit/rules/pool';
import { DatabaseFault } from '../../database/fault';
import { isFromPage } from '../../listeners/from-page';
import { type HttpAnswer, HttpListener, type HttpQuestion } from '../../listeners/http-listener';
import type { ListenAt } from '../../listeners/listen-at';
import { Refused } from '../../operator/operator-refusal';
import { isEmergency, masked } from '../../rating/dialled-number';
import { callIdIn, type ProxyGate } from '../../switches/proxy/proxy-gate';
import type { ProxyCallsKind } from '../door-kind';
import { ListeningDoor } from '../listening-door';
import { type CallToWatch, commandOf, invalidParams, wordsFor } from './cnxcc-commands';
import { CnxccCustomers } from './cnxcc-customers';
import { failed, notFound, OK, refused } from './cnxcc-replies';
import { CNXCC_SETTINGS, type CnxccSettings } from './cnxcc-settings';
import {
  type Asked,
  answerWith,
  answerWithError,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  type Message,
  messageIn,
  RpcError,
  type RpcRequest,
} from './json-rpc';

export interface CnxccDoorOptions {
  settings: CnxccSettings & { listen: ListenAt };
  gate: ProxyGate;
  database: Knex;
  emergencyNumbers: readonly string[];
  log: Logger;
}

/** The door where a Kamailio script asks for what cnxcc did: cnxcc's commands as JSON-RPC 2.0 over HTTP, on pools (docs/pools.md). */
export class CnxccDoor extends ListeningDoor {
  protected readonly listener: HttpListener;
  private readonly customers: CnxccCustomers;
  /** Calls that were let through since the door was opened. */
  private total = 0;

  constructor(private readonly options: CnxccDoorOptions) {
    const { settings, gate, database, log } = options;
    super('cnxcc', log);
    this.customers = new CnxccCustomers({
      name: this.name,
      database,
      template: settings.customer,
      callIdIn: uniqueid => callIdIn(gate.node, uniqueid) ?? uniqueid,
      answerWithinMs: gate.answerWithinMs,
    });
    this.listener = new HttpListener({
      door: this.name,
      variable: CNXCC_SETTINGS.listen.variable,
      listen: settings.listen,
      peers: settings.peers,
      methods: ['POST'],
      answer: question => this.answer(question),
      busy: inJson(503, answerWithError(null, refused('overloaded'))),
      tooLong: inJson(
        413,
        answerWithError(null, new RpcError(INVALID_REQUEST, 413, 'the body is longer than 16384 bytes')),
      ),
      refusals: this.refusals,
      log,
    });
  }

  override get waiting(): number {
    return this.customers.waiting;
  }

  private async answer(question: HttpQuestion): Promise<HttpAnswer> {
    let message: Message;
    try {
      checkSender(question);
      message = messageIn(question.body);
    } catch (error) {
      const told = this.told(error, question, {});
      return inJson(told.status, answerWithError(null, told));
    }
    const answers: string[] = [];
    let status = 202;
    // One after the other: the order of a script's requests about one call matters.
    for (const asked of message.asked) {
      const answer = await this.answerTo(asked, question);
      if (answer.text !== null) answers.push(answer.text);
      status = answer.status;
    }
    if (message.isBatch)
      return inJson(answers.length > 0 ? 200 : 202, answers.length > 0 ? `[${answers.join(',')}]` : '');
    return inJson(status, answers[0] ?? '');
  }

  /** `text` is null for a notification. */
  private async answerTo(asked: Asked, question: HttpQuestion): Promise<{ status: number; text: string | null }> {
    const { id } = asked;
    const facts: Record<string, unknown> = {};
    try {
      if ('error' in asked) throw asked.error;
      const result = await this.perform(asked, question.from, facts);
      return id === undefined ? { status: 202, text: null } : { status: 200, text: answerWith(id, result) };
    } catch (error) {
      const told = this.told(error, question, facts);
      return { status: told.status, text: id === undefined ? null : answerWithError(id, told) };
    }
  }

  /** `from`: the address that asks. `facts`: what the log shows if the request is refused. */
  private async perform(
    { method, params }: RpcRequest,
    from: string,
    facts: Record<string, unknown>,
  ): Promise<unknown> {
    facts.command = 'unknown';
    const command = commandOf(method, params);
    facts.command = command.name;
    if ('customer' in command) facts.customer = command.customer.slice(0, 80);
    switch (command.name) {
      case 'set_max_credit':
      case 'set_max_time':
      case 'set_max_channels':
        return this.watch(command.call, facts);
      case 'dialog_start':
      case 'dialog_end':
        return this.hear(command.name, command.callId);
      case 'kill_call':
        return this.kill(command.callId);
      case 'stats': {
        const { node, dropped } = this.options.gate;
        return { info: 'CNX Credit Control', active: await this.customers.callsOn(node), dropped, total: this.total };
      }
      default:
        return this.customers.perform(command, from);
    }
  }

  private async watch(call: CallToWatch, facts: Record<string, unknown>): Promise<number> {
    const { gate, emergencyNumbers } = this.options;
    const { callId, caller, number, maxChannels } = call;
    const accountcode = this.customers.accountcodeOf(call.customer);
    Object.assign(facts, { accountcode: accountcode.slice(0, 80), dst: masked(number.replace(/[^0-9+]/g, '')) });
    const customer = accountcode.slice(POOL_PREFIX.length);
    // An emergency call never waits, whatever the request says.
    const args = isEmergency(number, emergencyNumbers)
      ? [`customer=${customer}`, ...call.limits]
      : wordsFor(call, customer);
    const decided = await gate.authorise({ callId, args, callerNumber: caller, dialledNumber: number });
    switch (decided) {
      case 'away':
        throw refused('not_acting');
      case 'late':
        throw refused('ledger_unavailable');
      case 'duplicate':
        throw refused('call_id_reused');
      case 'invalid':
        throw refused('call_id_invalid');
    }
    const { refusal } = decided;
    if (refusal === null) {
      this.total++;
      return OK;
    }
    if (refusal !== 'too_many_calls') throw refused(refusal);
    const talking = await this.customers.talking(accountcode).catch(() => 0);
    throw refused(refusal, maxChannels, talking);
  }

  /** Kamailio's own events; 0 for an unknown call. */
  private hear(what: 'dialog_start' | 'dialog_end', callId: string): number {
    const { gate } = this.options;
    const { port } = gate;
    if (!port) throw refused('not_acting');
    const uniqueid = gate.uniqueidOf(callId);
    if (uniqueid === null || !port.knows(uniqueid)) return 0;
    if (what === 'dialog_start') port.answered(uniqueid);
    // Nothing waits for it here: the worker that reports it may hold what the proxy then needs for its answer.
    else void port.saidToBeOver(uniqueid);
    return 1;
  }

  private async kill(callId: string): Promise<number> {
    const { gate } = this.options;
    const { port } = gate;
    if (!port) throw refused('not_acting');
    const uniqueid = gate.uniqueidOf(callId);
    if (uniqueid === null || !port.isInProgress(uniqueid)) throw notFound('CallID Not Found');
    await this.customers.inTime(port.hangup(uniqueid));
    return OK;
  }

  /** An error as its answer. Noted with its reason. */
  private told(error: unknown, { from }: HttpQuestion, facts: Record<string, unknown>): RpcError {
    const told = this.rpcErrorOf(error);
    const isMisunderstood = told.code <= INVALID_REQUEST && told.code !== INTERNAL_ERROR;
    const detail = isMisunderstood && { detail: told.message };
    this.refusals.note(told.reason, { peer: from, ...facts, code: told.code, ...detail });
    return told;
  }

  private rpcErrorOf(error: unknown): RpcError {
    if (error instanceof RpcError) return error;
    if (error instanceof Refused) {
      return error.refusal === 'field_invalid' ? invalidParams(error.detail) : failed(error.refusal);
    }
    if (error instanceof DatabaseFault) return refused('ledger_unavailable');
    if (error instanceof SwitchError) return refused('proxy_unanswered');
    this.options.log.error({ event: 'door_failed', door: this.name, err: error });
    return new RpcError(INTERNAL_ERROR, 500, 'it could not be done, and the log says why', 'failed');
  }
}

export const CNXCC_DOOR: ProxyCallsKind<CnxccSettings> = {
  settings: CNXCC_SETTINGS,
  page: 'cnxcc',
  node: null,
  make: (settings, parts) => new CnxccDoor({ ...parts, settings }),
};

/** Refuses what a web page made a browser send: that is not Kamailio's. @throws RpcError */
function checkSender({ headers }: HttpQuestion): void {
  if (isFromPage(headers)) {
    throw new RpcError(INVALID_REQUEST, 403, 'a browser sent this: it is not asked from pages', 'origin_not_allowed');
  }
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new RpcError(
      INVALID_REQUEST,
      415,
      'the body must be JSON: send Content-Type: application/json',
      'content_type_wrong',
    );
  }
}

const inJson = (status: number, text: string): HttpAnswer => ({ status, type: 'application/json', text });
