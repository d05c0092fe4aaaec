import { readFileSync } from 'node:fs';
import { EXIT } from './command';
import { run } from './program';

// Whoever reads only the first lines of a list (`| head`) has not made a fault.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(0);
  process.stderr.write(
    `the output could not be written (${code}): what the command was to do may be done; mend that, and look\n`,
  );
  process.exit(EXIT.fault);
});

void run(process.argv.slice(2), {
  environment: process.env,
  input: () => readFileSync(process.stdin.fd, 'utf8'),
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
  screen: process.stderr.isTTY === true,
}).then(exitCode => {
  process.exitCode = exitCode;
});
