/**
 * The chain of the audit trail in the database: astauditchain.
 *
 * A change writes its row into astaudit and, in the same transaction, the row's number into astauditpending. Rows get their places in the
 * chain a moment after their COMMIT, in a transaction of their own: no change waits for another one, and no lock on the end of the chain can
 * stand between two changes. Rows that commit late come late in the chain. Numbers that a lost transaction took are missing nowhere.
 */
import type { Knex } from 'knex';
import type { Connection } from 'mysql2/promise';
import { inTransaction } from '../database/connection';
import { isFault } from '../database/fault';
import { firstSince } from '../database/growing-table';
import { insertRows, type Row, type Sql, select, sqlOf, write } from '../database/rows';
import { inSnapshot } from '../database/snapshot';
import {
  AUDIT_COLUMNS,
  type AuditDifference,
  type AuditEnd,
  AuditFollower,
  chainedAfter,
  NOT_BEGUN,
} from './audit-chain';

/** How many rows one transaction chains. */
export const CHAINED_AT_ONCE = 500;

const COLUMNS = AUDIT_COLUMNS.map(name => `a.${name}`).join(', ');

/**
 * Gives places to the oldest rows that wait for one. Returns how many, `atMost` if there may be more.
 *
 * Any number of processes may do so at once: the number of a place is unique, so one of them wins, and the others return 0.
 * @throws DatabaseFault
 */
export async function chainAudit(database: Knex, atMost = CHAINED_AT_ONCE): Promise<number> {
  // Without a transaction, as there is nothing to do most of the time.
  const waiting = await database('astauditpending').first('audit_id');
  if (!waiting) return 0;
  try {
    return await inTransaction(database, transaction => chainOldest(sqlOf(transaction), atMost), { idempotent: true });
  } catch (error) {
    if (isFault(error, 'duplicate')) return 0;
    throw error;
  }
}

async function chainOldest(sql: Sql, atMost: number): Promise<number> {
  const rows = await select(
    sql,
    `SELECT ${COLUMNS} FROM astauditpending p JOIN astaudit a ON a.audit_id = p.audit_id
     LEFT JOIN astauditchain c ON c.audit_id = p.audit_id WHERE c.audit_id IS NULL ORDER BY p.audit_id LIMIT ${atMost}`,
  );
  if (rows.length === 0) return 0;
  let end = await endOf(sql);
  const places = rows.map(row => {
    end = chainedAfter(end, row);
    return [end.number, row.audit_id, end.hash];
  });
  await insertRows(sql, 'astauditchain', ['chain_number', 'audit_id', 'chain_hash'], places);
  // By its key, whatever the table's size: a scan would wait for the rows of changes that are not committed yet.
  await write(sql, 'DELETE p FROM astauditpending p FORCE INDEX (PRIMARY) WHERE p.audit_id IN (?)', [
    rows.map(row => row.audit_id),
  ]);
  return rows.length;
}

async function endOf(sql: Sql): Promise<AuditEnd> {
  const [last] = await select(
    sql,
    'SELECT chain_number, chain_hash FROM astauditchain ORDER BY chain_number DESC LIMIT 1',
  );
  return last ? { number: Number(last.chain_number), hash: last.chain_hash } : NOT_BEGUN;
}

/** What was read of the chain, and what is wrong with it. */
export interface AuditProof {
  /** How many places of the chain were followed. */
  changes: number;
  /** Where the chain ends. */
  end: AuditEnd;
  differences: AuditDifference[];
}

/** How many rows are read at a time. */
const PAGE_ROWS = 5_000;

/** A row that waits longer for its place than this is told. */
const MOST_WAITING_SECONDS = 60;

/**
 * Proves the audit trail in one snapshot of the database: that the places of the chain have no gap, that each has the hash of its row and of
 * the place before, that every row of astaudit has a place or waits for one, and that none waits longer than a minute.
 *
 * `since` an earlier proof's end: that place must have that hash, and only what came after it is read. `since` an instant: only the rows that
 * were made then or later, and ten minutes more; the place before them is taken as it is. Assumes a connection that nothing else uses. Memory
 * stays the same however many rows there are.
 * @throws DatabaseFault
 */
