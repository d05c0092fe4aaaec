import type { Logger } from 'pino';
import { DatabaseFault } from '../../database/fault';
import type { Peers } from '../../listeners/peers';
import type { RefusalLog } from '../../listeners/refusal-log';
import { accountIn, within } from '../door-call';
import { DONE, NOT_DONE, type RatingAccounts } from './rating-accounts';
import type { RatingCalls } from './rating-calls';
import { errorReply, FAILED, HELP } from './rating-reply';
import {
  type Caller,
  callerIn,
  callIn,
  type NotUnderstood,
  numberIn,
  parseRequest,
  type RatingRequest,
  talkIn,
} from './rating-request';

/**
 * Call Control asks one question at a time, and waits forever (4.x) or for half a second (2.x and 3.x). A command that is not done by
 * then gets no answer: Call Control asks again over another connection. Ms.
 */
const ANSWER_WITHIN_MS = 2_000;

const AGAIN_AFTER_MS = 250;

/** The client that asks. */
export interface Asker {
  from: string;
  /** Whether the client has left, and gets no answer. */
  isGone(): boolean;
}

export interface RatingCommandsOptions {
  calls: RatingCalls;
  accounts: RatingAccounts;
  /** The template for the account of a caller. */
  account: string;
  managers: Peers;
  /** The connected clients, a line each. */
  clients: () => string[];
  refusals: RefusalLog;
  log: Logger;
  now: () => number;
}

/** All commands of the rating engine. Each line of a request gets one reply. No method rejects. */
export class RatingCommands {
  private atWork = 0;
  private closed = false;

  constructor(private readonly options: RatingCommandsOptions) {}

  /** Answers and debits that are not durable yet. */
  get waiting(): number {
    return this.atWork;
  }

  /** Gives up what still waits for the database. */
  close(): void {
    this.closed = true;
  }

  /** The reply to a line; null if there must be none and the connection is closed. */
  async reply(line: string, asker: Asker): Promise<string | null> {
    const request = parseRequest(line);
    if ('wrong' in request) return this.notUnderstood(request, asker);
    try {
      return await this.perform(request, asker);
    } catch (error) {
      // The database is away, or there is a bug. The other lines must get their answers in either case.
      const { refusals, log } = this.options;
      const { command } = request;
      if (!(error instanceof DatabaseFault)) log.error({ event: 'door_failed', command, err: error });
      refusals.note('not_done', { peer: asker.from, command, error: String(error) });
      return command === 'debitbalance' ? FAILED : errorReply('it could not be done: ask again later');
    }
  }

  private async perform(request: RatingRequest, asker: Asker): Promise<string | null> {
    const { accounts, clients } = this.options;
    switch (request.command) {
      case 'maxsessiontime':
        return this.limit(request, asker);
      case 'debitbalance':
        return this.debit(request, asker);
      case 'showprice':
        return this.price(request, asker);
      case 'addbalance':
        return this.add(request, asker);
      case 'getbalance':
        return this.ofAccount(request, 'from', asker, accountcode => accounts.balance(accountcode));
      case 'getbalancehistory':
        return this.ofAccount(request, 'from', asker, (accountcode, named) => accounts.history(accountcode, named));
      case 'dumpprepaidsessions':
        return this.ofAccount(request, 'account', asker, accountcode => accounts.sessions(accountcode));
      case 'deletebalance':
      case 'deletebalancehistory':
        return this.refuse('entries_are_kept', asker, 'block the account with "ringfence account block"');
      case 'reloadratingtables':
      case 'reloaddomains':
      case 'reloadcustomers':
      case 'reloadquota':
        // Rates and accounts are read anew with every call: there is nothing to reload.
        return DONE;
      case 'keepalive':
        return DONE;
      case 'version':
        return 'Ringfence';
      case 'help':
        return HELP;
      case 'showclients':
        return clients().join('\n');
      default:
        return this.refuse('command_unknown', asker, 'Help lists what is known here');
    }
  }

  private async limit(request: RatingRequest, asker: Asker): Promise<string | null> {
    const { calls, account } = this.options;
    const named = callIn(request);
    if ('wrong' in named) return this.notUnderstood(named, asker);
    const emergency = calls.emergency(named);
    if (emergency !== null) return emergency;
    const accountcode = accountOf(account, named.caller);
    const duration = request.parameters.get('duration') ?? '';
    const most = duration === '' ? { ms: 0 } : talkIn(duration);
    const state = (request.parameters.get('state') ?? '').toLowerCase();
    if (accountcode === null) return this.notUnderstood(NO_ACCOUNT, asker);
    if (!most) return this.notUnderstood(NO_DURATION, asker);
    if (state === 'connected') return this.durably(() => calls.connected({ ...named, accountcode }));
    let isLate = false;
    // No Duration, or 0 as in CDRTool, means as long as any call.
    const mostSeconds = Math.floor(most.ms / 1000) || null;
    const started = calls.start({ ...named, accountcode }, mostSeconds, () => isLate || asker.isGone());
    const reply = await within(ANSWER_WITHIN_MS, started);
    isLate = reply === 'late';
    if (reply !== 'late') return reply;
    started.catch(() => undefined);
    return this.refuse('too_late', asker, 'check that the database answers', errorReply('ledger_unavailable'));
  }

