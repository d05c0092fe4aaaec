import { setFlagsFromString } from 'node:v8';
import { SMALL_HEAP } from '../config/small-heap';

/** Commands that read millions of rows. */
const READ_MUCH = ['verify', 'deck import', 'deck load'];

/** Keeps the heap small where a command reads millions of rows. Assumes that the heap has not grown yet. */
export function keepHeapSmall(words: readonly string[]): void {
  if (!READ_MUCH.some(command => `${words.join(' ')} `.startsWith(`${command} `))) return;
  for (const flag of SMALL_HEAP) setFlagsFromString(flag);
}
