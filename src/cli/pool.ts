import type { Command } from 'commander';
import { type AccountView, listAccounts } from '../accounts/account-store';
import { customerOf, poolOf, raisePool } from '../accounts/pools';
import { formatAmount, micros } from '../money/micros';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import { addWait, giveTime, hangUp, type WaitOptions } from './during-calls';
import { printWithEntries } from './ledger-entries';
import type { Facts } from './table';
import { printable, type Terminal } from './terminal';

export function addPoolCommands(program: Command, terminal: Terminal): void {
  const pool = program
    .command('pool')
    .description('groups of calls that the dialplan made: Stasis(…,customer=…,max_credit=…)');
  addPaging(addCommand(pool, 'list', 'pools that have calls, by customer', 'pool list --all'))
    .option('--all', 'those without calls too, behind the others')
    .action(
      withDatabase(terminal, async ({ database, print }, options: { limit: string; page: string; all?: boolean }) => {
        const request = pageOf(options);
        const { items, total } = await listAccounts(database, { kind: 'pool', live: !options.all }, request);
        const none = options.all ? 'no pool yet' : 'no pool has a call: see "pool list --all"';
        print.list({ items: items.map(print.json ? poolFacts : poolLine), total }, request, none);
      }),
    );
  addPaging(
    addCommand(pool, 'show <customer>', 'a pool and its ledger entries, the newest first', 'pool show john-doe'),
  ).action(
    withDatabase(terminal, async (context, customer: string, options: { limit: string; page: string }) => {
      const request = pageOf(options);
      const view = await poolOf(context.database, customer);
      await printWithEntries(context, poolFacts(view), view.accountcode, request);
    }),
  );
  addWait(
    addCommand(
      pool,
      'hangup <customer>',
      'end all calls of a pool; it may start others at once',
      'pool hangup john-doe',
    ),
  ).action(
    withDatabase(terminal, async (context, customer: string, options: WaitOptions) => {
      await hangUp(context, (await poolOf(context.database, customer)).accountcode, options);
    }),
  );
  addCommand(
    pool,
    'raise <customer> <amount>',
    'let the calls that are up now use more money together; done twice it adds twice',
    'pool raise john-doe 5.00',
  ).action(
    withDatabase(terminal, async ({ database, print }, customer: string, amount: string) => {
      const view = await raisePool(database, customer, amount);
      const now = `max credit ${formatAmount(view.creditLimit)}, available ${formatAmount(view.available)}`;
      print.done(`${printable(customer)} was raised by ${amount}: ${now}`, poolFacts(view));
    }),
  );
  addCommand(
    pool,
    'add-time <customer> <seconds>',
    'let the calls that are up now talk longer together than max_time says; done twice it adds twice',
    'pool add-time john-doe 300',
  ).action(
    withDatabase(terminal, async (context, customer: string, seconds: string) => {
      await giveTime(context, (await poolOf(context.database, customer)).accountcode, seconds);
    }),
  );
}

/** What of a pool fits on one line. `consumed`: what its ended calls cost since it had none. */
const poolLine = (view: AccountView): Facts => ({
  customer: customerOf(view),
  status: view.status,
  max_credit: view.creditLimit,
  consumed: micros(-view.balance),
  reserved: view.reserved,
  available: view.available,
  active_calls: view.activeCalls,
  max_time: view.maxTime,
  time_used: view.timeUsed,
});

const poolFacts = (view: AccountView): Facts => ({
  ...poolLine(view),
  accountcode: view.accountcode,
  max_channels: view.maxChannels || null,
  max_calls_per_second: view.maxCallsPerSecond || null,
  created_at: view.createdAt,
});
