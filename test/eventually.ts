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

/** By how much more a busy machine may part the ends of calls that end together; ms. What each costs is exact all the same. */
export const LATE_MS = 4_000;
