/** Which commands the program has, and where each comes from. */
import type { Command } from 'commander';
import { OPERATIONS } from '../../src/admin/operations';
import { programOf } from '../../src/cli/program';
import { isOfCustomers } from '../../src/operator/operation';

/** What is no operation of an operator, and why. */
const HAND_WRITTEN: Record<string, string> = {
  serve: 'is the service itself',
  migrate: 'makes the tables that an operation is done and audited in',
  verify: 'is a proof by this process, with a file of its own for the next one; "job verify" has a service make one',
  reconcile: 'compares likewise, by the files of this machine, and corrects; "job reconcile" has a service compare',
};

const leavesOf = (command: Command, words: string[] = []): string[] =>
  command.commands.length === 0
    ? [words.join(' ')]
    : command.commands.flatMap(child => leavesOf(child, [...words, child.name()]));

const silent = { environment: {}, input: () => '', out: () => {}, err: () => {}, screen: false };

test('every command is derived from a declaration, or stands in the list above', () => {
  const declared = OPERATIONS.filter(each => !isOfCustomers(each)).map(({ name }) => name);
  expect(leavesOf(programOf(silent)).sort()).toEqual([...declared, ...Object.keys(HAND_WRITTEN)].sort());
});