export function verifyAudit(connection: Connection, since: AuditEnd | Date = NOT_BEGUN): Promise<AuditProof> {
  return inSnapshot(connection, async () => {
    const { follower, firstId } =
      since instanceof Date ? await from(connection, since) : await after(connection, since);
    for (;;) {
      const rows = await select(
        connection,
        `SELECT c.chain_number, c.audit_id AS chained_id, c.chain_hash, ${COLUMNS} FROM astauditchain c
         LEFT JOIN astaudit a ON a.audit_id = c.audit_id WHERE c.chain_number > ? ORDER BY c.chain_number LIMIT ${PAGE_ROWS}`,
        [follower.reached.number],
      );
      for (const row of rows) follower.follow(row);
      if (rows.length < PAGE_ROWS) break;
    }
    await lookAtUnchained(connection, follower, firstId);
    return { changes: follower.followed, end: follower.reached, differences: follower.differences };
  });
}

/** Where to begin: the first row of astaudit that must have a place, and a follower that stands before the first place to look at. */
interface Beginning {
  firstId: string;
  follower: AuditFollower;
}

async function after(connection: Connection, proven: AuditEnd): Promise<Beginning> {
  const follower = new AuditFollower(proven);
  if (proven.number === 0) return { firstId: '0', follower };
  const [place] = await select(connection, 'SELECT audit_id, chain_hash FROM astauditchain WHERE chain_number = ?', [
    proven.number,
  ]);
  if (!place) {
    follower.say('change_follows_the_one_before', null, `place ${proven.number} of the chain was proven, and is gone`);
  } else if (place.chain_hash !== proven.hash) {
    const text = `place ${proven.number} of the chain is not the one that was proven: the chain was written anew`;
    follower.say('change_follows_the_one_before', String(place.audit_id), text);
  }
  return { firstId: '0', follower };
}

async function from(connection: Connection, since: Date): Promise<Beginning> {
  const ask = (text: string, values: unknown[]) => select(connection, text, values);
  const earlier = new Date(since.getTime() - EARLIER_MS);
  const firstId = await firstSince(ask, { table: 'astaudit', id: 'audit_id' }, earlier);
  const [before] = await select(
    connection,
    `SELECT chain_number, chain_hash FROM astauditchain WHERE chain_number <
       COALESCE((SELECT MIN(c.chain_number) FROM astauditchain c WHERE c.audit_id >= ?), ${Number.MAX_SAFE_INTEGER})
     ORDER BY chain_number DESC LIMIT 1`,
    [firstId],
  );
  const end = before ? { number: Number(before.chain_number), hash: before.chain_hash } : NOT_BEGUN;
  return { firstId, follower: new AuditFollower(end) };
}

/** As for the entries of the ledger: the clock may have been set back. */
const EARLIER_MS = 600_000;

/** The rows without a place: those that nothing announced, and those that wait too long. */
async function lookAtUnchained(connection: Connection, follower: AuditFollower, firstId: string): Promise<void> {
  const strangers = await select(
    connection,
    `SELECT a.audit_id FROM astaudit a LEFT JOIN astauditchain c ON c.audit_id = a.audit_id
     LEFT JOIN astauditpending p ON p.audit_id = a.audit_id
     WHERE a.audit_id >= ? AND c.audit_id IS NULL AND p.audit_id IS NULL ORDER BY a.audit_id`,
    [firstId],
  );
  for (const { audit_id } of strangers) {
    const text = 'it has no place in the chain and waits for none: it was inserted by hand, or its place was deleted';
    follower.say('change_is_chained', String(audit_id), text);
  }
  const gone = await select(
    connection,
    `SELECT p.audit_id FROM astauditpending p LEFT JOIN astaudit a ON a.audit_id = p.audit_id
     WHERE a.audit_id IS NULL ORDER BY p.audit_id`,
  );
  for (const { audit_id } of gone) {
    follower.say('change_is_chained', String(audit_id), 'it was deleted before it had its place in the chain');
  }
  const [late] = await select(
    connection,
    `SELECT COUNT(*) AS waiting, MIN(p.audit_id) AS first FROM astauditpending p JOIN astaudit a ON a.audit_id = p.audit_id
     WHERE p.since_at < UTC_TIMESTAMP(3) - INTERVAL ${MOST_WAITING_SECONDS} SECOND`,
  );
  if (late && Number(late.waiting) > 0) tellLate(follower, late);
}

function tellLate(follower: AuditFollower, { waiting, first }: Row): void {
  const others = Number(waiting) === 1 ? '' : `, and so do ${Number(waiting) - 1} others`;
  const text = `it waits for its place in the chain for more than ${MOST_WAITING_SECONDS} s${others}: see that a service runs, it gives them`;
  follower.say('change_is_chained', String(first), text);
}
