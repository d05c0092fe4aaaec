/** Which commands the program has, and where each comes from. */
import type { Command } from 'commander';
import { OPERATIONS } from '../../src/admin/operations';
import { programOf } from '../../src/cli/program';

/** What is no operation of an operator, and why. */
const HAND_WRITTEN: Record<string, string> = {
  serve: 'is the service itself',
  migrate: 'makes the tables that an operation is done and audited in',
  verify: 'is a proof, with a file of its own for the next one; it changes nothing and has no place in an API',
  reconcile: 'is a proof likewise, of many minutes, and reads files of this machine',
};

const leavesOf = (command: Command, words: string[] = []): string[] =>
  command.commands.length === 0
    ? [words.join(' ')]
    : command.commands.flatMap(child => leavesOf(child, [...words, child.name()]));

const silent = { environment: {}, input: () => '', out: () => {}, err: () => {}, screen: false };

test('every command is derived from a declaration, or stands in the list above', () => {
  const declared = OPERATIONS.map(({ name }) => name);
  expect(leavesOf(programOf(silent)).sort()).toEqual([...declared, ...Object.keys(HAND_WRITTEN)].sort());
});
