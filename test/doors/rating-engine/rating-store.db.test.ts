import { ratingStore } from '../../../src/doors/rating-engine/rating-store';
import { addAccount, addDeck, callOf, NOON, openLedger } from '../../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../../database/test-database';
import { NODE } from './rating-fixture';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  for (const accountcode of ['alice', 'bob']) await addAccount(db, accountcode, '100.00', { max_call_seconds: 60 });
});
afterAll(() => db.drop());

test('callers who are asked about at one moment each have their own calls', async () => {
  const ledger = openLedger(db);
  const callers = [
    { accountcode: 'alice', src: '100' },
    { accountcode: 'alice', src: '200' },
    { accountcode: 'bob', src: '100' },
    { accountcode: 'bob', src: '200' },
  ];
  const own = new Map<object, string[]>();
  for (const [index, caller] of callers.entries()) {
    const calls = Array.from({ length: index }, () => callOf(caller.accountcode, { ...caller, node: NODE }));
    for (const call of calls) {
      await ledger.start(call);
      await ledger.answered({ ...call, trunk: '', answerAt: NOON });
    }
    own.set(
      caller,
      calls.map(({ uniqueid }) => uniqueid),
    );
  }
  await ledger.close();
  const store = ratingStore(db.database, NODE);
  const talking = await Promise.all(callers.map(({ accountcode, src }) => store.talking(accountcode, src, NOON)));
  expect(talking.map(calls => calls.map(({ uniqueid }) => uniqueid).sort())).toEqual(
    callers.map(caller => own.get(caller)?.sort()),
  );
});
