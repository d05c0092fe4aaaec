import { tableText } from '../../src/cli/table';
import type { Facts } from '../../src/operator/facts';
import type { Fault } from './faults';
import type { RunResult } from './run';

/** One line for each drill that ran, and one for all. */
export function drillTable(results: RunResult[], faults: readonly Fault[]): string {
  const lines = faults
    .map(({ name, does }) =>
      lineOf(
        name,
        does,
        results.filter(({ drill }) => drill === name),
      ),
    )
    .filter(({ runs }) => runs > 0);
  return tableText([...lines, lineOf('all', '', results)] as unknown as Facts[]);
}

interface Line {
  drill: string;
  does: string;
  runs: number;
  violations: number;
  calls: number;
  answered: number;
  cut: number;
  seconds_a_run: string;
  longest_rest: string;
}

function lineOf(drill: string, does: string, results: RunResult[]): Line {
  const sum = (of: (result: RunResult) => number) => results.reduce((total, result) => total + of(result), 0);
  return {
    drill,
    does,
    runs: results.length,
    violations: sum(({ violations }) => violations.length),
    calls: sum(({ calls }) => calls),
    answered: sum(({ answered }) => answered),
    cut: sum(({ cut }) => cut),
    seconds_a_run: results.length === 0 ? '' : (sum(({ elapsedMs }) => elapsedMs) / results.length / 1000).toFixed(1),
    longest_rest: results.length === 0 ? '' : (Math.max(...results.map(({ restMs }) => restMs)) / 1000).toFixed(1),
  };
}

/** The result of one run, in one line; and a line for each violation. */
export function runText(result: RunResult, seed: string): string {
  const { run, drill, elapsedMs, restMs, waitedFor, calls, answered, cut, violations } = result;
  const seconds = (elapsedMs / 1000).toFixed(1).padStart(5);
  const seen = `${calls} calls, ${answered} answered, ${cut} cut`.padEnd(36);
  const rest = `rest after ${(restMs / 1000).toFixed(1)} s`.padEnd(18);
  const verdict = violations.length === 0 ? 'clean' : `${violations.length} VIOLATIONS`;
  return [
    `run ${String(run).padEnd(4)} ${drill.padEnd(20)} ${seconds} s  ${seen} ${rest} ${verdict}`,
    ...(waitedFor === null ? [] : [`  waited for: ${waitedFor}`]),
    ...violations.map(({ rule, text }) => `  seed ${seed}, run ${run}: ${rule}: ${text}`),
  ].join('\n');
}

/** For --json and for the kept result of a run: the names of its columns as everywhere in this project's JSON. */
export const runFacts = (result: RunResult): object => ({
  run: result.run,
  drill: result.drill,
  struck_after_ms: result.struckAfterMs,
  rest_ms: result.restMs,
  waited_for: result.waitedFor,
  elapsed_ms: result.elapsedMs,
  calls: result.calls,
  answered: result.answered,
  cut: result.cut,
  violations: result.violations,
});
