/** The calls of an account that are in progress, as its stream tells of them. */
import { useEffect, useState } from 'react';
import type { LiveCall } from '../../api/operations';
import { type Hearing, useStream } from '../../api/stream';
import { sumOf } from '../../parts/amounts';

interface Snapshot {
  items: LiveCall[];
  is_more: boolean;
}

interface Difference {
  added: LiveCall[];
  /** Of each call its uniqueid and what changed. */
  changed: (Partial<LiveCall> & Pick<LiveCall, 'uniqueid'>)[];
  /** Uniqueids. */
  ended: string[];
  is_more: boolean;
}

/** A call, and when it was heard of (ms since 1970): it talks on from there. */
export interface HeardCall extends LiveCall {
  heardAt: number;
}

export interface LiveCalls {
  /** null before the first of them were heard of. */
  calls: readonly HeardCall[] | null;
  isMore: boolean;
  hearing: Hearing;
  /** Since when the service cannot read the calls, by this browser's clock; null if it can. */
  staleSince: number | null;
}

/** What is known after a difference. Pure. */
export function withDifference(
  calls: readonly HeardCall[],
  { added, changed, ended }: Difference,
  now: number,
): readonly HeardCall[] {
  const gone = new Set(ended);
  const changes = new Map(changed.map(each => [each.uniqueid, each]));
  const kept = calls
    .filter(({ uniqueid }) => !gone.has(uniqueid))
    .map(call => {
      const change = changes.get(call.uniqueid);
      // What tells no seconds has the talk of before, which was counted from then.
      return change ? { ...call, ...change, heardAt: change.seconds === undefined ? call.heardAt : now } : call;
    });
  return [...kept, ...added.map(call => ({ ...call, heardAt: now }))];
}

export function useLiveCalls(accountcode: string, onChange: () => void): LiveCalls {
  const [known, setKnown] = useState<{ calls: readonly HeardCall[]; isMore: boolean } | null>(null);
  const [staleSince, setStaleSince] = useState<number | null>(null);
  const hearing = useStream(`/api/v1/calls/live/stream?account=${encodeURIComponent(accountcode)}`, {
    snapshot: data => {
      const { items, is_more: isMore } = data as Snapshot;
      setStaleSince(null);
      setKnown({ calls: items.map(call => ({ ...call, heardAt: Date.now() })), isMore });
    },
    difference: data => {
      const difference = data as Difference;
      setStaleSince(null);
      setKnown(
        before => before && { calls: withDifference(before.calls, difference, Date.now()), isMore: difference.is_more },
      );
      if (difference.added.length + difference.ended.length > 0) onChange();
    },
    stale: () => setStaleSince(since => since ?? Date.now()),
  });
  // Another account's calls are not this one's.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the account changes
  useEffect(() => {
    setKnown(null);
    setStaleSince(null);
  }, [accountcode]);
  return { calls: known?.calls ?? null, isMore: known?.isMore ?? false, hearing, staleSince };
}

export const spentBy = (calls: readonly LiveCall[]): string => sumOf(...calls.map(({ spent }) => spent));

/** Until when the calls are known to talk on; `now` while they are heard. */
export const knownUntil = ({ hearing, staleSince }: LiveCalls, now: number): number =>
  (hearing.is === 'lost' ? hearing.since : staleSince) ?? now;

/** Talk by now; whole seconds. */
export const secondsOf = ({ state, seconds, heardAt }: HeardCall, now: number): number =>
  state === 'talking' ? seconds + Math.max(0, Math.floor((now - heardAt) / 1000)) : seconds;
