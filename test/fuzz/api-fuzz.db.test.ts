/** A short run of `npm run fuzz`, and thefts that it must find. */
import { type FuzzOptions, fuzz } from '../../fuzz/fuzz';
import { parseAmount } from '../../src/money/micros';
import { move } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase('MariaDB');
});
afterEach(() => db.drop());

const run = (options: Partial<FuzzOptions>) =>
  fuzz({ databaseUrl: db.url, requests: 1_500, seed: 1, connections: 6, ...options });

test('1,500 requests: every answer is described, nothing failed, and no money was moved that was not asked for', async () => {
  const { violations, requests, operations } = await run({});
  expect(violations).toEqual([]);
  expect(requests).toBe(1_500);
  const done = Object.values(operations).filter(each => each.done > 0).length;
  // Most of what there is to do was really done.
  expect(done).toBeGreaterThan(0.7 * Object.keys(operations).length);
}, 180_000);

test('money that no request asked for is found, also what a request was said to have moved', async () => {
  const { violations } = await run({
    requests: 60,
    meanwhile: async () => {
      const theft = { accountcode: 'alice', kind: 'top_up', amount: parseAmount('5'), reference: 'stolen' } as const;
      await move(db, { ...theft, reason: '', actor: 'thief' });
      // No request sets the limit of this one.
      await db.database('astaccount').where({ accountcode: 'busy-0' }).update({ credit_limit: '77' });
    },
  });
  expect(violations).toEqual([
    'entry ["alice","top_up","stolen"]: the ledger has 5.00, asked for was nothing',
    '"busy-0" has a limit of 77.00, which no request asked for',
  ]);
}, 180_000);
