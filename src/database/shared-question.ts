/**
 * The same question, one at a time: callers that ask while it is being answered share the next one, which is for all their keys. So a
 * thousand questions a second become some dozens, and a single one does not wait.
 *
 * `ask` may get a key twice. The answer is for all callers that share it: each takes its own part. If it fails, it fails for those alone.
 * `restMs`: how long the next question waits after one that took so many ms, for one that is costly.
 */
export function sharedQuestion<Key, Answer>(
  ask: (keys: Key[]) => Promise<Answer>,
  restMs: (tookMs: number) => number = () => 0,
): (keys: readonly Key[]) => Promise<Answer> {
  let busy: Promise<unknown> | null = null;
  let next: { keys: Key[]; answer: Promise<Answer> } | null = null;

  const begin = (keys: Key[]): Promise<Answer> => {
    const askedAt = performance.now();
    const answer = ask(keys);
    const over: Promise<unknown> = answer
      .catch(() => undefined)
      .then(() => rested(restMs(performance.now() - askedAt)))
      .then(() => {
        if (busy === over) busy = null;
      });
    busy = over;
    return answer;
  };

  return keys => {
    if (!busy) return begin([...keys]);
    if (!next) {
      const mine: { keys: Key[]; answer: Promise<Answer> } = {
        keys: [],
        answer: busy.then(() => {
          next = null;
          return begin(mine.keys);
        }),
      };
      next = mine;
    }
    next.keys.push(...keys);
    return next.answer;
  };
}

const rested = (ms: number): unknown => (ms < 1 ? undefined : new Promise(resolve => setTimeout(resolve, ms)));
