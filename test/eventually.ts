/** Asks until there is an answer; a real switch and a real database take their time. */
export async function eventually<Answer>(
  ask: () => Promise<Answer | null>,
  what: string,
  withinMs = 15_000,
): Promise<Answer> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new Error(`no sign of ${what} within ${withinMs} ms`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/**
 * By how much a machine with much other work may be late, ms: added to the bound of each time that a test measures. Money, order and what is not
 * too early are exact.
 */
export const LATE_MS = 5_000;
