/** What has to happen to a call at which time: limits, timers, warnings. Pure; instants are ms since 1970 by the switch's clock. */
import type { Terms } from '../credit/rules/account';
import type { Grant } from '../credit/rules/grant';
import { extendAtSeconds } from '../credit/rules/sharing';
import type { CallAction, CallPolicy, CallState, TimerName } from './call-state';

/**
 * The switch ends a call this much after its last granted second, since its clock is known to some milliseconds only: cut
 * a hair early, the last second would not be whole, and talk that was paid for would be refused. Fractions of a second
 * are never charged.
 */
export const LIMIT_SLACK_MS = 50;

/** When the switch is to end a call that is granted so much; by its clock. */
export const limitAt = (answerAt: number, grantedSeconds: number): number =>
  answerAt + grantedSeconds * 1000 + LIMIT_SLACK_MS;

/** When the call is cut, by the switch's clock. */
export const cutAt = (answerAt: number, { grantedSeconds }: Grant): number => answerAt + grantedSeconds * 1000;

/** What has to happen before the cut, and at it: `now` and `answerAt` by the switch's clock. */
export function deadlines(
  state: CallState,
  grant: Grant,
  answerAt: number,
  now: number,
  policy: CallPolicy,
): CallAction[] {
  const cut = cutAt(answerAt, grant);
  const brake: CallAction = { do: 'timerAt', timer: 'brake', at: cut + policy.brakeMs };
  // Whoever dials by himself warns by himself, and hears the limit once where that is the dialplan.
  if (state.dialledBy === 'dialplan') return [brake];
  const stop = (timer: TimerName): CallAction => ({ do: 'stopTimer', timer });
  if (grant.limitedBy === 'slice') {
    const extend: CallAction = { do: 'timerAt', timer: 'extend', at: cut - extendAtSeconds(grant.terms) * 1000 };
    return [brake, extend, stop('warn')];
  }
  const next = state.dialledBy === 'switch' ? null : nextWarning(state, grant, cut, now);
  const warnAt: CallAction = next === null ? stop('warn') : { do: 'timerAt', timer: 'warn', at: cut - next * 1000 };
  return [brake, stop('extend'), warnAt];
}

/** The next warning that is still ahead; seconds before the cut, null for none. */
export function nextWarning({ warnedAt }: CallState, { terms }: Grant, cut: number, now: number): number | null {
  const ahead = warningsOf(terms).filter(seconds => seconds < warnedAt && cut - seconds * 1000 >= now);
  return ahead[0] ?? null;
}

/** How long before the cut the caller is warned, the repetitions too, the longest first; seconds. */
export function warningsOf({ warnSeconds, warnRepeatSeconds }: Terms): number[] {
  const [first = 0] = warnSeconds;
  const repeated: number[] = [];
  if (warnRepeatSeconds > 0) {
    for (let seconds = first - warnRepeatSeconds; seconds > 0; seconds -= warnRepeatSeconds) repeated.push(seconds);
  }
  return [...new Set([...warnSeconds, ...repeated])].sort((one, other) => other - one);
}

/** What limits a leg that was dialled and is not answered. */
export const dialTimers = ({ rang }: CallState, grant: Grant, policy: CallPolicy): CallAction[] => [
  ...(rang ? [] : [{ do: 'startTimer', timer: 'silence', ms: policy.trunkSilenceMs } satisfies CallAction]),
  ...ringTimers(grant, policy),
];

/**
 * While it rings: the switch's own ring timeout, ours two seconds behind it, and a limit that is set anew before the first
 * one, of only the granted seconds, could cut a call that merely rings.
 */
function ringTimers(grant: Grant, policy: CallPolicy): CallAction[] {
  const OURS_LATER_MS = 2_000;
  const ring: CallAction = { do: 'startTimer', timer: 'ring', ms: policy.ringSeconds * 1000 + OURS_LATER_MS };
  if (grant.grantedSeconds > policy.ringSeconds + OURS_LATER_MS / 1000) return [ring];
  return [ring, { do: 'startTimer', timer: 'refresh', ms: refreshMs(grant) }];
}

/** How long the answer of a called leg may take to reach the caller through their bridge, which takes it a millisecond. */
export const RELAY_MS = 1_000;

export const refreshMs = (grant: Grant): number => Math.max(300, Math.floor((grant.grantedSeconds * 1000) / 3));

/**
 * The longest that a call may ring which its switch dials by itself, before nobody expects an answer. Not every switch tells of a call
 * that was not answered: what is held for it is freed so long, and a minute, after it could have ended.
 */
export const LONGEST_RING_SECONDS = 300;

/** How long a SIP proxy may take to have a dialog of a call that it asked for. Ms. */
export const UNBORN_MS = 10_000;
