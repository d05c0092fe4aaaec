import type { Command } from 'commander';
import { addCaller, type CallerView, listCallers, removeCaller } from '../cards/callers';
import type { Paging } from './batch-commands';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import type { Facts } from './table';
import { printable, type Terminal } from './terminal';

export function addCallerCommands(program: Command, terminal: Terminal): void {
  const caller = program.command('caller').description('callers: numbers that need no PIN. Numbers can be forged');
  addCommand(
    caller,
    'add <number> <accountcode>',
    'let whoever calls from a number use an account without a PIN',
    'caller add +4930123456 alice',
  ).action(
    withDatabase(terminal, async ({ database, print }, number: string, accountcode: string) => {
      print.record(callerFacts(await addCaller(database, number, accountcode)));
    }),
  );
  addCommand(caller, 'remove <number>', 'forget a number', 'caller remove +4930123456').action(
    withDatabase(terminal, async ({ database, print }, number: string) => {
      const view = await removeCaller(database, number);
      print.done(`${view.number} is not ${printable(view.accountcode)}'s any more`, callerFacts(view));
    }),
  );
  addPaging(addCommand(caller, 'list', 'known numbers in their order', 'caller list --account alice'))
    .option('--account <accountcode>', 'only those of this account')
    .action(
      withDatabase(terminal, async ({ database, print }, options: Paging & { account?: string }) => {
        const request = pageOf(options);
        const { items, total } = await listCallers(database, options.account, request);
        print.list({ items: items.map(callerFacts), total }, request, 'no caller: see "caller add --help"');
      }),
    );
}

const callerFacts = ({ number, accountcode, createdAt }: CallerView): Facts => ({
  number,
  accountcode,
  created_at: createdAt,
});
