import type { Command } from 'commander';
import type { Difference } from '../credit/difference';
import { type Proof, verify } from '../credit/verify';
import { openConnection } from '../database/connection';
import { addCommand, Ended, EXIT, withDatabase } from './command';
import { Progress } from './progress';
import { printable, type Terminal } from './terminal';

export function addVerifyCommand(program: Command, terminal: Terminal): void {
  addCommand(
    program,
    'verify',
    'prove the books in one snapshot: one line for each difference, exit code 1 if there is any; may run while calls do',
    'verify && echo the books balance',
  ).action(
    withDatabase(terminal, async ({ settings, print }) => {
      const connection = await openConnection(settings.databaseUrl);
      const progress = new Progress(terminal);
      const proof = await verify(connection, ({ read, rows }) =>
        progress.show(() => ({ share: rows === 0 ? null : read / rows, text: `${read} of ${rows} rows read` })),
      ).finally(() => {
        progress.end();
        connection.destroy();
      });
      print.done(sentenceOf(proof), factsOf(proof));
      if (proof.differences.length > 0) throw new Ended(EXIT.fault);
    }),
  );
}

function sentenceOf(proof: Proof): string {
  const { accounts, entries, calls, reservations, elapsedMs, differences } = proof;
  const seen = `${accounts} accounts, ${entries} entries, ${calls} calls, ${reservations} reservations in ${elapsedMs} ms`;
  if (differences.length === 0) {
    return `the books balance: balance = entries, reserved = reservations, costs = charges, call by call; ${seen}`;
  }
  const count = differences.length === 1 ? '1 difference' : `${differences.length} differences`;
  return [...differences.map(lineOf), `${count}; ${seen}`].join('\n');
}

function lineOf({ accountcode, uniqueid, text, rule }: Difference): string {
  const call = uniqueid === null ? '' : `, call ${JSON.stringify(uniqueid)}`;
  return printable(`account ${JSON.stringify(accountcode)}${call}: ${text} (${rule})`);
}

const factsOf = ({ accounts, entries, calls, reservations, elapsedMs, differences }: Proof): object => ({
  balanced: differences.length === 0,
  accounts,
  entries,
  calls,
  reservations,
  elapsed_ms: elapsedMs,
  differences,
});
