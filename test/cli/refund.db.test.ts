/** A refund that names a call, by the command line, and what the books and the reports make of it. */
import { parseAmount } from '../../src/money/micros';
import { accountRow, addAccount, addDeck, callOf, endOf, move, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

describe.each(engines)('a refund of a call, %s', engine => {
  let db: TestDatabase;
  const dear = callOf('alice');
  const open = callOf('alice');
  const others = callOf('bob');

  beforeEach(async () => {
    db = await createTestDatabase(engine);
    // 1.00 a minute, by whole minutes.
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '9.00');
    await addAccount(db, 'bob', '9.00');
    const ledger = openLedger(db);
    for (const call of [dear, others]) {
      await ledger.start(call);
      await ledger.end(endOf(call, talked(61)));
    }
    await ledger.start(open);
    await ledger.close();
  });
  afterEach(async () => {
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    await db.drop();
  });

  const refund = (amount: string, ...words: string[]) =>
    ringfence(db.url, ['account', 'refund', 'alice', amount, ...words]);

  test('gives back what it cost at most, once, and is shown with the call', async () => {
    expect(await refund('2.01', '--call', dear.uniqueid)).toEqual({
      exitCode: 3,
      out: '',
      err: `amount 2.01 is more than call "${dear.uniqueid}" was charged: refund 2.00 at most\n`,
    });
    expect((await refund('1.50', '--call', dear.uniqueid)).out).toContain('refund of 1.50 to alice');
    expect((await refund('1.50', '--call', dear.uniqueid)).out).toContain('nothing done');
    expect(await refund('0.50', '--call', dear.uniqueid)).toMatchObject({ exitCode: 3 });
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '8.500000' });
    expect(await json(db.url, ['call', 'show', dear.uniqueid])).toMatchObject({
      cost: '2.00',
      corrected: '0.00',
      refunded: '1.50',
      revenue: '0.50',
    });
  });

  test('counts its correction', async () => {
    const correction = {
      accountcode: 'alice',
      kind: 'correction',
      reference: dear.uniqueid,
      reason: '',
      actor: 'test',
    } as const;
    await move(db, { ...correction, amount: parseAmount('1.25') });
    expect((await refund('0.76', '--call', dear.uniqueid)).err).toContain('refund 0.75 at most');
    expect(await refund('0.75', '--call', dear.uniqueid)).toMatchObject({ exitCode: 0 });
    expect(await json(db.url, ['call', 'show', dear.uniqueid])).toMatchObject({ corrected: '1.25', revenue: '0.00' });
  });

  test.each([
    ["another account's", () => others.uniqueid],
    ['unknown', () => 'ast1-1.1'],
  ])('is refused where the call is %s', async (_, uniqueid) => {
    const { exitCode, err } = await refund('0.50', '--call', uniqueid());
    expect(exitCode).toBe(3);
    expect(err).toBe(`account "alice" has no call "${uniqueid()}": "call list --account" tells its calls\n`);
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '7.000000' });
  });

  test('waits until the call has ended, and a reference that is a call’s uniqueid is one too', async () => {
    expect((await refund('0.50', '--call', open.uniqueid)).err).toContain('has not ended, and is not charged yet');
    expect((await refund('5', '--reference', dear.uniqueid)).err).toContain('refund 2.00 at most');
    expect((await refund('5', '--reference', others.uniqueid)).err).toContain('has no call');
    expect(await refund('5', '--reference', 'ticket-9')).toMatchObject({ exitCode: 0 });
  });

  test('needs one cause', async () => {
    const told = 'a refund has one cause: give either --reference or --call\n';
    expect(await refund('0.50')).toMatchObject({ exitCode: 2, err: told });
    expect(await refund('0.50', '--call', 'a', '--reference', 'b')).toMatchObject({ exitCode: 2, err: told });
  });

  test('is no revenue in the reports', async () => {
    await refund('1.50', '--call', dear.uniqueid);
    // The reports look back 30 days.
    const days = Math.floor((Date.now() - dear.startAt) / 86_400_000);
    const later = (column: string) => `${column} = ${column} + INTERVAL ${days} DAY`;
    await db.database.raw(`UPDATE astcdr SET ${['start_at', 'answer_at', 'end_at'].map(later).join(', ')}`);
    const rows = await json(db.url, ['report', 'spend-per-account-and-day']);
    expect(rows.find((row: { accountcode: string }) => row.accountcode === 'alice')).toMatchObject({ cost: '0.50' });
  });

  test('is told by verify where the books say more than the call was charged', async () => {
    await refund('1.50', '--call', dear.uniqueid);
    const connection = db.database;
    await connection('astcdr').where({ uniqueid: dear.uniqueid }).update({ cost: '1.00' });
    const { out, exitCode } = await ringfence(db.url, ['verify', '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out).differences).toContainEqual(
      expect.objectContaining({ rule: 'refund_is_of_its_call', accountcode: 'alice', uniqueid: dear.uniqueid }),
    );
    await connection('astcdr').where({ uniqueid: dear.uniqueid }).update({ cost: '2.00' });
  });
});
