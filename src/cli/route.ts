import type { Command } from 'commander';
import { addRoute, listRoutes } from '../routes/route-store';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import type { Terminal } from './terminal';

export function addRouteCommands(program: Command, terminal: Terminal): void {
  const route = program.command('route').description('routes: which trunks carry which numbers');
  addCommand(
    route,
    'add',
    'send the numbers of a prefix to a trunk; only the routes of the longest prefix that fits are tried',
    'route add --prefix 49 --trunk carrier --priority 1',
  )
    .requiredOption('--prefix <digits>', "digits that the number begins with; '' for any number")
    .requiredOption('--trunk <trunk>', 'the trunk')
    .option('--priority <number>', 'the lowest is tried first', '10')
    .action(
      withDatabase(
        terminal,
        async ({ database, print }, options: { prefix: string; trunk: string; priority: string }) => {
          const { prefix, trunk, priority } = options;
          print.record(await addRoute(database, { prefix, trunk, priority }));
        },
      ),
    );
  addPaging(addCommand(route, 'list', 'routes in the order they are tried', 'route list')).action(
    withDatabase(terminal, async ({ database, print }, options: { limit: string; page: string }) => {
      const request = pageOf(options);
      const { items, total } = await listRoutes(database, request);
      const facts = items.map(({ prefix, priority, trunk, endpoint }) => ({ prefix, priority, trunk, endpoint }));
      print.list({ items: facts, total }, request, 'no route yet: see "route add --help"');
    }),
  );
}
