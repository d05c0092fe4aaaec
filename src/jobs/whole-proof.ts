/** The proof of the books together with that of the audit trail. Pure. */
import type { Difference } from '../credit/difference';
import type { Proof } from '../credit/verify';
import type { AuditDifference } from '../operator/audit-chain';
import type { AuditProof } from '../operator/audit-chain-store';

export interface WholeProof extends Omit<Proof, 'differences'> {
  /** Changes of operators that were followed. */
  changes: number;
  differences: (Difference | AuditDifference)[];
}

export const withAudit = (proof: Proof, audit: AuditProof): WholeProof => ({
  ...proof,
  changes: audit.changes,
  differences: [...proof.differences, ...audit.differences],
});
