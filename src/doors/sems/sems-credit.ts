import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { lockAccounts, readDeckVersions } from '../../credit/call-store';
import { type Account, available } from '../../credit/rules/account';
import { priceOfSecond, secondsWorth } from '../../credit/rules/price-of-second';
import { inTransaction } from '../../database/connection';
import { type Sql, sqlOf } from '../../database/rows';
import { type Micros, micros, ZERO } from '../../money/micros';
import { Refused } from '../../operator/operator-refusal';
import { digitsOf } from '../../rating/dialled-number';
import { knownZone, rateAt, schedulesAt } from '../../rating/rate';
import { RateStore } from '../../rating/rate-store';
import type { DoorNode } from '../door-kind';
import { actingByDoor, moveByDoor } from '../door-money';
import { MOST_SECONDS, type SemsRequest } from './sems-request';

/** Why credit was not read or changed; `text` says what to do. */
export class CreditRefused extends Error {
  override name = 'CreditRefused';
  constructor(
    readonly reason: string,
    readonly text: string,
  ) {
    super(text);
  }
}

/**
 * Credit in seconds, for programs that manage SEMS's `cc_prepaid`: money at the price of a second. A price that is not exact is refused.
 *
 * Every change is an entry of the ledger (top_up, adjustment) with a reference of its own, within the limits of the door, up or down.
 */
export class SemsCredit {
  private readonly rates = new RateStore();

  constructor(
    private readonly options: {
      database: Knex;
      /** The door, as the entries and the audit trail name it. */
      node: DoorNode;
      /** The number whose rate is the price of a second; null if there is none. */
      secondsNumber: string | null;
      secondPersonAbove: Micros | null;
    },
  ) {}

  /**
   * The seconds left after the request: the available money, without what calls in progress hold, rounded down.
   *
   * `setCredit` sets balance and credit limit together to the worth of `amount` seconds. Calls in progress are charged against that when
   * they end, as in SEMS. It takes nothing that calls hold.
   * @throws CreditRefused; DatabaseFault.
   */
  async perform({ method, amount }: SemsRequest, accountcode: string, from: string): Promise<number> {
    const { database, node, secondPersonAbove } = this.options;
    const reference = `sems-${randomUUID()}`;
    const reason = `SEMS ${method} ${amount} from ${from}`;
    const acting = actingByDoor(node, { database, from, secondPersonAbove });
    const done = inTransaction(
      database,
      async transaction => {
        const sql = sqlOf(transaction);
        const account = (await lockAccounts(sql, [accountcode])).get(accountcode);
        if (!account || account.kind === 'pool') {
          throw new CreditRefused(
            'account_not_found',
            'there is no such account: make it with "ringfence account create"',
          );
        }
        const second = await this.priceOfSecond(sql, account);
        const change = changeOf(method, account, micros(second * BigInt(amount)));
        if (change === ZERO) return secondsOf(available(account), second);
        const kind = method === 'addCredit' && change > ZERO ? 'top_up' : 'adjustment';
        const movement = { accountcode, kind, amount: change, reference, reason } as const;
        return secondsOf((await moveByDoor(transaction, acting, movement)).available, second);
      },
      { idempotent: true },
    );
    return done.catch(error => {
      throw error instanceof Refused ? new CreditRefused(error.refusal, `${amount} s: ${error.detail}`) : error;
    });
  }

  /** @throws CreditRefused if seconds of this account have no exact price. */
  private async priceOfSecond(sql: Sql, account: Account): Promise<Micros> {
    const { secondsNumber } = this.options;
    const digits = secondsNumber === null ? null : digitsOf(secondsNumber);
    if (digits === null) {
      throw new CreditRefused(
        'seconds_have_no_price',
        'set RINGFENCE_SEMS_SECONDS_NUMBER to a number with a rate by the second',
      );
    }
    const version = (await readDeckVersions(sql, new Set([account.deck]))).get(account.deck);
    const [candidates = []] = version ? await this.rates.candidates(sql, [{ ...version, digits }]) : [];
    const [zone, now] = [knownZone(account.timeZone), Date.now()];
    const beginning = { zone, startAt: now, ringSeconds: 0, mostSeconds: 0 };
    const rate = schedulesAt(beginning, candidates).length > 0 ? null : rateAt(zone, now, candidates);
    const second = priceOfSecond(rate, account.currency);
    if (second === null) {
      const text = `give deck ${account.deck} a rate for ${digits} of 1/1 without fee, minimum, grace, free seconds, steps and schedules, its price a multiple of 0.000060`;
      throw new CreditRefused('seconds_have_no_price', text);
    }
    return second;
  }
}

function changeOf(method: SemsRequest['method'], account: Account, worth: Micros): Micros {
  switch (method) {
    case 'getCredit':
      return ZERO;
    case 'addCredit':
      return worth;
    case 'subtractCredit':
      return micros(-worth);
    case 'setCredit':
      return micros(worth - account.balance - account.creditLimit);
  }
}

const secondsOf = (money: Micros, second: Micros): number => {
  const seconds = secondsWorth(money, second);
  return seconds > BigInt(MOST_SECONDS) ? MOST_SECONDS : Number(seconds);
};
