import type { Knex } from 'knex';
import { callerChannelOf } from '../calls/leg-names';
import type { CallRecord } from '../credit/rules/call';
import { inFolder } from './gathered-records';
import { type Span, wroteJournal } from './reconcile-store';
import { hasLines } from './record-file';
import { type EvidenceFolders, systemnameOf } from './switch-records';

/** The switch whose records may have a call. A channel is named after its switch, and a door's call after the door. */
const switchOf = ({ node, uniqueid }: CallRecord): string =>
  uniqueid.startsWith(`${node}:`) ? node : systemnameOf(callerChannelOf(uniqueid)) || node;

/** How long before and after a call another record still shows that its switch was writing. */
const AROUND_MS = 600_000;

/** Returns whether a call's switch wrote anything at all around an instant. Reads ten minutes of a switch once. */
export function switchesThatWrote(
  database: Knex,
  folders: EvidenceFolders,
): (call: CallRecord, at: number) => Promise<boolean> {
  const MOST_KNOWN = 1_000;
  const known = new Map<string, Promise<boolean>>();
  const ask = async (node: string, span: Span): Promise<boolean> => {
    const folder = folders.get(node);
    if (folder !== undefined && (await inFolder(folder, hasLines(folder, span), false))) return true;
    return wroteJournal(database, node, span);
  };
  return (call, at) => {
    const node = switchOf(call);
    const bucket = Math.floor(at / AROUND_MS);
    const key = `${node} ${bucket}`;
    const answer = known.get(key) ?? ask(node, { from: (bucket - 1) * AROUND_MS, to: (bucket + 2) * AROUND_MS });
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, answer);
    return answer;
  };
}
