/** The channel variables for a dialplan that dials by itself. Pure. docs/doors/dialplan.md has the table. */
import { CAUSE_OF_REFUSAL } from '../credit/refusal';
import { formatAmount } from '../money/micros';
import { LONGEST_RING_SECONDS } from './call-deadlines';
import { dialWarning, limitMs, limitOption, NO_TALK, outerLimit, warningVariables } from './dial-limit';
import type { Authorisation } from './switch-port';

/** How long a refused caller's channel may live: long enough to hear the reason. Seconds. */
const REFUSED_LIFE_SECONDS = 30;

/**
 * The variables of an authorised or refused call.
 *
 * `RINGFENCE_DIAL_OPTIONS` is the limit that counts: Dial's L() ends the callee's leg that long after its answer, and warns the caller
 * before. `TIMEOUT(absolute)` is the outer bound, in force from now on, in case the dialplan does not use the options.
 */
export function dialVariables(authorisation: Omit<Authorisation, 'channel'>): Record<string, string> {
  const { refusal, grant, callerBalance, warnSound } = authorisation;
  const seconds = refusal === null && grant ? grant.grantedSeconds : 0;
  const warning = seconds === 0 || !grant ? null : dialWarning(grant.terms, seconds, warnSound);
  return {
    RINGFENCE_LIMIT_MS: String(seconds === 0 ? 0 : limitMs(seconds)),
    RINGFENCE_SECONDS: String(seconds),
    RINGFENCE_DIAL_OPTIONS: seconds === 0 ? NO_TALK : limitOption(seconds, warning),
    RINGFENCE_REFUSAL: refusal ?? '',
    RINGFENCE_CAUSE: refusal === null ? '' : String(CAUSE_OF_REFUSAL[refusal]),
    RINGFENCE_BALANCE: callerBalance ? formatAmount(callerBalance.balance) : '',
    RINGFENCE_CURRENCY: callerBalance?.currency ?? '',
    ...warningVariables(warning),
    'TIMEOUT(absolute)': seconds === 0 ? String(REFUSED_LIFE_SECONDS) : outerLimit(seconds, LONGEST_RING_SECONDS),
  };
}
