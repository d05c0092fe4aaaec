/** What is known of a call besides its record, and calls found by what they cost and how they ended. */
import { addAccount, addDeck, callOf, endOf, move, openLedger } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

describe.each(engines)('the evidence of a call, %s', engine => {
  let db: TestDatabase;
  // Now, as events have the time of the database.
  const startAt = Date.now() - 120_000;
  const over = callOf('alice', { startAt });
  const busy = callOf('alice', { startAt: startAt + 1_000 });
  const LEG = `rf-${over.uniqueid}-1`;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '9.00', { max_call_seconds: 180 });
    const ledger = openLedger(db);
    await ledger.start(over);
    await ledger.start(busy);
    const end = { answerAt: startAt + 2_000, endAt: startAt + 63_500, evidence: 'event' } as const;
    await ledger.end(
      endOf(over, { ...end, disposition: 'ANSWERED', hangupCause: 16, hangupSource: 'callee' }, 'carrier'),
    );
    await ledger.end(
      endOf(busy, { ...end, answerAt: null, disposition: 'BUSY', hangupCause: 17, hangupSource: 'callee' }),
    );
    await ledger.close();
    await move(db, {
      accountcode: 'alice',
      kind: 'refund',
      amount: 500_000n as never,
      reference: over.uniqueid,
      reason: 'crackled',
      actor: 'cli:test',
    });
    const row = (at: number, eventtype: string, uniqueid: string, channame: string, extra = '') => ({
      eventtype,
      eventtime: new Date(startAt + at),
      uniqueid,
      linkedid: over.uniqueid,
      channame,
      extra,
    });
    const hangup = JSON.stringify({ hangupcause: 16, hangupsource: 'PJSIP/carrier-01' });
    await db
      .database('astcel')
      .insert([
        row(100, 'BRIDGE_ENTER', over.uniqueid, 'PJSIP/alice-00'),
        row(2_000, 'ANSWER', LEG, 'PJSIP/carrier-01'),
        row(2_000, 'ANSWER', over.uniqueid, 'PJSIP/alice-00'),
        row(63_500, 'HANGUP', LEG, 'PJSIP/carrier-01', hangup),
        row(63_510, 'HANGUP', over.uniqueid, 'PJSIP/alice-00', hangup),
      ]);
  });
  afterAll(() => db.drop());

  test('its events, its entries with the balance after each, its legs and the record of the switch', async () => {
    const found = await json(db.url, ['call', 'evidence', over.uniqueid]);
    expect(found.events.map(({ kind }: { kind: string }) => kind)).toEqual(['authorised', 'settled']);
    expect(found.events[0].facts).toMatchObject({ max_cost: '3.00', granted_seconds: 180 });
    expect(found.entries).toMatchObject([
      { kind: 'call_charge', amount: '-2.00', balance_after: '7.00', currency: 'EUR' },
      { kind: 'refund', amount: '0.50', balance_after: '7.50', reason: 'crackled' },
    ]);
    expect(found.legs).toMatchObject([
      { leg: over.uniqueid, is_caller: true, hangup_cause: 16 },
      { leg: LEG, is_caller: false, channel: 'PJSIP/carrier-01', answered_at: new Date(startAt + 2_000).toISOString() },
    ]);
    expect(found.switch_record).toEqual({
      source: 'cel',
      answer_at: new Date(startAt + 2_000).toISOString(),
      end_at: new Date(startAt + 63_500).toISOString(),
      billsec: 61,
      hangup_cause: 16,
      hangup_source: 'callee',
      is_unclear: false,
    });
    const { out } = await ringfence(db.url, ['call', 'evidence', over.uniqueid]);
    expect(out).toMatch(/^hangup source +callee$/m);
    expect(out).toMatch(/PJSIP\/carrier-01/);
    expect(out).toMatch(/call_charge .* -2\.00 +7\.00/);
  });

  test('a call that the switch wrote nothing about has no record of it', async () => {
    const found = await json(db.url, ['call', 'evidence', busy.uniqueid]);
    expect(found).toMatchObject({ entries: [], legs: [], switch_record: null });
    expect(found.events.map(({ kind }: { kind: string }) => kind)).toEqual(['authorised', 'settled']);
    const { out } = await ringfence(db.url, ['call', 'evidence', busy.uniqueid]);
    expect(out).toMatch(/^the database has no record of the switch of this call$/m);
    const { exitCode, err } = await ringfence(db.url, ['call', 'evidence', 'nix']);
    expect({ exitCode, err }).toEqual({ exitCode: 3, err: 'uniqueid "nix" is of no call: see "call list"\n' });
  });

  test.each([
    [['--cause', '17'], 'busy'],
    [['--cause', '16'], 'over'],
    [['--cost-from', '2.00'], 'over'],
    [['--cost-from', '2.000001'], ''],
    [['--cost-to', '1.999999'], 'busy'],
    [['--cost-from', '0', '--cost-to', '2'], 'busy over'],
    [['--ended'], 'busy over'],
    [['--open'], ''],
  ])('call list %j finds %s', async (words, names) => {
    const { items } = await json(db.url, ['call', 'list', ...words]);
    const named = items.map(({ uniqueid }: { uniqueid: string }) => (uniqueid === over.uniqueid ? 'over' : 'busy'));
    expect(named.join(' ')).toBe(names);
  });
});
