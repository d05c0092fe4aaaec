import { demo } from './demo';
import { readLabSettings } from './settings';
import { LabStack } from './stack';

const usage = `usage: npm run lab                 everything, until Ctrl-C
       npm run lab -- up           start what does not run yet
       npm run lab -- demo         place the demonstration's calls
       npm run lab -- status       what runs
       npm run lab -- down         stop all; accounts and calls are kept
       npm run lab -- reset        stop all and forget accounts and calls`;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(words: string[]): Promise<number> {
  const settings = readLabSettings(process.env);
  const stack = new LabStack(settings, say);
  const showDemo = (): Promise<boolean> =>
    demo({
      sip: stack.sip,
      databaseUrl: stack.databaseUrl,
      cli: stack.cli,
      api: { url: stack.httpUrl, key: stack.httpKey },
      settings,
      say,
    });
  const [step, ...rest] = words;
  if (rest.length > 0) return failUsage();
  switch (step) {
    case undefined:
      return untilInterrupted(stack, showDemo);
    case 'up':
      await stack.up();
      return 0;
    case 'demo':
      await stack.up();
      return (await showDemo()) ? 0 : 1;
    case 'status':
      return (await stack.status()) ? 0 : 1;
    case 'down':
      await stack.down();
      return 0;
    case 'reset':
      await stack.reset();
      return 0;
    default:
      return failUsage();
  }
}

async function untilInterrupted(stack: LabStack, showDemo: () => Promise<boolean>): Promise<number> {
  const interrupted = new Promise<'interrupted'>(done => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done('interrupted'));
  });
  let exitCode = 0;
  const up = stack.up();
  try {
    const shown = await Promise.race([up.then(showDemo), interrupted]);
    if (shown !== 'interrupted') {
      exitCode = shown ? 0 : 1;
      say(
        `\nCalls: sip:<number>@${stack.sip} from 127.0.0.2 (alice), 127.0.0.4 (bob) or 127.0.0.5 (the account that From names). Ctrl-C ends the lab.`,
      );
      say(stack.consoleLine);
      // A signal handler alone would not keep the process.
      const alive = setInterval(() => {}, 60_000);
      await interrupted;
      clearInterval(alive);
    }
  } finally {
    // A part that is just being started must exist before it can be stopped.
    await up.catch(() => {});
    say('');
    await stack.down();
  }
  return exitCode;
}

function failUsage(): number {
  process.stderr.write(`${usage}\n`);
  return 2;
}

main(process.argv.slice(2)).then(
  exitCode => process.exit(exitCode),
  error => {
    process.stderr.write(`lab: ${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  },
);
