/** How many questions of one call each are in progress at once. */
const AT_ONCE = 8;

/** The answers to a question for each call, by Call-ID; without those that are null. */
export async function eachCall<Answer>(
  callIds: readonly string[],
  ask: (callId: string) => Promise<Answer | null>,
): Promise<Map<string, Answer>> {
  const found = new Map<string, Answer>();
  const left = [...callIds];
  const work = async () => {
    for (let callId = left.shift(); callId !== undefined; callId = left.shift()) {
      const answer = await ask(callId);
      if (answer !== null) found.set(callId, answer);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

/** The result of an answer, if a refusal with one of these codes means that there is nothing. */
export async function unless<Answer>(
  answer: Promise<Answer>,
  isNothing: (error: unknown) => boolean,
): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (isNothing(error)) return null;
    throw error;
  }
}
