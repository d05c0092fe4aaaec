/** What jobs do, in a process of their own. */
import type { Knex } from 'knex';
import type { Difference } from '../credit/difference';
import { noteVerdict } from '../credit/verdict-store';
import { verify } from '../credit/verify';
import { verifyChanges } from '../credit/verify-changes';
import { openConnection } from '../database/connection';
import { Found, sumsOf } from '../evidence/found-differences';
import { type Looked, reconcile } from '../evidence/reconcile';
import type { EvidenceFolders } from '../evidence/switch-records';
import type { AuditDifference } from '../operator/audit-chain';
import { verifyAudit } from '../operator/audit-chain-store';
import type { Facts } from '../operator/facts';
import {
  type Asked,
  type JobProgress,
  type JobResult,
  MOST_KEPT,
  type ReconcileParameters,
  type VerifyParameters,
} from './job';
import { type WholeProof, withAudit } from './whole-proof';

/** What a job works with. */
export interface Tools {
  databaseUrl: string;
  database: Knex;
  evidenceFiles: EvidenceFolders;
  /** The actor that asked for it. */
  actor: string;
  /** May be called a thousand times a second. */
  onProgress(progress: JobProgress): void;
}

/** A result, and what else is written in the transaction that keeps it. */
export interface Worked extends JobResult {
  alsoWrite?(transaction: Knex.Transaction): Promise<void>;
}

/** Does a job. It only reads: what it writes belongs to its result. @throws DatabaseFault; Error that names the setting if Asterisk's files cannot be read */
export const workOn = (asked: Asked, tools: Tools): Promise<Worked> =>
  asked.kind === 'verify' ? proveBooks(asked.parameters, tools) : compareCalls(asked.parameters, tools);

async function proveBooks({ since }: VerifyParameters, tools: Tools): Promise<Worked> {
  const { databaseUrl, actor, onProgress } = tools;
  const from = since === null ? null : new Date(since);
  const connection = await openConnection(databaseUrl);
  let proof: WholeProof;
  try {
    onProgress({ step: 'audit trail', done: 0, total: null });
    const audit = await verifyAudit(connection, from ?? undefined);
    const books =
      from === null
        ? await verify(connection, {
            onProgress: ({ read, rows }) => onProgress({ step: 'books', done: read, total: rows }),
          })
        : await verifyChanges(connection, from, ({ read }) => onProgress({ step: 'books', done: read, total: null }));
    proof = withAudit(books, audit);
  } finally {
    connection.destroy();
  }
  const { accounts, entries, calls, reservations, changes, elapsedMs, differences } = proof;
  return {
    outcome: { accounts, entries, calls, reservations, changes, elapsed_ms: elapsedMs },
    differenceCount: differences.length,
    differences: differences.slice(0, MOST_KEPT).map(differenceFacts),
    alsoWrite: transaction => noteVerdict(transaction, { kind: from === null ? 'whole' : 'since_time', actor, proof }),
  };
}

const differenceFacts = (difference: Difference | AuditDifference): Facts => {
  const { rule, text } = difference;
  if (!('accountcode' in difference)) return { rule, audit_id: difference.audit_id, text };
  const { accountcode, uniqueid } = difference;
  return { rule, accountcode, uniqueid, text };
};

async function compareCalls({ from, to, tolerance }: ReconcileParameters, tools: Tools): Promise<Worked> {
  const { database, evidenceFiles, onProgress } = tools;
  const [first, end] = [Date.parse(from), Date.parse(to)];
  const secondsTo = (at: number): number => Math.round((Math.min(end, at) - first) / 1000);
  const looked: Looked = { compared: 0, open: 0, withoutEnd: 0, withoutRecords: 0 };
  const found = new Found();
  const request = {
    from: first,
    to: end,
    toleranceSeconds: tolerance,
    onProgress: (step: string, reachedAt: number) =>
      onProgress({ step, done: Math.max(0, secondsTo(reachedAt)), total: secondsTo(end) }),
  };
  for await (const difference of reconcile(database, evidenceFiles, request, looked)) {
    found.take(difference, null, { offset: 0, limit: MOST_KEPT });
  }
  return { outcome: sumsOf(found, looked), differenceCount: found.total, differences: found.items };
}
