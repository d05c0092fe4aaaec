/** Movements of money that need a second person: they are written down, and another actor has them done or refuses them. */
import type { Knex } from 'knex';
import { moveLocked } from '../credit/entries';
import type { Movement } from '../credit/rules/movement';
import { inTransaction } from '../database/connection';
import { orFault } from '../database/fault';
import { type Row, sqlOf } from '../database/rows';
import { amountOf, decimalOf } from '../database/values';
import { formatAmount, type Micros, micros, ZERO } from '../money/micros';
import { type Acting, actingAs } from '../operator/acting';
import { actorBehindBoth } from '../operator/actors-behind-store';
import { writeAudit } from '../operator/audit-store';
import { noAccount, Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { objectOf } from './manage-account';

/** How long a request may be approved. */
export const APPROVAL_DAYS = 7;

/** The most requests of one actor that wait. Requests that come at once may pass it by a few. */
export const MOST_WAITING = 100;

/** A request is kept for so long after it was decided or has expired. */
const KEPT_DAYS = 90;
const FORGOTTEN_AT_ONCE = 100;

/** The operations that may need a second person. */
export const MOVING = { top_up: 'account topup', refund: 'account refund', adjustment: 'account adjust' } as const;

export type Moving = keyof typeof MOVING;

/** A movement that one of those operations asks for. */
export type RequestedMovement = Movement & { kind: Moving };

/**
 * Writes a movement down as a request, and returns its number. The same movement under the same reference again finds the request that is open.
 *
 * Assumes that the account is locked and that the movement would be done now.
 * @throws Refused reference_reused if another movement waits under this reference, too_many_approvals; DatabaseFault
 */
export async function requestApproval(
  transaction: Knex.Transaction,
  acting: Acting,
  { movement, currency }: { movement: RequestedMovement; currency: string },
): Promise<number> {
  const { accountcode, kind, amount, reference, reason, ofCall, overdraw } = movement;
  const open: Row | undefined = await transaction('astapproval')
    .where({ accountcode, kind, reference, state: 'open' })
    .whereRaw('expires_at > UTC_TIMESTAMP(3)')
    .first('approval_id', 'amount', 'of_call', 'overdraw');
  if (open) {
    const asked = movementTold({ amount, ofCall: ofCall === true, overdraw: overdraw === true });
    const waiting = movementTold({
      amount: amountOf(open.amount),
      ofCall: open.of_call === 1,
      overdraw: open.overdraw === 1,
    });
    if (asked === waiting) return Number(open.approval_id);
    const detail = `reference ${JSON.stringify(reference)}: ${waiting} waits as approval ${open.approval_id}, and this is ${asked}: use another reference`;
    throw new Refused('reference_reused', detail).about({ reference });
  }
  await refuseIfFull(transaction, acting.actor);
  const [id] = await transaction('astapproval').insert({
    accountcode,
    kind,
    amount: decimalOf(amount),
    currency,
    reference,
    of_call: ofCall ? 1 : 0,
    overdraw: overdraw ? 1 : 0,
    reason,
    requested_by: acting.actor,
    created_at: transaction.raw('UTC_TIMESTAMP(3)'),
    expires_at: transaction.raw(`UTC_TIMESTAMP(3) + INTERVAL ${APPROVAL_DAYS} DAY`),
  });
  await writeAudit(transaction, acting, {
    operation: MOVING[kind],
    object: approvalObject(Number(id)),
    before: null,
    after: {
      accountcode,
      amount,
      reference,
      reason,
      of_call: ofCall === true,
      overdraw: overdraw === true,
      approval: 'open',
    },
  });
  return Number(id);
}

/** @throws Refused too_many_approvals */
async function refuseIfFull(transaction: Knex.Transaction, actor: string): Promise<void> {
  const [row] = await transaction('astapproval')
    .where({ requested_by: actor, state: 'open' })
    .whereRaw('expires_at > UTC_TIMESTAMP(3)')
    .count({ waiting: '*' });
  const waiting = Number(row?.waiting);
  if (waiting < MOST_WAITING) return;
  const detail = `${waiting} requests of ${actor} wait for a second person: withdraw some, or have them decided`;
  throw new Refused('too_many_approvals', detail).about({ waiting });
}

/** What a second person agrees to, in words. */
const movementTold = ({ amount, ofCall, overdraw }: { amount: Micros; ofCall: boolean; overdraw: boolean }): string =>
  `${formatAmount(amount)}${ofCall ? ' of that call' : ''}${overdraw ? ' with overdraw' : ''}`;

export interface Approved {
  approval: ApprovalView;
  /** false if the same reference had moved the same amount meanwhile. */
  moved: boolean;
  /** As they are now. */
  balance: Micros;
  available: Micros;
}

/**
 * Does what was asked for, once, as if it were asked for now: an account that was closed meanwhile refuses it, and the request stays open
 * until it expires. The request is locked first, then the account.
 * @throws Refused approval_not_found, approval_decided, approval_expired, second_person_needed if one person may have asked and approve,
 *   and what the movement is refused for; DatabaseFault
 */
export function approve(acting: Acting, approvalId: number): Promise<Approved> {
  return inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const row = await lockedApproval(transaction, approvalId);
      const isOurs = commitWasLost && row.decision_id === acting.requestId;
      if (!isOurs) {
        refuseUnlessOpen(row);
        await refuseUnlessTwo(transaction, acting, row);
      }
      const movement = { ...movementOf(row), actor: acting.actor };
      const outcome = await moveLocked(sqlOf(transaction), movement);
      if ('refusal' in outcome) {
        if (outcome.refusal === 'account_not_found') throw noAccount(movement.accountcode);
        throw new Refused(outcome.refusal, outcome.detail).about(outcome.facts);
      }
      const { moved, balance, available } = outcome;
      if (!isOurs) {
        await decide(transaction, acting, approvalId, 'approved');
        const { accountcode, amount, reference, reason, ofCall, overdraw } = movement;
        await writeAudit(transaction, acting, {
          operation: 'approval approve',
          object: objectOf(accountcode),
          before: { balance: micros(balance - (moved ? amount : ZERO)) },
          after: {
            balance,
            amount,
            reference,
            reason,
            of_call: ofCall === true,
            overdraw: overdraw === true,
            approval: approvalId,
            requested_by: row.requested_by,
          },
        });
      }
      const approval = await viewNumbered(transaction, approvalId);
      return { approval, moved: moved || isOurs, balance, available };
    },
    { idempotent: true },
  );
}

