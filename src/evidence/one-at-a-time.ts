import type { SwitchRecords, WrittenCall } from '../calls/evidence';
import { sharedQuestion } from '../database/shared-question';

type Calls = Parameters<SwitchRecords['of']>[1];

/**
 * For how many times as long as the last question took the next one waits. On a busy switch there is always a call that has just ended: without
 * a rest its journal is searched all the time (a whole core at 50 calls a second).
 */
const REST = 2;
const MOST_REST_MS = 500;
/** Each question is also one of the database: ten a second, and not one for each end of 50 calls a second. */
const LEAST_REST_MS = 100;

/** The same records, but one question for a switch at a time: a file is then read once for fifty calls, and not fifty times. */
export function oneAtATime(records: SwitchRecords): SwitchRecords {
  const ofNode = new Map<string, (calls: Calls) => Promise<Map<string, WrittenCall>>>();
  return {
    of(node, calls) {
      const known = ofNode.get(node);
      const ask =
        known ??
        sharedQuestion<Calls[number], Map<string, WrittenCall>>(
          all => records.of(node, [...new Map(all.map(call => [call.uniqueid, call])).values()]),
          tookMs => Math.min(MOST_REST_MS, Math.max(LEAST_REST_MS, REST * tookMs)),
        );
      if (!known) ofNode.set(node, ask);
      return ask(calls);
    },
  };
}
