import { cdrReader } from '../../src/credit/cdr-store';
import { openDatabase } from '../../src/database/connection';
import { DatabaseFault } from '../../src/database/fault';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { addAccount, addDeck, callOf, openLedger } from './ledger-fixture';

describe.each(engines)('CDRs read outside the ledger, %s', engine => {
  let db: TestDatabase;
  const uniqueids: string[] = [];

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '1000.00', { max_call_seconds: 60 });
    const ledger = openLedger(db);
    for (const call of Array.from({ length: 40 }, () => callOf('alice'))) {
      await ledger.start(call);
      uniqueids.push(call.uniqueid);
    }
    await ledger.close();
  });
  afterAll(() => db.drop());

  test('what is asked while a question is answered is one more, and everybody gets his own, in his order', async () => {
    const read = cdrReader(db.database);
    let questions = 0;
    const count = () => {
      questions++;
    };
    db.database.on('query', count);
    const pairs = uniqueids.map((uniqueid, index) => [uniqueid, 'none', uniqueids[(index + 7) % 40] as string]);
    const answers = await Promise.all(pairs.map(read));
    db.database.off('query', count);
    expect(answers.map(calls => calls.map(({ uniqueid }) => uniqueid))).toEqual(
      pairs.map(([first, , second]) => [first, second]),
    );
    expect(questions).toBe(2);
    expect(await read(['none'])).toEqual([]);
  });

  test('a question that fails is a fault for all who shared it', async () => {
    const refused = openDatabase(db.url.replace(/\/[^/]*$/, '/nowhere'));
    const read = cdrReader(refused);
    const faults = await Promise.allSettled([read(['1']), read(['2']), read(['3'])]);
    for (const fault of faults) expect(fault).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseFault) });
    await refused.destroy();
  });
});
