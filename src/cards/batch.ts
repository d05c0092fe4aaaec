/** What batches of cards and batches of vouchers have in common: how they are generated, named by serials, switched on and off. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, isFault } from '../database/fault';
import type { Row } from '../database/rows';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import type { Facts } from '../operator/facts';
import { nameField, type Whole, wholeField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { CODE_DIGITS, CodeHasher, type CodeKind, newCodes } from './codes';
import { ACTOR_LIMITS } from './pin-guard';

/** The table of each kind. */
export const TABLE_OF_KIND = { card: 'astcard', voucher: 'astvoucher' } as const satisfies Record<CodeKind, string>;

export type OnProgress = (done: number, count: number) => void;

export interface NewBatch {
  batch: string;
  count: Whole;
  /** Digits of each code; the usual number if not given. */
  digits?: Whole;
}

/** A code as it is handed out, this one time. */
export interface Issued {
  serial: number;
  code: string;
}

export interface IssueOptions {
  /** The keys of RINGFENCE_PIN_KEY. */
  keys: readonly string[];
  /** Called with the number of codes that are hashed so far. */
  onProgress?: OnProgress;
  /**
   * Receives the codes before they are committed. If it throws, nothing of the batch is kept. Called again if the codes had to change,
   * because another process took their serials meanwhile.
   */
  onIssue?: (issued: readonly Issued[]) => void;
}

export const MOST_AT_ONCE = 1_000_000;
/** More codes than this need the usual length: see `tooShort`. */
const MOST_WITH_SHORT_CODES = 10_000;
/** Of all callers, at the default of RINGFENCE_AGI_TRIES_PER_MINUTE; keys and people try vouchers besides (pin-guard.ts). */
const TRIES_PER_MINUTE = { card: 60, voucher: 60 + ACTOR_LIMITS.triesPerMinute } as const satisfies Record<
  CodeKind,
  number
>;
const MINUTES_PER_DAY = 60 * 24;
const ROWS_AT_ONCE = 1_000;

/**
 * Generates a batch, all of it or nothing. Returns its codes, which are stored nowhere from then on. `row`: the columns of each row besides
 * its serial and its code. `facts`: the same for the audit trail.
 * @throws Refused pin_key_missing, batch_exists, field_invalid, also if so many codes with so few digits could be guessed; DatabaseFault;
 *   what `onIssue` throws.
 */
export async function issueBatch(
  acting: Acting,
  kind: CodeKind,
  request: NewBatch,
  row: Record<string, unknown>,
  facts: Facts,
  { keys, onProgress, onIssue }: IssueOptions,
): Promise<Issued[]> {
  const { database } = acting;
  const batch = nameField('batch', request.batch);
  const count = wholeField('count', request.count, 1, MOST_AT_ONCE);
  const digits = wholeField('digits', request.digits ?? CODE_DIGITS.usual, CODE_DIGITS.least, CODE_DIGITS.most);
  const hasher = hasherOf(keys, kind);
  const table = TABLE_OF_KIND[kind];
  if (await isBatch(database, table, batch)) throw batchExists(batch);
  if (digits < CODE_DIGITS.usual) {
    // A guessed code may belong to any batch.
    const [known] = await database(table).count({ codes: '*' });
    const all = Number(known?.codes) + count;
    if (all > MOST_WITH_SHORT_CODES) throw tooShort(kind, digits, all);
  }
  const codes = newCodes(count, digits);
  const hashed = await hasher.hashAll(codes, done => onProgress?.(done, count));

  const issue = async (
    transaction: Knex.Transaction,
    { commitWasLost }: { commitWasLost: boolean },
  ): Promise<Issued[]> => {
    const known = await transaction(table).where({ code_hash: hashed[0]?.hash }).first('serial');
    // The batch did not exist before the lost COMMIT: that COMMIT created it.
    if (known && commitWasLost) return numbered(codes, Number(known.serial));
    const [last] = await transaction(table).max({ serial: 'serial' }).forUpdate();
    // Under that lock: a batch of this name that is being written at the same time is seen when it is committed.
    if (await isBatch(transaction, table, batch)) throw batchExists(batch);
    const issued = numbered(codes, Number(last?.serial ?? 0) + 1);
    for (let first = 0; first < count; first += ROWS_AT_ONCE) {
      const rows = issued.slice(first, first + ROWS_AT_ONCE).map(({ serial }, index) => {
        const { hash, key } = hashed[first + index] as (typeof hashed)[number];
        return { ...row, serial, batch, code_hash: hash, code_key: key };
      });
      await transaction(table).insert(rows);
    }
    const [from, to] = [issued.at(0)?.serial ?? 0, issued.at(-1)?.serial ?? 0];
    const operation = `${kind} generate`;
    await writeAudit(transaction, acting, {
      operation,
      object: `${kind}s ${from} to ${to}`,
      before: null,
      after: { batch, ...facts },
    });
    onIssue?.(issued);
    return issued;
  };
  const MOST_TRIES = 3;
  for (let tries = 1; ; tries++) {
    try {
      return await inTransaction(database, issue, { idempotent: true });
    } catch (error) {
      // Another process generated codes at the same time and took the serials. Once in 10^9 batches the duplicate is a code.
      if (!isFault(asFault(error), 'duplicate') || tries === MOST_TRIES) throw error;
    }
  }
}

