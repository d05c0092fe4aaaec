/** Which commands the program has, and where each comes from; those that the pages show can be given. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { OPERATIONS } from '../../src/admin/operations';
import { programOf } from '../../src/cli/program';
import { projectRoot } from '../../src/config/project-root';
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

/** The lines of code in the pages that run a command of ours. */
function shownCommands(): string[] {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: projectRoot, encoding: 'utf8' }).trim().split('\n');
  const blocks = files.flatMap(file => [
    ...readFileSync(join(projectRoot, file), 'utf8').matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm),
  ]);
  const lines = blocks.flatMap(([, text = '']) => text.split('\n'));
  const ofOurs = lines.flatMap(line => /^ *(?:.*exec ringfence |bin\/)?ringfence ([a-z].*)$/.exec(line)?.[1] ?? []);
  return [...new Set(ofOurs)];
}

/** As a shell takes them: without quotes and remarks. */
const wordsOf = (line: string): string[] =>
  execFileSync('sh', ['-euc', `set -- ${line}\nprintf '%s\\0' "$@"`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

/** All commands do nothing but read their words. */
function readingOnly(command: Command): Command {
  if (command.commands.length === 0) command.action(() => {});
  for (const child of command.commands) readingOnly(child);
  return command;
}

test('every command in a block of a page exists, and lacks no argument and no option', async () => {
  const shown = shownCommands();
  expect(shown.length).toBeGreaterThan(40);
  const wrong: string[] = [];
  for (const line of shown) {
    try {
      await readingOnly(programOf(silent)).parseAsync(wordsOf(line), { from: 'user' });
    } catch (error) {
      const { exitCode, message } = error as { exitCode?: number; message: string };
      if (exitCode !== 0) wrong.push(`${line}: ${message}`);
    }
  }
  expect(wrong).toEqual([]);
});
