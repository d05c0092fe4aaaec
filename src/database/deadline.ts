/** How long a question may take. A database that hangs must cost no more time than one that is away. */

/** For a question for which a caller, a switch or an operator waits. */
export const QUESTION_DEADLINE_MS = 2_000;

/** For a comparison in the background, which reads more, and for which no caller waits. */
export const COMPARISON_DEADLINE_MS = 5_000;

/** Resolves or rejects as `work` does; rejects with `late()` if that takes longer. The work itself is not stopped. */
export async function withDeadline<Result>(
  work: Promise<Result>,
  milliseconds: number,
  late: () => Error,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
