/** What a movement of money would do to an account. Pure. */
import { parseAmount } from '../../../../src/money/micros';
import { sumOf } from '../../parts/amounts';

export interface Effect {
  balance: string;
  available: string;
  /** It takes money, and more than is available: calls in progress may count on it. */
  isOverdraft: boolean;
}

/** `amount`: as the API takes it, added to the balance. */
export function effectOf(account: { balance: string; available: string }, amount: string): Effect {
  const available = sumOf(account.available, amount);
  return {
    balance: sumOf(account.balance, amount),
    available,
    isOverdraft: parseAmount(amount) < 0n && parseAmount(available) < 0n,
  };
}
