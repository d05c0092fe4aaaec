/** What an operator may do with callers: numbers that need no PIN. */
import { type Static, Type } from 'typebox';
import { addCaller, CALLERS_ORDER, type CallerView, listCallers, removeCaller } from '../cards/callers';
import { factsOf, instantFact, textFact } from '../operator/answer-schema';
import { keyedBy } from '../operator/cursor';
import { textField } from '../operator/fields';
import { fields, keyedRowsOf, operation, PAGE } from '../operator/operation';
import { textBy } from '../operator/schema';
import { accountcode, ofAccount } from './account-operations';

const number = textBy((field, text) => textField(field, text, 60, 1), {
  description: 'the number, with + or 00 or without',
  unit: 'number',
  example: '+4930123456',
});

const CALLER = factsOf('Caller', {
  number: textFact('digits, without + or 00'),
  accountcode: textFact('the account that pays for its calls without a PIN'),
  created_at: instantFact(),
});

const callerFacts = ({ number: digits, accountcode: code, createdAt }: CallerView): Static<typeof CALLER> => ({
  number: digits,
  accountcode: code,
  created_at: createdAt,
});

const add = operation({
  name: 'caller add',
  help: 'let a number use an account without a PIN',
  example: 'caller add +4930123456 alice',
  roles: ['support', 'admin'],
  fields: fields({ number, accountcode }),
  arguments: ['number', 'accountcode'],
  refusals: ['caller_exists', 'account_not_found', 'account_is_pool'],
  changes: 'at once',
  run: (acting, input) => addCaller(acting, input.number, input.accountcode),
  answer: { kind: 'record', schema: CALLER, facts: callerFacts },
});

const remove = operation({
  name: 'caller remove',
  help: 'forget a number',
  example: 'caller remove +4930123456',
  roles: ['support', 'admin'],
  fields: fields({ number }),
  arguments: ['number'],
  refusals: ['caller_not_found'],
  changes: 'at once',
  run: (acting, input) => removeCaller(acting, input.number),
  answer: {
    kind: 'record',
    schema: CALLER,
    facts: callerFacts,
    says: view => `${view.number} is not ${view.accountcode}'s any more`,
  },
});

const list = operation({
  name: 'caller list',
  help: 'known numbers in their order',
  example: 'caller list --account alice',
  roles: ['read', 'support', 'admin'],
  fields: fields({ account: Type.Optional(ofAccount('numbers')), ...PAGE, ...keyedBy(CALLERS_ORDER) }),
  arguments: [],
  refusals: [],
  run: ({ database }, { account, ...page }) => listCallers(database, account, keyedRowsOf(CALLERS_ORDER, page)),
  answer: { kind: 'list', schema: CALLER, facts: callerFacts, none: 'no caller: see "caller add --help"' },
});

export const CALLER_OPERATIONS = [add, remove, list];
