import type { Command } from 'commander';
import { priceCall } from '../accounts/price-inquiry';
import { addCommand, withDatabase } from './command';
import { instantOf } from './instant';
import { recordText } from './table';
import type { Terminal } from './terminal';

export function addRateCommands(program: Command, terminal: Terminal): void {
  const rate = program.command('rate').description('prices');
  addCommand(
    rate,
    'explain',
    'the price of a call step by step, and the longest call that the account could make now',
    'rate explain --account alice --to 004930123456 --seconds 61',
  )
    .requiredOption('--account <accountcode>', 'the account that would pay')
    .requiredOption('--to <number>', 'the number, as it would be dialled')
    .requiredOption('--seconds <seconds>', 'talk')
    .option('--at <time>', 'when it would start, in your zone (TZ) if it names none; now when not given')
    .action(
      withDatabase(
        terminal,
        async (
          { database, settings, print },
          { account, to, seconds, at }: { account: string; to: string; seconds: string; at?: string },
        ) => {
          const instant = at === undefined ? Date.now() : instantOf('at', at);
          const { maxCallSeconds, barredPrefixes, emergencyNumbers } = settings;
          const priced = await priceCall(
            database,
            { accountcode: account, to, seconds, at: instant },
            { maxCallSeconds, barredPrefixes },
            emergencyNumbers,
          );
          const {
            steps,
            rate: applied,
            cost,
            billedSeconds,
            longestSeconds,
            grantedSeconds,
            maxCost,
          } = priced.explanation;
          const { refusal, waits } = priced;
          const through = waits ? 'would wait for what other calls hold and have not spent' : 'would be let through';
          const start = refusal === null ? through : `would be refused: ${refusal}`;
          if (!print.json) {
            const lines = steps.map(({ step, text }) => [step, text] as const);
            terminal.out(recordText(Object.fromEntries([...lines, ['start', start] as const])));
            return;
          }
          print.done('', {
            accountcode: priced.accountcode,
            at: priced.at,
            refusal,
            waits,
            rate_deck: applied?.deck ?? null,
            rate_version: applied?.version ?? null,
            rate_prefix: applied?.prefix ?? null,
            rate_destination: applied?.destination ?? null,
            billed_seconds: billedSeconds,
            cost,
            longest_seconds: longestSeconds,
            granted_seconds: grantedSeconds,
            max_cost: maxCost,
            steps,
          });
        },
      ),
    );
}
