import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { misuse, readOptions, wholeOption } from '../options';
import { ensureAsterisk, ensureMariadb, labFolder } from '../parts';
import { ringfenceProgram } from '../ringfence';
import { processStamp } from '../servers/process';
import { holdDrills, sweepDrills } from './drills';
import { FAULTS, type Fault } from './faults';
import { drawDrills } from './plan';
import { drillTable, runFacts } from './report';

const usage = `usage: npm run drill -- [options]

  --kills <n>       so many runs (as many as there are drills when not given: one of each)
  --minutes <n>     as many runs as fit, instead of --kills
  --seed <text>     the same seed is the same drills, moments and calls; a new one when not given
  --only <drills>   only these, separated by commas
  --run <n>         only the run of this number, of those that seed and --only give: to see it again
  --help            this
  --json            the result as JSON on stdout, the progress on stderr

example: npm run drill -- --minutes 30 --only service-killed,database-killed

drills: ${FAULTS.map(({ name }) => name).join(', ')}`;

interface Options {
  kills: number;
  minutes: number | null;
  seed: string;
  faults: Fault[];
  /** Drills that this version cannot do. */
  leftOut: Fault[];
  run: number | null;
  json: boolean;
}

function optionsOfRun(): Options {
  const { kills, minutes, seed, only, run, json } = readOptions(usage, {
    kills: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    run: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (kills !== undefined && minutes !== undefined) misuse('--kills or --minutes, not both');
  const has = commandsThere();
  const isThere = ({ needs }: Fault) => needs === undefined || has(needs);
  const faults = only === undefined ? FAULTS.filter(isThere) : only.split(',').map(name => faultNamed(name.trim()));
  for (const { name, needs } of faults.filter(fault => !isThere(fault))) {
    misuse(`--only ${name}: it needs "ringfence ${needs}", which this version does not have`);
  }
  return {
    kills: kills === undefined ? faults.length : wholeOption('kills', kills),
    minutes: minutes === undefined ? null : wholeOption('minutes', minutes),
    seed: seed ?? String(Date.now() % 1_000_000),
    faults,
    leftOut: only === undefined ? FAULTS.filter(fault => !isThere(fault)) : [],
    run: run === undefined ? null : wholeOption('run', run),
    json,
  };
}

/** By the service's own help, because a drill may be older or newer than the commands that it needs. */
function commandsThere(): (command: string) => boolean {
  const { stdout } = spawnSync(process.execPath, [ringfenceProgram, '--help'], { encoding: 'utf8' });
  return command => new RegExp(`^ {2}${command}\\b`, 'm').test(stdout);
}

function faultNamed(name: string): Fault {
  return FAULTS.find(each => each.name === name) ?? misuse(`--only ${name}: there is no such drill`);
}

function* runsOf({ seed, faults, run: only, kills, minutes }: Options): Generator<{ run: number; fault: Fault }> {
  let run = 0;
  for (const fault of drawDrills(seed, faults)) {
    run++;
    if (only !== null && run < only) continue;
    if (only === null && minutes === null && run > kills) return;
    if (only !== null && run > only) return;
    yield { run, fault };
  }
}

async function main(): Promise<number> {
  const options = optionsOfRun();
  const { seed, minutes, json, faults } = options;
  const say = (line: string): void => {
    (json ? process.stderr : process.stdout).write(`${line}\n`);
  };
  mkdirSync(labFolder, { recursive: true });
  await sweepCrashedDrills();
  await ensureMariadb(say);
  await ensureAsterisk(say);
  const dir = join(labFolder, `drill-${process.pid}`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      say(`interrupted; seed ${seed}`);
      void (existsSync(dir) ? sweepDrills(dir) : Promise.resolve()).finally(() => process.exit(1));
    });
  }
  const until = minutes === null ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000;
  const startedAt = Date.now();
  say(`seed ${seed}`);
  for (const { name, needs } of options.leftOut) say(`left out: ${name}, as there is no "ringfence ${needs}" yet`);
  const results = await holdDrills({ runs: runsOf(options), seed, dir, say, goesOn: () => Date.now() < until });
  const violations = results.reduce((sum, result) => sum + result.violations.length, 0);
  const took = Math.round((Date.now() - startedAt) / 1000);
  say(`\n${drillTable(results, faults)}`);
  say(`seed ${seed}: ${results.length} runs in ${took} s, ${violations} violations`);
  for (const { run, drill } of results.filter(result => result.violations.length > 0)) {
    const only =
      faults.length === FAULTS.length - options.leftOut.length ? '' : ` --only ${faults.map(({ name }) => name)}`;
    say(`${drill} again: npm run drill -- --seed ${seed}${only} --run ${run}`);
  }
  if (violations === 0) rmSync(dir, { recursive: true, force: true });
  if (json)
    process.stdout.write(
      `${JSON.stringify({ seed, elapsed_seconds: took, violations, runs: results.map(runFacts) }, null, 2)}\n`,
    );
  return violations === 0 ? 0 : 1;
}

/** What a killed drill has left. */
async function sweepCrashedDrills(): Promise<void> {
  for (const name of readdirSync(labFolder)) {
    const pid = Number(/^drill-(\d+)$/.exec(name)?.[1]);
    if (pid && !processStamp(pid)) await sweepDrills(join(labFolder, name));
  }
}

main().then(
  exitCode => process.exit(exitCode),
  error => {
    process.stderr.write(`drill: ${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  },
);
