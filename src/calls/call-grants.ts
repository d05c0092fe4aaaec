/** What a call is granted while it lasts: more, less, other terms, and what its caller hears about it. Pure, as all of the state machine. */
import type { Terms } from '../credit/rules/account';
import type { Grant } from '../credit/rules/grant';
import { cutAt, deadlines, extendAt, limitAt, nextWarning, refreshMs, warningsOf } from './call-deadlines';
import type { CallAction, CallEvent, CallPolicy, CallState, Step } from './call-state';
import { legsOf, stay } from './call-steps';

export function warn(state: CallState, grant: Grant, answerAt: number, at: number): Step {
  const cut = cutAt(answerAt, grant);
  const ON_TIME_MS = 100;
  const due = warningsOf(grant.terms).findLast(
    seconds => seconds < state.warnedAt && cut - seconds * 1000 <= at + ON_TIME_MS,
  );
  if (due === undefined || grant.limitedBy === 'slice') return stay(state);
  const warned: CallState = { ...state, warnedAt: due };
  const next = nextWarning(warned, grant, cut, at);
  const secondsLeft = Math.max(0, Math.round((cut - at) / 1000));
  return {
    state: warned,
    actions: [
      { do: 'warn', channel: state.uniqueid, secondsLeft, sound: grant.terms.warnSound },
      ...(next === null ? [] : [{ do: 'timerAt', timer: 'warn', at: cut - next * 1000 } satisfies CallAction]),
    ],
  };
}

/** The switch first; the ledger when the switch was seen to have taken it. */
export function shrink(
  state: CallState,
  grant: Grant,
  answerAt: number,
  { seconds, at }: Extract<CallEvent, { type: 'share' }>,
  policy: CallPolicy,
): Step {
  const less: Grant = { ...grant, grantedSeconds: seconds, limitedBy: 'money' };
  const until = limitAt(answerAt, seconds);
  const lowered = regrant(state, less, answerAt, at, policy);
  // The end moved so near that the time of an unheard warning is past: the caller hears it late.
  const [earliest = 0] = warningsOf(grant.terms);
  const isLate = lowered.state.warnedAt > earliest && cutAt(answerAt, less) - earliest * 1000 < at;
  return {
    state: { ...lowered.state, shrinking: state.shrinking + 1 },
    actions: [
      { do: 'shrink', channels: legsOf(state), at: until, seconds },
      ...lowered.actions,
      ...(isLate ? [{ do: 'timerAt', timer: 'warn', at } satisfies CallAction] : []),
    ],
  };
}

export function regranted(
  state: CallState,
  grant: Grant,
  answerAt: number,
  event: Extract<CallEvent, { type: 'regranted' }>,
  policy: CallPolicy,
): Step {
  const shrinking = state.shrinking - (event.afterShrink ? 1 : 0);
  const counted: CallState = { ...state, shrinking };
  // A shrinking in progress would take this away again, so nothing may raise the limit in between.
  if (event.grant === null || shrinking > 0) return stay(counted);
  const changed = regrant(counted, event.grant, answerAt, event.at, policy);
  if (event.grant.grantedSeconds === grant.grantedSeconds) return changed;
  const at = limitAt(answerAt, event.grant.grantedSeconds);
  const isLonger = event.grant.grantedSeconds > grant.grantedSeconds;
  // Of several raises in a row the switch may have heard of none.
  const { raisedFrom } = state;
  const isAhead = raisedFrom !== null && event.at < answerAt + raisedFrom * 1000 + policy.brakeMs;
  const from = isAhead ? raisedFrom : grant.grantedSeconds;
  return {
    state: isLonger ? { ...changed.state, raisedFrom: from } : changed.state,
    actions: [{ do: 'limitUntil', channels: legsOf(state), at, isLonger }, ...changed.actions],
  };
}

export function onTerms(grant: Grant, { terms, isShort }: { terms: Terms; isShort: boolean }): Grant {
  const isAtCap = grant.grantedSeconds >= grant.capSeconds;
  const limitedBy = isAtCap ? 'cap' : terms.mode === 'shared' && !isShort ? 'slice' : 'money';
  return { ...grant, terms, limitedBy };
}

/** Whether an account's terms change anything for a call: it has others, or its slice has run out and was not extended. */
export function areNews(
  { grant, answerAt }: CallState,
  told: { terms: Terms; isShort: boolean },
  now: number,
): boolean {
  if (!grant) return true;
  const { limitedBy, terms } = onTerms(grant, told);
  if (limitedBy !== grant.limitedBy || !(terms === grant.terms || areSame(terms, grant.terms))) return true;
  return limitedBy === 'slice' && answerAt !== null && now >= extendAt(answerAt, grant);
}

const areSame = (one: Terms, other: Terms): boolean =>
  one.mode === other.mode &&
  one.sliceSeconds === other.sliceSeconds &&
  one.warnRepeatSeconds === other.warnRepeatSeconds &&
  one.warnSound === other.warnSound &&
  String(one.warnSeconds) === String(other.warnSeconds) &&
  String(one.announce) === String(other.announce);

/** A warning is heard again if the end has moved away from it by this much. */
const WARNED_AGAIN_SECONDS = 5;

/** The call with another grant: its timers are set again, and with a later end warnings are due again. */
export function regrant(state: CallState, grant: Grant, answerAt: number, now: number, policy: CallPolicy): Step {
  const secondsLeft = (cutAt(answerAt, grant) - now) / 1000;
  const isAhead = secondsLeft > state.warnedAt + WARNED_AGAIN_SECONDS;
  const changed: CallState = { ...state, grant, warnedAt: isAhead ? Number.POSITIVE_INFINITY : state.warnedAt };
  return { state: changed, actions: deadlines(changed, grant, answerAt, now, policy) };
}

/** Before the answer a call holds its first slice, and may have to give a part of it back. */
export function whenUnanswered(
  state: CallState,
  event: Extract<CallEvent, { type: 'share' | 'terms' | 'regranted' }>,
  channels: string[],
): Step {
  const { grant } = state;
  if (!grant) return stay(state);
  switch (event.type) {
    case 'terms':
      return stay({ ...state, grant: onTerms(grant, event) });
    case 'regranted': {
      const shrinking = state.shrinking - (event.afterShrink ? 1 : 0);
      return stay({ ...state, shrinking, grant: shrinking === 0 && event.grant ? event.grant : grant });
    }
    case 'share': {
      const { seconds } = event;
      const isToldAlready = seconds === grant.grantedSeconds && state.shrinking > 0;
      if (seconds > grant.grantedSeconds || isToldAlready) return stay(state);
      return {
        state: {
          ...state,
          shrinking: state.shrinking + 1,
          grant: { ...grant, grantedSeconds: seconds, limitedBy: 'money' },
        },
        actions: [
          { do: 'shrink', channels, at: null, seconds },
          // The switch counts a limit of its own only from the answer.
          ...(state.phase === 'dialling' && state.dialledBy === 'us'
            ? [
                {
                  do: 'startTimer',
                  timer: 'refresh',
                  ms: refreshMs({ ...grant, grantedSeconds: seconds }),
                } satisfies CallAction,
              ]
            : []),
        ],
      };
    }
  }
}
