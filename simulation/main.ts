import { parseArgs } from 'node:util';
import { INVARIANTS } from './invariants';
import { type Run, simulate } from './simulate';

const HELP = `Runs seeds of the simulation, until one breaks an invariant.

  npm run simulate -- --seeds 1000             1,000 seeds, from 1
  npm run simulate -- --minutes 10 --from 5000 as many as 10 minutes take
  npm run simulate -- --seed 4711              one, with its trace
  npm run simulate -- --find "no channel is left"
                                               the first that breaks this one, whatever else it breaks
  --json                                       the sum as JSON

Exits 1 when an invariant was broken. The invariants:
${INVARIANTS.map(name => `  ${name}`).join('\n')}`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      json: { type: 'boolean', default: false },
      find: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const find = INVARIANTS.find(name => name === values.find) ?? null;
  if (values.find !== undefined && find === null) {
    console.error(`--find ${values.find}: there is no such invariant; --help names them`);
    return 2;
  }
  if (values.seed !== undefined) return one(whole('seed', values.seed));
  const from = whole('from', values.from);
  const minutes = values.minutes === undefined ? null : whole('minutes', values.minutes);
  const last = minutes === null ? from + whole('seeds', values.seeds) - 1 : Number.POSITIVE_INFINITY;
  const startedAt = process.hrtime.bigint();
  const seconds = () => Number(process.hrtime.bigint() - startedAt) / 1e9;
  const sum = { seeds: 0, calls: 0, answered: 0, charged: 0, crashes: 0, extended: 0, shrunk: 0, failed: 0 };
  for (let seed = from; seed <= last; seed++) {
    if (minutes !== null && seconds() > minutes * 60) break;
    const run = await simulate(seed, 200, find);
    sum.seeds++;
    for (const key of ['calls', 'answered', 'charged', 'crashes'] as const) sum[key] += run[key];
    for (const kind of ['extended', 'shrunk'] as const) sum[kind] += run.told[kind];
    if (run.violations.length > 0) {
      sum.failed++;
      if (!values.json) tell(run);
      break;
    }
  }
  const rate = Math.round(sum.seeds / seconds());
  if (values.json) console.log(JSON.stringify({ ...sum, seconds: seconds() }));
  else {
    console.log(
      `${sum.seeds} seeds, ${sum.calls} calls (${sum.answered} answered, ${sum.charged} charged; ${sum.extended} extensions, ${sum.shrunk} shrinks), ${sum.crashes} crashes of the service, ${sum.failed} failed; ${rate} seeds/s`,
    );
  }
  return sum.failed > 0 ? 1 : 0;
}

async function one(seed: number): Promise<number> {
  const run = await simulate(seed, 1_000_000);
  console.log(run.trace.join('\n'));
  console.log(`seed ${seed}, trace ${run.traceHash}, ${Math.round(run.virtualMs / 1000)} s of virtual time`);
  for (const { invariant, detail } of run.violations) console.log(`VIOLATED ${invariant}\n  ${detail}`);
  return run.violations.length > 0 ? 1 : 0;
}

function tell({ seed, violations, trace }: Run): void {
  console.log(trace.slice(-60).join('\n'));
  for (const { invariant, detail } of violations) console.log(`\nseed ${seed} VIOLATED ${invariant}\n  ${detail}`);
  console.log(`\nreplay: npm run simulate -- --seed ${seed}`);
}

function whole(name: string, text: string): number {
  if (!/^\d+$/.test(text)) {
    console.error(`--${name} ${text}: give a whole number`);
    process.exit(2);
  }
  return Number(text);
}

main().then(
  code => {
    process.exitCode = code;
  },
  error => {
    const isOfArguments = String(error?.code).startsWith('ERR_PARSE_ARGS');
    console.error(isOfArguments ? `${error.message.split('\n')[0]}: see --help` : error);
    process.exitCode = isOfArguments ? 2 : 1;
  },
);
