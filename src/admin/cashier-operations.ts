/** What an operator may do with the limits of cashiers, and of doors that move money. */
import { type Static, Type } from 'typebox';
import { amountFact, factsOf, orNull, textFact } from '../operator/answer-schema';
import { type CashierLimits, type CashierView, listCashiers, setLimits } from '../operator/cashier-store';
import { amountNotBelowZero, invalid } from '../operator/fields';
import { canHaveDailyLimit, DOORS_THAT_MOVE_MONEY } from '../operator/limits';
import { fields, operation, PAGE, rowsOf } from '../operator/operation';
import { amountFromZero, orNone, textBy } from '../operator/schema';

/** An actor that may have limits. @throws Refused field_invalid */
function actorField(field: string, text: string): string {
  if (canHaveDailyLimit(text)) return text;
  const words = ['key:', 'operator:', ...DOORS_THAT_MOVE_MONEY.map(door => `${door}:`)].join(', ');
  throw invalid(field, text, `is no actor of the API and no door that moves money: write one of ${words} and the name`);
}

const LIMIT = factsOf('CashierLimit', {
  actor: textFact('as the audit trail names it'),
  daily_limit: amountFact('the most of a UTC day, of each currency'),
  at_once_limit: orNull(amountFact('the most of one movement; null for the limit of the day alone')),
});

const CASHIER = factsOf('Cashier', {
  ...LIMIT.properties,
  currency: orNull(textFact('null if it moved nothing today')),
  topped_up: amountFact('today, in that currency; of a door what it took counts too'),
  left: amountFact('of today'),
});

type Limited = CashierLimits & { actor: string };

const limitFacts = ({ actor, dailyLimit, atOnceLimit }: Limited): Static<typeof LIMIT> => ({
  actor,
  daily_limit: dailyLimit,
  at_once_limit: atOnceLimit,
});

const cashierFacts = (view: CashierView): Static<typeof CASHIER> => ({
  ...limitFacts(view),
  currency: view.currency,
  topped_up: view.toppedUp,
  left: view.left,
});

const limit = operation({
  name: 'cashier limit',
  help: 'set how much a key or a person with the role cashier, and none above it, or a door may move in a UTC day, of each currency; cards and vouchers that it activates count',
  example: 'cashier limit key:till 500.00',
  roles: ['admin'],
  fields: fields({
    actor: textBy(actorField, {
      description: 'the cashier, or the door, as the audit trail names it',
      unit: 'actor',
      example: 'key:till',
    }),
    daily_limit: amountFromZero({ description: 'the most of a day', unit: 'amount', example: '500.00' }),
    at_once: Type.Optional(
      orNone(
        amountFromZero({
          description: 'the most of one movement, or of one card or voucher; stays as it is if not given',
          unit: 'amount',
          example: '50.00',
        }),
      ),
    ),
  }),
  arguments: ['actor', 'daily_limit'],
  refusals: [],
  changes: 'at once',
  run: async (acting, { actor, daily_limit, at_once }): Promise<Limited> => {
    const dailyLimit = amountNotBelowZero('daily_limit', daily_limit);
    const atOnceLimit = at_once == null ? at_once : amountNotBelowZero('at_once', at_once);
    return { actor, ...(await setLimits(acting, actor, { dailyLimit, atOnceLimit })) };
  },
  answer: { kind: 'record', schema: LIMIT, facts: limitFacts },
});

const list = operation({
  name: 'cashier list',
  help: 'the limits of cashiers and of doors, and what is left of them today (UTC)',
  example: 'cashier list',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields(PAGE),
  arguments: [],
  refusals: [],
  run: ({ database }, page) => listCashiers(database, rowsOf(page)),
  answer: {
    kind: 'list',
    schema: CASHIER,
    facts: cashierFacts,
    none: 'no cashier has a limit: set one with "cashier limit"',
  },
});

export const CASHIER_OPERATIONS = [limit, list];
