import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The options of this process, as `parseArgs` returns them. `--help` prints the usage and ends the process with 0. An unknown option ends
 * it with 2 and one line.
 */
export function readOptions<Wanted extends Options>(usage: string, options: Wanted) {
  try {
    const { values } = parseArgs<{ options: Wanted & { help: { type: 'boolean' } } }>({
      options: { ...options, help: { type: 'boolean' } },
    });
    if (!(values as { help?: boolean }).help) return values;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    return misuse((error as Error).message.split('\n')[0] as string);
  }
}

/** A whole number from 1, or the end of the process with 2 and one line. */
export function wholeOption(name: string, text: string): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : misuse(`--${name} ${text}: give a whole number from 1`);
}

/** Ends the process with 2 and one line that says what was wrong with its arguments. */
export function misuse(message: string): never {
  console.error(`${message}; --help shows what there is`);
  process.exit(2);
}
