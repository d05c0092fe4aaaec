import type { Connection } from 'mysql2/promise';
import pino from 'pino';
import type { Books } from '../../src/credit/books';
import type { Rule } from '../../src/credit/difference';
import { type MovementOutcome, moveLocked } from '../../src/credit/entries';
import { type CallLedger, Ledger, type LedgerOptions } from '../../src/credit/ledger';
import type { CallEnd } from '../../src/credit/rules/charge';
import type { Movement } from '../../src/credit/rules/movement';
import type { StartRequest } from '../../src/credit/rules/start';
import { booksOn, openLaneConnection } from '../../src/credit/sql-books';
import { type Proof, verify } from '../../src/credit/verify';
import { verifyChanges } from '../../src/credit/verify-changes';
import { inTransaction, openConnection } from '../../src/database/connection';
import { inPortions, migrations } from '../../src/database/migrate';
import { sqlOf } from '../../src/database/rows';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { RateStore } from '../../src/rating/rate-store';
import type { TestDatabase } from '../database/test-database';

export const LIMITS = { maxCallSeconds: 3600, barredPrefixes: ['900'] };

/** 2026-06-01T12:00:00Z, when calls in these tests start. */
export const NOON = Date.parse('2026-06-01T12:00:00Z');

export const openLedger = (test: Pick<TestDatabase, 'url'>, options: Partial<LedgerOptions> = {}): Ledger =>
  new Ledger({
    databaseUrl: test.url,
    lanes: 2,
    limits: LIMITS,
    startDeadlineMs: 5_000,
    batchDeadlineMs: 10_000,
    log: pino({ level: 'silent' }),
    ...options,
  });

/** The books of a lane, with their connection, so that a test can write a batch's changes without COMMIT. */
export async function booksInHand(url: string): Promise<{ books: Books; connection: Connection }> {
  const connection = await openLaneConnection(url);
  return { books: booksOn(connection, new RateStore(), 0), connection };
}

/** A deck of one price for every number, and what else a row of astrate may say. */
export async function addDeck(test: TestDatabase, deck: string, rates: Record<string, unknown>[], currency = 'EUR') {
  const { database } = test;
  const [version] = await database('astratedeckversion').insert({
    deck,
    source: 'test',
    rates: rates.length,
    imported_at: '2020-01-01',
  });
  await database('astratedeck').insert({ deck, currency, version });
  await database('astrate').insert(
    rates.map((rate, index) => ({
      version,
      prefix: '',
      line: index + 2,
      destination: 'Anywhere',
      price_per_minute: '1.00',
      connect_fee: '0',
      minimum_charge: '0',
      initial_increment_seconds: 60,
      increment_seconds: 60,
      grace_seconds: 0,
      ...rate,
    })),
  );
}

/** An account with an opening top-up, so that its books balance. */
export async function addAccount(
  test: TestDatabase,
  accountcode: string,
  balance: string,
  more: Record<string, unknown> = {},
) {
  await test.database('astaccount').insert({ accountcode, currency: 'EUR', deck: 'retail', ...more });
  if (parseAmount(balance) === 0n) return;
  const opening = { accountcode, kind: 'top_up', amount: parseAmount(balance), reference: 'opening' } as const;
  await move(test, { ...opening, reason: '', actor: 'test' });
}

/** Moves money in a transaction of its own. */
export const move = ({ database }: Pick<TestDatabase, 'database'>, movement: Movement): Promise<MovementOutcome> =>
  inTransaction(database, transaction => moveLocked(sqlOf(transaction), movement));

/** Chains the entries anew, like the migrations did with older entries: for tests that change an entry by hand. */
export async function chainAnew({ database }: Pick<TestDatabase, 'database'>): Promise<void> {
  await database('astledger').update({ entry_hash: '' });
  await database('astaccount').update({ entry_hash: '', entry_count: 0 });
  for (const migration of migrations().filter(({ name }) => /chain-(hashes|ends)$/.test(name))) {
    await inPortions(database, migration);
  }
}

let calls = 0;

export const callOf = (accountcode: string, more: Partial<StartRequest> = {}): StartRequest => ({
  uniqueid: `ast1-${NOON}.${++calls}`,
  accountcode,
  node: 'ast1',
  src: '100',
  dst: '4930123456',
  startAt: NOON,
  emergency: false,
  routable: true,
  ringSeconds: 60,
  ...more,
});

