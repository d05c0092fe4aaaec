/** What the addresses of the customer's page may say. */
import {
  callsSearch,
  digitsOf,
  moneySearch,
  pricesSearch,
  statementSearch,
  withoutGaps,
} from '../../console/src/pages/own/search';

test.each([
  ['+49 30 12-34', '49301234'],
  ['0049 (30) 1', '49301'],
  [49, '49'],
  ['', undefined],
  ['49a', undefined],
  ['9'.repeat(33), undefined],
  [null, undefined],
])('%j begins a number as %j', (value, digits) => {
  expect(digitsOf(value)).toBe(digits);
});

test('a number is asked without its gaps, and with its +', () => {
  expect(withoutGaps('+49 (30) 12-34.5/6')).toBe('+4930123456');
});

test('what can be stays, what cannot is left out', () => {
  expect(
    callsSearch({
      destination: '+49',
      disposition: 'BUSY',
      from: '2026-11-01',
      to: '2026-11-30',
      open: 'ast1-1.1',
      more: 1,
    }),
  ).toEqual({ destination: '49', disposition: 'BUSY', from: '2026-11-01', to: '2026-11-30', open: 'ast1-1.1' });
  expect(callsSearch({ destination: 'x', disposition: 'busy', from: '2026-02-30', to: '<img>', open: ['a'] })).toEqual(
    {},
  );
  expect(moneySearch({ kind: 'top_up', from: '2026-11-01' })).toEqual({ kind: 'top_up', from: '2026-11-01' });
  expect(moneySearch({ kind: 'constructor', to: 'today' })).toEqual({});
  expect(pricesSearch({ to: 4930, minutes: '3' })).toEqual({ to: '4930', minutes: 3 });
  expect(pricesSearch({ to: ' ', minutes: '1.5' })).toEqual({});
  expect([0, 1_441, '', 'NaN', null].map(minutes => pricesSearch({ minutes }))).toEqual([{}, {}, {}, {}, {}]);
  expect([statementSearch({ month: '2026-11' }), statementSearch({ month: '2026-13' })]).toEqual([
    { month: '2026-11' },
    {},
  ]);
});
