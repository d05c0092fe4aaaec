import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Say } from '../parts';
import type { Fault } from './faults';
import { keepLogs, markLogs } from './logs';
import { runText } from './report';
import { type RunResult, runDrill } from './run';
import { DrillStack } from './stack';

export interface DrillsOptions {
  /** The drill of each run, in order; ends the whole when it does. */
  runs: Iterable<{ run: number; fault: Fault }>;
  seed: string;
  /** The stack and the logs of runs with violations are in it. Emptied of all else at the end. */
  dir: string;
  say: Say;
  /** Asked before each run. */
  goesOn?: () => boolean;
}

/**
 * Holds one drill after the other on one stack, which is kept up between them. After a run with violations everything is
 * thrown away and begun anew, so that one fault is not told twice; its logs are kept in `dir`/run-<number>.
 */
export async function holdDrills(options: DrillsOptions): Promise<RunResult[]> {
  const { runs, seed, dir, say, goesOn = () => true } = options;
  const results: RunResult[] = [];
  let stack: DrillStack | null = null;
  let stacks = 0;
  const folder = () => join(dir, `stack-${stacks}`);
  const down = async () => {
    await stack?.down();
    if (stack) rmSync(stack.dir, { recursive: true, force: true });
    stack = null;
  };
  mkdirSync(dir, { recursive: true });
  try {
    for (const { run, fault } of runs) {
      if (!goesOn()) break;
      if (!stack) {
        stacks++;
        stack = await DrillStack.up(folder());
      }
      const runFolder = join(dir, `run-${run}`);
      const marks = markLogs(stack.logPaths);
      const result = await runDrill(stack, fault, { seed, run, dir: runFolder });
      results.push(result);
      say(runText(result, seed));
      if (result.violations.length === 0) {
        rmSync(runFolder, { recursive: true, force: true });
        continue;
      }
      keepLogs(stack.logPaths, marks, runFolder);
      writeFileSync(join(runFolder, 'result.json'), `${JSON.stringify({ seed, ...result }, null, 2)}\n`);
      say(`  its logs are kept in ${runFolder}`);
      await down();
    }
  } finally {
    await down();
  }
  return results;
}
