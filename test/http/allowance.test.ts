import fc from 'fast-check';
import { Allowance } from '../../src/http/allowance';

const allowance = (more = {}) => new Allowance({ perSecond: 10, burst: 20, mostNames: 3, ...more });

/** How many things `name` may do at that time, one after the other. */
function done(asked: Allowance, name: string, now: number): number {
  let count = 0;
  for (; asked.waitSeconds(name, now) === 0 && count < 1_000; count++) asked.spend(name, now);
  return count;
}

test('a name may do 20 things at once, 10 more a second later, and 20 again after two seconds of rest', () => {
  const asked = allowance();
  expect(done(asked, 'alice', 0)).toBe(20);
  expect(done(asked, 'alice', 1_000)).toBe(10);
  expect(done(asked, 'alice', 500_000)).toBe(20);
});

test('it is told how long to wait, and may go on then', () => {
  const asked = allowance();
  done(asked, 'alice', 0);
  expect(asked.waitSeconds('alice', 0)).toBeCloseTo(0.1);
  expect(asked.waitSeconds('alice', 60)).toBeCloseTo(0.04);
  expect(asked.waitSeconds('alice', 101)).toBe(0);
});

test('what one name does takes nothing from another', () => {
  const asked = allowance();
  done(asked, 'alice', 0);
  expect(done(asked, 'bob', 0)).toBe(20);
});

test('a hundred thousand names take no more room than three; who goes on doing is remembered', () => {
  const asked = allowance();
  for (let index = 0; index < 100_000; index++) {
    asked.spend(`stranger ${index}`, index / 1_000);
    asked.spend('busy', index / 1_000);
  }
  expect(asked.size).toBe(3);
  expect(asked.waitSeconds('busy', 100)).toBeGreaterThan(0);
});

test('in any second a name that never stops does no more than its burst and its rate', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }), rests => {
      const asked = allowance();
      const times: number[] = [];
      let now = 0;
      for (const rest of rests) {
        now += rest;
        if (asked.waitSeconds('alice', now) > 0) continue;
        asked.spend('alice', now);
        times.push(now);
      }
      for (const from of times) {
        const within = times.filter(time => time >= from && time < from + 1_000).length;
        expect(within).toBeLessThanOrEqual(30);
      }
    }),
  );
});
