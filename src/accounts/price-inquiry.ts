import type { Knex } from 'knex';
import { accountOf, readDeckVersions } from '../credit/call-store';
import type { Refusal } from '../credit/refusal';
import { type Account, moneyLeft, timeAvailable } from '../credit/rules/account';
import { firstSlice } from '../credit/rules/grant';
import { decideStart, type Limits, untilAnswered } from '../credit/rules/start';
import { inTransaction } from '../database/connection';
import { sqlOf } from '../database/rows';
import { type Micros, smaller } from '../money/micros';
import { instantField, type Whole, wholeField } from '../operator/fields';
import type { Visible } from '../operator/visible';
import { readDialled } from '../rating/dialled-number';
import { type Explanation, explain } from '../rating/explain';
import { knownZone, schedulesAt } from '../rating/rate';
import { RateStore } from '../rating/rate-store';
import { readSchedules } from '../rating/schedule-store';
import { ringingSeconds, routesFor } from '../routes/route';
import { readRoutesOf } from '../routes/route-store';
import { accountNamed } from './manage-account';

export interface PriceRequest {
  accountcode: string;
  /** The number as a caller would dial it. */
  to: string;
  /** Talk time; whole seconds. */
  seconds: Whole;
  /** When the call would start; ms since 1970. */
  at: number;
  /** How long it may ring; as long as all its routes may, if not given. Whole seconds. */
  ringSeconds?: Whole | undefined;
}

/** The longest that the price of a call is asked for that may ring. Seconds. */
export const MOST_RING_SECONDS = 3_600;

export interface Priced {
  accountcode: string;
  at: Date;
  /** Why the call would be refused at that time, as the account stands now; null if it would be let through. */
  refusal: Refusal | null;
  /** Whether the call would have to wait until other calls give back what they hold and have not spent. */
  waits: boolean;
  explanation: Explanation;
}

/** What one call of an account may cost now. */
const mayPay = (account: Account): Micros =>
  account.maxCallCost === null ? moneyLeft(account) : smaller(moneyLeft(account), account.maxCallCost);

const isEnabled = ({ enabled }: { enabled: boolean }): boolean => enabled;

/**
 * What a call would cost and how long it could last, as account, deck and routes stand now. Moves nothing.
 * @throws Refused account_not_found, also for one that is not visible, field_invalid; DatabaseFault.
 */
export async function priceCall(
  database: Knex,
  visible: Visible,
  request: PriceRequest,
  limits: Limits & { ringSeconds: number },
  emergencyNumbers: readonly string[],
): Promise<Priced> {
  const seconds = wholeField('seconds', request.seconds, 0, 31_536_000);
  const at = instantField('at', request.at);
  const account = await accountNamed(database, visible, request.accountcode);
  const { digits: dst, emergency } = readDialled(request.to, emergencyNumbers);
  const routes = dst === null ? [] : await readRoutesOf(database, dst);
  const ways = routesFor(routes.filter(isEnabled), dst ?? '').length;
  const row = accountOf(await database('astaccount').where({ accountcode: account.accountcode }).first(), request.at);
  const ringSeconds =
    request.ringSeconds === undefined
      ? untilAnswered(ringingSeconds(limits.ringSeconds, ways), row.terms)
      : wholeField('ring_seconds', request.ringSeconds, 0, MOST_RING_SECONDS);
  const zone = knownZone(account.timeZone);
  const beginning = { zone, startAt: request.at, ringSeconds, mostSeconds: limits.maxCallSeconds };
  const { version, candidates, schedules } = await inTransaction(database, async transaction => {
    const sql = sqlOf(transaction);
    const current = (await readDeckVersions(sql, new Set([account.deck]))).get(account.deck);
    const [rates = []] =
      dst === null || !current ? [] : await new RateStore().candidates(sql, [{ ...current, digits: dst }]);
    const until = request.at + (ringSeconds + limits.maxCallSeconds) * 1_000;
    const question = { names: schedulesAt(beginning, rates), from: request.at, until };
    return {
      version: current?.version ?? 0,
      candidates: rates,
      schedules: await readSchedules(sql, question),
    };
  });
  const explanation = explain(
    {
      dialled: request.to,
      digits: dst,
      seconds,
      at: request.at,
      deck: account.deck,
      version,
      currency: account.currency,
      timeZone: zone,
      // Within the limits of spend of that time, and of one call.
      available: mayPay(row),
      accountMaxSeconds: account.maxCallSeconds,
      serviceMaxSeconds: limits.maxCallSeconds,
      timeLeftSeconds: timeAvailable(row),
      firstSlice: rate => firstSlice(rate, row),
      ringSeconds,
      emergency,
    },
    candidates,
    schedules,
  );
  const decision = decideStart(
    {
      uniqueid: '',
      accountcode: account.accountcode,
      node: '',
      src: '',
      dst,
      startAt: request.at,
      emergency,
      routable: ways > 0,
      ringSeconds,
    },
    row,
    explanation.rate,
    limits,
  );
  return {
    accountcode: account.accountcode,
    at,
    refusal: 'refusal' in decision ? decision.refusal : null,
    waits: 'waiting' in decision,
    explanation,
  };
}
