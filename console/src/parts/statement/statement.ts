/** A month of an account: what it had, what came, what calls cost, and what is left. Sums of exact amounts. Pure. */
import { formatAmount, type Micros, micros, parseAmount, ZERO } from '../../../../src/money/micros';

/** An entry of the ledger, as the API tells it. */
export interface Entry {
  entry_number: number;
  created_at: string;
  kind: 'top_up' | 'call_charge' | 'refund' | 'adjustment' | 'correction' | 'pool_closed';
  amount: string;
  balance_after: string;
  reference: string;
}

/** Of a call that was answered. */
export interface AnsweredCall {
  uniqueid: string;
  end_at: string | null;
  billed_seconds: number;
  cost: string;
  rate_destination: string;
}

/** What calls to one destination cost in the month. */
export interface DestinationSum {
  /** As the price list names it; empty if the call is not known. */
  destination: string;
  calls: number;
  billedSeconds: number;
  cost: string;
}

export interface Statement {
  opening: string;
  closing: string;
  topUps: readonly Entry[];
  /** Refunds, corrections, adjustments: what neither a payment nor a call was. */
  others: readonly Entry[];
  topUpSum: string;
  otherSum: string;
  /** The dearest destination first. */
  calls: readonly DestinationSum[];
  callSum: Omit<DestinationSum, 'destination'>;
  /** Whether opening + payments + others − calls is the closing balance, and each entry follows the one before. */
  addsUp: boolean;
}

interface Rows {
  /** The month's entries in the order of their numbers. */
  entries: readonly Entry[];
  /** The last entry before them; null if the account had none. */
  before: Entry | null;
  /** The calls of the month's charges, and those that cost nothing. */
  calls: readonly AnsweredCall[];
  /** ms since 1970. */
  from: number;
  to: number;
}

/**
 * The statement of these rows. A call counts where its charge is, so that the sums are those of the ledger: one that began before midnight and
 * ended after it is a call of the new month. A call that cost nothing has no charge, and counts where it ended.
 */
export function statementOf({ entries, before, calls, from, to }: Rows): Statement {
  const [first, last] = [entries[0], entries.at(-1)];
  const opening = first ? minus(first.balance_after, first.amount) : (before?.balance_after ?? '0.00');
  const closing = last ? last.balance_after : opening;
  const topUps = entries.filter(({ kind }) => kind === 'top_up');
  const charges = entries.filter(({ kind }) => kind === 'call_charge');
  const others = entries.filter(({ kind }) => kind !== 'top_up' && kind !== 'call_charge');
  const known = new Map(calls.map(call => [call.uniqueid, call]));
  const charged = charges.map(({ reference, amount }) => ({ call: known.get(reference), cost: minus('0', amount) }));
  const free = calls
    .filter(call => parseAmount(call.cost) === ZERO && isIn(call.end_at, from, to))
    .map(call => ({ call, cost: '0' }));
  const sums = byDestination([...charged, ...free]);
  const callSum = {
    calls: sums.reduce((sum, each) => sum + each.calls, 0),
    billedSeconds: sums.reduce((sum, each) => sum + each.billedSeconds, 0),
    cost: plus(...sums.map(({ cost }) => cost)),
  };
  const [topUpSum, otherSum] = [topUps, others].map(some => plus(...some.map(({ amount }) => amount))) as [
    string,
    string,
  ];
  const follows = (entry: Entry, former: Entry | null | undefined): boolean =>
    !former ||
    (entry.entry_number === former.entry_number + 1 &&
      plus(former.balance_after, entry.amount) === plus(entry.balance_after));
  return {
    opening,
    closing,
    topUps,
    others,
    topUpSum,
    otherSum,
    calls: sums,
    callSum,
    addsUp:
      minus(plus(opening, topUpSum, otherSum), callSum.cost) === plus(closing) &&
      entries.every((entry, index) => follows(entry, index === 0 ? before : entries[index - 1])),
  };
}

const isIn = (instant: string | null, from: number, to: number): boolean =>
  instant !== null && Date.parse(instant) >= from && Date.parse(instant) < to;

function byDestination(charged: readonly { call: AnsweredCall | undefined; cost: string }[]): DestinationSum[] {
  const sums = new Map<string, { calls: number; billedSeconds: number; cost: Micros }>();
  for (const { call, cost } of charged) {
    const destination = call?.rate_destination ?? '';
    const sum = sums.get(destination) ?? { calls: 0, billedSeconds: 0, cost: ZERO };
    sums.set(destination, {
      calls: sum.calls + 1,
      billedSeconds: sum.billedSeconds + (call?.billed_seconds ?? 0),
      cost: micros(sum.cost + parseAmount(cost)),
    });
  }
  return [...sums]
    .sort(([one, a], [other, b]) => (a.cost === b.cost ? (one < other ? -1 : 1) : a.cost > b.cost ? -1 : 1))
    .map(([destination, { cost, ...sum }]) => ({ destination, ...sum, cost: formatAmount(cost) }));
}

const plus = (...amounts: string[]): string =>
  formatAmount(amounts.reduce((sum, amount) => micros(sum + parseAmount(amount)), ZERO));

const minus = (amount: string, other: string): string => formatAmount(micros(parseAmount(amount) - parseAmount(other)));
