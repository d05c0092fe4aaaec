/** The proof of what changed since an instant. What it finds in changed rows, verify.db, verify-chain.db and verify-cards.db show. */
import type { Connection } from 'mysql2/promise';
import type { Proof } from '../../src/credit/verify';
import { verifyChanges } from '../../src/credit/verify-changes';
import { openConnection } from '../../src/database/connection';
import { parseAmount } from '../../src/money/micros';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { addAccount, addDeck, callOf, endOf, move, NOON, openLedger, talked } from './ledger-fixture';

/** Calls and entries of the history are older than this, what a test does then is younger. */
const SINCE = new Date(NOON - 86_400_000);
const OLD = new Date(NOON - 2 * 86_400_000);

describe.each(engines)('verify of what changed, %s', engine => {
  let db: TestDatabase;
  let connection: Connection;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    connection = await openConnection(db.url);
    await addDeck(db, 'retail', [{}]);
    for (const accountcode of ['alice', 'bob']) await addAccount(db, accountcode, '1000');
    await grow('alice', 3);
    await intoThePast();
  });
  afterEach(async () => {
    connection.destroy();
    await db.drop();
  });

  async function grow(accountcode: string, calls: number): Promise<void> {
    const ledger = openLedger(db);
    for (let call = 0; call < calls; call++) {
      const request = callOf(accountcode);
      await ledger.start(request);
      await ledger.end(endOf(request, talked(60)));
    }
    await ledger.close();
  }

  /** What has happened so far was two days before SINCE. */
  async function intoThePast(): Promise<void> {
    await db.database('astledger').update({ created_at: OLD });
    await db.database('astoutbox').update({ created_at: OLD });
    await db.database('astcdr').update({
      start_at: db.database.raw('start_at - INTERVAL 2 DAY'),
      answer_at: db.database.raw('answer_at - INTERVAL 2 DAY'),
      end_at: db.database.raw('end_at - INTERVAL 2 DAY'),
    });
  }

  const topUp = (accountcode: string, reference: string) =>
    move(db, { accountcode, kind: 'top_up', amount: parseAmount('1'), reference, reason: '', actor: 'test' });

  const proof = (): Promise<Proof> => verifyChanges(connection, SINCE);
  const rules = async () => (await proof()).differences.map(({ rule, accountcode }) => `${rule} ${accountcode}`);

  test('nothing changed: no account, entry or call is looked at', async () => {
    expect(await proof()).toMatchObject({ accounts: 0, entries: 0, calls: 0, reservations: 0, differences: [] });
  });

  test('a top-up, a call that ended and one in progress: two accounts, two entries, two calls, and the history is not read', async () => {
    await topUp('bob', 'r');
    await grow('alice', 1);
    const ledger = openLedger(db);
    await ledger.start(callOf('alice'));
    await ledger.close();
    expect(await proof()).toMatchObject({ accounts: 2, entries: 2, calls: 2, reservations: 1, differences: [] });
  });

  test('an entry from before is taken as it is: a changed one is not seen, nor is an account that did not change', async () => {
    await db.database('astledger').where({ accountcode: 'alice', entry_number: 2 }).update({ reason: 'changed' });
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: 7 });
    await topUp('alice', 'r');
    expect(await rules()).toEqual([]);
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: 1000 });
    await topUp('bob', 'r');
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: 7 });
    expect(await rules()).toEqual(['balance_is_sum_of_entries bob']);
  });

  test('an entry since then that was deleted is seen by the call that it charged, and by the entry after it', async () => {
    await grow('bob', 1);
    await db.database('astledger').where({ accountcode: 'bob', kind: 'call_charge' }).delete();
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: 1000 });
    expect((await rules()).sort()).toEqual(['account_has_its_last_entry bob', 'call_has_its_charge bob']);
    await db.database('astcdr').where({ accountcode: 'bob' }).delete();
    await topUp('bob', 'r');
    expect(await rules()).toContain('entry_follows_the_one_before bob');
  });

  test('a call that ended two days ago and was charged since then is looked at', async () => {
    await grow('bob', 1);
    await db.database('astcdr').where({ accountcode: 'bob' }).update({ billsec: 59, billed_seconds: 59 });
    await db.database('astoutbox').where({ accountcode: 'bob' }).delete();
    await db
      .database('astcdr')
      .where({ accountcode: 'bob' })
      .update({
        start_at: db.database.raw('start_at - INTERVAL 2 DAY'),
        answer_at: db.database.raw('answer_at - INTERVAL 2 DAY'),
        end_at: db.database.raw('end_at - INTERVAL 2 DAY'),
      });
    expect(await rules()).toEqual(['call_is_charged_by_its_tariff bob']);
  });
});
