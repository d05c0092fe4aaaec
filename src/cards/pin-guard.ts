import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, isFault } from '../database/fault';
import type { Row } from '../database/rows';

export interface GuardLimits {
  /** Wrong codes of one caller that lead to a lock-out. */
  tries: number;
  lockSeconds: number;
  /** Wrong codes of all callers together in one minute. */
  triesPerMinute: number;
}

/** Who is counted together, as astpintry names them: `each` by its own name, and `all`. */
export interface Guarded {
  all: string;
  each: string;
}

const CALLERS: Guarded = { all: 'all', each: 'caller' };

/** Keys and people of the API. Counted apart from callers: a stolen key must not lock callers out, nor strangers who call a cashier. */
export const ACTORS: Guarded = { all: 'actors', each: 'actor' };

/** Wrong codes of keys and people in a minute. One that redeems for many customers sends what they mistype. */
export const ACTOR_LIMITS: GuardLimits = { tries: 20, lockSeconds: 60, triesPerMinute: 60 };

const MINUTE_SECONDS = 60;
const KEPT_DAYS = 1;
/** Of more callers than a door has sessions. About 1 MB. */
const MOST_OWED = 10_000;

/**
 * Keeps callers from trying one code after another. It counts the tries of each caller number, and of all callers together, since a number
 * is easily forged.
 *
 * The counts are in the database, so that they hold across services and restarts. A try counts from its beginning, and is taken back if the
 * code was right, or if a fault of ours ended the try before that was known. So simultaneous tries cannot slip through, and a caller who
 * hangs up in the middle of a try, or whose process dies, leaves it counted.
 */
export class PinGuard {
  /** By caller: how many of its tries must be taken back, and could not be yet. */
  private readonly owed = new Map<string, number>();

  constructor(
    private readonly database: Knex,
    private readonly limits: GuardLimits,
    private readonly guarded = CALLERS,
  ) {}

  /** Whether a caller may try. If so, the try counts as wrong until `wasRight` or `wasCutShort`. @throws DatabaseFault */
  async begin(callerid: string): Promise<'admitted' | 'locked_out' | 'too_many_tries'> {
    if (this.owed.has(callerid)) await this.takeBackOwed([callerid]);
    const { tries, lockSeconds, triesPerMinute } = this.limits;
    const [everyone, who] = this.rowsOf(callerid);
    return inTransaction(this.database, async transaction => {
      for (const name of [everyone, who]) {
        await transaction('astpintry')
          .insert({ who: name, tries: 0, since_at: transaction.raw('UTC_TIMESTAMP(3)') })
          .onConflict('who')
          // Locks the row as well.
          .merge({ who: name });
      }
      const rows = await transaction('astpintry')
        .whereIn('who', [everyone, who])
        .orderBy('who')
        .select('who', 'tries', {
          age: transaction.raw('TIMESTAMPDIFF(MICROSECOND, since_at, UTC_TIMESTAMP(3)) / 1000000'),
        })
        .forUpdate();
      const [all, own] = [rowOf(rows, everyone), rowOf(rows, who)];
      const allTries = all.age >= MINUTE_SECONDS ? 0 : all.tries;
      const ownTries = own.age >= lockSeconds ? 0 : own.tries;
      if (ownTries >= tries) return 'locked_out';
      if (allTries >= triesPerMinute) return 'too_many_tries';
      const now = transaction.raw('UTC_TIMESTAMP(3)');
      await transaction('astpintry')
        .where({ who: everyone })
        .update({ tries: allTries + 1, ...(allTries === 0 && { since_at: now }) });
      // A lock-out lasts from the last try.
      const isNew = ownTries === 0 || ownTries + 1 >= tries;
      await transaction('astpintry')
        .where({ who })
        .update({ tries: ownTries + 1, ...(isNew && { since_at: now }) });
      return 'admitted';
    });
  }

  /**
   * Takes back one try and none before it. Otherwise a caller with one right code could try others forever. If it fails, the try is owed.
   * @throws DatabaseFault
   */
  async wasRight(callerid: string): Promise<void> {
    try {
      await this.takeBack(this.rowsOf(callerid), 1);
    } catch (error) {
      this.owe(callerid, 1, error);
      throw error;
    }
  }

  /**
   * Takes back one try that a fault of ours ended before it was known whether the code was right. Never rejects: if the database is still
   * away the try is owed, and taken back before the caller's next one, or by `takeBackOwed`.
   */
  async wasCutShort(callerid: string): Promise<void> {
    await this.wasRight(callerid).catch(() => {});
  }

  /** Takes back what is owed, of these callers or of all. @throws DatabaseFault: the rest is still owed. */
  async takeBackOwed(callers: readonly string[] = [...this.owed.keys()]): Promise<void> {
    for (const callerid of callers) {
      const count = this.owed.get(callerid);
      if (count === undefined) continue;
      // Forgotten first: two who ask at the same time must not take it back twice.
      this.owed.delete(callerid);
      const [, who] = this.rowsOf(callerid);
      try {
        // Only its own: the tries of all callers are counted anew each minute, and these may be older.
        await this.takeBack([who], count);
      } catch (error) {
        this.owe(callerid, count, error);
        throw error;
      }
    }
  }

  private owe(callerid: string, count: number, error?: unknown): void {
    // It may be done already, and a try that is taken back twice is a guess for free.
    const fault = asFault(error);
    if (isFault(fault, 'away') && fault.code === 'COMMIT_UNKNOWN') return;
    const owed = (this.owed.get(callerid) ?? 0) + count;
    if (this.owed.size < MOST_OWED || this.owed.has(callerid)) this.owed.set(callerid, owed);
  }

  private async takeBack(rows: readonly string[], count: number): Promise<void> {
    await inTransaction(this.database, async transaction => {
      for (const who of rows) {
        const less = transaction.raw('CASE WHEN tries > ? THEN tries - ? ELSE 0 END', [count, count]);
        await transaction('astpintry').where({ who }).update({ tries: less });
      }
    });
  }

  /** Deletes callers that have not tried for a day. @throws DatabaseFault */
  async prune(): Promise<void> {
    const { lockSeconds } = this.limits;
    await this.database('astpintry')
      .whereRaw(`since_at < UTC_TIMESTAMP(3) - INTERVAL ${KEPT_DAYS * 86_400 + lockSeconds} SECOND`)
      .delete();
  }

  /** Callers without a number count as one caller: they cannot be told apart. */
  private rowsOf(name: string): [all: string, own: string] {
    const { all, each } = this.guarded;
    return [all, `${each}:${name.slice(0, 80)}`];
  }
}

function rowOf(rows: readonly Row[], who: string): { tries: number; age: number } {
  const row = rows.find(each => each.who === who) as Row;
  return { tries: row.tries, age: Number(row.age) };
}
