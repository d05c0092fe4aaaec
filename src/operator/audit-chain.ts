/** The chain of the audit trail: each row has a place in it, with a hash over itself and the place before. Pure. */
import { createHash } from 'node:crypto';
import type { Row } from '../database/rows';

/** The last place of the chain; 0 and empty before the first one. */
export interface AuditEnd {
  /** How many rows are chained. */
  number: number;
  /** 64 hexadecimal digits. */
  hash: string;
}

export const NOT_BEGUN: AuditEnd = { number: 0, hash: '' };

/** The columns of astaudit that the hash covers: all of them. */
export const AUDIT_COLUMNS = [
  'audit_id',
  'request_id',
  'actor',
  'address',
  'operation',
  'object',
  'state_before',
  'state_after',
  'created_at',
] as const;

/** The next place of a chain that ends at `end`: that of this row of astaudit. */
export const chainedAfter = (end: AuditEnd, row: Row): AuditEnd => ({
  number: end.number + 1,
  hash: hashOf(end.hash, end.number + 1, row),
});

/** Text is in hexadecimal, so that no text can look like two columns, nor like NULL. */
function hashOf(before: string, number: number, row: Row): string {
  const columns = AUDIT_COLUMNS.map(name => {
    const value: unknown = row[name];
    if (value === null) return 'NULL';
    const text = value instanceof Date ? value.toISOString() : String(value);
    return Buffer.from(text, 'utf8').toString('hex');
  });
  return createHash('sha256')
    .update([before, number, ...columns].join('|'))
    .digest('hex');
}

/** What can be wrong with the audit trail. */
export type AuditRule = 'change_follows_the_one_before' | 'change_is_chained' | 'change_is_in_time';

/** One thing that does not match. */
export interface AuditDifference {
  rule: AuditRule;
  /** The row of astaudit; null if no row is left that has a number. */
  audit_id: string | null;
  text: string;
}

/** Transactions overlap and servers of a cluster have clocks of their own, but not by more than this. */
const OUT_OF_TIME_MS = 600_000;

/** Follows the chain, place by place. Pure. */
export class AuditFollower {
  /** What is wrong so far. */
  readonly differences: AuditDifference[] = [];
  private rows = 0;
  /** When the row of the place before was made; null if that is not known. */
  private madeAt: Date | null = null;

  /** `end`: the place before the first one that is followed; it is taken as it is. */
  constructor(private end: AuditEnd = NOT_BEGUN) {}

  /** How many places were followed. */
  get followed(): number {
    return this.rows;
  }

  /** Where the chain ends by now. */
  get reached(): AuditEnd {
    return this.end;
  }

  /** The next place, with its row of astaudit; `audit_id` is null if there is none. */
  follow(row: Row): void {
    const [number, id] = [Number(row.chain_number), String(row.chained_id)];
    const isNext = number === this.end.number + 1;
    if (!isNext) {
      const [from, to] = [this.end.number + 1, number - 1];
      const gone = from === to ? `place ${from} is gone` : `places ${from} to ${to} are gone`;
      this.say('change_follows_the_one_before', id, `it has place ${number} of the chain, and ${gone}`);
    }
    if (row.audit_id === null) {
      this.say('change_follows_the_one_before', id, `it had place ${number} of the chain, and was deleted`);
    } else {
      // What the place before held is not known if that one is gone.
      if (isNext && row.chain_hash !== chainedAfter(this.end, row).hash) {
        const text = `it does not have the hash of what it says and of place ${number - 1}: it was changed`;
        this.say('change_follows_the_one_before', id, text);
      }
      this.lookAtTime(id, row.created_at);
    }
    this.end = { number, hash: row.chain_hash };
    this.rows++;
  }

  say(rule: AuditRule, audit_id: string | null, text: string): void {
    this.differences.push({ rule, audit_id, text });
  }

  private lookAtTime(id: string, createdAt: Date): void {
    const before = this.madeAt;
    this.madeAt = createdAt;
    if (before === null || createdAt.getTime() >= before.getTime() - OUT_OF_TIME_MS) return;
    const text = `it says ${createdAt.toISOString()}, and was chained after a change of ${before.toISOString()}: it was inserted later, or the clock was set back`;
    this.say('change_is_in_time', id, text);
  }
}
