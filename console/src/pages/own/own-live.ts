/** The customer's calls in progress, as the stream tells them. Pure. */
import type { OwnLiveCall } from '../../api/operations';

/** A call, with when its `seconds` were right; ms since 1970, by this browser's clock. */
export type LiveCall = OwnLiveCall & { secondsAt: number };

export interface Board {
  /** null until the first ones came. */
  calls: readonly LiveCall[] | null;
  isMore: boolean;
  /** The service cannot read the calls at the moment. */
  isStale: boolean;
}

export const NO_BOARD: Board = { calls: null, isMore: false, isStale: false };

export interface Snapshot {
  items: OwnLiveCall[];
  is_more: boolean;
}

export interface Difference {
  added: OwnLiveCall[];
  changed: ({ uniqueid: string } & Partial<OwnLiveCall>)[];
  ended: string[];
  is_more: boolean;
}

const heardAt =
  (now: number) =>
  (call: OwnLiveCall): LiveCall => ({ ...call, secondsAt: now });

export const afterSnapshot = ({ items, is_more: isMore }: Snapshot, now: number): Board => ({
  calls: items.map(heardAt(now)),
  isMore,
  isStale: false,
});

/** A call that only talks on is no change: its seconds are counted on from when they were told. */
export function afterDifference(board: Board, told: Difference, now: number): Board {
  const gone = new Set([...told.ended, ...told.added.map(({ uniqueid }) => uniqueid)]);
  const changes = new Map(told.changed.map(change => [change.uniqueid, change]));
  const kept = (board.calls ?? [])
    .filter(({ uniqueid }) => !gone.has(uniqueid))
    .map(call => {
      const change = changes.get(call.uniqueid);
      if (!change) return call;
      const isCounted = call.state === 'talking' && change.seconds === undefined;
      return { ...call, ...change, secondsAt: isCounted ? call.secondsAt : now };
    });
  return { calls: [...kept, ...told.added.map(heardAt(now))], isMore: told.is_more, isStale: false };
}

/** Talk by now; whole seconds. */
export const secondsOf = ({ state, seconds, secondsAt }: LiveCall, now: number): number =>
  state === 'talking' ? seconds + Math.max(0, Math.floor((now - secondsAt) / 1000)) : seconds;
