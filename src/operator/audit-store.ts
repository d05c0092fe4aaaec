/** The trail of what operators changed: astaudit. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, isFault } from '../database/fault';
import type { Row } from '../database/rows';
import type { Acting } from './acting';
import type { ListOrder } from './cursor';
import { type Facts, plainJson } from './facts';
import type { Page, PageRequest } from './page';
import { createdBetween, partOf } from './page-store';

/** One change. */
export interface Audited {
  /** As the command line names it: `account set`. */
  operation: string;
  /** What was changed: `account alice`. */
  object: string;
  /** The fields that changed, as they were; null for something new. Never a secret. */
  before: Facts | null;
  /** The same fields after the change; null for something removed. */
  after: Facts | null;
}

/**
 * Writes a change into the trail, within the transaction that makes it: either both are committed or neither is. A request that is run
 * again after a lost COMMIT finds its row and writes no second one. The row gets its place in the chain later (audit-chain-store.ts).
 */
export async function writeAudit(
  transaction: Knex.Transaction,
  { actor, from, requestId }: Acting,
  audited: Audited,
): Promise<void> {
  const { operation, object, before, after } = audited;
  try {
    const [audit_id] = await transaction('astaudit').insert({
      request_id: requestId,
      actor,
      address: from ?? null,
      operation,
      object: [...object].slice(0, 250).join(''),
      state_before: before && plainJson(before, 0),
      state_after: after && plainJson(after, 0),
    });
    await transaction('astauditpending').insert({ audit_id });
  } catch (error) {
    if (!isFault(asFault(error), 'duplicate')) throw error;
  }
}

/** Writes it in a transaction of its own, for a change that is none of one transaction. @throws DatabaseFault */
export const auditAlone = (acting: Acting, audited: Audited): Promise<void> =>
  inTransaction(acting.database, transaction => writeAudit(transaction, acting, audited), { idempotent: true });

/** The fields that a change made different, before and after; null if it changed none. Assumes that both were read from one row. */
export function changedFields(before: Facts, after: Facts): { before: Facts; after: Facts } | null {
  const changed = Object.keys(after).filter(
    name => plainJson([before[name] ?? null], 0) !== plainJson([after[name] ?? null], 0),
  );
  if (changed.length === 0) return null;
  const only = (facts: Facts): Facts => Object.fromEntries(changed.map(name => [name, facts[name] ?? null]));
  return { before: only(before), after: only(after) };
}

/** A row of astaudit. */
export interface AuditView extends Audited {
  auditId: string;
  requestId: string;
  actor: string;
  /** Where the request came from over HTTP; null on the command line. */
  address: string | null;
  createdAt: Date;
}

export interface AuditFilter {
  actor?: string;
  address?: string;
  object?: string;
  operation?: string;
  /** Only changes made at this instant or later. */
  from?: Date;
  /** Only changes made before this instant. */
  to?: Date;
}

const CHANGES = { table: 'astaudit', id: 'audit_id' } as const;

export const CHANGES_ORDER: ListOrder = {
  name: 'audit',
  columns: [{ column: 'audit_id', kind: 'number' }],
  isDescending: true,
};

/** Changes, newest first. Looks at the newest 100,000 that `object`, `from` and `to` leave; the page says so if there are more. */
export async function listAudit(database: Knex, filter: AuditFilter, request: PageRequest): Promise<Page<AuditView>> {
  const { object, from, to, ...others } = filter;
  const changes = database('astaudit');
  if (object !== undefined) changes.where({ object });
  await createdBetween(database, changes, CHANGES, { from, to });
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  const leave = (query: Knex.QueryBuilder, oldest: Row) =>
    createdBetween(database, query, CHANGES, { from: oldest.created_at });
  const { rows, ...part } = await partOf(
    database,
    {
      rows: changes,
      order: CHANGES_ORDER,
      narrow: Object.keys(given).length > 0 ? query => void query.where(given) : null,
      newest: { shown: 'created_at', leave },
    },
    request,
  );
  const items = rows.map(row => ({
    auditId: String(row.audit_id),
    requestId: row.request_id,
    actor: row.actor,
    address: row.address,
    operation: row.operation,
    object: row.object,
    before: row.state_before && JSON.parse(row.state_before),
    after: row.state_after && JSON.parse(row.state_after),
    createdAt: row.created_at,
  }));
  return { items, ...part };
}
