/** What the last proof of the books found: astverify. */
import type { Knex } from 'knex';
import { orFault } from '../database/fault';
import type { Row } from '../database/rows';

/** What a proof read: every row, what follows an earlier proof, or what changed since a time. */
export const PROOF_KINDS = ['whole', 'since_proof', 'since_time'] as const;
export type ProofKind = (typeof PROOF_KINDS)[number];

/** How the last proof of a kind ended. */
export interface Verdict {
  kind: ProofKind;
  verifiedAt: Date;
  differences: number;
  elapsedMs: number;
  /** The actor that ran it. */
  actor: string;
}

/** One of each kind that was ever made. @throws DatabaseFault */
export async function lastVerdicts(database: Knex): Promise<Verdict[]> {
  const rows: Row[] = await orFault(() => database('astverify').orderBy('kind'));
  return rows.map(({ kind, verified_at, differences, elapsed_ms, actor }) => ({
    kind,
    verifiedAt: verified_at,
    differences,
    elapsedMs: elapsed_ms,
    actor,
  }));
}

/** Keeps how a proof ended, in place of the one before. @throws DatabaseFault, as where the user may only read */
export async function noteVerdict(
  database: Knex,
  {
    kind,
    actor,
    proof,
  }: { kind: ProofKind; actor: string; proof: { differences: readonly unknown[]; elapsedMs: number } },
): Promise<void> {
  const row = {
    verified_at: database.raw('UTC_TIMESTAMP(3)'),
    differences: proof.differences.length,
    elapsed_ms: Math.round(proof.elapsedMs),
    actor,
  };
  await orFault(() =>
    database('astverify')
      .insert({ kind, ...row })
      .onConflict('kind')
      .merge(),
  );
}
