import { run } from '../../src/cli/program';

/** What a command line did. */
export interface Ran {
  exitCode: number;
  out: string;
  err: string;
}

/** Runs `ringfence <words>` against a database, with nothing else in its environment. */
export async function ringfence(
  databaseUrl: string,
  words: string[],
  environment: Record<string, string> = {},
  input = '',
): Promise<Ran> {
  const ran: Ran = { exitCode: -1, out: '', err: '' };
  ran.exitCode = await run(words, {
    environment: { RINGFENCE_DATABASE_URL: databaseUrl, ...environment },
    input: () => input,
    out: text => {
      ran.out += text;
    },
    err: text => {
      ran.err += text;
    },
    screen: false,
  });
  return ran;
}

/** The JSON that a command printed. Fails when it did not exit with 0. */
export async function json(databaseUrl: string, words: string[], environment: Record<string, string> = {}) {
  const { exitCode, out, err } = await ringfence(databaseUrl, [...words, '--json'], environment);
  if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${err}`);
  return JSON.parse(out);
}