/** @throws Refused pin_key_missing */
export function hasherOf(keys: readonly string[], kind: CodeKind): CodeHasher {
  if (keys.length === 0) {
    const todo = 'set it to a secret of 32 characters or more, the same wherever cards are used';
    throw new Refused('pin_key_missing', `RINGFENCE_PIN_KEY is missing: ${todo}`);
  }
  return new CodeHasher(keys, kind);
}

const numbered = (codes: readonly string[], first: number): Issued[] =>
  codes.map((code, index) => ({ serial: first + index, code }));

const isBatch = async (database: Knex, table: string, batch: string): Promise<boolean> =>
  (await database(table).where({ batch }).first('serial')) !== undefined;

/** The refusal with the odds of a guess, for `all` codes among 10^digits. */
function tooShort(kind: CodeKind, digits: number, all: number): Refused {
  const tries = Math.floor(10 ** digits / all);
  const perMinute = TRIES_PER_MINUTE[kind];
  const days = Math.floor(tries / (perMinute * MINUTES_PER_DAY));
  const guessed = `of ${all} ${kind}s in all one guess in ${tries} finds one, which ${perMinute} tries a minute do in ${days} days`;
  const instead = `use ${CODE_DIGITS.usual} digits or more, or no more than ${MOST_WITH_SHORT_CODES} ${kind}s`;
  return new Refused('field_invalid', `digits ${digits} are too few: ${guessed}: ${instead}`);
}

const batchExists = (batch: string): Refused =>
  new Refused('batch_exists', `batch ${JSON.stringify(batch)} is there already: choose another name`).about({ batch });

/** A part of a batch. */
export interface Span {
  batch: string;
  /** First and last serial; the whole batch if not given. */
  from?: Whole;
  to?: Whole;
}

export interface SerialSpan {
  batch: string;
  from: number;
  to: number;
  /** The number of serials in it. */
  count: number;
}

/** How many of a span were changed, and how many were in that state already. */
export interface Switched {
  batch: string;
  from: number;
  to: number;
  changed: number;
  unchanged: number;
}

export const MOST_SERIAL = 1_000_000_000;

/** The serials that a span covers. @throws Refused batch_not_found, field_invalid */
export async function spanOf(database: Knex, kind: CodeKind, span: Span): Promise<SerialSpan> {
  const batch = nameField('batch', span.batch);
  const from = wholeField('from', span.from ?? 1, 1, MOST_SERIAL);
  const to = wholeField('to', span.to ?? MOST_SERIAL, 1, MOST_SERIAL);
  const [found] = await database(TABLE_OF_KIND[kind])
    .where({ batch })
    .whereBetween('serial', [from, to])
    .min({ first: 'serial' })
    .max({ last: 'serial' })
    .count({ count: '*' });
  if (Number(found?.count) === 0) {
    const where = span.from === undefined && span.to === undefined ? '' : ` from ${from} to ${to}`;
    throw new Refused(
      'batch_not_found',
      `batch ${JSON.stringify(batch)} has nothing${where}: see "${kind} list"`,
    ).about({ batch });
  }
  return { batch, from: Number(found?.first), to: Number(found?.last), count: Number(found?.count) };
}

const ROWS_OF_A_PAGE = 2_000;

/**
 * A batch in the order of its serials, read page by page. `rows`: the query for its kind. `serial`: its column. `viewOf`: makes the view of
 * a row.
 * @throws Refused batch_not_found, before the first page is read
 */
export async function readBatch<View>(
  database: Knex,
  kind: CodeKind,
  batch: string,
  rows: () => Knex.QueryBuilder,
  viewOf: (row: Row) => View,
  serial = 'serial',
): Promise<AsyncIterable<View>> {
  const { from } = await spanOf(database, kind, { batch });
  return viewsFrom(from);

  async function* viewsFrom(first: number): AsyncGenerator<View> {
    for (let next = first; ; ) {
      const page: Row[] = await rows().where(serial, '>=', next).orderBy(serial).limit(ROWS_OF_A_PAGE);
      yield* page.map(viewOf);
      if (page.length < ROWS_OF_A_PAGE) return;
      next = Number(page.at(-1)?.serial) + 1;
    }
  }
}

/** The serials of a span in order, in chunks of `size`. */
export function* chunksOf({ from, to }: SerialSpan, size: number): Generator<[from: number, to: number]> {
  for (let first = from; first <= to; first += size) yield [first, Math.min(to, first + size - 1)];
}

/**
 * The table, to be locked by serials. By an index of the batch MySQL would also wait for rows outside of the span, which another person
 * changes meanwhile.
 */
export const bySerial = (transaction: Knex.Transaction, table: 'astcard' | 'astvoucher'): Knex.QueryBuilder =>
  transaction(transaction.raw(`${table} FORCE INDEX (PRIMARY)`) as unknown as string);
