import type { Knex } from 'knex';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import { asFault } from '../database/fault';

/** What an operator, or another service, wants for an account's calls in progress. Instants by the database's clock, ms since 1970. */
export interface AccountNews {
  accountcode: string;
  /** Its calls must end. */
  blocked: boolean;
  /** Calls that were let through before that moment must end; null for none. */
  hangupBefore: number | null;
  touchedAt: number | null;
}

export interface TouchedAccounts {
  /**
   * The accounts that were touched at `since` or later, and those that are named; with the database's time now. Asking again for the same
   * period loses nothing, and is needed because a transaction takes a moment to become visible. Rejects with DatabaseFault.
   */
  read(since: number | null, accountcodes: readonly string[]): Promise<{ now: number; accounts: AccountNews[] }>;
}

export function touchedAccounts(database: Knex): TouchedAccounts {
  return {
    async read(since, accountcodes) {
      try {
        const [clock] = await database.select({ now: database.raw('UTC_TIMESTAMP(3)') }).timeout(QUESTION_DEADLINE_MS);
        const touched = database('astaccount')
          .select('accountcode', 'status', 'hangup_before', 'touched_at')
          .timeout(QUESTION_DEADLINE_MS)
          .where(query => {
            if (since !== null) query.where('touched_at', '>=', new Date(since));
            if (accountcodes.length > 0) query.orWhereIn('accountcode', [...accountcodes]);
          });
        const rows = since === null && accountcodes.length === 0 ? [] : await touched;
        return { now: clock.now.getTime(), accounts: rows.map(newsOf) };
      } catch (error) {
        throw asFault(error);
      }
    },
  };
}

const newsOf = (row: {
  accountcode: string;
  status: string;
  hangup_before: Date | null;
  touched_at: Date | null;
}): AccountNews => ({
  accountcode: row.accountcode,
  blocked: row.status === 'blocked',
  hangupBefore: row.hangup_before?.getTime() ?? null,
  touchedAt: row.touched_at?.getTime() ?? null,
});
