/** What a dialplan learns of a call that it may or may not dial, in variables of its channel. No clock, no socket. */
import { type DialWarning, limitMs, limitOption, NO_TALK, outerLimit, warningVariables } from '../../calls/dial-limit';
import type { CallerBalance } from '../../credit/ledger-operation';
import { CAUSE_OF_REFUSAL, type Refusal } from '../../credit/refusal';
import type { Grant } from '../../credit/rules/grant';
import { formatAmount } from '../../money/micros';

/** Variables of the channel, in the order in which they are set. */
export type Variables = [name: string, value: string][];

/** Set before anything is decided: if anything breaks off after that, the channel may not dial. The refusal comes first. */
export const undecidedVariables = (refusal: Refusal = 'ledger_unavailable'): Variables => [
  ['RINGFENCE_REFUSAL', refusal],
  ['RINGFENCE_LIMIT_MS', '0'],
  ['RINGFENCE_DIAL_OPTIONS', NO_TALK],
];

/** For a call that may not be dialled. */
export const refusedVariables = (refusal: Refusal): Variables => [
  ...undecidedVariables(refusal),
  ['RINGFENCE_CAUSE', String(CAUSE_OF_REFUSAL[refusal])],
  ['RINGFENCE_SECONDS', '0'],
  ['RINGFENCE_BALANCE', ''],
  ['RINGFENCE_CURRENCY', ''],
  ['RINGFENCE_UNIQUEID', ''],
];

/** For a call that may be dialled: everything but the permission. `ringSeconds`: how long it may ring. */
export const grantedVariables = (
  call: { uniqueid: string | null; grant: Grant; callerBalance: CallerBalance | undefined; ringSeconds: number },
  warning: DialWarning | null,
): Variables => {
  const { uniqueid, grant, callerBalance, ringSeconds } = call;
  return [
    ['TIMEOUT(absolute)', outerLimit(grant.grantedSeconds, ringSeconds)],
    ['RINGFENCE_CAUSE', ''],
    ['RINGFENCE_SECONDS', String(grant.grantedSeconds)],
    ['RINGFENCE_BALANCE', callerBalance ? formatAmount(callerBalance.balance) : ''],
    ['RINGFENCE_CURRENCY', callerBalance?.currency ?? ''],
    ['RINGFENCE_UNIQUEID', uniqueid ?? ''],
    ...Object.entries(warningVariables(warning)),
  ];
};

/** The permission to dial. The empty refusal comes last. */
export const permittingVariables = (grant: Pick<Grant, 'grantedSeconds'>, warning: DialWarning | null): Variables => [
  ['RINGFENCE_LIMIT_MS', String(limitMs(grant.grantedSeconds))],
  ['RINGFENCE_DIAL_OPTIONS', limitOption(grant.grantedSeconds, warning)],
  ['RINGFENCE_REFUSAL', ''],
];
