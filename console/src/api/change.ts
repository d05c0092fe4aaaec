/** A change that a person asks for: once, whatever is clicked twice or breaks in between. */
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { isPassing, newKey, type Refused } from './ask';

interface Options<Input, Answer> {
  run: (input: Input, idempotencyKey: string) => Promise<Answer>;
  /** What must be read anew when it is done. */
  stale?: readonly QueryKey[];
  onDone?: (answer: Answer, input: Input) => void;
}

/**
 * The same input again after an answer that did not come carries the same Idempotency-Key: if the first request was done, the API answers so
 * and does nothing more. Another input, or a change after one that was answered, gets a new one. Assumes that the input is what JSON can tell.
 */
export function useChange<Input, Answer>({ run, stale = [], onDone }: Options<Input, Answer>) {
  const queries = useQueryClient();
  /** Keys of inputs that were not answered yet, by their text. */
  const unanswered = useRef(new Map<string, string>());
  return useMutation<Answer, Refused, Input>({
    // What was sent and answered may be a password, or codes of cards: it goes with the place that asked.
    gcTime: 0,
    mutationFn: async input => {
      const text = JSON.stringify(input);
      const key = unanswered.current.get(text) ?? newKey();
      unanswered.current.set(text, key);
      try {
        const answer = await run(input, key);
        unanswered.current.delete(text);
        return answer;
      } catch (error) {
        if (!isPassing(error)) unanswered.current.delete(text);
        throw error;
      }
    },
    onSuccess: (answer, input) => {
      onDone?.(answer, input);
      for (const queryKey of stale) void queries.invalidateQueries({ queryKey });
    },
  });
}
