/** A start that comes again: for the same call, or as a late copy of its INVITE. */
import type { Refusal } from '../refusal';
import { type Account, PLAIN_TERMS } from './account';
import type { CallRecord } from './call';
import { type Grant, grantOf } from './grant';
import type { StartRequest } from './start';

/** The ledger does not know the call, or the call waits for room: a start can still be decided. */
export const isUndecided = (call: CallRecord | undefined): boolean =>
  call === undefined || (call.endAt === null && call.grantedSeconds === 0 && call.refusal === null);

/** Whether the request is for this very call. Its uniqueid is the call's. */
export const isSameCall = (
  call: Pick<CallRecord, 'accountcode' | 'dst' | 'node'>,
  { accountcode, dst, node }: StartRequest,
): boolean => call.accountcode === accountcode && call.dst === (dst ?? '') && call.node === node;

/** The first answer, for a start that comes again; a refusal of its own, if the same uniqueid comes with other content. */
export function answerAgain(call: CallRecord, request: StartRequest, account: Account | null): RepeatedAnswer {
  if (!isSameCall(call, request) || (call.endAt !== null && call.refusal === null))
    return { refusal: 'uniqueid_reused' };
  if (call.refusal !== null) return { refusal: call.refusal };
  return { granted: grantOf(call, account?.terms ?? PLAIN_TERMS), firstStartAt: call.startAt };
}

/** `firstStartAt`: when the call began; ms since 1970 by its switch's clock. */
export type RepeatedAnswer = { granted: Grant; firstStartAt: number } | { refusal: Refusal };

/** How long after its end an answered call's INVITE may come again: by then the network drops what it held back (64 × T1, RFC 3261). Ms. */
const COPIES_COME_MS = 32_000;

/**
 * Whether the request is a late copy of `call`'s INVITE: that call is in progress, or was answered and ended a moment ago. An unanswered
 * call's INVITE may come again on purpose: a proxy tries another branch. An emergency call is never a copy.
 */
export function isCopyOf(
  request: StartRequest,
  call: Pick<CallRecord, 'uniqueid' | 'node' | 'dialog' | 'answerAt' | 'endAt'>,
): boolean {
  const { uniqueid, node, dialog, earlier, startAt, emergency } = request;
  if (emergency || !dialog || call.dialog !== dialog || call.node !== node) return false;
  if (call.uniqueid === uniqueid || earlier?.includes(call.uniqueid)) return false;
  return call.endAt === null || (call.answerAt !== null && startAt - call.endAt < COPIES_COME_MS);
}
