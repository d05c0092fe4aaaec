/** Books with a long history: filled by the database itself, with entries that `ringfence verify` accepts. MariaDB only (its SEQUENCE tables). */
import type { Knex } from 'knex';
import type { Connection } from 'mysql2/promise';
import { openConnection, openDatabase } from '../src/database/connection';
import { write } from '../src/database/rows';
import { chainAudit } from '../src/operator/audit-chain-store';

/** How much history there is. */
export interface Size {
  accounts: number;
  /** In the deck of all accounts. */
  rates: number;
  /** Ended calls; three in four were answered and have an entry. */
  cdrs: number;
}

/** Over so many days the ended calls are spread, up to now. */
export const HISTORY_DAYS = 365;

const ROWS_AT_ONCE = 20_000;
const DAY_MS = 86_400_000;

export const accountNumbered = (number: number): string => `account-${number}`;

/** The lowest prefix of a deck of so many rates: all prefixes are the numbers from it on, equally long. */
export const firstPrefix = (rates: number): number => 10 ** Math.ceil(Math.log10(rates));

/**
 * Fills empty books. `tell` gets a line of progress now and then. Accounts have turns of mode strict and shared. There is one audit row and
 * one event for each account, and a card, a voucher and a known caller for every tenth.
 */
export async function fillBooks(url: string, size: Size, tell: (line: string) => void): Promise<void> {
  const connection = await openConnection(url);
  try {
    // Nothing is lost that another run would not make again.
    await connection.query('SET SESSION unique_checks = 0, foreign_key_checks = 0');
    await new Filler(connection, size, tell).fill();
    await chainAll(url, connection);
  } finally {
    connection.destroy();
  }
}

/** Gives every audit row its place in the chain. */
async function chainAll(url: string, connection: Connection): Promise<void> {
  await write(connection, 'INSERT INTO astauditpending (audit_id) SELECT audit_id FROM astaudit', []);
  const database = openDatabase(url);
  while ((await chainAudit(database, ROWS_AT_ONCE)) > 0);
  await database.destroy();
}

/** Takes away the calls in progress that an earlier measurement left. */
export async function endAllCalls(database: Knex): Promise<void> {
  await database('astcreditres').delete();
  await database('astcdr').whereNull('end_at').delete();
  await database('astaccount')
    .where('active_calls', '>', 0)
    .update({ active_calls: 0, reserved: 0, time_reserved: 0, is_short: 0 });
}

class Filler {
  private readonly beganAt: number;
  private readonly everyMs: number;
  private toldAt = performance.now();

  constructor(
    private readonly connection: Connection,
    private readonly size: Size,
    private readonly tell: (line: string) => void,
  ) {
    // A whole number of milliseconds, so that every instant is exact.
    this.everyMs = Math.max(1, Math.floor((HISTORY_DAYS * DAY_MS) / Math.max(1, size.cdrs)));
    this.beganAt = Date.now() - this.everyMs * size.cdrs - 60_000;
  }

