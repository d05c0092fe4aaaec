import { readFileSync } from 'node:fs';
import { EXIT } from './command';
import { run } from './program';
import { keepHeapSmall } from './small-heap';

/** Not for `serve`, which continues if its log cannot be written. */
function heedErrors(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A reader of only the first lines (`| head`) is not a fault.
    if (code === 'EPIPE') process.exit(0);
    process.stderr.write(
      `the output could not be written (${code}): what the command was to do may be done; correct that, and look\n`,
    );
    process.exit(EXIT.fault);
  });
}

let isHeeded = false;

const words = process.argv.slice(2);
keepHeapSmall(words);
void run(words, {
  environment: process.env,
  input: () => readFileSync(process.stdin.fd, 'utf8'),
  out: text => {
    if (!isHeeded) heedErrors();
    isHeeded = true;
    process.stdout.write(text);
  },
  err: text => process.stderr.write(text),
  screen: process.stderr.isTTY === true,
}).then(exitCode => {
  process.exitCode = exitCode;
});
