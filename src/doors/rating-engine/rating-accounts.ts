import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { inTransaction } from '../../database/connection';
import type { RefusalLog } from '../../listeners/refusal-log';
import { AmountError, type Micros, parseAmount, ZERO } from '../../money/micros';
import { textField } from '../../operator/fields';
import { Refused } from '../../operator/operator-refusal';
import { masked, readDialled } from '../../rating/dialled-number';
import { billedPieces, cost } from '../../rating/price';
import { tariffAt } from '../../rating/timed';
import type { DoorNode } from '../door-kind';
import { actingByDoor, isOverLimit, moveByDoor } from '../door-money';
import { balanceReply, errorReply, historyReply, priceReply } from './rating-reply';
import type { NamedNumber } from './rating-request';
import type { RatingStore } from './rating-store';

const MOST_HISTORY = 50;

/** CDRTool's answer to any request that its rating engine does not carry out. */
export const NOT_DONE = '0';
export const DONE = '1';

/** The accounts as CDRTool's rating engine shows them, and the command that adds money. Every method rejects with DatabaseFault. */
export class RatingAccounts {
  constructor(
    private readonly options: {
      /** The door, as the entries and the audit trail name it. */
      node: DoorNode;
      database: Knex;
      store: RatingStore;
      emergencyNumbers: readonly string[];
      secondPersonAbove: Micros | null;
      refusals: RefusalLog;
      log: Logger;
    },
  ) {}

  /** The reply to ShowPrice: the cost of a call of so many seconds, by the rates of that time. Moves no money. */
  async price({ dialled }: NamedNumber, accountcode: string, seconds: number, at: number): Promise<string> {
    const { store, emergencyNumbers, refusals } = this.options;
    const { digits: dst, emergency } = readDialled(dialled, emergencyNumbers);
    if (emergency) return '0.00';
    const account = await store.account(accountcode);
    const rate = account && dst !== null ? await store.rate(account, dst, at) : null;
    if (!rate || rate.isBlocked) {
      const noRate = rate ? 'destination_blocked' : 'no_rate';
      const reason = !account ? 'account_not_found' : dst === null ? 'number_invalid' : noRate;
      refusals.note(reason, { accountcode, dst: dst === null ? null : masked(dst) });
      return `${NOT_DONE}\nError: ${reason}`;
    }
    const tariff = tariffAt(rate, at);
    return priceReply({
      ...rate,
      accountcode,
      pieces: billedPieces(tariff, seconds),
      cost: cost(tariff, seconds),
      tariff,
      startAt: at,
    });
  }

  /** The reply to GetBalance: the balance, including what calls in progress hold. */
  async balance(accountcode: string): Promise<string> {
    const account = await this.options.store.account(accountcode);
    if (!account) this.noteUnknown(accountcode);
    return balanceReply(account?.balance ?? ZERO);
  }

  async history(accountcode: string, named: string): Promise<string> {
    return historyReply(named, await this.options.store.history(accountcode, MOST_HISTORY));
  }

  /** The reply to DumpPrepaidSessions: JSON in one line. */
  async sessions(accountcode: string): Promise<string> {
    const calls = await this.options.store.open(accountcode);
    return JSON.stringify(
      calls.map(({ uniqueid, dst, startAt, answerAt, grantedSeconds }) => ({
        uniqueid,
        destination: masked(dst),
        started: new Date(startAt),
        answered: answerAt === null ? null : new Date(answerAt),
        granted_seconds: grantedSeconds,
      })),
    );
  }

  /**
   * The reply to AddBalance. With a reference, a repeat adds nothing; without one, it adds again. What is beyond the door's limits is refused with
   * a second line that names the limit: clients take the first line as the answer.
   */
  async add(accountcode: string, value: string, reference: string | undefined, from: string): Promise<string> {
    const { database, node, secondPersonAbove, log } = this.options;
    const todo =
      'write Value=10.00, of at most six decimals and more than 0; take money with "ringfence account adjust"';
    const amount = amountIn(value);
    if (amount === null) return this.notAdded('amount_invalid', { accountcode, todo });
    const named = reference === undefined ? `rating-${randomUUID()}` : referenceIn(reference);
    if (named === null) {
      return this.notAdded('reference_invalid', {
        accountcode,
        todo: 'write Reference= with 1 to 150 characters, or leave it out',
      });
    }
    const reason = `rating engine AddBalance from ${from}`;
    const movement = { accountcode, kind: 'top_up', amount, reference: named, reason } as const;
    const acting = actingByDoor(node, { database, from, secondPersonAbove });
    try {
      const add = (transaction: Knex.Transaction) => moveByDoor(transaction, acting, movement);
      const { moved } = await inTransaction(database, add, { idempotent: true });
      log.info({ event: 'rating_balance_added', accountcode, amount: value, moved, peer: from });
      return DONE;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return this.refused(error, accountcode, from);
    }
  }

  private refused(refused: Refused, accountcode: string, from: string): string {
    const { refusal, detail } = refused;
    if (refusal === 'account_not_found') {
      this.noteUnknown(accountcode);
      return NOT_DONE;
    }
    const reply = this.notAdded(refusal, { accountcode, peer: from, todo: detail });
    return isOverLimit(refused) ? `${reply}\n${errorReply(detail)}` : reply;
  }

  private notAdded(reason: string, facts: Record<string, unknown>): string {
    this.options.refusals.note(reason, facts);
    return NOT_DONE;
  }

  private noteUnknown(accountcode: string): void {
    const todo = 'there is no such account: make it with "ringfence account create"';
    this.options.refusals.note('account_not_found', { accountcode, todo });
  }
}

/** An amount above 0; null for anything else. */
function amountIn(text: string): Micros | null {
  try {
    const amount = parseAmount(text);
    return amount > ZERO ? amount : null;
  } catch (error) {
    if (error instanceof AmountError) return null;
    throw error;
  }
}

/** null if the text cannot be a reference. */
function referenceIn(text: string): string | null {
  try {
    return textField('reference', text, 150, 1);
  } catch {
    return null;
  }
}
