/**
 * Talk, as SIPp measured it, that was ended by a limit; ms. SIPp hears of answer and end each in its own time, late on a busy machine; that
 * no cent is charged for it stands in the CDR. A limit that is not set lets each of these calls talk on for many seconds.
 */
export function expectCutAt(talkMs: number, limitMs: number): void {
  expect(talkMs).toBeGreaterThan(limitMs - 500);
  expect(talkMs).toBeLessThan(limitMs + 1_500);
}
