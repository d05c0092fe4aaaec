/** What must happen to a call, and when: limits, timers, warnings. Pure; instants are ms since 1970 by the switch's clock. */
import type { Terms } from '../credit/rules/account';
import type { Grant } from '../credit/rules/grant';
import { extendAtSeconds } from '../credit/rules/sharing';
import type { CallAction, CallPolicy, CallState, TimerName } from './call-state';

/**
 * How long after the last granted second the switch ends a call. We know the switch's clock only to some milliseconds, and a cut that comes
 * a moment early would take away a part of a paid second. Fractions of a second are never charged.
 */
export const LIMIT_SLACK_MS = 50;

/** When the switch must end a call with such a grant; by its clock. */
export const limitAt = (answerAt: number, grantedSeconds: number): number =>
  answerAt + grantedSeconds * 1000 + LIMIT_SLACK_MS;

/** When the granted time of a call is over, by the switch's clock. */
export const cutAt = (answerAt: number, { grantedSeconds }: Grant): number => answerAt + grantedSeconds * 1000;

/** When a call that talks must ask for its next slice, by the switch's clock. */
export const extendAt = (answerAt: number, grant: Grant): number =>
  cutAt(answerAt, grant) - extendAtSeconds(grant.terms) * 1000;

/** The timers of a call that talks: for the cut, and for what comes before it. `now` and `answerAt` are by the switch's clock. */
export function deadlines(
  state: CallState,
  grant: Grant,
  answerAt: number,
  now: number,
  policy: CallPolicy,
): CallAction[] {
  const cut = cutAt(answerAt, grant);
  const brake: CallAction = { do: 'timerAt', timer: 'brake', at: cut + policy.brakeMs };
  // A switch that dials by itself also warns by itself, and a dialplan gets the limit only once.
  if (state.dialledBy === 'dialplan') return [brake];
  const stop = (timer: TimerName): CallAction => ({ do: 'stopTimer', timer });
  if (grant.limitedBy === 'slice') {
    const extend: CallAction = { do: 'timerAt', timer: 'extend', at: extendAt(answerAt, grant) };
    return [brake, extend, stop('warn')];
  }
  const next = state.dialledBy === 'switch' ? null : nextWarning(state, grant, cut, now);
  const warnAt: CallAction = next === null ? stop('warn') : { do: 'timerAt', timer: 'warn', at: cut - next * 1000 };
  return [brake, stop('extend'), warnAt];
}

/** The next warning that is still ahead, in seconds before the cut; null for none. */
export function nextWarning({ warnedAt }: CallState, { terms }: Grant, cut: number, now: number): number | null {
  const ahead = warningsOf(terms).filter(seconds => seconds < warnedAt && cut - seconds * 1000 >= now);
  return ahead[0] ?? null;
}

/** How long before the cut the caller is warned, in seconds: repetitions too, the longest first. */
export function warningsOf({ warnSeconds, warnRepeatSeconds }: Terms): number[] {
  const [first = 0] = warnSeconds;
  const repeated: number[] = [];
  if (warnRepeatSeconds > 0) {
    for (let seconds = first - warnRepeatSeconds; seconds > 0; seconds -= warnRepeatSeconds) repeated.push(seconds);
  }
  return [...new Set([...warnSeconds, ...repeated])].sort((one, other) => other - one);
}

/** The timers of a leg that was dialled and is not answered. */
export const dialTimers = ({ rang }: CallState, grant: Grant, policy: CallPolicy): CallAction[] => [
  ...(rang ? [] : [{ do: 'startTimer', timer: 'silence', ms: policy.trunkSilenceMs } satisfies CallAction]),
  ...ringTimers(grant, policy),
];

/**
 * While the call rings: our own ring timeout, two seconds after the switch's, and a timer that renews the limit. The first limit is only
 * the granted seconds, and could cut a call that still rings.
 */
function ringTimers(grant: Grant, policy: CallPolicy): CallAction[] {
  const OURS_LATER_MS = 2_000;
  const ring: CallAction = { do: 'startTimer', timer: 'ring', ms: policy.ringSeconds * 1000 + OURS_LATER_MS };
  if (grant.grantedSeconds > policy.ringSeconds + OURS_LATER_MS / 1000) return [ring];
  return [ring, { do: 'startTimer', timer: 'refresh', ms: refreshMs(grant) }];
}

/** How long the answer of a called leg may take to reach the caller through their bridge. It usually takes a millisecond. */
export const RELAY_MS = 1_000;

/** How soon to hang a dialled call up again whose end was not reported. Ms. */
export const END_AGAIN_MS = 5_000;

/** When to renew the limit of a call that rings: well before it could cut. */
export const refreshMs = (grant: Grant): number => Math.max(300, Math.floor((grant.grantedSeconds * 1000) / 3));

/**
 * The longest ringing of a call that its switch dials by itself. Not every switch reports the end of a call that was not answered: the
 * call's money is freed this long, and a minute, after the call could have ended.
 */
export const LONGEST_RING_SECONDS = 300;

/** How long a switch that dials by itself may take to show a channel of a call for which it asked. Ms. */
export const UNBORN_MS = 10_000;
