import type { Knex } from 'knex';
import type { WrongLine } from '../operator/operator-refusal';
import { wrong } from './rate-line';

/** The days on which a line rates its prefix. */
interface Span {
  line: number;
  /** First and last day, `2026-12-31`; null for no bound. */
  from: string | null;
  until: string | null;
}

const ROWS_AT_ONCE = 5_000;

/** Far more than any deck needs for one prefix. Each is compared with all before it, and each call's start reads them all. */
const MOST_LINES_A_PREFIX = 1_000;

/**
 * The lines of a version that rate their prefix on a day for which an earlier line does, which would leave the price of a call to chance;
 * and those beyond 1,000 of a prefix. Prefix by prefix.
 *
 * Reads only prefixes with several lines, a page at a time: to remember all prefixes of a million lines took 100 MB. Assumes that all lines
 * are there, and that none comes or goes.
 */
export async function* overlapsOf(database: Knex, version: number): AsyncGenerator<WrongLine> {
  let last = { prefix: '', line: 0 };
  let spans: Span[] = [];
  for (;;) {
    const [rows] = await database.raw(
      `SELECT prefix, line, DATE_FORMAT(valid_from, '%Y-%m-%d') AS valid_from, DATE_FORMAT(valid_until, '%Y-%m-%d') AS valid_until
       FROM astrate r WHERE version = ? AND prefix >= ? AND NOT (prefix = ? AND line <= ?)
         AND EXISTS (SELECT 1 FROM astrate o WHERE o.version = r.version AND o.prefix = r.prefix AND o.line <> r.line)
       ORDER BY prefix, line LIMIT ?`,
      [version, last.prefix, last.prefix, last.line, ROWS_AT_ONCE],
    );
    for (const { prefix, line, valid_from: from, valid_until: until } of rows) {
      if (prefix !== last.prefix) spans = [];
      last = { prefix, line };
      const named = `prefix ${JSON.stringify(prefix)}`;
      if (spans.length === MOST_LINES_A_PREFIX) {
        const problem = `${named} has more than ${MOST_LINES_A_PREFIX} lines: leave out what is past`;
        yield { line, ...wrong('prefix_too_often', problem, { prefix, most: MOST_LINES_A_PREFIX }) };
        continue;
      }
      const span: Span = { line, from, until };
      const earlier = spans.find(other => startsBeforeEnd(span, other) && startsBeforeEnd(other, span));
      spans.push(span);
      if (earlier) {
        const problem = `${named} is in line ${earlier.line} for the same days: keep one of the two`;
        yield { line, ...wrong('prefix_twice', problem, { prefix, earlier: earlier.line }) };
      }
    }
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

const startsBeforeEnd = (one: Span, other: Span): boolean =>
  one.from === null || other.until === null || one.from <= other.until;
