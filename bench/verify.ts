/**
 * How long `ringfence verify` takes for a ledger of many entries: `npm run bench:verify`.
 *
 * The baseline is the least possible work, reading the same rows page by page over one connection. Beside it the whole proof, and the proof
 * since an earlier one, with a thousandth of the entries come since. No calls: the ledger alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { misuse, readOptions, wholeOption } from '../lab/options';
import { startMariadb } from '../lab/servers/mariadb';
import { startMysql } from '../lab/servers/mysql';
import type { LedgerEntry } from '../src/credit/books';
import { insertEntries } from '../src/credit/call-store';
import { type AccountEnd, type ChainEnd, chained, endAt, NO_ENTRIES } from '../src/credit/entry-chain';
import { verify, verifySince } from '../src/credit/verify';
import { openConnection } from '../src/database/connection';
import { type Row, select } from '../src/database/rows';
import { decimalOf } from '../src/database/values';
import { type Micros, micros, parseAmount, ZERO } from '../src/money/micros';
import { emptyBooks } from './books';

const AT_ONCE = 5_000;
const ONE = parseAmount('1');

const USAGE = `usage: npm run bench:verify -- [options]

  --engine <name>    mariadb or mysql (mariadb)
  --entries <n>      of the ledger (1000000)
  --accounts <n>     that they are of (1000)
  --json             the result as indented JSON at the end

example: npm run bench:verify -- --engine mysql --entries 100000`;

async function main(): Promise<void> {
  const values = readOptions(USAGE, {
    engine: { type: 'string', default: 'mariadb' },
    entries: { type: 'string', default: '1000000' },
    accounts: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
  });
  const { engine } = values;
  if (engine !== 'mariadb' && engine !== 'mysql') misuse(`--engine ${engine}: mariadb or mysql`);
  const entries = wholeOption('entries', values.entries);
  const accounts = wholeOption('accounts', values.accounts);

  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await (engine === 'mysql' ? startMysql : startMariadb)({ dir });
  try {
    const { url, database } = await emptyBooks(server.url);
    await database.destroy();
    const connection = await openConnection(url);
    const ledger = new FilledLedger(connection, accounts);
    await ledger.grow(entries);
    const readMs = await timed(() => readAll(connection));
    const ends: AccountEnd[] = [];
    const whole = await verify(connection, { onEnds: more => ends.push(...more) });
    await ledger.grow(Math.ceil(entries / 1_000));
    const since = await verifySince(connection, ends);
    connection.destroy();
    const wrong = [...whole.differences, ...since.differences];
    if (wrong.length > 0) throw new Error(`the books do not balance: ${JSON.stringify(wrong[0])}`);
    const rows = [
      { what: 'the rows are only read', entries, ms: readMs },
      { what: 'verify', entries: whole.entries, ms: whole.elapsedMs },
      { what: 'verify --since', entries: since.entries, ms: since.elapsedMs },
    ].map(row => ({ ...row, ratio: row.ms / readMs }));
    console.log(`\n${server.engine} ${server.version}, ${accounts} accounts`);
    console.log('                             entries       ms   times the reading');
    for (const { what, entries: count, ms, ratio } of rows) {
      const cells = [
        what.padEnd(24),
        String(count).padStart(11),
        String(ms).padStart(8),
        ratio.toFixed(2).padStart(19),
      ];
      console.log(`  ${cells.join(' ')}`);
    }
    if (values.json) console.log(JSON.stringify(rows, null, 2));
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Accounts are topped up in turn, by 1.00 each time. */
class FilledLedger {
  private readonly ends = new Map<string, ChainEnd & { balance: Micros }>();
  private written = 0;

  constructor(
    private readonly connection: Connection,
    private readonly accounts: number,
  ) {}

  async grow(more: number): Promise<void> {
    for (let left = more; left > 0; left -= AT_ONCE) {
      const entries = Array.from({ length: Math.min(left, AT_ONCE) }, () => this.next());
      await insertEntries(this.connection, entries);
    }
    const rows = [...this.ends].map(([accountcode, { entryCount, entryHash, balance }]) => [
      accountcode,
      'EUR',
      'retail',
      decimalOf(balance),
      entryCount,
      entryHash,
    ]);
    await this.connection.query('DELETE FROM astaccount');
    const columns = 'accountcode, currency, deck, balance, entry_count, entry_hash';
    await this.connection.query(`INSERT INTO astaccount (${columns}) VALUES ?`, [rows]);
  }

  private next(): LedgerEntry {
    const accountcode = `account-${this.written % this.accounts}`;
    const end = this.ends.get(accountcode) ?? { ...NO_ENTRIES, balance: ZERO };
    const balance = micros(end.balance + ONE);
    const reference = `payment-${this.written++}`;
    const entry = chained(end, {
      accountcode,
      kind: 'top_up',
      reference,
      amount: ONE,
      balanceAfter: balance,
      reason: '',
    });
    this.ends.set(accountcode, { ...endAt(entry), balance });
    return entry;
  }
}

async function readAll(connection: Connection): Promise<void> {
  for (let after = '0'; ; ) {
    const text = `SELECT * FROM astledger WHERE entry_id > ? ORDER BY entry_id LIMIT ${AT_ONCE}`;
    const rows = await select(connection, text, [after]);
    if (rows.length < AT_ONCE) return;
    after = (rows.at(-1) as Row).entry_id;
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return Math.round(performance.now() - startedAt);
}

main().catch(error => {
  console.error(`bench:verify: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
