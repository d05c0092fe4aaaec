import type { Command } from 'commander';
import { accountNamed } from '../accounts/manage-account';
import { accountFacts } from '../admin/account-operations';
import { addCommand, addPaging, type Paging, pageOf, withDatabase } from './command';
import { nounOf } from './derive';
import { printWithEntries } from './ledger-entries';
import type { Terminal } from './terminal';

export function addAccountShow(program: Command, terminal: Terminal): void {
  addPaging(
    addCommand(
      nounOf(program, 'account'),
      'show <accountcode>',
      'an account and its movements of money, the newest first',
      'account show alice --limit 5',
    ),
  ).action(
    withDatabase(terminal, async ({ database, print }, accountcode: string, options: Paging) => {
      const request = pageOf(options);
      const account = await accountNamed(database, accountcode);
      await printWithEntries({ database, print, terminal }, accountFacts(account), accountcode, request);
    }),
  );
}
