import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { addTime, hangUpCalls } from '../../accounts/during-calls';
import { SwitchError } from '../../calls/switch-port';
import { POOL_PREFIX } from '../../credit/rules';
import { DatabaseFault } from '../../database/fault';
import { type HttpAnswer, HttpListener, type HttpQuestion } from '../../listeners/http-listener';
import type { ListenAt } from '../../listeners/listen-at';
import { Refused } from '../../listeners/refused';
import { Refused as OperatorRefused } from '../../operator/operator-refusal';
import { masked } from '../../rating/dialled-number';
import type { Door, DoorFigures } from '../door';
import { within } from '../door-call';
import { callIdIn, type ProxyGate } from '../proxy/proxy-gate';
import { type CallToWatch, type CnxccCommand, commandOf, invalidParams, wordsFor } from './cnxcc-commands';
import { failed, notFound, OK, refused } from './cnxcc-replies';
import { callRows, clientRows } from './cnxcc-rows';
import type { CnxccSettings } from './cnxcc-settings';
import { type CnxccStore, type Customer, cnxccStore } from './cnxcc-store';
import {
  type Asked,
  answerWith,
  answerWithError,
  INTERNAL_ERROR,
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

/** A worker of Kamailio waits for the answer and does nothing else. Ms. */
const ANSWERED_WITHIN_MS = 450;

/** Customers that `active_clients` lists. */
const MOST_LISTED = 1_000;

/** Where a Kamailio script asks for what cnxcc did: its commands as JSON-RPC 2.0 over HTTP, on pools (docs/pools.md). */
export class CnxccDoor implements Door {
  readonly name = 'cnxcc';
  private readonly refused: Refused;
  private readonly http: HttpListener;
  private readonly store: CnxccStore;
  /** Calls that were let through since it was opened. */
  private total = 0;
  /** Changes that are not known to be durable. */
  private changing = 0;

  constructor(private readonly options: CnxccDoorOptions) {
    const { settings, gate, database, log } = options;
    this.refused = new Refused(this.name, log);
    this.store = cnxccStore(database, uniqueid => callIdIn(gate.node, uniqueid) ?? uniqueid);
    this.http = new HttpListener({
      door: this.name,
      variable: 'RINGFENCE_CNXCC_LISTEN',
      listen: settings.listen,
      peers: settings.peers,
      methods: ['POST'],
      answer: question => this.answer(question),
      busy: inJson(503, answerWithError(null, refused('overloaded'))),
      tooLong: inJson(413, answerWithError(null, new RpcError(-32600, 413, 'the body is longer than 16384 bytes'))),
      refused: this.refused,
      log,
    });
  }

  open(): Promise<void> {
    return this.http.open();
  }

  get port(): number {
    return this.http.port;
  }

  get waiting(): number {
    return this.changing;
  }

  get figures(): DoorFigures {
    return { ...this.http.counts, waiting: this.waiting, refusals: this.refused.totals() };
  }

  leave(graceMs: number): Promise<void> {
    return this.http.close(graceMs);
  }

  abandon(): void {
    // What was let through is with the life of the calls.
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
    // One after the other: what a script says of one call is in the order in which it says it.
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
      const result = await this.perform(asked, facts);
      return id === undefined ? { status: 202, text: null } : { status: 200, text: answerWith(id, result) };
    } catch (error) {
      const told = this.told(error, question, facts);
      return { status: told.status, text: id === undefined ? null : answerWithError(id, told) };
    }
  }

  /** `facts`: what is to be told of it, should it be refused. */
  private async perform({ method, params }: RpcRequest, facts: Record<string, unknown>): Promise<unknown> {
    facts.command = 'unknown';
    const command = commandOf(method, params);
    facts.command = command.name;
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
      default:
        return this.ofCustomers(command, facts);
    }
  }

  private async watch(call: CallToWatch, facts: Record<string, unknown>): Promise<number> {
    const { gate, emergencyNumbers } = this.options;
    const { callId, caller, number, maxChannels } = call;
    const accountcode = this.accountcodeOf(call.customer);
    Object.assign(facts, { accountcode: accountcode.slice(0, 80), dst: masked(number.replace(/[^0-9+]/g, '')) });
    const customer = accountcode.slice(POOL_PREFIX.length);
    // Whatever else is said of it, nobody is to wait for help.
    const isEmergency = emergencyNumbers.includes(number);
    const args = isEmergency ? [`customer=${customer}`, ...call.limits] : wordsFor(call, customer);
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
    const calls = await this.customerWith(accountcode).then(
      found => found?.calls ?? [],
      () => [],
    );
    throw refused(refusal, maxChannels, calls.filter(({ answerAt }) => answerAt !== null).length);
  }

  /** What Kamailio's own events tell; 0 for a call that is none of ours. */
  private hear(what: 'dialog_start' | 'dialog_end', callId: string): number {
    const { gate } = this.options;
    const { port } = gate;
    if (!port) throw refused('not_acting');
    const uniqueid = gate.uniqueidOf(callId);
    if (uniqueid === null || !port.knows(uniqueid)) return 0;
    if (what === 'dialog_start') port.answered(uniqueid);
    // Not waited for: the worker that tells it may hold what it is asked for.
    else void port.saidToBeOver(uniqueid);
    return 1;
  }

  private async kill(callId: string): Promise<number> {
    const { gate } = this.options;
    const { port } = gate;
    if (!port) throw refused('not_acting');
    const uniqueid = gate.uniqueidOf(callId);
    if (uniqueid === null || !port.knows(uniqueid)) throw notFound('CallID Not Found');
    await inTime(port.hangup(uniqueid));
    return OK;
  }

  private async ofCustomers(
    command: Extract<
      CnxccCommand,
      {
        name: 'update_max_time' | 'get_channel_count' | 'terminate_all' | 'check_client' | 'active_clients' | 'stats';
      }
    >,
    facts: Record<string, unknown>,
  ): Promise<unknown> {
    const { database, gate } = this.options;
    const accountcode = 'customer' in command ? this.accountcodeOf(command.customer) : '';
    if (accountcode !== '') facts.accountcode = accountcode.slice(0, 80);
    switch (command.name) {
      case 'update_max_time':
        await this.change(addTime(database, accountcode, command.seconds));
        return OK;
      case 'terminate_all': {
        const calls = await this.change(hangUpCalls(database, accountcode));
        if (calls.length === 0) throw failed('no_call_in_progress');
        return OK;
      }
      case 'get_channel_count': {
        const found = await this.customerWith(accountcode);
        // As cnxcc says of one whom it does not know.
        return found?.calls.length ?? -1;
      }
      case 'check_client': {
        const found = await this.customerWith(accountcode);
        if (!found) throw notFound('Not Found');
        return callRows({ ...found, client: command.customer }, Date.now());
      }
      case 'active_clients': {
        const customers = await inTime(this.store.customers(MOST_LISTED));
        return clientRows(
          customers.flatMap(found => this.withClient(found)),
          Date.now(),
        );
      }
      case 'stats': {
        const active = await inTime(this.store.callsOn(gate.node));
        return { info: 'CNX Credit Control', active, dropped: gate.dropped, total: this.total };
      }
    }
  }

  private customerWith(accountcode: string): Promise<Customer | null> {
    return inTime(this.store.customer(accountcode));
  }

  private async change<Result>(work: Promise<Result>): Promise<Result> {
    this.changing++;
    void work.catch(() => undefined).finally(() => this.changing--);
    return inTime(work);
  }

  private accountcodeOf(customer: string): string {
    return POOL_PREFIX + this.options.settings.customer.replace('{customer}', () => customer);
  }

  /** With what the script calls the customer; not one of another script's. */
  private withClient({ customer, ...found }: Customer): [Omit<Customer, 'customer'> & { client: string }] | [] {
    const [before = '', after = ''] = this.options.settings.customer.split('{customer}');
    const isOurs =
      customer.startsWith(before) && customer.endsWith(after) && customer.length > before.length + after.length;
    return isOurs ? [{ ...found, client: customer.slice(before.length, customer.length - after.length) }] : [];
  }

  /** What went wrong, as it is answered; noted with its reason. */
  private told(error: unknown, { from }: HttpQuestion, facts: Record<string, unknown>): RpcError {
    const told = this.rpcErrorOf(error);
    // Not the message, which may show what was dialled.
    this.refused.note(told.reason, { peer: from, ...facts, code: told.code });
    return told;
  }

  private rpcErrorOf(error: unknown): RpcError {
    if (error instanceof RpcError) return error;
    if (error instanceof OperatorRefused) {
      return error.refusal === 'field_invalid' ? invalidParams(error.detail) : failed(error.refusal);
    }
    if (error instanceof DatabaseFault) return refused('ledger_unavailable');
    if (error instanceof SwitchError) return refused('proxy_unanswered');
    this.options.log.error({ event: 'door_failed', door: this.name, err: error });
    return new RpcError(INTERNAL_ERROR, 500, 'it could not be done, and the log says why', 'failed');
  }
}

/** What a script of a page in somebody's browser sends is not Kamailio's. @throws RpcError */
function checkSender({ headers }: HttpQuestion): void {
  if (headers.origin !== undefined) {
    throw new RpcError(-32600, 403, 'a browser sent this: it is not asked from pages', 'origin_not_allowed');
  }
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new RpcError(
      -32600,
      415,
      'the body is to be JSON: send Content-Type: application/json',
      'content_type_wrong',
    );
  }
}

/** @throws RpcError where it takes too long for a worker to wait; it may still be done. */
async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  const result = await within(ANSWERED_WITHIN_MS, work);
  if (result === 'late') throw refused('ledger_unavailable');
  return result;
}

const inJson = (status: number, text: string): HttpAnswer => ({ status, type: 'application/json', text });