  async fill(): Promise<void> {
    const { accounts, rates, cdrs } = this.size;
    const [deckVersion] = (await this.connection.query(
      `INSERT INTO astratedeckversion (deck, source, rates, longest_prefix, imported_at)
       VALUES ('retail', 'bench', ?, ?, UTC_TIMESTAMP(3))`,
      [rates, String(firstPrefix(rates)).length],
    )) as unknown as [{ insertId: number }];
    const version = deckVersion.insertId;
    await write(this.connection, `INSERT INTO astratedeck (deck, currency, version) VALUES ('retail', 'EUR', ?)`, [
      version,
    ]);
    const trunk = `INSERT INTO asttrunk (trunk, endpoint, cost_deck) VALUES ('carrier', 'PJSIP/{number}@carrier', 'retail')`;
    await write(this.connection, trunk, []);
    await this.inSlices('rates', rates, seq => [
      `INSERT INTO astrate SELECT ${version}, ${firstPrefix(rates)} + seq, seq + 2, CONCAT('Destination ', seq MOD 500), 0.60, 0, 0, 1, 1, 0,
         NULL, NULL, NULL FROM ${seq}`,
    ]);
    await this.inSlices('accounts', accounts, seq => this.accounts(seq));
    // A webhook that got half of these events, waits for a quarter, has none of the last quarter, and wants none of those that follow.
    await write(
      this.connection,
      `INSERT INTO astwebhook (webhook, url, secret, accountcode, status)
       VALUES ('grown', 'http://127.0.0.1:1/', 'a-secret-of-32-characters-or-so!', 'nobody', 'paused')`,
      [],
    );
    await write(
      this.connection,
      `INSERT INTO astdelivery (webhook_id, event_id, state, next_at, ended_at)
       SELECT w.webhook_id, o.event_id, ELT(1 + o.event_id MOD 4, 'delivered', 'dead', 'delivered', 'waiting'), o.created_at,
         IF(o.event_id MOD 4 = 3, NULL, o.created_at) FROM astwebhook AS w, astoutbox AS o`,
      [],
    );
    await this.inSlices('cards, vouchers and callers', Math.ceil(accounts / 10), seq => CARDS(seq));
    for (let first = 0; first < cdrs; ) {
      // Within a turn of all accounts no account has two calls: each entry finds the one before it in its account's row.
      const untilNextTurn = accounts - (first % accounts);
      const next = Math.min(first + Math.min(ROWS_AT_ONCE, untilNextTurn), cdrs);
      await this.calls(version, first, next);
      first = next;
      this.progress(`${first} of ${cdrs} calls`);
    }
    await this.connection.query(
      'ANALYZE TABLE astaccount, astcdr, astledger, astrate, astcreditres, astaudit, astoutbox',
    );
  }

  private accounts(seq: string): string[] {
    const code = `CONCAT('account-', seq)`;
    const hash = `SHA2(CONCAT_WS('|', '', HEX(${code}), 1, 'top_up', HEX('opening'), '1000000.000000', '1000000.000000', ''), 256)`;
    const at = sqlInstant(this.beganAt);
    return [
      `INSERT INTO astaccount (accountcode, name, currency, deck, mode, balance, entry_count, entry_hash, created_at)
       SELECT ${code}, CONCAT('Customer ', seq), 'EUR', 'retail', IF(seq MOD 2, 'shared', 'strict'), 1000000, 1, ${hash}, ${at} FROM ${seq}`,
      `INSERT INTO astledger (accountcode, entry_number, kind, reference, amount, balance_after, actor, created_at, entry_hash)
       SELECT ${code}, 1, 'top_up', 'opening', 1000000, 1000000, 'cli:bench', ${at}, ${hash} FROM ${seq}`,
      `INSERT INTO astaudit (request_id, actor, operation, object, state_after, created_at)
       SELECT UUID(), 'cli:bench', 'account create', CONCAT('account account-', seq), '{"deck":"retail"}', ${at} FROM ${seq}`,
      `INSERT INTO astoutbox (kind, accountcode, facts, actor, created_at, dispatched)
       SELECT 'money_moved', ${code}, '{"amount":"1000000.00"}', 'cli:bench', ${at}, 1 FROM ${seq}`,
    ];
  }