/** @throws Refused second_person_needed */
async function refuseUnlessTwo(transaction: Knex.Transaction, { actor }: Acting, row: Row): Promise<void> {
  const { approval_id, requested_by: asker, created_at: askedAt } = row;
  if (asker === actor) {
    const detail = `approval ${approval_id} was asked for by ${actor} itself: another admin must approve it`;
    throw new Refused('second_person_needed', detail);
  }
  const both = await actorBehindBoth(transaction, [asker, actor], askedAt);
  if (both === null) return;
  const why = `${both} may be both, as it was shown a secret or a one-time token of one of them, or set the address of mail of one`;
  const detail = `approval ${approval_id} was asked for by ${asker}, and ${why}: an admin that is certainly another one must approve it`;
  throw new Refused('second_person_needed', detail);
}

/**
 * Ends a request without doing anything; the actor that asked may do so too.
 * @throws Refused approval_not_found, approval_decided, approval_expired; DatabaseFault
 */
export const refuseApproval = (acting: Acting, approvalId: number): Promise<ApprovalView> =>
  endApproval(acting, approvalId, 'refused');

/**
 * The actor that asked takes its request back.
 * @throws Refused approval_not_found, approval_of_another, approval_decided, approval_expired; DatabaseFault
 */
export const withdrawApproval = (acting: Acting, approvalId: number): Promise<ApprovalView> =>
  endApproval(acting, approvalId, 'withdrawn');

function endApproval(acting: Acting, approvalId: number, state: 'refused' | 'withdrawn'): Promise<ApprovalView> {
  return inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const row = await lockedApproval(transaction, approvalId);
      if (state === 'withdrawn' && row.requested_by !== acting.actor) {
        const detail = `approval ${approvalId} was asked for by ${row.requested_by}: only that actor withdraws it`;
        throw new Refused('approval_of_another', detail).about({ approval: approvalId, by: row.requested_by });
      }
      if (!(commitWasLost && row.decision_id === acting.requestId)) {
        refuseUnlessOpen(row);
        await decide(transaction, acting, approvalId, state);
        await writeAudit(transaction, acting, {
          operation: state === 'refused' ? 'approval refuse' : 'approval withdraw',
          object: approvalObject(approvalId),
          before: { state: 'open', requested_by: row.requested_by },
          after: { state },
        });
      }
      return viewNumbered(transaction, approvalId);
    },
    { idempotent: true },
  );
}

/**
 * Forgets requests that were decided, or have expired, long ago; returns how many. The audit trail keeps each as it was, written in the
 * transaction that deletes it.
 * @throws DatabaseFault
 */
export async function forgetApprovals(database: Knex): Promise<number> {
  for (let forgotten = 0; ; ) {
    const some = await inTransaction(database, transaction => forgetSome(transaction), { idempotent: true });
    forgotten += some;
    if (some === 0) return forgotten;
  }
}

async function forgetSome(transaction: Knex.Transaction): Promise<number> {
  const acting = actingAs('service', transaction);
  const rows: Row[] = await withExpiry(transaction, transaction('astapproval'))
    .whereRaw('COALESCE(decided_at, expires_at) < UTC_TIMESTAMP(3) - INTERVAL ? DAY', [KEPT_DAYS])
    .orderBy('approval_id')
    .limit(FORGOTTEN_AT_ONCE);
  let forgotten = 0;
  for (const row of rows) {
    const { approval_id } = row;
    // Another service may forget it at the same time: it is told once.
    if ((await transaction('astapproval').where({ approval_id }).delete()) === 0) continue;
    const { approval: _, ...before } = approvalFacts(viewOf(row));
    const object = approvalObject(approval_id);
    await writeAudit(transaction, acting, { operation: 'approval forget', object, before, after: null });
    forgotten += 1;
  }
  return forgotten;
}

