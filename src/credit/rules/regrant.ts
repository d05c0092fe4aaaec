/** What a call in progress holds after its switch requests more, or gives something back. */
import { micros } from '../../money/micros';
import { type Account, type Means, meansLeft } from './account';
import type { CallRecord } from './call';
import { type Grant, grantUpTo, offerOf } from './grant';

/** `change`: how the call's grant changes; null if the call keeps what it has. */
export interface Regrant {
  grant: Grant;
  change: 'more' | 'less' | null;
}

/**
 * What the call is granted of `seconds` of talk in all. `extend` never takes anything from the call. `shrink` never gives it more and never
 * takes everything. null if its limit cannot be changed. Assumes that the account is locked.
 */
export function decideRegrant(
  call: CallRecord,
  account: Account,
  kind: 'extend' | 'shrink',
  seconds: number,
): Regrant | null {
  // An emergency call shares nothing. Neither does a call from before accounts could be shared.
  if (call.capSeconds === 0) return null;
  // Its switch got the limit once and keeps it.
  if (call.isFixed && kind === 'shrink') return null;
  // A call that must end gets nothing more, even if its switch was not told yet.
  const mayGrow = kind === 'extend' && !account.blocked && !call.hangupWanted;
  const left = mayGrow ? withHeld(meansLeft(account), call) : held(call);
  const grant = grantUpTo(offerOf(call, account.terms), Math.min(seconds, call.capSeconds), left);
  const isMore = grant.grantedSeconds > call.grantedSeconds;
  const isLess = grant.grantedSeconds < call.grantedSeconds && grant.grantedSeconds > 0;
  if (kind === 'extend') return { grant, change: isMore ? 'more' : null };
  return { grant: { ...grant, limitedBy: 'money' }, change: isLess ? 'less' : null };
}

/** Exactly what a call holds. */
const held = ({ maxCost, grantedSeconds }: CallRecord): Means => ({ money: maxCost, seconds: grantedSeconds });

const withHeld = (left: Means, call: CallRecord): Means => ({
  money: micros(left.money + call.maxCost),
  seconds: left.seconds + call.grantedSeconds,
});
