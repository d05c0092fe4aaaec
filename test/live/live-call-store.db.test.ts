import type { Ledger } from '../../src/credit/ledger';
import { openCallsOf } from '../../src/live/live-call-store';
import { addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

describe.each(engines)('calls in progress of some accounts, %s', engine => {
  let db: TestDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    for (const name of ['busy', 'quiet', 'other']) await addAccount(db, name, '50', { max_call_seconds: 60 });
    ledger = openLedger(db);
  });
  afterAll(async () => {
    await ledger?.close();
    await db?.drop();
  });

  test('are the oldest of each: those of a busy account hide none of another', async () => {
    const start = async (accountcode: string, secondsAgo: number) => {
      const request = callOf(accountcode, { startAt: Date.now() - secondsAgo * 1_000 });
      expect(await ledger.start(request)).toMatchObject({ granted: {} });
      return request;
    };
    const [gone, first, second] = [await start('busy', 9), await start('busy', 8), await start('busy', 7)];
    const third = await start('busy', 6);
    const quiet = await start('quiet', 1);
    await start('other', 9);
    await ledger.end(endOf(gone, talked(1, { answerAt: Date.now() - 1_000, endAt: Date.now() })));
    const seen = async (accountcodes: string[], most: number) =>
      (await openCallsOf(db.database, accountcodes, most)).map(({ call }) => call.uniqueid);
    expect(await seen(['busy', 'quiet'], 2)).toEqual([first, second, quiet].map(({ uniqueid }) => uniqueid));
    expect(await seen(['busy'], 9)).toEqual([first, second, third].map(({ uniqueid }) => uniqueid));
  });
});
