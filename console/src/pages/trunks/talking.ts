/** How many calls talk over each trunk now, by the stream of calls in progress. */
import { useState } from 'react';
import type { LiveCall } from '../../api/operations';
import { type Hearing, useStream } from '../../api/stream';

/** The trunk of each call that talks, by its uniqueid. */
type Trunks = ReadonlyMap<string, string>;

type Told = Pick<LiveCall, 'uniqueid'> & Partial<Pick<LiveCall, 'trunk' | 'state'>>;

interface Difference {
  added: Told[];
  changed: Told[];
  ended: string[];
  is_more: boolean;
}

/** What is known after a difference. A call has its trunk from its answer on. Pure. */
export function withDifference(known: Trunks, { added, changed, ended }: Difference): Trunks {
  const trunks = new Map(known);
  for (const { uniqueid, trunk } of [...added, ...changed]) if (trunk) trunks.set(uniqueid, trunk);
  for (const uniqueid of ended) trunks.delete(uniqueid);
  return trunks;
}

export interface Talking {
  /** null before they were heard of. */
  count: ((trunk: string) => number) | null;
  /** There are more calls than the stream tells. */
  isMore: boolean;
  hearing: Hearing;
}

export function useTalking(): Talking {
  const [known, setKnown] = useState<{ trunks: Trunks; isMore: boolean } | null>(null);
  const take = (before: Trunks, { is_more: isMore, ...difference }: Difference) =>
    setKnown({ trunks: withDifference(before, { is_more: isMore, ...difference }), isMore });
  const hearing = useStream('/api/v1/calls/live/stream', {
    snapshot: data => {
      const { items, is_more } = data as { items: Told[]; is_more: boolean };
      take(new Map(), { added: items, changed: [], ended: [], is_more });
    },
    difference: data => {
      const difference = data as Difference;
      setKnown(before => before && { trunks: withDifference(before.trunks, difference), isMore: difference.is_more });
    },
  });
  const count = known && ((trunk: string) => [...known.trunks.values()].filter(each => each === trunk).length);
  return { count, isMore: known?.isMore ?? false, hearing };
}
