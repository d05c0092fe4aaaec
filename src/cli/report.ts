import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { TypeCastField } from 'mysql2';
import { projectRoot } from '../config/project-root';
import { openConnection } from '../database/connection';
import { asFault } from '../database/fault';
import { type Micros, parseAmount } from '../money/micros';
import { type Fact, type Facts, plainJson } from '../operator/facts';
import { Refused } from '../operator/operator-refusal';
import { addCommand, withDatabase } from './command';
import { tableText } from './table';
import type { Terminal } from './terminal';

const FOLDER = join(projectRoot, 'sql', 'reports');

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

export function addReportCommand(program: Command, terminal: Terminal): void {
  addCommand(
    program,
    'report [name]',
    'run a query of sql/reports; without a name, list them. Times are UTC',
    'report top-destinations',
  ).action(
    withDatabase(terminal, async ({ settings, print }, name: string | undefined) => {
      const known = reports();
      const rows =
        name === undefined
          ? known.map(report => ({ report: report.name, meaning: report.meaning }))
          : await rowsOf(settings.databaseUrl, named(known, name));
      if (print.json) terminal.out(`${plainJson(rows)}\n`);
      else terminal.out(rows.length === 0 ? 'nothing to report\n' : tableText(rows));
    }),
  );
}

function named(known: Report[], name: string): Report {
  const report = known.find(each => each.name === name);
  if (report) return report;
  const names = known.map(each => each.name).join(', ');
  throw new Refused('report_not_found', `report ${JSON.stringify(name)} does not exist: the reports are ${names}`);
}

/** The rows as the query returns them: numbers as decimals, times as text in UTC, as in a database client. */
async function rowsOf(databaseUrl: string, report: Report): Promise<Facts[]> {
  const connection = await openConnection(databaseUrl);
  try {
    const [rows] = await connection.query({ sql: report.sql, typeCast: asTold });
    return rows as Facts[];
  } catch (error) {
    throw asFault(error);
  } finally {
    connection.destroy();
  }
}

const NUMBERS = ['TINY', 'SHORT', 'INT24', 'LONG', 'LONGLONG'];

function asTold(field: TypeCastField): Fact {
  const text = field.string();
  if (text === null) return null;
  if (field.type === 'NEWDECIMAL' || field.type === 'DECIMAL')
    return text.includes('.') ? amountOr(text) : Number(text);
  return NUMBERS.includes(field.type) ? Number(text) : text;
}

/** An amount has six decimals as its column; a share or a number of minutes has fewer and stays as it is. */
const amountOr = (text: string): Micros | string => (/\.\d{6}$/.test(text) ? parseAmount(text) : text);
