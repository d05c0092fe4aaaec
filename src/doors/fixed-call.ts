/**
 * The start of a call that only its own client controls, which is every call that comes by a door alone. Such a call is granted or refused
 * at once, for as long as it requests, and does not share.
 */
import { LONGEST_RING_SECONDS } from '../calls/call-deadlines';
import type { CallerBalance, StartOutcome } from '../credit/ledger-operation';
import type { Refusal } from '../credit/refusal';
import type { Grant } from '../credit/rules/grant';
import type { StartRequest } from '../credit/rules/start';
import type { DoorNode } from './door-kind';

/** What a door knows of a call that wants to start. The rest of its start is the same for every door. */
export interface FixedCall
  extends Pick<
    StartRequest,
    'uniqueid' | 'accountcode' | 'src' | 'dst' | 'startAt' | 'emergency' | 'dialog' | 'earlier' | 'asksAgain'
  > {
  node: DoorNode;
  /** The talk that it is granted at once; seconds. Without it, all that `mostSeconds` and the money allow. */
  firstSeconds?: number;
  /** The most talk that it can be granted in all; seconds. */
  mostSeconds: number;
  /** Whether a trunk of ours carries the number. True by default: the client's switch has routes of its own. */
  routable?: boolean;
}

/** The ledger's request for a call of a door. */
export const fixedStart = ({ firstSeconds, mostSeconds, routable = true, ...call }: FixedCall): StartRequest => ({
  ...call,
  routable,
  ringSeconds: LONGEST_RING_SECONDS,
  fixed: { firstSeconds, mostSeconds },
});

export type FixedOutcome =
  | {
      grant: Grant;
      /** What the caller may hear about the account; undefined for an emergency call. */
      callerBalance: CallerBalance | undefined;
      /**
       * `new`: this request started the call. `again`: the same request did so before, and its answer was lost. `other`: another request did
       * so, at another instant; what the call holds must not be spent twice.
       */
      startedBy: 'new' | 'again' | 'other';
    }
  | { refusal: Refusal };

/** What the ledger's answer means for a call of a door. */
export function fixedOutcome({ startAt }: Pick<StartRequest, 'startAt'>, outcome: StartOutcome): FixedOutcome {
  if ('refusal' in outcome) return outcome;
  // The ledger lets no fixed call wait (decideStart).
  if ('waiting' in outcome) return { refusal: 'insufficient_balance' };
  const { granted: grant, callerBalance, firstStartAt } = outcome;
  if (firstStartAt === undefined) return { grant, callerBalance, startedBy: 'new' };
  return { grant, callerBalance, startedBy: firstStartAt === startAt ? 'again' : 'other' };
}
