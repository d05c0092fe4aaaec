/** A limit of a channel as Asterisk's TIMEOUT(absolute) takes and returns it. Pure. */
import { SwitchError } from '../../calls/switch-port';

export const LIMIT_VARIABLE = 'TIMEOUT(absolute)';

/** How much longer than requested a limit may be when it is read back, in seconds: a round trip to the switch, no more. */
const LIMIT_TOLERANCE_SECONDS = 0.5;

/**
 * A limit as Asterisk reads it: seconds with milliseconds.
 *
 * At least 0.001, because 0 would remove the limit. Rounds down, so that no call talks a millisecond longer than granted.
 */
export function limitText(seconds: number): string {
  if (!Number.isFinite(seconds)) throw new Error(`A limit of ${seconds} seconds`);
  return (Math.max(1, Math.floor(seconds * 1_000)) / 1_000).toFixed(3);
}

/** The seconds that are left, by the text that Asterisk returns; null for no limit. A limit that is just over reads as a negative number. */
export const limitIn = (value: string): number | null => (value === '0' || value === '' ? null : Number(value));

/** @throws SwitchError `refused` if the limit that was read back is absent, or longer than requested. */
export function assertTook(channel: string, limit: string, readBackSeconds: number | null): void {
  const hasTaken = readBackSeconds !== null && readBackSeconds <= Number(limit) + LIMIT_TOLERANCE_SECONDS;
  if (!hasTaken) {
    throw new SwitchError('refused', `${channel}: limit ${limit} s was set, ${readBackSeconds ?? 'none'} read back`);
  }
}
