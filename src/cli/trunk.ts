import type { Command } from 'commander';
import { addTrunk, listTrunks, type NewTrunk, type TrunkView } from '../routes/route-store';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import type { Facts } from './table';
import type { Terminal } from './terminal';

export function addTrunkCommands(program: Command, terminal: Terminal): void {
  const trunk = program.command('trunk').description('trunks: the carriers that calls are sent to');
  addCommand(
    trunk,
    'add <trunk>',
    'add a carrier',
    "trunk add carrier --endpoint 'PJSIP/{number}@carrier' --strip-digits 2 --add-prefix 0 --cost-deck wholesale",
  )
    .requiredOption('--endpoint <dial string>', 'what Asterisk dials, with {number} for the digits')
    .option('--strip-digits <digits>', 'how many digits are taken from the front of the number', '0')
    .option('--add-prefix <digits>', 'digits that are put in front of it then', '')
    .option('--cost-deck <deck>', 'the deck of what the carrier charges us, for the margin in reports')
    .action(
      withDatabase(terminal, async ({ database, print }, name: string, options: Omit<NewTrunk, 'trunk'>) => {
        const { endpoint, stripDigits, addPrefix, costDeck } = options;
        print.record(trunkFacts(await addTrunk(database, { trunk: name, endpoint, stripDigits, addPrefix, costDeck })));
      }),
    );
  addPaging(addCommand(trunk, 'list', 'trunks in the order of their names', 'trunk list')).action(
    withDatabase(terminal, async ({ database, print }, options: { limit: string; page: string }) => {
      const request = pageOf(options);
      const { items, total } = await listTrunks(database, request);
      print.list({ items: items.map(trunkFacts), total }, request, 'no trunk yet: see "trunk add --help"');
    }),
  );
}

const trunkFacts = (view: TrunkView): Facts => ({
  trunk: view.trunk,
  endpoint: view.endpoint,
  strip_digits: view.stripDigits,
  add_prefix: view.addPrefix,
  cost_deck: view.costDeck,
});
