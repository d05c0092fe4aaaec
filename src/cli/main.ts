import { readFileSync } from 'node:fs';
import { run } from './program';

// Whoever reads only the first lines of a list (`| head`) has not made a fault.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0);
  throw error;
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
