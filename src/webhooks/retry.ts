/** After this many failed tries a delivery is dead. */
export const MOST_TRIES = 10;

const FIRST_SECONDS = 10;
const FACTOR = 3;

/**
 * How long to wait after the `attempts`th try failed; seconds, null for no more tries.
 *
 * 10 s, 30 s, 90 s and so on, a quarter less or more by `random` (0 to 1), so that what failed together does not come back together. The
 * tenth try is about 27 hours after the first.
 */
export function waitAfter(attempts: number, random: number): number | null {
  if (attempts >= MOST_TRIES) return null;
  return Math.round(FIRST_SECONDS * FACTOR ** (attempts - 1) * (0.75 + random / 2));
}
