import fc from 'fast-check';
import { type Difference, differenceOf, isNone, type Rows } from '../../src/live/difference';
import type { Row } from '../../src/live/live-call';
import { withDifference } from './live-reader';

const row = fc.record({
  state: fc.constantFrom('ringing', 'talking'),
  spent: fc.constantFrom('0.00', '0.10', '0.20'),
  seconds: fc.nat(3),
  answer_at: fc.constantFrom(null, '2026-06-01T12:00:00.000Z'),
});
const rows: fc.Arbitrary<Rows> = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor'), row)
  .map(
    all => new Map(Object.entries(all).map(([uniqueid, one]) => [uniqueid, { uniqueid, ...one } as unknown as Row])),
  );

/** Without the seconds of talk, on which a listener counts by itself. */
const still = (all: Rows) => [...all.values()].map(({ seconds: _, ...one }) => one).sort((a, b) => order(a, b));
const order = (a: Row, b: Row) => (String(a.uniqueid) < String(b.uniqueid) ? -1 : 1);

test('a snapshot and every difference after it are always what there is', () => {
  fc.assert(
    fc.property(fc.array(rows, { minLength: 2, maxLength: 8 }), states => {
      let seen = new Map(states[0] as Rows);
      for (const [index, after] of states.slice(1).entries()) {
        const difference = differenceOf(states[index] as Rows, after);
        seen = withDifference(seen, JSON.parse(JSON.stringify(difference)));
        expect(still(seen)).toEqual(still(after));
      }
    }),
  );
});

test('between the same calls there is none, however long they talk', () => {
  fc.assert(
    fc.property(rows, fc.nat(100), (before, later) => {
      const after: Rows = new Map([...before].map(([uniqueid, one]) => [uniqueid, { ...one, seconds: later }]));
      expect(isNone(differenceOf(before, after))).toBe(true);
    }),
  );
});

test('of a call that changed come its uniqueid, what changed, and how long it has talked', () => {
  const before = new Map([['a', { uniqueid: 'a', state: 'ringing', spent: '0.00', seconds: 0, trunk: 'x' }]]);
  const after = new Map([['a', { uniqueid: 'a', state: 'talking', spent: '0.10', seconds: 1, trunk: 'x' }]]);
  const wanted: Difference = {
    added: [],
    changed: [{ uniqueid: 'a', state: 'talking', spent: '0.10', seconds: 1 }],
    ended: [],
  };
  expect(differenceOf(before, after)).toEqual(wanted);
});
