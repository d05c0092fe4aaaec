import { amountOf, instantOf } from '../../src/database/values';
import type { Finished } from '../ringfence';
import type { Cdr, Charge, Marks, Violation } from './checks';
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
  const differences = differencesIn(await stack.verify(), 'differences');
  return differences.map(text => ({ rule: 'books_balance', text }));
}

/**
 * Where Asterisk's own records say something else than the CDRs. Of a call that was settled by its last sighting they may:
 * it is flagged as such.
 */
export async function recordViolations(
  stack: DrillStack,
  since: Date,
  cdrs: readonly Cdr[],
  { recordsLost }: Marks,
): Promise<Violation[]> {
  const lost = [...(recordsLost?.uniqueids ?? [])].map(uniqueid => JSON.stringify(uniqueid));
  const sighted = cdrs.filter(({ evidence }) => evidence === 'sighting').map(({ uniqueid }) => uniqueid);
  return (
    differencesIn(await stack.reconcile(since), 'items')
      // What it wrote of an answer may be lost with the rest of its rows.
      .filter(text => !(text.includes('"not_in_switch_records"') && lost.some(quoted => text.includes(quoted))))
      .filter(text => !sighted.some(uniqueid => text.includes(JSON.stringify(uniqueid))))
      .map(text => ({ rule: 'switch_agrees', text }))
  );
}

/** What a command that proves something found, each as JSON; what it said where it could not. */
function differencesIn({ exitCode, stdout, stderr }: Finished, name: string): string[] {
  if (exitCode === 0) return [];
  try {
    const found = (JSON.parse(stdout) as Record<string, object[]>)[name] as object[];
    return found.map(difference => JSON.stringify(difference));
  } catch {
    return [`the command ended with ${exitCode}: ${(stderr || stdout).trim()}`];
  }
}
