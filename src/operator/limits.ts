/** What an actor may not do, or not alone, though its role allows the operation. Pure. */
import { formatAmount, type Micros, micros } from '../money/micros';
import type { Service } from './acting';
import type { Role } from './operation';

export interface Limits {
  /** Whether what it moves counts against its limit of the day: so it is for a cashier, and for a door. */
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

/**
 * The limits of a door, which moves money because a program says so, without a person or a key: those of a cashier. So it moves nothing until an
 * administrator sets its limit of the day.
 */
export const limitsOfDoor = ({ secondPersonAbove }: Pick<Service, 'secondPersonAbove'>): Limits => ({
  isCashier: true,
  mostAlone: secondPersonAbove,
});

/** The doors that move money besides calls, by the words before the colon of their names: `rating:main`. */
export const DOORS_THAT_MOVE_MONEY = ['rating', 'sems'] as const;

/** Whether a limit of the day can be set for this actor: a key, a person, or a door that moves money. */
export const canHaveDailyLimit = (actor: string): boolean =>
  /^(key|operator):[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(actor) ||
  DOORS_THAT_MOVE_MONEY.some(door => actor.startsWith(`${door}:`) && /^[a-z]+:[A-Za-z0-9_-]{1,40}$/.test(actor));

/** Whether a movement of money needs a second person. */
export function needsSecondPerson(limits: Limits | undefined, amount: Micros): boolean {
  const mostAlone = limits?.mostAlone ?? null;
  return mostAlone !== null && (amount < 0n ? -amount : amount) > mostAlone;
}

/** The day of a cashier, or of a door: its limit, null if it has none yet, and what it moved by now, in one currency. */
export interface CashierDay {
  actor: string;
  currency: string;
  limit: Micros | null;
  used: Micros;
}

/** Why it may not move so much more on that day; null if it may. `amount` above 0. */
export function overDailyLimit({ actor, currency, limit, used }: CashierDay, amount: Micros): string | null {
  if (limit === null) {
    return `${actor} has no limit of the day yet, and so moves no money: an admin sets one, "cashier limit ${actor} 500.00"`;
  }
  const left = micros(limit > used ? limit - used : 0n);
  if (amount <= left) return null;
  return `${formatAmount(amount)} ${currency} is more than ${actor} has left today (UTC): ${formatAmount(left)} of ${formatAmount(limit)} ${currency} a day`;
}

/** Why it may not move so much at once; null if it may. `limit` null: only the limit of the day holds. */
export const overAtOnceLimit = (
  { actor, currency, limit }: { actor: string; currency: string; limit: Micros | null },
  amount: Micros,
): string | null =>
  limit === null || amount <= limit
    ? null
    : `${formatAmount(amount)} ${currency} is more than ${actor} may move at once: ${formatAmount(limit)} ${currency}`;
