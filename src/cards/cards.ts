import type { Knex } from 'knex';
import { insertEvents, lockAccounts, touchAccounts } from '../credit/call-store';
import { enterOpenings, openingColumns } from '../credit/entries';
import { accountOfCard } from '../credit/rules/card';
import { letGoOn, wantEnds } from '../credit/wanted-end-store';
import { inTransaction } from '../database/connection';
import { asFault, isFault } from '../database/fault';
import { type Row, sqlOf } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import type { Micros } from '../money/micros';
import type { Acting, Stoppable } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { countValues } from '../operator/cashier-store';
import type { ListOrder } from '../operator/cursor';
import { amountNotBelowZero, instantField, type Whole, wholeField, wordField } from '../operator/fields';
import { noDeck, Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { partOf } from '../operator/page-store';
import {
  bySerial,
  chunksOf,
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
} from './batch';

export interface NewCards extends NewBatch {
  /** The opening balance of each account: a decimal text, 0 or more. */
  value: string;
  deck: string;
  /** ms since 1970; no call starts from then on. */
  expiresAt?: number;
  /** Days after the first use. */
  expiresDays?: Whole;
}

/**
 * Generates cards that cannot be used yet.
 * @throws Refused deck_not_found, and as `issueBatch`.
 */
export async function generateCards(acting: Acting, cards: NewCards, options: IssueOptions): Promise<Issued[]> {
  const value = amountNotBelowZero('value', cards.value);
  const expiresAt = cards.expiresAt === undefined ? null : instantField('expires', cards.expiresAt);
  const expiresDays = cards.expiresDays === undefined ? null : wholeField('expires_days', cards.expiresDays, 1, 3_650);
  const currency = await currencyOf(acting.database, cards.deck);
  const row = { value: decimalOf(value), currency, deck: cards.deck, expires_at: expiresAt, expires_days: expiresDays };
  const facts = { value, currency, deck: cards.deck, expires_at: expiresAt, expires_days: expiresDays };
  return issueBatch(acting, 'card', cards, row, facts, options);
}

async function currencyOf(database: Knex, deck: string): Promise<string> {
  const row = await database('astratedeck').where({ deck }).first('currency');
  if (!row) throw noDeck('deck', deck);
  return row.currency;
}

/** A chunk of cards stays locked until its transaction ends. */
const CARDS_AT_ONCE = 200;

/**
 * Opens the accounts of generated cards. The transaction that makes a card active also tops up its account with the card's value: so a card
 * that is activated twice, or whose answer was lost, gets its money once. Active and blocked cards stay as they are.
 *
 * Works in chunks. After an interruption, run it again to continue.
 * @throws Refused batch_not_found, account_exists, daily_limit_exceeded, more_than_at_once, field_invalid; DatabaseFault; the reason of `signal`.
 */
export async function activateCards(acting: Stoppable, span: Span, onProgress?: OnProgress): Promise<Switched> {
  const { database, signal } = acting;
  const serials = await spanOf(database, 'card', span);
  const { batch, count } = serials;
  let changed = 0;
  for (const [from, to] of chunksOf(serials, CARDS_AT_ONCE)) {
    signal?.throwIfAborted();
    changed += await inTransaction(
      database,
      async transaction => {
        const cards: Row[] = await bySerial(transaction, 'astcard')
          .where({ batch, status: 'generated' })
          .whereBetween('serial', [from, to])
          .orderBy('serial')
          .forUpdate();
        if (cards.length === 0) return 0;
        await openAccounts(transaction, acting, cards);
        await countValues(transaction, acting, cards);
        await auditCards(transaction, acting, 'card activate', { batch, from, to, changed: cards.length });
        return cards.length;
      },
      { idempotent: true },
    );
    onProgress?.(Math.min(count, to - serials.from + 1), count);
  }
  return { batch, from: serials.from, to: serials.to, changed, unchanged: count - changed };
}

/** Writes into the audit trail what was done to a part of a batch. */
const auditCards = (
  transaction: Knex.Transaction,
  acting: Acting,
  operation: string,
  after: { batch: string; from: number; to: number; changed: number },
): Promise<void> =>
  writeAudit(transaction, acting, { operation, object: `cards ${after.from} to ${after.to}`, before: null, after });

async function openAccounts(transaction: Knex.Transaction, { actor }: Acting, cards: readonly Row[]): Promise<void> {
  const opened = cards.map(card => ({
    card,
    accountcode: accountOfCard(Number(card.serial)),
    value: amountOf(card.value),
    actor,
  }));
  for (const { card } of opened) {
    if ((await currencyOf(transaction, card.deck)) !== card.currency) throw noDeck('deck', card.deck);
  }
  try {
    await transaction('astaccount').insert(
      opened.map(({ card, ...account }) => ({
        accountcode: account.accountcode,
        currency: card.currency,
        deck: card.deck,
        ...openingColumns(openingOf(account)),
        expires_at: card.expires_at,
      })),
    );
  } catch (error) {
    if (!isFault(asFault(error), 'duplicate')) throw error;
    const codes = opened.map(({ accountcode }) => accountcode);
    const known = await transaction('astaccount').whereIn('accountcode', codes).first('accountcode');
    const todo = 'give it another name by hand, or block its card';
    throw new Refused('account_exists', `accountcode ${JSON.stringify(known?.accountcode)} is there already: ${todo}`);
  }
  await enterOpenings(sqlOf(transaction), opened.map(openingOf));
  for (const { card, accountcode } of opened) {
    await transaction('astcard')
      .where({ serial: card.serial })
      .update({ status: 'active', accountcode, activated_at: transaction.raw('UTC_TIMESTAMP(3)') });
  }
}

const openingOf = ({ accountcode, value, actor }: { accountcode: string; value: Micros; actor: string }) => ({
  accountcode,
  actor,
  amount: value,
  reference: accountcode,
});

/**
 * Blocks cards: their PINs stop working, and their accounts are blocked, so that calls in progress end. Or unblocks blocked cards, and
 * opens the accounts that were blocked with them. An account that an operator blocked, before or after, stays blocked.
 *
 * Run again, it changes nothing. Cards and their accounts change together, in chunks.
 * @throws Refused batch_not_found, field_invalid; DatabaseFault; the reason of `signal`.
 */
export async function blockCards(
  acting: Stoppable,
  span: Span,
  block: boolean,
  onProgress?: OnProgress,
): Promise<Switched> {
  const { database, signal } = acting;
  const serials = await spanOf(database, 'card', span);
  const { batch, count } = serials;
  let changed = 0;
  for (const [from, to] of chunksOf(serials, CARDS_AT_ONCE)) {
    signal?.throwIfAborted();
    changed += await inTransaction(database, transaction => blockSome(transaction, acting, batch, [from, to], block), {
      idempotent: true,
    });
    onProgress?.(Math.min(count, to - serials.from + 1), count);
  }
  return { batch, from: serials.from, to: serials.to, changed, unchanged: count - changed };
}

async function blockSome(
  transaction: Knex.Transaction,
  acting: Acting,
  batch: string,
  span: [number, number],
  block: boolean,
): Promise<number> {
  const sql = sqlOf(transaction);
  const cards = () => bySerial(transaction, 'astcard').where({ batch }).whereBetween('serial', span).orderBy('serial');
  // Accounts before cards, in the order in which the use of a card locks them.
  const codes = (await cards().whereNotNull('accountcode')).map((card: Row) => card.accountcode as string);
  const accounts = await lockAccounts(sql, codes);
  const locked: Row[] = await cards().forUpdate();
  // The accounts of cards that were activated meanwhile, locked out of order. If two transactions wait for each other, one of them is
  // retried.
  const late = locked
    .map(card => card.accountcode as string | null)
    .filter(code => code !== null && !accounts.has(code));
  for (const [code, account] of await lockAccounts(sql, late as string[])) accounts.set(code, account);
  const changed = locked.filter(card => (card.status === 'blocked') !== block);
  for (const card of changed) {
    const status = block ? 'blocked' : card.accountcode === null ? 'generated' : 'active';
    await transaction('astcard').where({ serial: card.serial }).update({ status });
  }
  const ofChanged = new Set(changed.map(card => card.accountcode as string | null));
  // An account that an operator blocked stays blocked: the operator's reason still holds.
  const withCard: string[] = block
    ? []
    : await transaction('astaccount')
        .whereIn('accountcode', [...accounts.keys()])
        .where({ is_card_blocked: 1 })
        .pluck('accountcode');
  const changing = [...accounts.values()].filter(({ accountcode, blocked }) =>
    block ? !blocked && ofChanged.has(accountcode) : withCard.includes(accountcode),
  );
  await transaction('astaccount')
    .whereIn(
      'accountcode',
      changing.map(({ accountcode }) => accountcode),
    )
    .update(block ? { status: 'blocked', is_card_blocked: 1 } : { status: 'active', is_card_blocked: 0 });
  await insertEvents(
    sql,
    changing.map(({ accountcode, activeCalls }) => ({
      kind: block ? 'blocked' : 'unblocked',
      accountcode,
      uniqueid: null,
      facts: { active_calls: activeCalls },
      actor: acting.actor,
    })),
  );
  const codesChanged = changing.map(({ accountcode }) => accountcode);
  if (block) await wantEnds(sql, codesChanged, acting.actor);
  else await letGoOn(sql, codesChanged);
  await touchAccounts(
    sql,
    changing.filter(({ activeCalls }) => activeCalls > 0).map(({ accountcode }) => accountcode),
  );
  if (changed.length > 0) {
    const [from, to] = span;
    const operation = block ? 'card block' : 'card unblock';
    await auditCards(transaction, acting, operation, { batch, from, to, changed: changed.length });
  }
  return changed.length;
}

export const CARD_STATUSES = ['generated', 'active', 'blocked'] as const;

/** A card as an operator sees it, without its PIN. */
export interface CardView {
  serial: number;
  batch: string;
  status: (typeof CARD_STATUSES)[number];
  value: Micros;
  currency: string;
  deck: string;
  accountcode: string | null;
  /** null without an account. */
  balance: Micros | null;
  /** The expiry of its account, if it has one. */
  expiresAt: Date | null;
  expiresDays: number | null;
  /** The key that its PIN was hashed with. */
  pinKey: string;
  createdAt: Date;
  activatedAt: Date | null;
  firstUsedAt: Date | null;
  lastUsedAt: Date | null;
}

const withAccount = (cards: Knex.QueryBuilder) =>
  cards
    .leftJoin('astaccount as a', 'a.accountcode', 'c.accountcode')
    .select('c.*', 'a.balance', { account_expires_at: 'a.expires_at' });

const cardRows = (database: Knex) => withAccount(database('astcard as c'));

export const CARDS_ORDER: ListOrder = { name: 'cards', columns: [{ column: 'c.serial', kind: 'number' }] };

/** Cards in the order of their serials. */
export async function listCards(
  database: Knex,
  { batch, account, status }: { batch?: string; account?: string; status?: string },
  request: PageRequest,
): Promise<Page<CardView>> {
  if (status !== undefined) wordField('status', status, CARD_STATUSES);
  const where = {
    ...(batch !== undefined && { 'c.batch': batch }),
    ...(account !== undefined && { 'c.accountcode': account }),
    ...(status !== undefined && { 'c.status': status }),
  };
  const list = { rows: database('astcard as c').where(where), order: CARDS_ORDER, narrow: null, show: withAccount };
  const { rows, ...part } = await partOf(database, list, request);
  return { items: rows.map(cardOf), ...part };
}

/** @throws Refused card_not_found, field_invalid */
export async function cardNumbered(database: Knex, serial: Whole): Promise<CardView> {
  const number = wholeField('serial', serial, 1, MOST_SERIAL);
  const row = await cardRows(database).where({ 'c.serial': number }).first();
  if (!row)
    throw new Refused('card_not_found', `card ${number} does not exist: see "card list"`).about({ card: number });
  return cardOf(row);
}

/** All cards of a batch, page by page. @throws Refused batch_not_found, before the first page is read */
export function cardsOf(database: Knex, batch: string): Promise<AsyncIterable<CardView>> {
  const rows = () => cardRows(database).where({ 'c.batch': batch });
  return readBatch(database, 'card', batch, rows, cardOf, 'c.serial');
}

const cardOf = (row: Row): CardView => ({
  serial: Number(row.serial),
  batch: row.batch,
  status: row.status,
  value: amountOf(row.value),
  currency: row.currency,
  deck: row.deck,
  accountcode: row.accountcode,
  balance: row.balance === null ? null : amountOf(row.balance),
  expiresAt: row.accountcode === null ? row.expires_at : row.account_expires_at,
  expiresDays: row.expires_days,
  pinKey: row.code_key,
  createdAt: row.created_at,
  activatedAt: row.activated_at,
  firstUsedAt: row.first_used_at,
  lastUsedAt: row.last_used_at,
});
