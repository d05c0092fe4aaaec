import type { Command } from 'commander';
import { longAccountcodes } from '../accounts/long-accountcodes';
import { openDatabase } from '../database/connection';
import { migrate, migrations } from '../database/migrate';
import { readSettings } from '../settings';
import { addCommand, Printer } from './command';
import { Progress } from './progress';
import { printable, type Terminal } from './terminal';

export function addMigrateCommand(program: Command, terminal: Terminal): void {
  addCommand(
    program,
    'migrate',
    "bring the database's schema to this Ringfence's version; may be run again and by several at once",
    'migrate',
  ).action(async (options: { json?: boolean }) => {
    const settings = readSettings(terminal.environment);
    const database = openDatabase(settings.databaseUrl);
    const progress = new Progress(terminal);
    const print = new Printer(terminal, options.json === true);
    try {
      const known = migrations();
      const applied = await migrate(database, known, {
        onApplied: name => {
          progress.end();
          if (!print.json) terminal.out(`${name} applied\n`);
        },
        onPortion: ({ name, done, total }) =>
          progress.show(() => ({ share: done / total, text: `${name}: ${done} of ${total} rows` })),
        onWaiting: ({ holder, aliveSecondsAgo, deadAfterSeconds }) => {
          const alive = `alive ${aliveSecondsAgo} s ago, given up after ${deadAfterSeconds}`;
          terminal.err(`another process migrates (${printable(holder)}, ${alive}): waiting\n`);
        },
      });
      const tooLong = await longAccountcodes(database);
      if (tooLong !== null) terminal.err(`${printable(tooLong)}\n`);
      const sentence = applied.length === 0 ? 'nothing to do' : `${applied.length} applied`;
      if (applied.length > 0 && !print.json) {
        terminal.out(
          'a new table has no grant yet: where the service has a user of its own, run the part "Service" of sql/grants.sql\n',
        );
      }
      print.done(`${sentence}, the schema is at migration ${known.length}`, { applied, migration: known.length });
    } finally {
      await database.destroy();
    }
  });
}
