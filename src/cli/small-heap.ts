import { setFlagsFromString } from 'node:v8';

/** Commands that read millions of rows. */
const READ_MUCH = ['verify', 'deck import', 'deck load'];

/**
 * Has Node collect garbage often where a command reads millions of rows: on a machine with much memory it would let hundreds of megabytes
 * of dead rows lie. It costs processor time, which such a command has while it waits for the database. Assumes that the heap has not grown
 * yet: the young generation stays as it is then, and the old one grows by half.
 */
export function keepHeapSmall(words: readonly string[]): void {
  if (!READ_MUCH.some(command => `${words.join(' ')} `.startsWith(`${command} `))) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}
