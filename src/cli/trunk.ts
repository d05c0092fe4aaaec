import type { Command } from 'commander';
import { addTrunk, listTrunks, type NewRule, type NewTrunk, setTrunk, type TrunkView } from '../routes/route-store';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import type { Facts } from './table';
import type { Terminal } from './terminal';

export function addTrunkCommands(program: Command, terminal: Terminal): void {
  const trunk = program.command('trunk').description('trunks: the carriers that calls are sent to');
  const withRule = (command: Command) =>
    command
      .option('--callee-codes <codes>', "SIP statuses that are the callee's own word; every other tries the next route")
      .option('--callee-causes <causes>', 'the same by Q.850 cause, for an Asterisk before 22.7')
      .option('--next-on-busy <yes|no>', 'try the next route also when the callee is busy')
      .addHelpText('after', RULE_HELP);
  withRule(
    addCommand(
      trunk,
      'add <trunk>',
      'add a carrier',
      "trunk add carrier --endpoint 'PJSIP/{number}@carrier' --strip-digits 2 --add-prefix 0 --cost-deck wholesale",
    ),
  )
    .requiredOption('--endpoint <dial string>', 'what Asterisk dials, with {number} for the digits')
    .option('--strip-digits <digits>', 'how many digits are taken from the front of the number', '0')
    .option('--add-prefix <digits>', 'digits that are put in front of it then', '')
    .option('--cost-deck <deck>', 'the deck of what the carrier charges us, for the margin in reports')
    .action(
      withDatabase(terminal, async ({ database, print }, name: string, options: Omit<NewTrunk, 'trunk'>) => {
        print.record(trunkFacts(await addTrunk(database, { ...options, trunk: name })));
      }),
    );
  withRule(
    addCommand(
      trunk,
      'set <trunk>',
      'change which refusals of a carrier end a call, and which try the next route',
      'trunk set carrier --callee-codes 404,486,603 --next-on-busy yes',
    ),
  ).action(
    withDatabase(terminal, async ({ database, print }, name: string, options: NewRule) => {
      print.record(trunkFacts(await setTrunk(database, name, options)));
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

const RULE_HELP = `
The lists are numbers with commas, none for an empty one, default for the usual one (docs/refusals.md).`;

const trunkFacts = (view: TrunkView): Facts => ({
  trunk: view.trunk,
  endpoint: view.endpoint,
  strip_digits: view.stripDigits,
  add_prefix: view.addPrefix,
  cost_deck: view.costDeck,
  callee_codes: view.calleeCodes ?? 'default',
  callee_causes: view.calleeCauses ?? 'default',
  next_on_busy: view.nextOnBusy,
});
