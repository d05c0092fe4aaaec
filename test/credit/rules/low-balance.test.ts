import { withLowBalance } from '../../../src/credit/rules/low-balance';
import { parseAmount } from '../../../src/money/micros';
import { account } from './rules-fixture';

describe('a balance about its limit is told to be low once, until it is above by a tenth of it', () => {
  test.each([
    ['1.00', ['1.00', '0.99', '1.05', '0.98', '1.10', '0.99'], [null, 'low', null, null, 'over', 'low']],
    ['-10.00', ['-10.00', '-10.10', '-9.50', '-10.20', '-9.00', '-10.01'], [null, 'low', null, null, 'over', 'low']],
    ['0', ['0', '-0.01', '-1', '0', '-0.01'], [null, 'low', null, 'over', 'low']],
  ] as const)('limit %s', (limit, balances, told) => {
    let books = account({ lowBalance: parseAmount(limit) });
    const kinds = balances.map(balance => {
      const { account: after, event } = withLowBalance({ ...books, balance: parseAmount(balance) });
      books = after;
      return event && (event.kind === 'low_balance' ? 'low' : 'over');
    });
    expect(kinds).toEqual(told);
  });
});
