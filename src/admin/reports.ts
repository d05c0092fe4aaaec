/** The queries of sql/reports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import type { TypeCastField } from 'mysql2';
import { projectRoot } from '../config/project-root';
import { orFault } from '../database/fault';
import { type RowStream, streamRows } from '../database/row-stream';
import { type Micros, parseAmount } from '../money/micros';
import { type Cell, Decimal } from '../operator/csv';
import type { Fact, Facts } from '../operator/facts';
import { invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import { ZonedTime, zonedDay } from '../operator/zoned-store';

const FOLDER = join(projectRoot, 'sql', 'reports');

/** The period of a report of calls, as its file has it: ready to paste, and replaced where another period is asked for. */
const LAST_DAYS = 'c.start_at >= UTC_DATE() - INTERVAL 30 DAY';
const DAYS = 30;

/** What depends on the zone, as files have it for UTC: the hour and the day of a call, and when the last 24 hours begin. */
const HOUR = "CAST(DATE_FORMAT(c.start_at, '%Y-%m-%d %H:00:00') AS DATETIME)";
const DAY = "DATE_FORMAT(c.start_at, '%Y-%m-%d')";
const LAST_HOURS = "DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 23 HOUR, '%Y-%m-%d %H:00:00')";

/** A file of sql/reports. */
export interface Report {
  name: string;
  /** The first sentence of its comment. */
  meaning: string;
  sql: string;
}

/** All reports in the order of their names. */
export const reports = (folder = FOLDER): Report[] =>
  readdirSync(folder)
    .filter(file => file.endsWith('.sql'))
    .sort()
    .map(file => {
      const sql = readFileSync(join(folder, file), 'utf8');
      const comment = sql.match(/^--.*$/gm)?.map(line => line.replace(/^--\s*/, '')) ?? [];
      return { name: file.slice(0, -4), meaning: comment.join(' ').split(/[.:;] /)[0] ?? '', sql };
    });

/** The report. @throws Refused report_not_found, with the names of the reports that exist. */
export function reportNamed(name: string): Report {
  const known = reports();
  const report = known.find(each => each.name === name);
  if (report) return report;
  const names = known.map(each => each.name).join(', ');
  throw new Refused(
    'report_not_found',
    `report ${JSON.stringify(name)} does not exist: the reports are ${names}`,
  ).about({ report: name });
}

/** Whether a report is of the calls of a period: the last 30 days if no other one is asked for. */
export const hasPeriod = ({ sql }: Pick<Report, 'sql'>): boolean => sql.includes(LAST_DAYS);

/** Whether a report has hours or days, or a period in days: those of UTC if no other zone is asked for. */
export const hasZone = ({ sql }: Pick<Report, 'sql'>): boolean =>
  [LAST_DAYS, HOUR, DAY, LAST_HOURS].some(part => sql.includes(part));

/**
 * The report of the calls that started at `from` or later and before `to`; each is open if it is not given, and without both they are of the
 * last 30 days. Hours and days are those of `zone`; of UTC if it is not given. `now`: ms since 1970.
 * @throws Refused field_invalid if the report has no period, or nothing that a zone changes
 */
