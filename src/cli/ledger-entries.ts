import { type EntryView, listEntries } from '../accounts/account-store';
import { type Facts, plainJson } from '../operator/facts';
import type { PageRequest } from '../operator/page';
import type { Context } from './command';
import { recordText, tableText } from './table';

/** Prints an account's facts, and below them a page of its movements of money, the newest first. */
export async function printWithEntries(
  { database, print, terminal }: Pick<Context, 'database' | 'print' | 'terminal'>,
  facts: Facts,
  accountcode: string,
  request: PageRequest,
): Promise<void> {
  const { items, total } = await listEntries(database, accountcode, request);
  const entries = items.map(entryFacts);
  if (print.json) {
    terminal.out(`${plainJson({ ...facts, entries, entries_total: total })}\n`);
    return;
  }
  terminal.out(recordText(facts));
  if (entries.length > 0) terminal.out(`\n${tableText(entries)}`);
  const more = total - request.offset - items.length;
  if (more > 0) terminal.out(`${more} older: --page ${request.offset / request.limit + 2}\n`);
}

const entryFacts = (view: EntryView): Facts => ({
  created_at: view.createdAt,
  kind: view.kind,
  amount: view.amount,
  balance_after: view.balanceAfter,
  reference: view.reference,
  reason: view.reason,
});
