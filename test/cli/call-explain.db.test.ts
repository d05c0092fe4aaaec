/** Why a call cost what it did: computed anew from its record, whatever became of its deck since. */
import { parseAmount } from '../../src/money/micros';
import { addAccount, addDeck, callOf, endOf, move, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

/** A call that was answered after two seconds. */
const talkedFrom = (startAt: number, seconds: number | null) =>
  talked(seconds, {
    answerAt: seconds === null ? null : startAt + 2_000,
    endAt: startAt + 2_000 + (seconds ?? 0) * 1_000,
  });

describe.each(engines)('call explain, %s', engine => {
  let db: TestDatabase;
  // Now, because what a call held is told by the events near it.
  const startAt = Date.now() - 90_000;
  const over = callOf('alice', { startAt });
  const corrected = callOf('alice');
  const silent = callOf('alice');
  const open = callOf('bob');

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{ destination: 'Germany', prefix: '49' }]);
    await addAccount(db, 'alice', '10.00', { max_call_seconds: 240 });
    await addAccount(db, 'bob', '10.00', { max_call_seconds: 240 });
    const ledger = openLedger(db);
    for (const [call, seconds] of [
      [over, 61],
      [corrected, 61],
      [silent, null],
    ] as const) {
      await ledger.start(call);
      await ledger.end(endOf(call, talkedFrom(call.startAt, seconds)));
    }
    await ledger.start(open);
    await ledger.close();
    const { uniqueid } = corrected;
    const correction = {
      accountcode: 'alice',
      kind: 'correction',
      amount: parseAmount('1'),
      reference: uniqueid,
    } as const;
    await move(db, { ...correction, reason: 'reconciliation', actor: 'test' });
  });
  afterAll(() => db.drop());

  const explained = (call: { uniqueid: string }) => json(db.url, ['call', 'explain', call.uniqueid]);

  // By hand: 61 s by 60/60 are 120 s; 1.00 × 120 / 60 = 2.00. Ring-fenced were 240 s, 4.00. 10.00 − 2.00 = 8.00.
  test('tells the price, what was held and given back, and the balance before and after', async () => {
    const told = await explained(over);
    expect(told).toMatchObject({
      verdict: 'same',
      computed_cost: '2.00',
      cost: '2.00',
      charged: '2.00',
      max_cost: '4.00',
      returned: '2.00',
      rate_deck: 'retail',
      evidence: 'event',
    });
    expect(told.holds).toMatchObject([{ kind: 'authorised', max_cost: '4.00', granted_seconds: 240 }]);
    expect(told.movements).toMatchObject([
      { kind: 'call_charge', balance_before: '10.00', amount: '-2.00', balance_after: '8.00' },
    ]);
    expect(told.steps.map(({ kind }: { kind: string }) => kind)).toContain('billed');
    const { out } = await ringfence(db.url, ['call', 'explain', over.uniqueid]);
    expect(out).toMatch(/^verdict +same$/m);
    expect(out).toMatch(/^billed +120 s$/m);
    expect(out).toMatch(/call_charge +10\.00 +-2\.00 +8\.00$/m);
  });

  test('tells of a call that was corrected, is in progress, or was never answered', async () => {
    const wrong = await explained(corrected);
    expect(wrong).toMatchObject({ verdict: 'corrected', charged: '2.00', corrected: '1.00', revenue: '1.00' });
    expect(wrong.movements).toMatchObject([
      { kind: 'call_charge', balance_before: '8.00', balance_after: '6.00' },
      { kind: 'correction', balance_before: '6.00', balance_after: '7.00' },
    ]);
    expect(await explained(open)).toMatchObject({ verdict: 'in_progress', computed_cost: null, returned: null });
    const free = await explained(silent);
    expect(free).toMatchObject({
      verdict: 'same',
      computed_cost: '0.00',
      charged: '0.00',
      returned: '4.00',
      steps: [],
    });
    expect(free.movements).toEqual([]);
    const { exitCode, err } = await ringfence(db.url, ['call', 'explain', 'nix']);
    expect({ exitCode, err }).toEqual({ exitCode: 3, err: 'uniqueid "nix" is of no call: see "call list"\n' });
  });

  test('says the same when the deck costs nine times as much and its events are gone', async () => {
    const { holds: _, ...before } = await explained(over);
    await db.database('astrate').update({ price_per_minute: '9.00' });
    await db.database('astoutbox').delete();
    const { holds, ...after } = await explained(over);
    expect(holds).toEqual([]);
    expect(after).toEqual(before);
    await db.database('astrate').update({ price_per_minute: '1.00' });
  });

  test('says so where the record was changed by hand, or the ledger took another amount', async () => {
    const row = () => db.database('astcdr').where({ uniqueid: over.uniqueid });
    await row().update({ cost: '1.99' });
    expect(await explained(over)).toMatchObject({ verdict: 'differs', computed_cost: '2.00', cost: '1.99' });
    await row().update({ cost: '2.00', rate_price_per_minute: '0.50' });
    expect(await explained(over)).toMatchObject({ verdict: 'differs', computed_cost: '1.00', charged: '2.00' });
    await row().update({ rate_price_per_minute: '1.00' });
    const entry = db.database('astledger').where({ reference: over.uniqueid });
    await entry.clone().update({ amount: '-1.50' });
    expect(await explained(over)).toMatchObject({ verdict: 'differs', computed_cost: '2.00', charged: '1.50' });
    await entry.update({ amount: '-2.00' });
    expect(await explained(over)).toMatchObject({ verdict: 'same' });
  });
});
