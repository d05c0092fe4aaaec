/** What the last proof of the books found: astverify. */
import type { Knex } from 'knex';
import { orFault } from '../database/fault';

/** What a proof read: every row, what follows an earlier proof, or what changed since a time. */
export type ProofKind = 'whole' | 'since_proof' | 'since_time';

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
