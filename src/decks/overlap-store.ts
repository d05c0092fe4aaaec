import type { Knex } from 'knex';
import type { WrongLine } from '../operator/operator-refusal';
import { wrong } from './columns';

/** The days on which a line rates its prefix, by its schedule or where none holds. */
interface Span {
  line: number;
  schedule: string;
  /** First and last day, `2026-12-31`; null for no bound. */
  from: string | null;
  until: string | null;
}

const ROWS_AT_ONCE = 5_000;

/** Far more than any deck needs for one prefix. Each is compared with all before it, and each call's start reads them all. */
const MOST_LINES_A_PREFIX = 1_000;

/** Schedules of one prefix: as many lines fit into a call's record. */
const MOST_SCHEDULES = 5;

/**
 * The lines of a version that rate their prefix on a day for which an earlier line of the same schedule does, which would leave the price of a call
 * to chance; those of a schedule on a day for which the prefix has no line without one; those of a sixth schedule; and those beyond 1,000 of a
 * prefix. Prefix by prefix.
 *
 * Reads only prefixes with several lines or a schedule, a page at a time: to remember all prefixes of a million lines took 100 MB. Assumes that all lines
 * are there, and that none comes or goes.
 */
export async function* overlapsOf(database: Knex, version: number): AsyncGenerator<WrongLine> {
  let last = { prefix: '', line: 0 };
  let spans: Span[] = [];
  for (;;) {
    const [rows] = await database.raw(
      `SELECT prefix, line, schedule, DATE_FORMAT(valid_from, '%Y-%m-%d') AS valid_from, DATE_FORMAT(valid_until, '%Y-%m-%d') AS valid_until
       FROM astrate r WHERE version = ? AND prefix >= ? AND NOT (prefix = ? AND line <= ?)
         AND (schedule <> '' OR EXISTS (SELECT 1 FROM astrate o WHERE o.version = r.version AND o.prefix = r.prefix AND o.line <> r.line))
       ORDER BY prefix, line LIMIT ?`,
      [version, last.prefix, last.prefix, last.line, ROWS_AT_ONCE],
    );
    for (const { prefix, line, schedule, valid_from: from, valid_until: until } of rows) {
      if (prefix !== last.prefix) {
        yield* withoutDefault(last.prefix, spans);
        spans = [];
      }
      last = { prefix, line };
      const named = `prefix ${JSON.stringify(prefix)}`;
      if (spans.length === MOST_LINES_A_PREFIX) {
        const problem = `${named} has more than ${MOST_LINES_A_PREFIX} lines: leave out what is past`;
        yield { line, ...wrong('prefix_too_often', problem, { prefix, most: MOST_LINES_A_PREFIX }) };
        continue;
      }
      const span: Span = { line, schedule, from, until };
      const earlier = spans.find(other => other.schedule === schedule && meets(span, other));
      spans.push(span);
      if (earlier) {
        const by = schedule === '' ? '' : ` by schedule ${JSON.stringify(schedule)}`;
        const problem = `${named} is in line ${earlier.line} for the same days${by}: keep one of the two`;
        const facts = { prefix, earlier: earlier.line, ...(schedule !== '' && { schedule }) };
        yield { line, ...wrong('prefix_twice', problem, facts) };
      }
    }
    if (rows.length < ROWS_AT_ONCE) {
      yield* withoutDefault(last.prefix, spans);
      return;
    }
  }
}

/** What is wrong with the lines of one prefix that have a schedule. */
function* withoutDefault(prefix: string, spans: readonly Span[]): Generator<WrongLine> {
  const named = `prefix ${JSON.stringify(prefix)}`;
  const scheduled = spans.filter(({ schedule }) => schedule !== '');
  const always = spans.filter(({ schedule }) => schedule === '');
  for (const [at, span] of scheduled.entries()) {
    const { line, schedule } = span;
    const gap = firstGap(span, always);
    if (gap !== null) {
      const quoted = JSON.stringify(schedule);
      const problem = `${named} has schedule ${quoted} and no line without a schedule for ${gap || 'all days'}: add one, for the hours in which no schedule holds`;
      yield { line, ...wrong('schedule_alone', problem, { prefix, schedule, ...(gap !== '' && { day: gap }) }) };
    }
    const beside = new Set(
      scheduled
        .slice(0, at)
        .filter(other => meets(span, other))
        .map(other => other.schedule),
    );
    if (beside.size >= MOST_SCHEDULES && !beside.has(schedule)) {
      const problem = `${named} has more than ${MOST_SCHEDULES} schedules for the same days: leave one out`;
      yield { line, ...wrong('schedules_too_many', problem, { prefix, most: MOST_SCHEDULES }) };
    }
  }
}

/** The first day of a span that none of the others has, '' if it has no first day; null if they have them all. */
function firstGap({ from, until }: Span, others: readonly Span[]): string | null {
  const inOrder = [...others].sort((one, other) => ((one.from ?? '') < (other.from ?? '') ? -1 : 1));
  let day = from ?? '';
  for (const other of inOrder) {
    if ((other.from ?? '') > day || (other.until !== null && other.until < day)) continue;
    if (other.until === null || other.until === LAST_DAY || (until !== null && other.until >= until)) return null;
    day = dayAfter(other.until);
  }
  return day;
}

/** The last that a DATE holds. */
const LAST_DAY = '9999-12-31';

const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

const meets = (one: Span, other: Span): boolean => startsBeforeEnd(one, other) && startsBeforeEnd(other, one);

const startsBeforeEnd = (one: Span, other: Span): boolean =>
  one.from === null || other.until === null || one.from <= other.until;