  private async debit(request: RatingRequest, asker: Asker): Promise<string | null> {
    const named = callIn(request);
    if ('wrong' in named) return this.notUnderstood(named, asker);
    const accountcode = accountOf(this.options.account, named.caller);
    const talk = talkIn(request.parameters.get('duration') ?? '');
    if (accountcode === null) return this.notUnderstood(NO_ACCOUNT, asker);
    if (!talk) return this.notUnderstood(NO_DURATION, asker);
    return this.durably(() => this.options.calls.debit({ ...named, accountcode }, talk));
  }

  /** The reply to a question once it is done; null if that takes too long. It may still be done then. */
  private async durably(work: () => Promise<string>): Promise<string | null> {
    const { refusals } = this.options;
    const deadline = performance.now() + ANSWER_WITHIN_MS;
    const attempt = async (): Promise<string | null> => {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof DatabaseFault)) throw error;
          refusals.note('database_away', { error: error.message });
          if (this.closed || performance.now() + AGAIN_AFTER_MS > deadline) return null;
          await new Promise(resolve => setTimeout(resolve, AGAIN_AFTER_MS));
        }
      }
    };
    this.atWork++;
    const done = attempt().finally(() => this.atWork--);
    const reply = await within(ANSWER_WITHIN_MS, done);
    if (reply !== 'late') return reply;
    done.catch(error => this.options.log.error({ event: 'door_failed', err: error }));
    refusals.note('too_late', { todo: 'check that the database answers: Call Control asks again' });
    return null;
  }

  private async price(request: RatingRequest, asker: Asker): Promise<string> {
    const { accounts, account, now } = this.options;
    const named = numberIn(request);
    if ('wrong' in named) return this.notUnderstood(named, asker);
    const accountcode = accountOf(account, named.caller);
    const talk = talkIn(request.parameters.get('duration') ?? '');
    const timestamp = request.parameters.get('timestamp') ?? '';
    if (accountcode === null) return this.notUnderstood(NO_ACCOUNT, asker);
    if (!talk) return this.notUnderstood(NO_DURATION, asker);
    if (!/^\d{0,10}$/.test(timestamp)) {
      return this.notUnderstood({ wrong: 'request_invalid', text: 'Timestamp is no Unix time' }, asker);
    }
    const at = timestamp === '' ? now() : Number(timestamp) * 1000;
    return accounts.price(named, accountcode, Math.floor(talk.ms / 1000), at);
  }

  private async add(request: RatingRequest, asker: Asker): Promise<string> {
    const { accounts, managers } = this.options;
    if (!managers.has(asker.from)) {
      return this.refuse('peer_may_not_manage', asker, 'add its address to RINGFENCE_RATING_MANAGERS');
    }
    const { parameters } = request;
    return this.ofAccount(request, 'from', asker, accountcode =>
      accounts.add(accountcode, parameters.get('value') ?? '', parameters.get('reference'), asker.from),
    );
  }

  /** The reply about the account that a parameter names, such as `123@example.com`. */
  private async ofAccount(
    { parameters }: RatingRequest,
    name: string,
    asker: Asker,
    answer: (accountcode: string, named: string) => Promise<string>,
  ): Promise<string> {
    const named = parameters.get(name) ?? '';
    const caller = callerIn(named);
    const accountcode = caller ? accountOf(this.options.account, caller) : null;
    if (accountcode === null) return this.refuse('from_invalid', asker, `write ${name}=123@example.com`);
    return answer(accountcode, named);
  }

  private notUnderstood({ wrong, text }: NotUnderstood, asker: Asker): string {
    this.options.refusals.note(wrong, { peer: asker.from, detail: text });
    return errorReply(text);
  }

  private refuse(reason: string, asker: Asker, todo: string, reply = NOT_DONE): string {
    this.options.refusals.note(reason, { peer: asker.from, todo });
    return reply;
  }
}

const NO_ACCOUNT: NotUnderstood = { wrong: 'from_invalid', text: 'From names no account' };
const NO_DURATION: NotUnderstood = { wrong: 'request_invalid', text: 'Duration is no number of seconds' };

const accountOf = (template: string, { user, domain }: Caller): string | null => accountIn(template, { user, domain });
