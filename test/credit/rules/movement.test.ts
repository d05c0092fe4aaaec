import type { Account } from '../../../src/credit/rules/account';
import {
  decideMovement,
  type Movement,
  type MovementContext,
  type NamedCall,
} from '../../../src/credit/rules/movement';
import { formatAmount, LARGEST, micros, parseAmount, ZERO } from '../../../src/money/micros';
import { account } from './rules-fixture';

const NOTHING: MovementContext = { movedBefore: null, call: null };

const movement = (kind: Movement['kind'], amount: string, more: Partial<Movement> = {}): Movement => ({
  accountcode: 'alice',
  kind,
  amount: parseAmount(amount),
  reference: 'r1',
  reason: '',
  actor: 'test',
  ...more,
});

/** A call of alice's that cost 2.00. */
const call = (more: Partial<NamedCall> = {}): MovementContext => ({
  movedBefore: null,
  call: { accountcode: 'alice', hasEnded: true, cost: parseAmount('2'), corrected: null, refunded: null, ...more },
});

const full = (more: Partial<Account> = {}) => account({ balance: LARGEST, ...more });

describe('a movement is refused', () => {
  test.each<[string, Movement, Account | null, MovementContext, string]>([
    ['amount_not_positive', movement('top_up', '0'), null, NOTHING, 'told first, also of an unknown account'],
    ['account_closed', movement('top_up', '1'), account({ closed: true }), NOTHING, 'a closed account takes no money'],
    ['amount_not_positive', movement('refund', '-1'), account(), NOTHING, 'a refund gives back'],
    ['amount_not_positive', movement('adjustment', '0'), account(), NOTHING, 'an entry of 0 says nothing'],
    ['account_not_found', movement('top_up', '1'), null, NOTHING, 'there is no account to move it on'],
    ['account_is_pool', movement('top_up', '1'), account({ kind: 'pool' }), NOTHING, 'a pool has no money of its own'],
    [
      'reference_reused',
      movement('top_up', '1'),
      account(),
      { ...NOTHING, movedBefore: parseAmount('2') },
      'the same reference moved another amount',
    ],
    ['call_not_found', movement('refund', '1', { ofCall: true }), account(), NOTHING, 'it has to name a call'],
    ['call_not_found', movement('refund', '1'), account(), call({ accountcode: 'bob' }), "another account's call"],
    ['call_in_progress', movement('refund', '1'), account(), call({ hasEnded: false }), 'it is not charged yet'],
    ['more_than_charged', movement('refund', '2.000001'), account(), call(), 'a millionth more than the call cost'],
    [
      'more_than_charged',
      movement('refund', '1.5'),
      account(),
      call({ corrected: parseAmount('1') }),
      'a correction gave half of it back already',
    ],
    [
      'more_than_charged',
      movement('correction', '1.5'),
      account(),
      call({ refunded: parseAmount('1') }),
      'a refund gave half of it back already',
    ],
    ['more_than_available', movement('adjustment', '-10.000001'), account(), NOTHING, 'a millionth more than there is'],
    [
      'more_than_available',
      movement('adjustment', '-5'),
      account({ reserved: parseAmount('5.5') }),
      NOTHING,
      'calls hold what it would take',
    ],
    ['balance_out_of_range', movement('top_up', '0.000001'), full(), NOTHING, 'no column holds such a balance'],
    [
      'balance_out_of_range',
      movement('adjustment', '-1', { overdraw: true }),
      account({ balance: micros(-LARGEST + 2_000_000n), reserved: parseAmount('2') }),
      NOTHING,
      'what calls hold will be charged, and has to fit as well',
    ],
  ])('%s: %#', (refusal, asked, who, known, _why) => {
    expect(decideMovement(asked, who, known)).toMatchObject({ refusal });
  });
});

describe('a movement is made', () => {
  test.each<[string, Movement, Account, MovementContext, string]>([
    ['11.00', movement('top_up', '1'), account(), NOTHING, 'a top-up'],
    ['0.00', movement('adjustment', '-10'), account(), NOTHING, 'all that is available'],
    [
      '-1.00',
      movement('adjustment', '-11', { overdraw: true }),
      account(),
      NOTHING,
      'more, where the operator says so',
    ],
    [
      '-5.00',
      movement('adjustment', '-15'),
      account({ creditLimit: parseAmount('5') }),
      NOTHING,
      'the credit limit too',
    ],
    ['12.00', movement('refund', '2'), account(), call(), 'all that the call cost'],
    ['13.00', movement('refund', '3'), account(), NOTHING, 'a refund that names no call'],
    ['11.00', movement('correction', '1'), account(), call({ refunded: parseAmount('1') }), 'what the refund left'],
    [
      '12.00',
      movement('correction', '2'),
      account(),
      call({ accountcode: 'bob', refunded: parseAmount('1') }),
      "another account's refund takes nothing from it",
    ],
    ['1.00', movement('correction', '1'), account({ kind: 'pool', balance: ZERO }), NOTHING, 'in a pool, a correction'],
  ])('and leaves %s: %#', (balance, asked, who, known, _why) => {
    const decision = decideMovement(asked, who, known);
    expect('account' in decision && [decision.moved, formatAmount(decision.account.balance)]).toEqual([true, balance]);
  });

  test('once: the same again moves nothing, also when it could not be moved now', () => {
    const empty = account({ balance: ZERO });
    const asked = movement('adjustment', '-5');
    expect(decideMovement(asked, empty, { ...NOTHING, movedBefore: asked.amount })).toEqual({
      moved: false,
      account: empty,
    });
  });
});
