/** What the addresses of the page of cards may say, and how a batch is worked through in parts. */
import { batchSearch, listSearch } from '../../console/src/pages/cards/search';
import { AT_ONCE, grouped, lengthOf, partsOf } from '../../console/src/pages/cards/spans';

test('what can be stays in an address, what cannot is left out', () => {
  expect(listSearch({ kind: 'vouchers', do: 'redeem', account: 'alice', more: 1 })).toEqual({
    ...{ kind: 'vouchers', do: 'redeem', account: 'alice' },
  });
  expect(listSearch({ kind: 'coupons', do: 'steal', account: '' })).toEqual({});
  expect(batchSearch({ status: 'active', serial: '17', do: 'block' })).toEqual({
    ...{ status: 'active', serial: 17, do: 'block' },
  });
  expect(batchSearch({ status: 'sold', serial: '0', do: 'make' })).toEqual({});
  expect(batchSearch({ serial: '1.5' })).toEqual({});
});

test.each([
  [
    {},
    [
      [1001, 2000],
      [2001, 3000],
      [3001, 3400],
    ],
  ],
  [{ from: 1500, to: 2499 }, [[1500, 2499]]],
  [
    { from: 1500, to: 2500 },
    [
      [1500, 2499],
      [2500, 2500],
    ],
  ],
  [{ from: 1, to: 1001 }, [[1001, 1001]]],
  [{ from: 3400, to: 9999 }, [[3400, 3400]]],
])('%j of the serials 1001 to 3400 is asked for as %j', (span, parts) => {
  const made = partsOf({ batch: 'summer', ...span }, 1001, 3400);
  expect(made.map(({ from, to }) => [from, to])).toEqual(parts);
  const lengths = made.map(part => lengthOf(part, 1001, 3400));
  expect(Math.max(...lengths)).toBeLessThanOrEqual(AT_ONCE);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(lengthOf(span, 1001, 3400));
});

test('what is not of the batch at all is asked for as it was typed: the API says what is wrong', () => {
  expect(partsOf({ batch: 'summer', from: 1, to: 9 }, 1001, 3400)).toEqual([{ batch: 'summer', from: 1, to: 9 }]);
  expect(partsOf({ batch: 'summer', from: 5000 }, 1001, 3400)).toEqual([{ batch: 'summer', from: 5000 }]);
  const typed = { batch: 'summer', from: 2, to: 'five' as unknown as number };
  expect(partsOf(typed, 1001, 3400)).toEqual([typed]);
  expect(lengthOf({ from: 1, to: 9 }, 1001, 3400)).toBe(0);
});

test.each([
  ['1234567890', '1234 5678 90'],
  ['123456789012', '1234 5678 9012'],
  ['1234567890123456', '1234 5678 9012 3456'],
])('the code %s is read as %s', (code, read) => {
  expect(grouped(code)).toBe(read);
});
