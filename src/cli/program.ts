import { Command } from 'commander';
import { OPERATIONS } from '../admin/operations';
import { version } from '../config/version';
import { isOfCustomers } from '../operator/operation';
import { EXIT } from './command';
import { IMPORTING } from './deck';
import { addOperations } from './derive';
import { ENDING_CALLS } from './during-calls';
import { failureOf } from './failure';
import { ISSUING } from './issued-codes';
import { addMigrateCommand } from './migrate';
import { PRESENTED } from './presented';
import { addReconcileCommand } from './reconcile';
import { addServeCommand } from './serve';
import { STOPPING } from './stopping';
import { printable, type Terminal } from './terminal';
import { addVerifyCommand } from './verify';

const EXIT_CODES = `
Exit codes: 0 done, 1 fault (the database is away, the books do not balance, calls differ from Asterisk's records), 2 usage, 3 refused.
Settings are environment variables: RINGFENCE_DATABASE_URL=mysql://user:password@host:3306/schema is the one needed.
A value that begins with - goes behind --: ringfence account show -- -odd-code`;

/** The program with all its commands. */
export function programOf(terminal: Terminal): Command {
  const program = new Command('ringfence')
    .description('Real-time prepaid billing for Asterisk')
    .version(version, '--version', 'print the version of Ringfence')
    .exitOverride()
    .configureOutput({
      writeOut: text => terminal.out(text),
      writeErr: text => terminal.err(text),
      // Commander adds its "(Did you mean …?)" as a second line.
      outputError: (text, write) => write(`${printable(text.trim().replace(/\n/g, ' '))}\n`),
    })
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError();
  addServeCommand(program, terminal);
  addMigrateCommand(program, terminal);
  const ofOperators = OPERATIONS.filter(declared => !isOfCustomers(declared));
  addOperations(program, terminal, ofOperators, {
    ...PRESENTED,
    ...ENDING_CALLS,
    ...ISSUING,
    ...IMPORTING,
    ...STOPPING,
  });
  addVerifyCommand(program, terminal);
  addReconcileCommand(program, terminal);
  for (const command of allUnder(program)) command.copyInheritedSettings(program);
  return program;
}

/**
 * Runs one command line, without the program's own name. Resolves with its exit code and never rejects.
 *
 * Prints every failure as lines on stderr, made harmless for a screen; with --json as one JSON object.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const program = programOf(terminal);
  try {
    await program.parseAsync(words, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    const { exitCode, lines, refusal } = failureOf(error, terminal.environment);
    if (lines.length > 0 && words.includes('--json')) {
      terminal.err(`${JSON.stringify({ error: { refusal, detail: lines.at(-1), lines } })}\n`);
    } else {
      for (const line of lines) terminal.err(`${printable(line)}\n`);
    }
    return exitCode;
  }
}

function* allUnder(command: Command): Generator<Command> {
  for (const child of command.commands) {
    yield child;
    yield* allUnder(child);
  }
}
