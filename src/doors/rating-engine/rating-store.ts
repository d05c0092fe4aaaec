import type { Knex } from 'knex';
import { LONGEST_RING_SECONDS } from '../../calls/call-deadlines';
import { accountOf, readDeckVersions } from '../../credit/call-store';
import { CDR_COLUMNS, callOf, SHARER_COLUMNS, sharerOf } from '../../credit/cdr-columns';
import { cdrReader } from '../../credit/cdr-store';
import type { Account } from '../../credit/rules/account';
import type { CallRecord } from '../../credit/rules/call';
import { QUESTION_DEADLINE_MS } from '../../database/deadline';
import { orFault } from '../../database/fault';
import type { Row, Sql } from '../../database/rows';
import { sharedQuestion } from '../../database/shared-question';
import { amountOf } from '../../database/values';
import { type CallRate, callRateAt, knownZone, schedulesAt } from '../../rating/rate';
import { RateStore } from '../../rating/rate-store';
import { readSchedules } from '../../rating/schedule-store';
import { tariffAt } from '../../rating/timed';
import { type LiveCall, leftMs } from './common-end';
import type { HistoryEntry } from './rating-reply';

/** As far as a price is looked at by the time of day. */
const A_DAY_SECONDS = 86_400;

/** A talking call, as its CDR shows it. */
export interface Talking extends LiveCall {
  uniqueid: string;
  /** An operator wants the call ended. */
  hangupWanted: boolean;
}

/** What the rating engine's door reads beside the ledger. Every method rejects with DatabaseFault. */
export interface RatingStore {
  /** The existing CDRs of these uniqueids, in that order. */
  callsOf(uniqueids: readonly string[]): Promise<CallRecord[]>;
  /** The calls of an account and a caller's number, by this door, that are talking as far as is known. */
  talking(accountcode: string, src: string, now: number): Promise<Talking[]>;
  /** All calls of an account by this door that have not ended. */
  open(accountcode: string): Promise<CallRecord[]>;
  /** null if there is none. A pool cannot be named here. */
  account(accountcode: string): Promise<Account | null>;
  /** The rate of a call, in the account's currency; null for none. */
  rate(account: Account, digits: string, at: number): Promise<CallRate | null>;
  /** The uniqueids of talking calls by this door that an operator wants ended. */
  wantedEnds(): Promise<string[]>;
  /** The latest movements of an account, the newest first. */
  history(accountcode: string, most: number): Promise<HistoryEntry[]>;
}

/**
 * How long after its limit a call still counts as talking. Call Control's question may come that late: it connects again within 15 s.
 * After that the call is no longer in progress, although its end was never reported.
 */
const GONE_AFTER_MS = 20_000;

export function ratingStore(database: Knex, node: string): RatingStore {
  const rates = new RateStore();
  const sql = {
    query: (text: string, values: unknown[] = []) => database.raw(text, values as []).timeout(QUESTION_DEADLINE_MS),
  } as unknown as Sql;
  /** By the reservations, which are few; an account may have any number of CDRs. */
  const openCalls = (accountcodes: readonly string[]) =>
    database('astcreditres')
      .join('astcdr', 'astcdr.uniqueid', 'astcreditres.uniqueid')
      .whereIn('astcreditres.accountcode', accountcodes)
      .where('astcreditres.node', node)
      .whereNull('astcdr.end_at')
      .timeout(QUESTION_DEADLINE_MS);
  /** The calls of these callers. Also includes calls that share the account with one caller and the number with another. */
  const answeredCalls = sharedQuestion((callers: { accountcode: string; src: string }[]) =>
    orFault<Row[]>(() =>
      openCalls([...new Set(callers.map(({ accountcode }) => accountcode))])
        .whereIn('astcdr.src', [...new Set(callers.map(({ src }) => src))])
        .whereNotNull('astcdr.answer_at')
        .select(['src', 'hangup_wanted', ...SHARER_COLUMNS].map(column => `astcdr.${column}`)),
    ),
  );
  return {
    callsOf: cdrReader(database),

    async talking(accountcode, src, now) {
      return (await answeredCalls([{ accountcode, src }]))
        .filter(row => row.accountcode === accountcode && row.src === src)
        .map(row => ({ ...sharerOf(row), hangupWanted: row.hangup_wanted === 1 }))
        .map(call => ({ ...call, answerAt: call.answerAt as number }))
        .map(call => ({ ...call, tariff: tariffAt(call.tariff, call.answerAt) }))
        .filter(call => leftMs(call, now) > -GONE_AFTER_MS);
    },

    open: accountcode =>
      orFault(async () => {
        const rows: Row[] = await openCalls([accountcode])
          .orderBy('astcdr.start_at')
          .select(CDR_COLUMNS.map(column => `astcdr.${column}`));
        return rows.map(callOf);
      }),

    wantedEnds: () =>
      orFault(async () =>
        database('astcreditres')
          .join('astcdr', 'astcdr.uniqueid', 'astcreditres.uniqueid')
          .where({ 'astcreditres.node': node, 'astcdr.hangup_wanted': 1 })
          .whereNotNull('astcdr.answer_at')
          .timeout(QUESTION_DEADLINE_MS)
          .pluck('astcdr.uniqueid'),
      ),

    account: accountcode =>
      orFault(async () => {
        const row: Row | undefined = await database('astaccount')
          .where({ accountcode, kind: 'account' })
          .timeout(QUESTION_DEADLINE_MS)
          .first('*', database.raw('UTC_TIMESTAMP(3) AS read_at'));
        return row ? accountOf(row, row.read_at.getTime()) : null;
      }),

    rate: (account, digits, at) =>
      orFault(async () => {
        const version = (await readDeckVersions(sql, new Set([account.deck]))).get(account.deck);
        const [candidates = []] = version ? await rates.candidates(sql, [{ ...version, digits }]) : [];
        const beginning = {
          zone: knownZone(account.timeZone),
          startAt: at,
          ringSeconds: LONGEST_RING_SECONDS,
          mostSeconds: A_DAY_SECONDS,
        };
        const names = schedulesAt(beginning, candidates);
        const schedules = await readSchedules(sql, { names, from: at, until: at + A_DAY_SECONDS * 1_000 });
        const rate = callRateAt(beginning, candidates, schedules);
        return rate?.currency === account.currency ? rate : null;
      }),

    history: (accountcode, most) =>
      orFault(async () => {
        const rows: Row[] = await database('astledger')
          .leftJoin('astcdr', function calls() {
            this.on('astcdr.uniqueid', 'astledger.reference').andOnVal('astledger.kind', 'call_charge');
          })
          .where({ 'astledger.accountcode': accountcode })
          .orderBy('astledger.entry_id', 'desc')
          .limit(most)
          .timeout(QUESTION_DEADLINE_MS)
          .select(
            'astledger.kind',
            'astledger.reason',
            'astledger.amount',
            'astledger.balance_after',
            'astcdr.rate_prefix',
            'astcdr.rate_destination',
            'astcdr.billsec',
          );
        return rows.map(row => ({
          kind: row.kind,
          reason: row.reason,
          amount: amountOf(row.amount),
          balanceAfter: amountOf(row.balance_after),
          call:
            row.billsec === null
              ? null
              : { prefix: row.rate_prefix, destination: row.rate_destination, billsec: row.billsec },
        }));
      }),
  };
}
