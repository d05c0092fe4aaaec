import type { Command } from 'commander';
import type { Knex } from 'knex';
import { openDatabase } from '../database/connection';
import { checkSchema } from '../database/migrate';
import { hangUpOn } from '../doors/hang-up';
import { mailerOf } from '../mail/mailer';
import { actingOnCommandLine, type OperatorRequest } from '../operator/acting';
import { CHAINED_AT_ONCE, chainAudit } from '../operator/audit-chain-store';
import { type Facts, plainJson } from '../operator/facts';
import { wholeField } from '../operator/fields';
import { MOST_ROWS, type Page, type PageRequest } from '../operator/page';
import { readSettings, type Settings } from '../settings';
import { recordText, tableText } from './table';
import type { Terminal } from './terminal';

/** Exit codes of every command. */
export const EXIT = { done: 0, fault: 1, usage: 2, refused: 3 } as const;

/** Ends a command with an exit code, after the command has printed everything. */
export class Ended extends Error {
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

/** What a command works with. */
export interface Context {
  settings: Settings;
  /** Its schema is exactly that of this Ringfence. */
  database: Knex;
  /** The same database, with the actor and what operations need of the settings. */
  acting: OperatorRequest;
  print: Printer;
  terminal: Terminal;
}

/** Prints what a command found or did: as a table for a person, as JSON for a machine. */
export class Printer {
  constructor(
    private readonly terminal: Terminal,
    readonly json: boolean,
  ) {}

  record(facts: Facts): void {
    this.terminal.out(this.json ? `${plainJson(facts)}\n` : recordText(facts));
  }

  /** One of very many items, for a machine that reads line by line: the items are not collected first. */
  line(facts: Facts): void {
    this.terminal.out(`${plainJson(facts, 0)}\n`);
  }

  /** Prints what was done: a sentence for a person, the facts for a machine. */
  done(sentence: string, facts: object): void {
    this.terminal.out(this.json ? `${plainJson(facts)}\n` : `${sentence}\n`);
  }

  /** Prints all rows. */
  rows(rows: Facts[], none: string): void {
    if (this.json) this.terminal.out(`${plainJson(rows)}\n`);
    else this.terminal.out(rows.length === 0 ? `${none}\n` : tableText(rows));
  }

  /** Prints a part of a list, and how many more rows there are. `none`: the text for an empty list. `beside`: further lists for a machine. */
  list(page: Page<Facts>, { limit, offset }: PageRequest, none: string, beside: Record<string, Facts[]> = {}): void {
    const { items, total = items.length, isMore, since } = page;
    const number = offset / limit + 1;
    const more = total - offset - items.length;
    if (this.json) {
      const beyond = { ...(isMore && { total_is_exact: false }), is_more: isMore || more > 0, ...(since && { since }) };
      this.terminal.out(`${plainJson({ items, total, ...beyond, page: number, limit, ...beside })}\n`);
      return;
    }
    if (items.length === 0) {
      this.terminal.out(offset === 0 ? `${none}\n` : `nothing on page ${number}: there are ${total} in all\n`);
    } else {
      this.terminal.out(tableText(items));
      const count = more > 0 ? `${isMore ? 'more than ' : ''}${more} ` : '';
      const forAll = isMore || since || total > MOST_ROWS ? '' : `, or --limit ${total} for all`;
      if (isMore || more > 0) this.terminal.out(`${count}more: --page ${number + 1}${forAll}\n`);
    }
    if (since) {
      const from = since.toISOString();
      this.terminal.out(`only rows since ${from} were looked at, because there are many; older ones: --to ${from}\n`);
    }
  }
}

/** A command with --json and an example at the end of its help. */
export function addCommand(parent: Command, usage: string, description: string, example: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option('--json', 'print JSON: amounts as decimal texts, times as ISO 8601 in UTC')
    .addHelpText('after', `\nExample:\n  ringfence ${example}`);
}

/** Adds the options of a list's pages. */
export const addPaging = (command: Command): Command =>
  command.option('--limit <rows>', 'rows of a page', '20').option('--page <number>', 'which page, from 1', '1');

/** The options of a list's pages. */
interface Paging {
  limit: string;
  page: string;
}

export function pageOf({ limit, page }: Paging): PageRequest {
  const rows = wholeField('limit', limit, 1, MOST_ROWS);
  return { limit: rows, offset: (wholeField('page', page, 1, 1_000_000) - 1) * rows };
}

/** How many portions of the audit trail a command chains at most; a service does the rest. */
const MOST_PORTIONS = 10;

/** Chains what was changed, in case no service runs. Whether that succeeds is none of the command's business. */
export async function chainChanges(database: Knex): Promise<void> {
  try {
    for (let portion = 0; portion < MOST_PORTIONS; portion++) {
      if ((await chainAudit(database)) < CHAINED_AT_ONCE) return;
    }
  } catch {
    // The rows wait, and "ringfence verify" tells if they wait for long.
  }
}

/** An action that needs the settings and a database with our schema. The database is closed in every case. */
export function withDatabase<Args extends unknown[]>(
  terminal: Terminal,
  action: (context: Context, ...args: Args) => Promise<void>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.pop() as Command;
    const settings = readSettings(terminal.environment);
    const database = openDatabase(settings.databaseUrl);
    try {
      await checkSchema(database);
      const print = new Printer(terminal, command.opts().json === true);
      const service = {
        ...settings,
        hangUpOn: (node: string) => hangUpOn(settings, node),
        mailer: mailerOf(settings),
      };
      const acting = actingOnCommandLine(database, service);
      try {
        await action({ settings, database, acting, print, terminal }, ...(args as Args));
      } finally {
        await chainChanges(database);
      }
    } finally {
      await database.destroy();
    }
  };
}
