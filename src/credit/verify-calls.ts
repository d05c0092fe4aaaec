import type { Connection } from 'mysql2/promise';
import { type Row, select } from '../database/rows';
import { formatAmount, larger, type Micros, ZERO } from '../money/micros';
import { markedUp, markupsOf } from '../rating/markup';
import type { Tariff } from '../rating/price';
import type { Rate } from '../rating/rate';
import { RATE_COLUMNS, rateOf } from '../rating/rate-store';
import { stepsText } from '../rating/steps';
import { costWithoutGrace, leastWithoutGrace, tariffBy } from '../rating/timed';
import { CDR_COLUMNS, callOf } from './cdr-columns';
import type { Difference, Rule } from './difference';
import type { CallRecord } from './rules/call';
import { type Charge, chargeFor } from './rules/charge';

/** How many rows are read at a time: memory stays the same however many calls there are. */
const PAGE_ROWS = 2_000;

/**
 * The calls whose row does not match its own times, tariff and grant, the rate line that it names, or its account's currency.
 *
 * The price is computed anew by the rules that settle calls. A line of a deleted deck version is not missed. Of an account's calls in
 * another currency only the first is reported. Assumes a snapshot that the caller opened. `onRows` gets the number of calls of each page.
 */
export async function callDifferences(
  connection: Connection,
  onRows: (rows: number) => void = () => undefined,
): Promise<Difference[]> {
  const found = new Found();
  for (let after = ''; ; ) {
    const text = `${CALLS} WHERE c.uniqueid > ? ORDER BY c.uniqueid LIMIT ${PAGE_ROWS}`;
    const rows = await select(connection, text, [after]);
    await lookUpMarkedUp(connection, rows);
    for (const row of rows) found.lookAt(row);
    onRows(rows.length);
    if (rows.length < PAGE_ROWS) return found.differences;
    after = (rows.at(-1) as Row).uniqueid;
  }
}

/** The same of some calls. Of a uniqueid without a call nothing is said. */
export async function differencesOfCalls(connection: Connection, uniqueids: readonly string[]): Promise<Difference[]> {
  const found = new Found();
  for (let first = 0; first < uniqueids.length; first += PAGE_ROWS) {
    const some = uniqueids.slice(first, first + PAGE_ROWS);
    const rows = await select(connection, `${CALLS} WHERE c.uniqueid IN (?) ORDER BY c.uniqueid`, [some]);
    await lookUpMarkedUp(connection, rows);
    for (const row of rows) found.lookAt(row);
  }
  return found.differences;
}

class Found {
  readonly differences: Difference[] = [];
  private readonly inAnotherCurrency = new Set<string>();

  lookAt(row: Row): void {
    this.differences.push(...rowDifferences(row));
    const { accountcode, uniqueid, currency, account_currency: its } = row;
    if (its === null || currency === '' || currency === its || this.inAnotherCurrency.has(accountcode)) return;
    this.inAnotherCurrency.add(accountcode);
    const text = `the call's currency is ${currency}, the account's is ${its}`;
    this.differences.push({ rule: 'currency_is_that_of_its_calls', accountcode, uniqueid, text });
  }
}

/** What a call copies from its rate line. */
const COPIED = [
  'price_per_minute',
  'connect_fee',
  'minimum_charge',
  'initial_increment_seconds',
  'increment_seconds',
  'grace_seconds',
  'free_seconds',
  'steps',
];

const CALLS = `
SELECT ${CDR_COLUMNS.map(column => `c.${column}`).join(', ')}, a.currency AS account_currency,
  EXISTS (SELECT 1 FROM astrate r JOIN astratedeckversion v ON v.version = r.version
    WHERE r.version = c.rate_version AND v.imported_at IS NOT NULL) AS has_version,
  EXISTS (SELECT 1 FROM astrate r WHERE r.version = c.rate_version AND r.prefix = c.rate_prefix
    AND r.is_blocked = 0 AND ${COPIED.map(column => `r.${column} = c.rate_${column}`).join(' AND ')}) AS has_line
FROM astcdr c LEFT JOIN astaccount a ON a.accountcode = c.accountcode`;

