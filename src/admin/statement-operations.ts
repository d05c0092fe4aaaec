/** A month of an account, for operators and for its customer: sums that agree with the ledger. */
import { type Static, Type } from 'typebox';
import {
  type DestinationSum,
  MOST_MOVEMENTS,
  type Movements,
  type Statement,
  statementOf,
} from '../accounts/statement-view';
import { ENTRY_KINDS } from '../credit/books';
import { type Micros, micros, ZERO } from '../money/micros';
import {
  amountFact,
  factsOf,
  flagFact,
  instantFact,
  listFact,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import { invalid, timeZoneField } from '../operator/fields';
import { fields, operation } from '../operator/operation';
import { textBy } from '../operator/schema';
import { accountcode, CURRENCY_FACT } from './account-operations';

function monthField(field: string, text: string): string {
  if (!/^2\d{3}-(0[1-9]|1[0-2])$/.test(text)) throw invalid(field, text, 'is not a month: write one such as 2026-11');
  return text;
}

export const STATEMENT_FIELDS = {
  month: textBy(monthField, { description: 'which month', unit: 'month', example: '2026-11' }),
  zone: Type.Optional(
    textBy((_, text) => timeZoneField(text), {
      description: "the month is one of this zone; the account's own if not given",
      unit: 'zone',
      example: 'Europe/Berlin',
    }),
  ),
};

const MOVEMENT = factsOf('StatementEntry', {
  entry_number: wholeFact(),
  created_at: instantFact(),
  kind: wordFact(ENTRY_KINDS),
  amount: amountFact('added to the balance'),
  reference: textFact(),
});

const FEW = `the oldest first, ${MOST_MOVEMENTS} at most; the sum is of all`;

export const STATEMENT = factsOf('Statement', {
  currency: CURRENCY_FACT,
  zone: textFact('IANA name'),
  from_at: instantFact('when the month begins'),
  to_at: instantFact('when the next one begins'),
  opening: amountFact('the balance before'),
  top_ups: listFact(MOVEMENT, FEW),
  top_up_count: wholeFact(),
  top_up_sum: amountFact(),
  others: listFact(MOVEMENT, `refunds, corrections, adjustments: ${FEW}`),
  other_count: wholeFact(),
  other_sum: amountFact(),
  calls: listFact(
    factsOf('StatementCalls', {
      destination: textFact('as the price list names it; empty if the call is not known'),
      calls: wholeFact('where their charge is; those that cost nothing, where they ended'),
      billed_seconds: wholeFact(),
      cost: amountFact(),
    }),
    'by destination, the dearest first',
  ),
  call_count: wholeFact(),
  billed_seconds: wholeFact(),
  call_cost: amountFact(),
  closing: amountFact('the balance after; of a month that is not over, the present one'),
  adds_up: flagFact('whether opening + top_up_sum + other_sum − call_cost is closing, with no entry missing between'),
});

const movementFacts = ({ entries }: Movements): Static<typeof MOVEMENT>[] =>
  entries.map(({ entryNumber, createdAt, kind, amount, reference }) => ({
    entry_number: entryNumber,
    created_at: createdAt,
    kind,
    amount,
    reference,
  }));

const callFacts = ({ destination, calls, billedSeconds, cost }: DestinationSum) => ({
  destination,
  calls,
  billed_seconds: billedSeconds,
  cost,
});

export const statementFacts = (statement: Statement): Static<typeof STATEMENT> => ({
  currency: statement.currency,
  zone: statement.zone,
  from_at: statement.from,
  to_at: statement.to,
  opening: statement.opening,
  top_ups: movementFacts(statement.topUps),
  top_up_count: statement.topUps.count,
  top_up_sum: statement.topUps.sum,
  others: movementFacts(statement.others),
  other_count: statement.others.count,
  other_sum: statement.others.sum,
  calls: statement.calls.map(callFacts),
  call_count: statement.calls.reduce((sum, { calls }) => sum + calls, 0),
  billed_seconds: statement.calls.reduce((sum, { billedSeconds }) => sum + billedSeconds, 0),
  call_cost: statement.calls.reduce<Micros>((sum, { cost }) => micros(sum + cost), ZERO),
  closing: statement.closing,
  adds_up: statement.addsUp,
});

const statement = operation({
  name: 'account statement',
  help: 'a month of an account: what it had, what came, what its calls cost by destination, and what is left',
  example: 'account statement alice 2026-11',
  roles: ['read', 'support', 'admin'],
  fields: fields({ accountcode, ...STATEMENT_FIELDS }),
  arguments: ['accountcode', 'month'],
  refusals: ['account_not_found'],
  run: ({ database, visible }, { accountcode: code, month, zone }) =>
    statementOf(database, visible, code, { month, zone }),
  answer: { kind: 'record', schema: STATEMENT, facts: statementFacts },
});

export const STATEMENT_OPERATIONS = [statement];
