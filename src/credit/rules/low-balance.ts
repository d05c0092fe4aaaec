/** When an account is reported as low. */
import { formatAmount, larger, micros } from '../../money/micros';
import type { ChangeEvent } from '../change-event';
import type { Account } from './account';

/**
 * The account after its balance changed, with the event that it is low, or no longer low. It is no longer low when it is above the limit by
 * a tenth of it, so that a balance around the limit does not cause an event with every call.
 */
export function withLowBalance(account: Account): { account: Account; event: ChangeEvent | null } {
  const { accountcode, balance, lowBalance, lowBalanceTold } = account;
  const isLow = lowBalance !== null && balance < lowBalance;
  const hasRecovered = lowBalance === null || (balance - lowBalance) * 10n >= larger(lowBalance, micros(-lowBalance));
  if (lowBalanceTold ? !hasRecovered : !isLow) return { account, event: null };
  const facts = { balance: formatAmount(balance), limit: lowBalance === null ? null : formatAmount(lowBalance) };
  const kind = isLow ? 'low_balance' : 'low_balance_over';
  return { account: { ...account, lowBalanceTold: isLow }, event: { kind, accountcode, uniqueid: null, facts } };
}
