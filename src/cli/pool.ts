import type { Command } from 'commander';
import { poolOf } from '../accounts/pools';
import { poolFacts } from '../admin/pool-operations';
import { addCommand, addPaging, type Paging, pageOf, withDatabase } from './command';
import { nounOf } from './derive';
import { printWithEntries } from './ledger-entries';
import type { Terminal } from './terminal';

export function addPoolShow(program: Command, terminal: Terminal): void {
  addPaging(
    addCommand(
      nounOf(program, 'pool'),
      'show <customer>',
      'a pool and its ledger entries, the newest first',
      'pool show john-doe',
    ),
  ).action(
    withDatabase(terminal, async (context, customer: string, options: Paging) => {
      const request = pageOf(options);
      const view = await poolOf(context.database, customer);
      await printWithEntries(context, poolFacts(view), view.accountcode, request);
    }),
  );
}
