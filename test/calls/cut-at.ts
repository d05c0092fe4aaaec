import { LATE_MS } from '../eventually';

/**
 * Talk that a limit ended, as SIPp measured it; ms. SIPp sees answer and end each in its own time, late on a busy machine. The CDR shows
 * that the delay costs nothing. Without a limit each of these calls would talk on for many seconds.
 */
export function expectCutAt(talkMs: number, limitMs: number): void {
  expect(talkMs).toBeGreaterThan(limitMs - 500);
  expect(talkMs).toBeLessThan(limitMs + LATE_MS);
}
