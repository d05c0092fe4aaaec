import { amountOf, instantOf } from '../../src/database/rows';
import type { Cdr, Charge, Violation } from './checks';
import type { DrillStack } from './stack';

/** The CDRs of all calls to numbers that begin so. */
export async function readCdrs(stack: DrillStack, prefix: string): Promise<Cdr[]> {
  // Every column, as not every version has the same: `evidence` came later.
  const rows = await stack.query('SELECT * FROM astcdr WHERE dst LIKE ?', [`${prefix}%`]);
  return rows.map(row => ({
    uniqueid: row.uniqueid,
    accountcode: row.accountcode,
    dst: row.dst,
    answerAt: instantOf(row.answer_at),
    endAt: instantOf(row.end_at),
    billsec: row.billsec,
    cost: amountOf(row.cost),
    grantedSeconds: row.granted_seconds,
    hangupSource: row.hangup_source,
    evidence: row.evidence ?? null,
  }));
}

/** What was charged for those calls. */
export async function readCharges(stack: DrillStack, prefix: string): Promise<Charge[]> {
  const rows = await stack.query(
    `SELECT l.accountcode, l.reference, l.amount FROM astledger l JOIN astcdr c ON c.uniqueid = l.reference
     WHERE l.kind = 'call_charge' AND c.dst LIKE ?`,
    [`${prefix}%`],
  );
  return rows.map(row => ({
    accountcode: row.accountcode,
    uniqueid: row.reference,
    amount: amountOf(row.amount),
  }));
}

/** What the books say of themselves, at rest. */
export async function bookViolations(stack: DrillStack): Promise<Violation[]> {
  const held = await stack.query('SELECT accountcode, reserved, active_calls FROM astaccount');
  const reserved = held
    .filter(row => amountOf(row.reserved) !== 0n || Number(row.active_calls) !== 0)
    .map(row => `${row.accountcode} has ${row.reserved} reserved and ${row.active_calls} calls`);
  return [
    ...reserved.map((text): Violation => ({ rule: 'nothing_is_reserved', text })),
    ...(await proofViolations(stack)),
  ];
}

async function proofViolations(stack: DrillStack): Promise<Violation[]> {
  const { exitCode, stdout, stderr } = await stack.verify();
  if (exitCode === 0) return [];
  try {
    const { differences } = JSON.parse(stdout) as { differences: Record<string, unknown>[] };
    return differences.map(difference => ({ rule: 'books_balance', text: JSON.stringify(difference) }));
  } catch {
    return [{ rule: 'books_balance', text: `ringfence verify ended with ${exitCode}: ${(stderr || stdout).trim()}` }];
  }
}
