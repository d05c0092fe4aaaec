import { amountOf, instantOf } from '../../src/database/values';
import type { Finished } from '../ringfence';
import type { Cdr, Charge, Marks, Violation } from './checks';
import type { DrillStack } from './stack';

/** The CDRs of all calls to numbers that begin so. */
export async function readCdrs(stack: DrillStack, prefix: string): Promise<Cdr[]> {
  // Every column, because not every version has the same: `evidence` came later.
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

/** What the books say about themselves, at rest. */
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

/** Where Asterisk's own records differ from the CDRs. For a call that was settled by its last sighting they may: the call is flagged so. */
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
      // Its row of the answer may be lost with the rest of its rows.
      .filter(text => !(text.includes('"not_in_switch_records"') && lost.some(quoted => text.includes(quoted))))
      .filter(text => !sighted.some(uniqueid => text.includes(JSON.stringify(uniqueid))))
      .map(text => ({ rule: 'switch_agrees', text }))
  );
}

/** The findings of a command that proves something, each as JSON; its error text if it could not. */
function differencesIn({ exitCode, stdout, stderr }: Finished, name: string): string[] {
  if (exitCode === 0) return [];
  try {
    const found = (JSON.parse(stdout) as Record<string, object[]>)[name] as object[];
    return found.map(difference => JSON.stringify(difference));
  } catch {
    return [`the command ended with ${exitCode}: ${(stderr || stdout).trim()}`];
  }
}
