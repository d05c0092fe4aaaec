/** The customer's calls in progress, by the messages of the stream. */

import type { OwnLiveCall } from '../../console/src/api/operations';
import { afterDifference, afterSnapshot, NO_BOARD, secondsOf } from '../../console/src/pages/own/own-live';

const call = (uniqueid: string, more: Partial<OwnLiveCall> = {}): OwnLiveCall => ({
  uniqueid,
  src: '100',
  dst: '49301',
  rate_destination: 'Germany',
  state: 'ringing',
  start_at: '2026-11-30T12:00:00.000Z',
  answer_at: null,
  seconds: 0,
  granted_seconds: 120,
  limited_by: 'cap',
  rate_price_per_minute: '1.00',
  rate_connect_fee: '0.00',
  rate_initial_increment_seconds: 60,
  rate_increment_seconds: 60,
  max_cost: '2.00',
  spent: '0.00',
  held: '2.00',
  currency: 'EUR',
  ...more,
});

const difference = { added: [], changed: [], ended: [], is_more: false };
const names = ({ calls }: ReturnType<typeof afterSnapshot>) => calls?.map(({ uniqueid }) => uniqueid);

test('calls appear, and go when they end', () => {
  const first = afterSnapshot({ items: [call('a')], is_more: false }, 0);
  expect(names(NO_BOARD)).toBeUndefined();
  expect(names(first)).toEqual(['a']);
  const second = afterDifference(first, { ...difference, added: [call('b')], ended: ['a'] }, 1_000);
  expect(names(second)).toEqual(['b']);
  // A stream that begins anew tells all.
  expect(names(afterSnapshot({ items: [], is_more: false }, 2_000))).toEqual([]);
});

test('the seconds of a call that talks are counted on from when they were told', () => {
  const told = afterSnapshot({ items: [call('a', { state: 'talking', seconds: 7 })], is_more: false }, 10_000);
  const secondsAt = (board: typeof told, now: number) => board.calls?.map(each => secondsOf(each, now));
  expect([10_000, 12_999, 9_000].map(now => secondsAt(told, now))).toEqual([[7], [9], [7]]);
  // A change that does not tell them leaves the count as it is; one that does begins a new one.
  const changed = afterDifference(told, { ...difference, changed: [{ uniqueid: 'a', max_cost: '3.00' }] }, 15_000);
  expect(secondsAt(changed, 16_000)).toEqual([13]);
  const corrected = afterDifference(told, { ...difference, changed: [{ uniqueid: 'a', seconds: 60 }] }, 15_000);
  expect(secondsAt(corrected, 16_000)).toEqual([61]);
});

test('a call that is answered is counted from then, and not while it rings', () => {
  const ringing = afterSnapshot({ items: [call('a')], is_more: false }, 0);
  expect(ringing.calls?.map(each => secondsOf(each, 5_000))).toEqual([0]);
  const answered = afterDifference(ringing, { ...difference, changed: [{ uniqueid: 'a', state: 'talking' }] }, 8_000);
  expect(answered.calls?.map(each => secondsOf(each, 10_000))).toEqual([2]);
});
