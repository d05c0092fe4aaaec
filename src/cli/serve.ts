import type { Command } from 'commander';
import { readSettings, type Settings } from '../settings';
import type { Terminal } from './terminal';

export function addServeCommand(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description('serve the switches: authorise, limit and charge their calls, until SIGTERM')
    .option('--take-over', 'serve a switch also where calls of another database are in progress; they are left alone')
    .addHelpText('after', '\nExample:\n  RINGFENCE_ARI_URL=http://ringfence:secret@127.0.0.1:8088 ringfence serve')
    .action(async (options: { takeOver?: boolean }) => {
      const settings = readSettings(terminal.environment);
      // Loaded only here: no other command needs a switch, and each starts faster without it.
      const { serve } = require('../serve') as { serve(settings: Settings, options: object): Promise<void> };
      await serve(settings, options);
    });
}