/** A group of calls at 1.00 a minute, 1/1. */
export const group = (
  customer: string,
  maxCredit: string,
  maxTimeSeconds: number | null = null,
): Partial<StartRequest> => ({
  accountcode: `pool:${customer}`,
  pool: {
    tariff: {
      pricePerMinute: parseAmount('1'),
      connectFee: parseAmount('0'),
      minimumCharge: parseAmount('0'),
      initialIncrementSeconds: 1,
      incrementSeconds: 1,
      graceSeconds: 0,
      freeSeconds: 0,
      steps: [],
    },
    maxCredit: parseAmount(maxCredit),
    maxTimeSeconds,
    maxChannels: 0,
    maxCallsPerSecond: 0,
  },
});

/** The end of a call that talked for `seconds`, or was never answered. */
export const talked = (seconds: number | null, more: Partial<CallEnd> = {}): CallEnd => ({
  answerAt: seconds === null ? null : NOON + 2_000,
  endAt: NOON + 2_000 + (seconds ?? 0) * 1000,
  disposition: seconds === null ? 'NO ANSWER' : 'ANSWERED',
  hangupCause: 16,
  hangupSource: 'caller',
  evidence: 'event',
  ...more,
});

export const endOf = (request: StartRequest, end: CallEnd, trunk = ''): Parameters<CallLedger['end']>[0] => ({
  uniqueid: request.uniqueid,
  accountcode: request.accountcode,
  trunk,
  end,
});

export async function accountRow(test: TestDatabase, accountcode: string) {
  return test.database('astaccount').where({ accountcode }).first('balance', 'reserved', 'active_calls');
}

/** A difference without the number of the row, which differs in every run. */
export const withoutId = (text: string): string => text.replace(/\bentry \d+ \(/, 'entry N (');

/** The report about an account's entry that was changed or added by hand; `entry`: its kind and reference. */
export const notItsHash = (accountcode: string, entry: string): string =>
  `entry_follows_the_one_before ${accountcode}: entry N (${entry}) does not have the hash of what it says and of the entry before it: it was changed, or added by hand`;

/** The rules that compare sums over all history: what changed is compared row by row. */
const SUMS: readonly Rule[] = ['balance_is_sum_of_entries', 'call_costs_are_sum_of_charges', 'spent_is_sum_of_charges'];

/**
 * The whole proof. Sees to it that it finds the same one account at a time, and that the proof of what changed finds the same where the
 * whole history is new.
 */
export async function provenBothWays(connection: Connection): Promise<Proof> {
  const whole = await verify(connection);
  const singly = await verify(connection, { accountsAtOnce: 1 });
  expect({ ...singly, elapsedMs: 0 }).toEqual({ ...whole, elapsedMs: 0 });
  const changes = await verifyChanges(connection, new Date('2000-01-01T00:00:00Z'));
  const rows = ({ differences }: Pick<Proof, 'differences'>) =>
    differences
      .filter(({ rule }) => !SUMS.includes(rule))
      .map(({ rule, accountcode, uniqueid }) => `${rule} ${accountcode} ${uniqueid ?? ''}`)
      .sort();
  expect(rows(changes)).toEqual(rows(whole));
  const named = changes.differences.map(({ accountcode }) => accountcode);
  for (const { accountcode } of whole.differences) expect(named).toContain(accountcode);
  return whole;
}

/** The findings of `ringfence verify` in the books of a database. */
export async function differencesIn(databaseUrl: string): Promise<Proof['differences']> {
  const connection = await openConnection(databaseUrl);
  try {
    return (await verify(connection)).differences;
  } finally {
    await connection.end();
  }
}

/** Whatever a test file did to its calls, the books must balance at its end. @throws Error if they do not. */
export async function booksBalance({ url }: Pick<TestDatabase, 'url'>): Promise<void> {
  const differences = await differencesIn(url);
  if (differences.length > 0) throw new Error(`the books do not balance: ${JSON.stringify(differences, null, 2)}`);
}

/** Keeps an account locked until the returned function is called. */
export async function lockAccount(
  { url }: Pick<TestDatabase, 'url'>,
  accountcode: string,
): Promise<() => Promise<void>> {
  const connection = await openConnection(url);
  await connection.beginTransaction();
  await connection.query('SELECT * FROM astaccount WHERE accountcode = ? FOR UPDATE', [accountcode]);
  return async () => {
    await connection.rollback();
    await connection.end();
  };
}

/** Balance and reserved money, as people write them, and how many calls an account has. */
export async function moneyOf(test: TestDatabase, accountcode: string): Promise<[string, string, number]> {
  const { balance, reserved, active_calls } = await accountRow(test, accountcode);
  return [formatAmount(parseAmount(balance)), formatAmount(parseAmount(reserved)), active_calls];
}