/** Whether a line with the markups of its call is the call's rate: its SQL compares the line as it stands in its deck. */
async function lookUpMarkedUp(connection: Connection, rows: Row[]): Promise<void> {
  const marked = rows.filter(row => row.rate_markups !== '');
  if (marked.length === 0) return;
  const lines = await select(
    connection,
    `SELECT ${RATE_COLUMNS} FROM astrate r JOIN astratedeckversion v ON v.version = r.version
     LEFT JOIN astratedeck d ON d.deck = v.deck WHERE r.is_blocked = 0 AND (r.version, r.prefix) IN (?)`,
    [marked.map(row => [row.rate_version, row.rate_prefix])],
  );
  const rates = lines.map(rateOf);
  for (const row of marked) {
    const markups = markupsOf(row.rate_markups);
    const text = tariffText(callOf(row).tariff);
    const isOf = ({ version, prefix }: Rate) => version === Number(row.rate_version) && prefix === row.rate_prefix;
    row.has_line = rates.some(rate => isOf(rate) && tariffText(markedUp(rate, markups)) === text) ? 1 : 0;
  }
}

/** What a call copies from its rate line, to be compared. */
const tariffText = (tariff: Omit<Tariff, 'times'>): string =>
  [
    tariff.pricePerMinute,
    tariff.connectFee,
    tariff.minimumCharge,
    tariff.initialIncrementSeconds,
    tariff.incrementSeconds,
    tariff.graceSeconds,
    tariff.freeSeconds,
    stepsText(tariff.steps),
  ].join(' ');

const NOT_CHARGED: Charge = { duration: 0, billsec: 0, billedSeconds: 0, overrunSeconds: 0, cost: ZERO };

function rowDifferences(row: Row): Difference[] {
  const call = callOf(row);
  const { accountcode, uniqueid, tariff, grantedSeconds, maxCost } = call;
  const differences: Difference[] = [];
  const say = (rule: Rule, text: string) => differences.push({ rule, accountcode, uniqueid, text });

  const byAnswer = grantedSeconds === 0 ? ZERO : costWithoutGrace(tariffBy(tariff, call.answerAt), grantedSeconds);
  if (maxCost !== byAnswer && !mayHold(call, byAnswer)) {
    const text = `max_cost is ${formatAmount(maxCost)}, its granted_seconds ${grantedSeconds} cost ${formatAmount(byAnswer)}`;
    say('max_cost_is_cost_of_grant', text);
  }
  // What was held is reported above; the cost is at most what the row says was held.
  const charge = call.endAt === null ? NOT_CHARGED : chargeFor(call, { answerAt: call.answerAt, endAt: call.endAt });
  const wrong = (Object.keys(charge) as (keyof Charge)[]).filter(field => call[field] !== charge[field]);
  if (wrong.length > 0) {
    const fields = wrong.map(field => `${COLUMN[field]} is ${shown(call, field)} and not ${shown(charge, field)}`);
    say('call_is_charged_by_its_tariff', `by the call's own times, tariff and grant ${fields.join(', ')}`);
  }
  if (Number(row.has_version) === 1 && Number(row.has_line) === 0) {
    const price = `rate_price_per_minute ${formatAmount(tariff.pricePerMinute)}`;
    const line = `prefix ${JSON.stringify(call.ratePrefix)} of deck ${JSON.stringify(call.rateDeck)}, version ${call.rateVersion}`;
    say('rate_is_that_of_its_deck', `the call is rated with ${price}, which no line of ${line} says`);
  }
  return differences;
}

/**
 * Whether a call whose price depends on the time of day may hold something else than what its grant costs by its answer: less, where an answer was
 * told before that costs less and the account had no more, or where it was never answered after all; or more, up to the dearest answer. Never less
 * than by the cheapest answer that it may have had.
 */
function mayHold({ tariff, answerAt, endAt, grantedSeconds, maxCost }: CallRecord, byAnswer: Micros): boolean {
  if (tariff.times === undefined || (answerAt === null && endAt === null)) return false;
  if (grantedSeconds === 0 || maxCost > larger(byAnswer, costWithoutGrace(tariff, grantedSeconds))) return false;
  return maxCost >= leastWithoutGrace(tariff, grantedSeconds);
}

const COLUMN = {
  duration: 'duration',
  billsec: 'billsec',
  billedSeconds: 'billed_seconds',
  overrunSeconds: 'overrun_seconds',
  cost: 'cost',
} satisfies Record<keyof Charge, string>;

function shown(charge: Pick<CallRecord, keyof Charge>, field: keyof Charge): string {
  return field === 'cost' ? formatAmount(charge.cost) : String(charge[field]);
}
