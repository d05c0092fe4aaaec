import type { Command } from 'commander';
import { listReservations } from '../accounts/call-view';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import type { Terminal } from './terminal';

export function addReservationCommands(program: Command, terminal: Terminal): void {
  const reservation = program.command('reservation').description('money that is ring-fenced for calls in progress');
  addPaging(addCommand(reservation, 'list', 'reservations, the oldest first', 'reservation list --account alice'))
    .option('--account <accountcode>', 'only those of this account')
    .action(
      withDatabase(
        terminal,
        async ({ database, print }, options: { limit: string; page: string; account?: string }) => {
          const request = pageOf(options);
          const { items, total } = await listReservations(database, options.account, request);
          const facts = items.map(view => ({
            created_at: view.createdAt,
            accountcode: view.accountcode,
            max_cost: view.maxCost,
            granted_seconds: view.grantedSeconds,
            expires_at: view.expiresAt,
            node: view.node,
            uniqueid: view.uniqueid,
          }));
          print.list({ items: facts, total }, request, 'nothing is reserved');
        },
      ),
    );
}
