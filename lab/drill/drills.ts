import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Say } from '../parts';
import { killServersUnder } from '../servers/process';
import type { Fault } from './faults';
import { keepLogs, markLogs } from './logs';
import { runFacts, runText } from './report';
import { type RunResult, runDrill } from './run';
import { DrillStack, type StackKind } from './stack';

export interface DrillsOptions {
  /** The drill of each run, in order; the series ends when this does. */
  runs: Iterable<{ run: number; fault: Fault }>;
  seed: string;
  /** Holds the stack and the logs of runs with violations. Everything else in it is deleted at the end. */
  dir: string;
  say: Say;
  /** Called before each run. */
  goesOn?: () => boolean;
}

/** Written last, so an interrupted run has none. */
const RESULT = 'result.json';

/** Ends what runs in the folder of interrupted drills, and deletes all but the logs of runs with violations. */
export async function sweepDrills(dir: string): Promise<void> {
  // Once more after each pass that found something: another process that starts a stack may have started another part meanwhile.
  while ((await killServersUnder(dir)) > 0);
  for (const name of readdirSync(dir)) {
    const isKept = /^run-\d+$/.test(name) && existsSync(join(dir, name, RESULT));
    if (!isKept) rmSync(join(dir, name), { recursive: true, force: true });
  }
  if (readdirSync(dir).length === 0) rmSync(dir, { recursive: true });
}

/**
 * Runs one drill after the other on one stack, which stays up between them (and on one with a cluster, for those that need it). After a run
 * with violations its stack is thrown away and made anew, so that one fault is not reported twice. The logs are kept in `dir`/run-<number>.
 */
export async function holdDrills(options: DrillsOptions): Promise<RunResult[]> {
  const { runs, seed, dir, say, goesOn = () => true } = options;
  const results: RunResult[] = [];
  const stacks = new Map<StackKind, DrillStack>();
  let begun = 0;
  const stackOf = async (kind: StackKind): Promise<DrillStack> => {
    const stack = stacks.get(kind) ?? (await DrillStack.up(join(dir, `stack-${++begun}`), kind));
    stacks.set(kind, stack);
    return stack;
  };
  const down = async (kind: StackKind) => {
    const stack = stacks.get(kind);
    stacks.delete(kind);
    await stack?.down();
    if (stack) rmSync(stack.dir, { recursive: true, force: true });
  };
  mkdirSync(dir, { recursive: true });
  try {
    for (const { run, fault } of runs) {
      if (!goesOn()) break;
      const { stack: kind = 'single' } = fault;
      const stack = await stackOf(kind);
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
      writeFileSync(join(runFolder, RESULT), `${JSON.stringify({ seed, ...runFacts(result) }, null, 2)}\n`);
      say(`  its logs are kept in ${runFolder}`);
      await down(kind);
    }
  } finally {
    for (const kind of [...stacks.keys()]) await down(kind);
  }
  return results;
}