export function within(
  report: Report,
  { from, to, zone }: { from?: Date; to?: Date; zone?: string },
  now: number,
): Report {
  const given = Object.entries({ from, to }).filter(([, at]) => at !== undefined) as [string, Date][];
  const [first] = given;
  if (first && !hasPeriod(report)) {
    const [field, instant] = first;
    throw invalid(
      field,
      instant.toISOString(),
      `is no field of report ${report.name}, which has no period: leave it out`,
    );
  }
  if (zone !== undefined && !hasZone(report)) {
    throw invalid('zone', zone, `is no field of report ${report.name}, which has neither hours nor days: leave it out`);
  }
  const bounds = given.map(([name, at]) => `c.start_at ${name === 'from' ? '>=' : '<'} '${sqlTime(at)}'`).join(' AND ');
  if (zone === undefined) return first ? { ...report, sql: report.sql.replaceAll(LAST_DAYS, bounds) } : report;
  const ofLastDays = first ? null : zonedDay(zone, now, DAYS);
  const begins = ofLastDays ?? from;
  // No call started later than now, and clocks of 8,000 years take seconds.
  const time = new ZonedTime(zone, {
    ...(begins && { from: begins.getTime() }),
    to: Math.min(to?.getTime() ?? now, now),
  });
  const sql = report.sql
    .replaceAll(LAST_DAYS, ofLastDays ? `c.start_at >= '${sqlTime(ofLastDays)}'` : bounds)
    .replaceAll(HOUR, time.hour('c.start_at'))
    .replaceAll(DAY, time.day('c.start_at'))
    .replaceAll(LAST_HOURS, time.hour('(UTC_TIMESTAMP() - INTERVAL 23 HOUR)'));
  return { ...report, sql };
}

const [FIRST_MS, LAST_MS] = [Date.UTC(1000, 0, 1), Date.UTC(9999, 11, 31)];

/** As a DATETIME has it. No call started before or after the years that one can hold. */
const sqlTime = (at: Date): string =>
  new Date(Math.min(Math.max(at.getTime(), FIRST_MS), LAST_MS)).toISOString().slice(0, 23).replace('T', ' ');

/**
 * The rows as the query returns them: numbers as decimals, times as text in UTC. A database client shows the same. Only the first `limit` of
 * them if it is given. @throws DatabaseFault
 */
export function runReport(database: Knex, { sql }: Report, limit?: number): Promise<Facts[]> {
  const rowsOf = async (connection: Knex): Promise<Facts[]> => {
    const [rows] = await connection.raw(sql).options({ typeCast: asTold });
    return rows as Facts[];
  };
  return orFault(() => {
    if (limit === undefined) return rowsOf(database);
    // The server itself counts: a LIMIT around the query would lose its order.
    return database.transaction(async transaction => {
      await transaction.raw('SET SESSION sql_select_limit = ?', [limit]);
      try {
        // It does not count where the query has a LIMIT of its own.
        return (await rowsOf(transaction)).slice(0, limit);
      } finally {
        // Also after a query that failed: the connection goes on, and would cut off what others select.
        await transaction.raw('SET SESSION sql_select_limit = DEFAULT');
      }
    });
  });
}

/** The same rows, one after another while they are read, with times and numbers that can be written in any style. @throws DatabaseFault */
export const streamReport = (
  database: Knex,
  { sql }: Report,
  { limit, signal }: { limit?: number; signal: AbortSignal },
): Promise<RowStream<Cell>> =>
  streamRows(database, sql, { ...(limit !== undefined && { limit }), cellOf: asCell, signal });

/** Times of the database are UTC. */
function asCell(field: TypeCastField): Cell {
  if (field.type !== 'DATETIME' && field.type !== 'TIMESTAMP') {
    const fact = asTold(field);
    return field.type === 'NEWDECIMAL' && typeof fact === 'string' ? new Decimal(fact) : fact;
  }
  const text = field.string();
  return text === null ? null : new Date(`${text.replace(' ', 'T')}Z`);
}

const NUMBERS = ['TINY', 'SHORT', 'INT24', 'LONG', 'LONGLONG'];

function asTold(field: TypeCastField): Fact {
  const text = field.string();
  if (text === null) return null;
  if (field.type === 'NEWDECIMAL' || field.type === 'DECIMAL')
    return text.includes('.') ? amountOr(text) : Number(text);
  return NUMBERS.includes(field.type) ? Number(text) : text;
}

/** An amount has six decimals, like its column. A share or a number of minutes has fewer, and stays as it is. */
const amountOr = (text: string): Micros | string => (/\.\d{6}$/.test(text) ? parseAmount(text) : text);
