import { misuse, readOptions, wholeOption } from '../lab/options';
import { INVARIANTS } from './invariants';
import { type Run, simulate } from './simulate';

const USAGE = `usage: npm run simulate -- [options]

  --seeds <n>      so many (1000), until one breaks an invariant
  --from <n>       the first of them (1)
  --minutes <n>    as many as fit, instead of --seeds
  --seed <n>       this one alone, with its trace
  --find <name>    until one breaks this invariant, whatever else it breaks
  --json           the sum as JSON

example: npm run simulate -- --minutes 10 --from 5000

Exits 1 when an invariant was broken. The invariants:
${INVARIANTS.map(name => `  ${name}`).join('\n')}`;

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    minutes: { type: 'string' },
    json: { type: 'boolean', default: false },
    find: { type: 'string' },
  });
  const find = INVARIANTS.find(name => name === values.find) ?? null;
  if (values.find !== undefined && find === null) misuse(`--find ${values.find}: there is no such invariant`);
  if (values.seed !== undefined) return one(wholeOption('seed', values.seed));
  const from = wholeOption('from', values.from);
  const minutes = values.minutes === undefined ? null : wholeOption('minutes', values.minutes);
  const last = minutes === null ? from + wholeOption('seeds', values.seeds) - 1 : Number.POSITIVE_INFINITY;
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
      tell(run);
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

/** On stderr, because stdout may be JSON. */
function tell({ seed, violations, trace }: Run): void {
  console.error(trace.slice(-60).join('\n'));
  for (const { invariant, detail } of violations) console.error(`\nseed ${seed} VIOLATED ${invariant}\n  ${detail}`);
  console.error(`\nreplay: npm run simulate -- --seed ${seed}`);
}

main().then(
  code => {
    process.exitCode = code;
  },
  error => {
    console.error(error);
    process.exitCode = 1;
  },
);
