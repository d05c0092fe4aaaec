import type { SwitchRecords, WrittenCall } from '../calls/evidence';

type Calls = Parameters<SwitchRecords['of']>[1];

/** What was asked for while a question about the same switch is being answered. */
interface Waiting {
  calls: Map<string, Calls[number]>;
  answer: Promise<Map<string, WrittenCall>>;
}

/**
 * The same records, one question for a switch at a time: whoever asks meanwhile shares the next one. A file is then read
 * once for fifty calls, and not fifty times.
 */
export function oneAtATime(records: SwitchRecords): SwitchRecords {
  const busy = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Waiting>();

  const ask = (node: string, calls: Calls): Promise<Map<string, WrittenCall>> => {
    const answer = records.of(node, calls);
    const over: Promise<unknown> = answer
      .catch(() => undefined)
      .then(() => {
        if (busy.get(node) === over) busy.delete(node);
      });
    busy.set(node, over);
    return answer;
  };

  return {
    of(node, calls) {
      const before = busy.get(node);
      if (!before) return ask(node, calls);
      const next = waiting.get(node) ?? {
        calls: new Map(),
        answer: before.then(() => {
          const shared = waiting.get(node) as Waiting;
          waiting.delete(node);
          return ask(node, [...shared.calls.values()]);
        }),
      };
      waiting.set(node, next);
      for (const call of calls) next.calls.set(call.uniqueid, call);
      return next.answer;
    },
  };
}
