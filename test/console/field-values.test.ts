/** What people type into fields, and what the API gets. */

import { effectOf } from '../../console/src/pages/accounts/movement';
import { accountSearch, listSearch } from '../../console/src/pages/accounts/search';
import { placesOf, readable, typedAmount } from '../../console/src/parts/amounts';
import { type Field, problemsOf, sentOf, typedNumber, typedOf } from '../../console/src/parts/field-values';

test.each([
  ['20', 'en', '20', 'a whole amount'],
  ['20.50', 'en', '20.50', 'its own mark'],
  ['−4', 'en', '-4', 'the minus sign that the page writes'],
  ['+5.000001', 'en', '5.000001', 'the finest amount'],
  ['1,000', 'en', null, 'a comma parts thousands in English: 1 or 1000?'],
  ['20,5', 'en', null, 'a comma means nothing else there'],
  ['20,5', 'de', '20.5', 'its own mark'],
  ['20.5', 'de', '20.5', 'a point that can part no thousands'],
  ['1.000', 'de', null, 'a point parts thousands in German: 1 or 1000?'],
  ['1.000,00', 'de', null, 'two marks'],
  ['', 'en', null, 'nothing'],
  ['1.0000001', 'en', null, 'finer than money is kept'],
])('%p typed in %s is %p: %s', (text, language, amount, _why) => {
  expect(typedAmount(text, language)).toBe(amount);
});

test.each([
  ['1234567.5', 'en', '1,234,567.50'],
  ['-0.25', 'de', '−0,25'],
  ['-0.00', 'en', '0.00'],
])('%s is read in %s as %s', (amount, language, text) => {
  expect(readable(amount, language)).toBe(text);
});

test('decimal marks stand below each other: a column has as many places as its longest amount', () => {
  expect([placesOf([]), placesOf(['1', '0.5']), placesOf(['0.2500', '-0.0123', '3.100000'])]).toEqual([2, 2, 4]);
});

test.each([
  ['whole', '12', 12, 'a number'],
  ['whole', '12a', '12a', 'the API says what is wrong'],
  ['wholes', '60, 20', [60, 20], 'parted by commas'],
  ['texts', '900 4190', ['900', '4190'], 'or by spaces'],
  ['amount', '1,000', undefined, 'cannot be read without doubt'],
  ['flag', 'true', true, 'yes'],
  ['text', ' a ', 'a', 'without what surrounds it'],
] as const)('a field of kind %s sends %p as %p: %s', (kind, typed, value, _why) => {
  expect(sentOf({ kind }, typed, 'en')).toEqual(value);
});

test('a number is typed as people write it', () => {
  expect(typedNumber(' +49 (30) 12-34/5.6 ')).toBe('+4930123456');
  expect(typedNumber('abc')).toBe('abc');
});

test('an empty limit is none; an empty text is empty', () => {
  const limit: Field = { kind: 'whole', canBeNone: true };
  expect(sentOf(limit, ' ', 'en')).toBeNull();
  expect(typedOf(limit, null, 'en')).toBe('');
  expect(sentOf({ kind: 'text' }, '', 'en')).toBe('');
});

test('an instant is typed in the zone of the reader, and comes back the same', () => {
  const field: Field = { kind: 'instant' };
  const at = '2026-12-31T17:00:05.000Z';
  expect(sentOf(field, typedOf(field, at, 'en'), 'en')).toBe(at);
});

test('what is refused stands at its field, and the rest apart', () => {
  const problems = ['amount "x" is no amount', 'reference "" is missing', 'amount again', 'the body is wrong'];
  expect(problemsOf(problems, ['amount', 'reference'])).toEqual({
    at: { amount: 'amount "x" is no amount', reference: 'reference "" is missing' },
    rest: ['amount again', 'the body is wrong'],
  });
});

test.each([
  ['5', '15.00', '12.00', false, 'adds'],
  ['-7', '3.00', '0.00', false, 'takes all that is available'],
  ['-7.000001', '2.999999', '-0.000001', true, 'takes more than that'],
])('a movement of %s: balance %s, available %s, overdraft %s: it %s', (amount, balance, available, isOverdraft) => {
  expect(effectOf({ balance: '10', available: '7' }, amount)).toEqual({ balance, available, isOverdraft });
});

test('an address that means nothing is left out', () => {
  expect(listSearch({ text: 49, status: 'odd', deck: '', new: 'false' })).toEqual({ text: '49' });
  expect(listSearch({ status: 'blocked', new: true })).toEqual({ status: 'blocked', new: true });
  expect(accountSearch({ tab: 'x', do: 'topup', seconds: 0, number: 4930, show: 'refund' })).toEqual({
    do: 'topup',
    number: '4930',
    show: 'refund',
  });
});
