import fc from 'fast-check';
import { available } from '../../../src/credit/rules/account';
import { chargeFor, withSettlement } from '../../../src/credit/rules/charge';
import { decideStart, withStart } from '../../../src/credit/rules/start';
import { micros } from '../../../src/money/micros';
import { cost } from '../../../src/rating/price';
import { withSteps } from '../../rating/tariffs';
import { account, limits, NOON, rate, request } from './rules-fixture';

test('whatever is granted, talked and settled, in any order: never more than was there, and all holds freed', () => {
  const anyRate = withSteps(
    fc.record({
      pricePerMinute: fc.bigInt(0n, 5_000_000n).map(micros),
      connectFee: fc.bigInt(0n, 1_000_000n).map(micros),
      minimumCharge: fc.bigInt(0n, 1_000_000n).map(micros),
      initialIncrementSeconds: fc.integer({ min: 1, max: 60 }),
      incrementSeconds: fc.integer({ min: 1, max: 60 }),
      graceSeconds: fc.integer({ min: 0, max: 10 }),
    }),
  );
  const talk = fc.record({
    rate: anyRate,
    talkMs: fc.option(fc.integer({ min: 0, max: 4_000_000 })),
    endsEarly: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.bigInt(0n, 50_000_000n), fc.array(talk, { maxLength: 12 }), (opening, talks) => {
      let books = account({ balance: micros(opening) });
      const open: (() => void)[] = [];
      let charged = 0n;
      for (const { rate: prices, talkMs, endsEarly } of talks) {
        const price = rate(prices);
        const decision = decideStart(request(), books, price, limits);
        if (!('granted' in decision)) continue;
        const { granted } = decision;
        books = withStart(books, granted, NOON);
        expect(available(books) >= 0n).toBe(true);
        const settle = () => {
          const settled = chargeFor(
            { startAt: NOON, ...granted },
            { answerAt: talkMs === null ? null : NOON, endAt: NOON + (talkMs ?? 0) },
          );
          const { cost: charge } = settled;
          expect(charge <= granted.maxCost).toBe(true);
          if (talkMs !== null && talkMs < granted.grantedSeconds * 1000)
            expect(charge).toBe(cost(price, Math.floor(talkMs / 1000)));
          charged += charge;
          books = withSettlement(books, granted, settled);
        };
        if (endsEarly) settle();
        else open.push(settle);
      }
      for (const settle of open.reverse()) settle();
      expect(books).toMatchObject({ balance: opening - charged, reserved: 0n, activeCalls: 0 });
      expect(books.balance >= 0n).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
