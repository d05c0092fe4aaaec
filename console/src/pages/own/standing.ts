/** Whether calls of the account may start. Pure. */
import { type Micros, parseAmount } from '../../../../src/money/micros';
import type { OwnAccount } from '../../api/operations';

export const asMicros = (amount: string): Micros => parseAmount(amount);

/** Why no call that costs something may start; null if one may. What is held comes back as far as calls do not use it. */
export function notNow({
  status,
  available,
  reserved,
}: Pick<OwnAccount, 'status' | 'available' | 'reserved'>):
  | 'blocked'
  | 'expired'
  | 'closed'
  | 'noMoney'
  | 'allHeld'
  | null {
  if (status !== 'active') return status;
  if (asMicros(available) > 0n) return null;
  return asMicros(reserved) > 0n ? 'allHeld' : 'noMoney';
}