/** A request, and what became of it. */
export interface ApprovalView {
  approvalId: number;
  state: 'open' | 'expired' | 'approved' | 'refused' | 'withdrawn';
  operation: (typeof MOVING)[Moving];
  accountcode: string;
  amount: Micros;
  currency: string;
  reference: string;
  /** The reference is the uniqueid of the call that is refunded. */
  ofCall: boolean;
  /** It may take more than is available. */
  overdraw: boolean;
  reason: string;
  requestedBy: string;
  createdAt: Date;
  expiresAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
}

/** A request as it is shown, and as the audit trail keeps it. */
export const approvalFacts = (view: ApprovalView) => ({
  approval: view.approvalId,
  state: view.state,
  operation: view.operation,
  accountcode: view.accountcode,
  amount: view.amount,
  currency: view.currency,
  reference: view.reference,
  of_call: view.ofCall,
  overdraw: view.overdraw,
  reason: view.reason,
  requested_by: view.requestedBy,
  created_at: view.createdAt,
  expires_at: view.expiresAt,
  decided_by: view.decidedBy,
  decided_at: view.decidedAt,
});

/** @throws Refused approval_not_found; DatabaseFault */
export const approvalNumbered = (database: Knex, approvalId: number): Promise<ApprovalView> =>
  orFault(() => viewNumbered(database, approvalId));

/** Requests, the newest first: those that can be approved, or all. */
export async function listApprovals(
  database: Knex,
  { all }: { all: boolean },
  { limit, offset }: PageRequest,
): Promise<Page<ApprovalView>> {
  const found = database('astapproval');
  if (!all) found.where({ state: 'open' }).whereRaw('expires_at > UTC_TIMESTAMP(3)');
  const [row] = await orFault(() => found.clone().count({ total: '*' }));
  const rows = await orFault(() =>
    withExpiry(database, found.clone()).orderBy('approval_id', 'desc').limit(limit).offset(offset),
  );
  return { items: rows.map(viewOf), total: Number((row as Row | undefined)?.total) };
}

const withExpiry = (database: Knex, approvals: Knex.QueryBuilder) =>
  approvals.select('*', { is_expired: database.raw('expires_at <= UTC_TIMESTAMP(3)') });

const approvalObject = (approvalId: number): string => `approval ${approvalId}`;

async function lockedApproval(transaction: Knex.Transaction, approvalId: number): Promise<Row> {
  const found = transaction('astapproval').where({ approval_id: approvalId }).forUpdate();
  const [row]: Row[] = await withExpiry(transaction, found);
  if (!row) throw noApproval(approvalId);
  return row;
}

const noApproval = (approvalId: number): Refused =>
  new Refused('approval_not_found', `approval ${approvalId} does not exist: "approval list" shows them`).about({
    approval: approvalId,
  });

function refuseUnlessOpen({ approval_id, state, decided_by, is_expired, expires_at }: Row): void {
  if (state !== 'open')
    throw new Refused('approval_decided', `approval ${approval_id} was ${state} by ${decided_by}`).about({
      approval: approval_id,
      state,
      by: decided_by ?? '',
    });
  if (Number(is_expired) === 0) return;
  const since = (expires_at as Date).toISOString();
  throw new Refused('approval_expired', `approval ${approval_id} has expired, at ${since}: ask for it again`).about({
    approval: approval_id,
    since,
  });
}

const decide = (
  transaction: Knex.Transaction,
  { actor, requestId }: Acting,
  approvalId: number,
  state: 'approved' | 'refused' | 'withdrawn',
): Promise<number> =>
  transaction('astapproval')
    .where({ approval_id: approvalId })
    .update({
      state,
      decided_by: actor,
      decided_at: transaction.raw('UTC_TIMESTAMP(3)'),
      decision_id: requestId,
    });

const movementOf = (row: Row): Omit<RequestedMovement, 'actor'> => ({
  accountcode: row.accountcode,
  kind: row.kind,
  amount: amountOf(row.amount),
  reference: row.reference,
  ofCall: row.of_call === 1,
  overdraw: row.overdraw === 1,
  reason: row.reason,
});

/** @throws Refused approval_not_found */
async function viewNumbered(database: Knex, approvalId: number): Promise<ApprovalView> {
  const [row]: Row[] = await withExpiry(database, database('astapproval').where({ approval_id: approvalId }));
  if (!row) throw noApproval(approvalId);
  return viewOf(row);
}

const viewOf = (row: Row): ApprovalView => ({
  approvalId: row.approval_id,
  state: row.state === 'open' && Number(row.is_expired) === 1 ? 'expired' : row.state,
  operation: MOVING[row.kind as Moving],
  accountcode: row.accountcode,
  amount: amountOf(row.amount),
  currency: row.currency,
  reference: row.reference,
  ofCall: row.of_call === 1,
  overdraw: row.overdraw === 1,
  reason: row.reason,
  requestedBy: row.requested_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  decidedBy: row.decided_by,
  decidedAt: row.decided_at,
});
