/** What an actor may not do, or not alone, though its role allows the operation. Pure. */
import { formatAmount, type Micros, micros } from '../money/micros';
import type { Service } from './acting';
import type { Role } from './operation';

export interface Limits {
  /** Whether what it tops up counts against its limit of the day. */
  isCashier: boolean;
  /** The most that it may move without a second person; null for no limit. */
  mostAlone: Micros | null;
}

/** Roles that may do all that a cashier may, and more. */
const ABOVE_CASHIER: ReadonlySet<Role> = new Set(['support', 'admin']);

/** The limits of an actor that has these roles. The command line has none: its user can reach the database anyway. */
export const limitsOf = (
  roles: readonly Role[],
  { secondPersonAbove }: Pick<Service, 'secondPersonAbove'>,
): Limits => ({
  isCashier: roles.includes('cashier') && !roles.some(role => ABOVE_CASHIER.has(role)),
  mostAlone: secondPersonAbove,
});

/** Whether a movement of money needs a second person. */
export function needsSecondPerson(limits: Limits | undefined, amount: Micros): boolean {
  const mostAlone = limits?.mostAlone ?? null;
  return mostAlone !== null && (amount < 0n ? -amount : amount) > mostAlone;
}

/** A cashier's day: its limit, null if it has none yet, and what it topped up by now, in one currency. */
export interface CashierDay {
  actor: string;
  currency: string;
  limit: Micros | null;
  used: Micros;
}

/** Why a cashier may not top up so much more on that day; null if it may. */
export function overDailyLimit({ actor, currency, limit, used }: CashierDay, amount: Micros): string | null {
  if (limit === null) {
    return `${actor} is a cashier without a limit of the day, and tops up nothing: an admin sets one, "cashier limit ${actor} 500.00"`;
  }
  const left = micros(limit > used ? limit - used : 0n);
  if (amount <= left) return null;
  return `${formatAmount(amount)} ${currency} is more than ${actor} has left today (UTC): ${formatAmount(left)} of ${formatAmount(limit)} ${currency} a day`;
}
