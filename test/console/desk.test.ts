/** What the desk works out by itself: its addresses, ages, and what a change changed. Pure. */
import { ageText, countText, tookText } from '../../console/src/pages/desk/age';
import {
  approvalsSearch,
  auditSearch,
  booksSearch,
  keysSearch,
  peopleSearch,
  webhooksSearch,
} from '../../console/src/pages/desk/search';
import { changedFields } from '../../console/src/parts/changed-fields';

test.each([
  [peopleSearch, { text: 17, open: 'anna', do: 'invite' }, { text: '17', open: 'anna', do: 'invite' }],
  [peopleSearch, { text: '', open: ['anna'], do: 'delete' }, {}],
  [keysSearch, { all: 'true', open: '7', do: 'revoke' }, { all: true, open: 7, do: 'revoke' }],
  [keysSearch, { all: 'no', open: '7.5', do: 7 }, {}],
  [approvalsSearch, { all: true, open: 0 }, { all: true }],
  [
    auditSearch,
    { actor: 'key:crm', from: '2026-11-01T00:00:00+01:00', to: 'soon', open: 9 },
    { actor: 'key:crm', from: '2026-10-31T23:00:00.000Z', open: '9' },
  ],
  [webhooksSearch, { open: 'crm', state: 'dead', do: 'add' }, { open: 'crm', state: 'dead', do: 'add' }],
  [webhooksSearch, { state: 'lost', do: 'retry' }, {}],
  [booksSearch, { job: 4_294_967_296, do: 'verify' }, { do: 'verify' }],
])('what an address says is taken, and what means nothing is left out: %p', (read, raw, wanted) => {
  expect(read(raw as Record<string, unknown>)).toEqual(wanted);
});

test.each([
  [-5, '0 sec'],
  [999, '0 sec'],
  [59_999, '59 sec'],
  [60_000, '1 min'],
  [7_199_999, '1 hr'],
  [86_400_000, '1 day'],
  [3 * 86_400_000, '3 days'],
])('an age of %i ms is %s', (ms, text) => {
  expect(ageText(ms, 'en')).toBe(text);
});

test.each([
  [0, '0 s'],
  [349, '0,3 s'],
  [12_700, '13 s'],
  [60_000, '1:00'],
])('what took %i ms took %s', (ms, text) => {
  expect(tookText(ms, 'de')).toBe(text);
});

test.each([
  [0, '0'],
  [9_999, '9,999'],
  [10_000, '10,000+'],
])('%i that were counted read %s', (count, text) => {
  expect(countText(count, 'en')).toBe(text);
});

test('each field that changed, as it was and as it is: amounts as people read them, nothing for what is new', () => {
  const change = {
    before: { balance: '1234.500000', name: null },
    after: { balance: '-1.000000', name: 'x', more: [1] },
  };
  expect(changedFields(change, 'de')).toEqual([
    { name: 'balance', was: '1.234,50', is: '−1,00' },
    { name: 'name', was: '–', is: 'x' },
    { name: 'more', was: '–', is: '[1]' },
  ]);
  expect(changedFields({ before: null, after: { roles: 'read' } }, 'en')).toEqual([
    { name: 'roles', was: undefined, is: 'read' },
  ]);
  expect(changedFields({ before: null, after: null }, 'en')).toEqual([]);
});