  /** The calls with the numbers from `first` to below `next`, their entries, and the ends of their accounts' chains. */
  private async calls(version: number, first: number, next: number): Promise<void> {
    const { accounts, rates } = this.size;
    const [at, until] = [first, next].map(number => sqlInstant(this.beganAt + number * this.everyMs));
    const prefix = `${firstPrefix(rates)} + (seq * 7919) MOD ${rates}`;
    const start = `${sqlInstant(this.beganAt)} + INTERVAL seq * ${this.everyMs} * 1000 MICROSECOND`;
    await write(
      this.connection,
      `INSERT INTO astcdr (uniqueid, accountcode, node, src, dst, trunk, start_at, answer_at, end_at, duration, billsec, billed_seconds, cost,
         currency, disposition, hangup_cause, hangup_source, evidence, refusal, max_cost, granted_seconds, cap_seconds, rate_deck, rate_version,
         rate_prefix, rate_destination, rate_price_per_minute, trunk_cost, trunk_currency)
       SELECT CONCAT('history-', UNIX_TIMESTAMP(start_at) DIV 1, '.', seq), CONCAT('account-', seq MOD ${accounts}), 'history', '4930123456',
         CONCAT(prefix, LPAD((seq * 31) MOD 10000000, 7, '0')), IF(fate < 99, 'carrier', ''), start_at,
         IF(fate < 75, start_at + INTERVAL 5 SECOND, NULL), start_at + INTERVAL IF(fate < 75, 5 + talk, 20) SECOND,
         IF(fate < 75, 5 + talk, 20), IF(fate < 75, talk, 0), IF(fate < 75, talk, 0), IF(fate < 75, talk / 100, 0), 'EUR',
         CASE WHEN fate < 75 THEN 'ANSWERED' WHEN fate < 88 THEN 'NO ANSWER' WHEN fate < 96 THEN 'BUSY' ELSE 'FAILED' END,
         IF(fate < 75, 16, 17), IF(fate MOD 2, 'caller', 'callee'), 'event', IF(fate < 99, NULL, 'insufficient_balance'),
         IF(fate < 99, 36, 0), IF(fate < 99, 3600, 0), IF(fate < 99, 3600, 0), 'retail', ${version}, prefix,
         CONCAT('Destination ', ((seq * 7919) MOD ${rates}) MOD 500), 0.60, IF(fate < 75, talk / 200, NULL), IF(fate < 75, 'EUR', NULL)
       FROM (SELECT seq, ${start} AS start_at, ${prefix} AS prefix, CRC32(seq) MOD 100 AS fate, 10 + CRC32(CONCAT('talk', seq)) MOD 300 AS talk
         FROM seq_${first}_to_${next - 1}) AS made`,
      [],
    );
    const [entered] = (await this.connection.query(
      `INSERT INTO astledger (accountcode, entry_number, kind, reference, amount, balance_after, created_at, entry_hash)
       SELECT accountcode, number, 'call_charge', uniqueid, amount, balance_after, end_at, SHA2(CONCAT_WS('|', entry_hash, HEX(accountcode),
         number, 'call_charge', HEX(uniqueid), amount, balance_after, ''), 256)
       FROM (SELECT a.accountcode, a.entry_count + 1 AS number, c.uniqueid, CAST(-c.cost AS DECIMAL(20, 6)) AS amount,
           CAST(a.balance - c.cost AS DECIMAL(20, 6)) AS balance_after, c.end_at, a.entry_hash
         FROM astcdr c STRAIGHT_JOIN astaccount a ON a.accountcode = c.accountcode
         WHERE c.start_at >= ${at} AND c.start_at < ${until} AND c.cost > 0) AS charged`,
    )) as unknown as [{ insertId: number; affectedRows: number }];
    await write(
      this.connection,
      `UPDATE astledger l STRAIGHT_JOIN astaccount a ON a.accountcode = l.accountcode
       SET a.balance = l.balance_after, a.entry_count = l.entry_number, a.entry_hash = l.entry_hash WHERE l.entry_id >= ?`,
      [entered.insertId],
    );
  }

  private async inSlices(what: string, count: number, statements: (seq: string) => string[]): Promise<void> {
    for (let first = 0; first < count; first += ROWS_AT_ONCE) {
      const next = Math.min(first + ROWS_AT_ONCE, count);
      for (const statement of statements(`seq_${first}_to_${next - 1}`)) await write(this.connection, statement, []);
      this.progress(`${next} of ${count} ${what}`);
    }
  }

  private progress(line: string): void {
    const EVERY_MS = 10_000;
    if (performance.now() - this.toldAt < EVERY_MS) return;
    this.toldAt = performance.now();
    this.tell(line);
  }
}

const CARDS = (seq: string): string[] => [
  `INSERT INTO astcard (serial, batch, code_hash, code_key, value, currency, deck)
   SELECT seq + 1, CONCAT('batch-', seq DIV 10000), UNHEX(SHA2(seq, 256)), 'bench', 10, 'EUR', 'retail' FROM ${seq}`,
  `INSERT INTO astvoucher (serial, batch, code_hash, code_key, status, value, currency)
   SELECT seq + 1, CONCAT('batch-', seq DIV 10000), UNHEX(SHA2(seq, 256)), 'bench', 'active', 10, 'EUR' FROM ${seq}`,
  `INSERT INTO astcaller (number, accountcode, created_at)
   SELECT 4930000000 + seq, CONCAT('account-', seq * 10), '2026-01-01' FROM ${seq}`,
];

const sqlInstant = (ms: number): string => `TIMESTAMP '${new Date(ms).toISOString().replace('T', ' ').slice(0, 23)}'`;
