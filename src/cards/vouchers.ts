import type { Knex } from 'knex';
import { lockedAccount, objectOf } from '../accounts/manage-account';
import { moveLocked } from '../credit/entries';
import { referenceOfVoucher } from '../credit/rules/movement';
import { inTransaction } from '../database/connection';
import { type Row, sqlOf } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { type Micros, ZERO } from '../money/micros';
import type { Acting, Stoppable } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { countValues } from '../operator/cashier-store';
import type { ListOrder } from '../operator/cursor';
import {
  accountcodeField,
  amountField,
  currencyField,
  instantField,
  invalid,
  type Whole,
  wholeField,
  wordField,
} from '../operator/fields';
import { noAccount, Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { partOf } from '../operator/page-store';
import {
  bySerial,
  chunksOf,
  hasherOf,
  type Issued,
  type IssueOptions,
  issueBatch,
  MOST_SERIAL,
  type NewBatch,
  type OnProgress,
  readBatch,
  type Span,
  type Switched,
  spanOf,
  TABLE_OF_KIND,
} from './batch';
import { isCode } from './codes';

export interface NewVouchers extends NewBatch {
  /** What each voucher adds: a decimal text above 0. */
  value: string;
  currency: string;
  /** ms since 1970; from then on the voucher cannot be redeemed. */
  expiresAt?: number;
}

/** Generates vouchers that cannot be used yet. @throws as `issueBatch`. */
export async function generateVouchers(
  acting: Acting,
  vouchers: NewVouchers,
  options: IssueOptions,
): Promise<Issued[]> {
  const value = voucherValueField(vouchers.value);
  const expiresAt = vouchers.expiresAt === undefined ? null : instantField('expires', vouchers.expiresAt);
  const facts = { value, currency: currencyField(vouchers.currency), expires_at: expiresAt };
  return issueBatch(acting, 'voucher', vouchers, { ...facts, value: decimalOf(value) }, facts, options);
}

/** What a voucher adds. @throws Refused field_invalid */
export function voucherValueField(text: string): Micros {
  const value = amountField('value', text);
  if (value <= ZERO) throw invalid('value', text, 'is not above zero: write what it adds', 'not_above_zero');
  return value;
}

/** What an operator may do to vouchers that are not redeemed: from which states, to which state. */
const SWITCHES = {
  activate: { from: ['generated'], to: 'active' },
  block: { from: ['generated', 'active'], to: 'blocked' },
  // Back to the state before the block: active if the voucher has an activation time.
  unblock: { from: ['blocked'], to: null },
} as const;

const VOUCHERS_AT_ONCE = 1_000;

/**
 * Lets vouchers be redeemed, or stops it. Redeemed vouchers stay as they are.
 * @throws Refused batch_not_found, daily_limit_exceeded, more_than_at_once; DatabaseFault; the reason of `signal`.
 */
export async function switchVouchers(
  acting: Stoppable,
  span: Span,
  how: keyof typeof SWITCHES,
  onProgress?: OnProgress,
): Promise<Switched> {
  const { database, signal } = acting;
  const serials = await spanOf(database, 'voucher', span);
  const { batch, count } = serials;
  const { from: states, to: state } = SWITCHES[how];
  let changed = 0;
  for (const [from, to] of chunksOf(serials, VOUCHERS_AT_ONCE)) {
    signal?.throwIfAborted();
    changed += await inTransaction(
      database,
      async transaction => {
        const locked: Row[] = await bySerial(transaction, 'astvoucher')
          .where({ batch })
          .whereBetween('serial', [from, to])
          .whereIn('status', [...states])
          .forUpdate();
        const switchedNow = locked.length;
        if (switchedNow === 0) return 0;
        if (how === 'activate') await countValues(transaction, acting, locked);
        // By their serials: others may have come to these states meanwhile, whose values were not counted.
        const ofLocked = locked.map(voucher => voucher.serial as number);
        await transaction('astvoucher')
          .whereIn('serial', ofLocked)
          .update({
            status: state ?? transaction.raw("CASE WHEN activated_at IS NULL THEN 'generated' ELSE 'active' END"),
            ...(state === 'active' && { activated_at: transaction.raw('UTC_TIMESTAMP(3)') }),
          });
        await writeAudit(transaction, acting, {
          operation: `voucher ${how}`,
          object: `vouchers ${from} to ${to}`,
          before: null,
          after: { batch, from, to, changed: switchedNow },
        });
        return switchedNow;
      },
      { idempotent: true },
    );
    onProgress?.(Math.min(count, to - serials.from + 1), count);
  }
  return { batch, from: serials.from, to: serials.to, changed, unchanged: count - changed };
}

export interface Redeemed {
  serial: number;
  accountcode: string;
  amount: Micros;
  currency: string;
  /** As they are now. */
  balance: Micros;
  available: Micros;
}

/**
 * The hashes of a code by each key, one of them that of its voucher; null for what can be no code. Takes 8 ms a key.
 * @throws Refused pin_key_missing
 */
export async function hashesOfVoucher(keys: readonly string[], code: string): Promise<Buffer[] | null> {
  const hasher = hasherOf(keys, 'voucher');
  return isCode(code) ? (await hasher.hashes(code)).map(({ hash }) => hash) : null;
}

/**
 * Adds a voucher's value to an account, once: if two requests redeem it at the same time, one of them is refused.
 *
 * The account is locked first, then the voucher. The voucher's row and the top-up are written together. Run again after a lost COMMIT, it
 * finds what that COMMIT did. `hashes`: of the code, if they were made before (`hashesOfVoucher`): a caller with a transaction of its own must
 * not hold it meanwhile.
 * @throws Refused voucher_not_found, voucher_not_active, voucher_redeemed, voucher_expired, currency_mismatch, account_not_found,
 *   account_is_pool, pin_key_missing, field_invalid; DatabaseFault.
 */
export async function redeemVoucher(
  acting: Acting,
  {
    code,
    accountcode: wanted,
    keys,
    hashes: made,
  }: { code: string; accountcode: string; keys: readonly string[]; hashes?: readonly Buffer[] },
): Promise<Redeemed> {
  const { database, actor } = acting;
  const accountcode = accountcodeField(wanted);
  const hashes = made ?? (await hashesOfVoucher(keys, code));
  if (!hashes) throw noVoucher();
  return inTransaction(
    database,
    async (transaction, { commitWasLost }) => {
      const account = await lockedAccount(sqlOf(transaction), accountcode);
      const voucher: Row | undefined = await transaction('astvoucher')
        .whereIn('code_hash', hashes)
        .select('*', { is_expired: transaction.raw('expires_at <= UTC_TIMESTAMP(3)') })
        .forUpdate()
        .first();
      if (!voucher) throw noVoucher();
      const [serial, amount] = [Number(voucher.serial), amountOf(voucher.value)];
      const isOurs = commitWasLost && voucher.status === 'redeemed' && voucher.accountcode === accountcode;
      if (!isOurs) refuseUnless(voucher, account.currency);
      const reference = referenceOfVoucher(serial);
      const movement = { accountcode, kind: 'top_up', amount, reference, ofVoucher: true, reason: '', actor } as const;
      if (!isOurs) {
        await transaction('astvoucher')
          .where({ serial })
          .update({ status: 'redeemed', accountcode, redeemed_at: transaction.raw('UTC_TIMESTAMP(3)') });
      }
      const outcome = await moveLocked(sqlOf(transaction), movement);
      if ('refusal' in outcome) {
        if (outcome.refusal === 'account_not_found') throw noAccount(accountcode);
        throw new Refused(outcome.refusal, outcome.detail).about(outcome.facts);
      }
      // An operator used this reference before. The voucher would be spent without adding money.
      if (!outcome.moved && !isOurs) {
        const todo = 'refund it with another reference';
        throw new Refused('reference_reused', `reference ${JSON.stringify(reference)} was used by hand: ${todo}`).about(
          {
            reference,
          },
        );
      }
      const { balance, available } = outcome;
      if (outcome.moved) {
        const after = { voucher: serial, amount, balance };
        await writeAudit(transaction, acting, {
          operation: 'voucher redeem',
          object: objectOf(accountcode),
          before: null,
          after,
        });
      }
      return { serial, accountcode, amount, currency: voucher.currency, balance, available };
    },
    { idempotent: true },
  );
}

const noVoucher = (): Refused => new Refused('voucher_not_found', 'no voucher has this code: look at it again');

function refuseUnless({ serial, status, is_expired, currency }: Row, accountCurrency: string): void {
  if (status === 'redeemed')
    throw new Refused('voucher_redeemed', `voucher ${serial} was redeemed before`).about({ voucher: serial });
  if (status !== 'active') {
    throw new Refused('voucher_not_active', `voucher ${serial} is ${status}: see "voucher activate"`).about({
      voucher: serial,
      state: status,
    });
  }
  if (Number(is_expired) === 1)
    throw new Refused('voucher_expired', `voucher ${serial} has expired`).about({ voucher: serial });
  if (currency !== accountCurrency) {
    const todo = 'redeem it for an account in its currency';
    throw new Refused(
      'currency_mismatch',
      `voucher ${serial} is in ${currency}, the account in ${accountCurrency}: ${todo}`,
    ).about({ currency: accountCurrency, known: currency });
  }
}

export const VOUCHER_STATUSES = ['generated', 'active', 'blocked', 'redeemed'] as const;

/** A voucher as an operator sees it, without its code. */
export interface VoucherView {
  serial: number;
  batch: string;
  status: (typeof VOUCHER_STATUSES)[number];
  value: Micros;
  currency: string;
  expiresAt: Date | null;
  /** The account that it topped up. */
  accountcode: string | null;
  codeKey: string;
  createdAt: Date;
  activatedAt: Date | null;
  redeemedAt: Date | null;
}

export const VOUCHERS_ORDER: ListOrder = { name: 'vouchers', columns: [{ column: 'serial', kind: 'number' }] };

/** Vouchers in the order of their serials. */
export async function listVouchers(
  database: Knex,
  { batch, status }: { batch?: string; status?: string },
  request: PageRequest,
): Promise<Page<VoucherView>> {
  if (status !== undefined) wordField('status', status, VOUCHER_STATUSES);
  const where = { ...(batch !== undefined && { batch }), ...(status !== undefined && { status }) };
  const list = { rows: database(TABLE_OF_KIND.voucher).where(where), order: VOUCHERS_ORDER, narrow: null };
  const { rows, ...part } = await partOf(database, list, request);
  return { items: rows.map(voucherOf), ...part };
}

/** @throws Refused voucher_not_found, field_invalid */
export async function voucherNumbered(database: Knex, serial: Whole): Promise<VoucherView> {
  const number = wholeField('serial', serial, 1, MOST_SERIAL);
  const row = await database(TABLE_OF_KIND.voucher).where({ serial: number }).first();
  if (!row)
    throw new Refused('voucher_not_found', `voucher ${number} does not exist: see "voucher list"`).about({
      voucher: number,
    });
  return voucherOf(row);
}

/** All vouchers of a batch, page by page. @throws Refused batch_not_found, before the first page is read */
export function vouchersOf(database: Knex, batch: string): Promise<AsyncIterable<VoucherView>> {
  const rows = () => database('astvoucher').where({ batch });
  return readBatch(database, 'voucher', batch, rows, voucherOf);
}

const voucherOf = (row: Row): VoucherView => ({
  serial: Number(row.serial),
  batch: row.batch,
  status: row.status,
  value: amountOf(row.value),
  currency: row.currency,
  expiresAt: row.expires_at,
  accountcode: row.accountcode,
  codeKey: row.code_key,
  createdAt: row.created_at,
  activatedAt: row.activated_at,
  redeemedAt: row.redeemed_at,
});
