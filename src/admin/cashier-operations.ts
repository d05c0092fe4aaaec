/** What an operator may do with the limits of cashiers. */
import type { Static } from 'typebox';
import { amountFact, factsOf, orNull, textFact } from '../operator/answer-schema';
import { type CashierView, listCashiers, setDailyLimit } from '../operator/cashier-store';
import { amountNotBelowZero, invalid } from '../operator/fields';
import { fields, operation, PAGE, rowsOf } from '../operator/operation';
import { amountFromZero, textBy } from '../operator/schema';

/** An actor that comes over HTTP. @throws Refused field_invalid */
function actorField(field: string, text: string): string {
  if (/^(key|operator):[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(text)) return text;
  throw invalid(field, text, 'is no actor of the API: write key: or operator: and the name');
}

const LIMIT = factsOf('CashierLimit', {
  actor: textFact('as the audit trail names it'),
  daily_limit: amountFact('the most of a UTC day, of each currency'),
});

const CASHIER = factsOf('Cashier', {
  ...LIMIT.properties,
  currency: orNull(textFact('null if it topped up nothing today')),
  topped_up: amountFact('today, in that currency'),
  left: amountFact('of today'),
});

const cashierFacts = (view: CashierView): Static<typeof CASHIER> => ({
  actor: view.actor,
  daily_limit: view.dailyLimit,
  currency: view.currency,
  topped_up: view.toppedUp,
  left: view.left,
});

const limit = operation({
  name: 'cashier limit',
  help: 'set how much a key or a person with the role cashier, and none above it, may top up in a UTC day, of each currency; cards and vouchers that it activates count',
  example: 'cashier limit key:till 500.00',
  roles: ['admin'],
  fields: fields({
    actor: textBy(actorField, {
      description: 'the cashier, as the audit trail names it',
      unit: 'actor',
      example: 'key:till',
    }),
    daily_limit: amountFromZero({ description: 'the most of a day', unit: 'amount', example: '500.00' }),
  }),
  arguments: ['actor', 'daily_limit'],
  refusals: [],
  changes: 'at once',
  run: async (acting, { actor, daily_limit }) => {
    const dailyLimit = amountNotBelowZero('daily_limit', daily_limit);
    await setDailyLimit(acting, actor, dailyLimit);
    return { actor, dailyLimit };
  },
  answer: { kind: 'record', schema: LIMIT, facts: ({ actor, dailyLimit }) => ({ actor, daily_limit: dailyLimit }) },
});

const list = operation({
  name: 'cashier list',
  help: 'the limits of cashiers, and what is left of them today (UTC)',
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
