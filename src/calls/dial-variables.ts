/** What a dialplan that dials by itself is told, as channel variables. Pure. docs/doors/dialplan.md has the table. */
import { CAUSE_OF_REFUSAL } from '../credit/refusal';
import type { Terms } from '../credit/rules';
import { formatAmount } from '../money/micros';
import { LIMIT_SLACK_MS, LONGEST_RING_SECONDS, warningsOf } from './call-deadlines';
import type { Authorisation } from './switch-port';

/** A dialplan that dials all the same, whatever it was told, talks no longer than this. */
const REFUSED_OPTIONS = 'L(1)';

/** How long a refused caller's channel may live: long enough to be told why. Seconds. */
const REFUSED_LIFE_SECONDS = 30;

/**
 * The variables of an authorised or refused call.
 *
 * `RINGFENCE_DIAL_OPTIONS` is the limit that counts: Dial's L() ends the callee's leg so long after his answer, and warns the caller
 * before. `TIMEOUT(absolute)` is the outer bound, in force from now on, in case that nobody uses the options.
 */
export function dialVariables({ refusal, grant, purse }: Omit<Authorisation, 'channel'>): Record<string, string> {
  const seconds = refusal === null && grant ? grant.grantedSeconds : 0;
  const limitMs = seconds === 0 ? 0 : seconds * 1000 + LIMIT_SLACK_MS;
  const warning = seconds === 0 || !grant ? null : warningOf(grant.terms, seconds);
  return {
    RINGFENCE_LIMIT_MS: String(limitMs),
    RINGFENCE_SECONDS: String(seconds),
    RINGFENCE_DIAL_OPTIONS: limitMs === 0 ? REFUSED_OPTIONS : `L(${limitMs}${warning?.times ?? ''})`,
    RINGFENCE_REFUSAL: refusal ?? '',
    RINGFENCE_CAUSE: refusal === null ? '' : String(CAUSE_OF_REFUSAL[refusal]),
    RINGFENCE_BALANCE: purse ? formatAmount(purse.balance) : '',
    RINGFENCE_CURRENCY: purse?.currency ?? '',
    ...(warning && {
      LIMIT_PLAYAUDIO_CALLER: 'yes',
      LIMIT_PLAYAUDIO_CALLEE: 'no',
      LIMIT_WARNING_FILE: warning.sound,
    }),
    'TIMEOUT(absolute)': String(limitMs === 0 ? REFUSED_LIFE_SECONDS : LONGEST_RING_SECONDS + limitMs / 1000),
  };
}

/**
 * The account's warnings as L() can say them: one so long before the end, and one every so often after it. Of more than two that are
 * not evenly apart, the first two count. A sound of the account's own is played; `say`, which L() knows as an empty file, speaks the time.
 */
function warningOf(terms: Terms, seconds: number): { times: string; sound: string } | null {
  const [first, second] = warningsOf(terms).filter(before => before < seconds);
  if (first === undefined) return null;
  const every = second === undefined ? '' : `:${(first - second) * 1000}`;
  const sound = terms.warnSound === 'say' ? '' : terms.warnSound.replace(/^sound:/, '') || 'beep';
  return { times: `:${first * 1000}${every}`, sound };
}
