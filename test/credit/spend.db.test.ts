import type { Connection } from 'mysql2/promise';
import { setAccount, setAccountStatus } from '../../src/accounts/manage-account';
import { countBefore, countSpent } from '../../src/accounts/spent-store';
import type { AccountEnd } from '../../src/credit/entry-chain';
import type { Ledger } from '../../src/credit/ledger';
import type { StartRequest } from '../../src/credit/rules/start';
import { verify, verifySince } from '../../src/credit/verify';
import { verifyChanges } from '../../src/credit/verify-changes';
import { inTransaction, openConnection } from '../../src/database/connection';
import { parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { addAccount, addDeck, callOf, differencesIn, endOf, move, openLedger, talked } from './ledger-fixture';

describe.each(engines)('limits of what an account spends, on %s', engine => {
  let db: TestDatabase;
  /** Two processes on one database. */
  let ledgers: Ledger[];
  let connection: Connection;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    ledgers = [openLedger(db), openLedger(db)];
    connection = await openConnection(db.url);
    // A call holds 1.00.
    await addDeck(db, 'retail', [
      { max_seconds: 60 },
      { prefix: '33', initial_increment_seconds: 1, increment_seconds: 1 },
    ]);
  });
  afterAll(async () => {
    for (const ledger of ledgers) await ledger.close();
    connection.destroy();
    await db.drop();
  });

  const ledgerOf = (index: number) => ledgers[index % ledgers.length] as Ledger;
  const row = (accountcode: string) => db.database('astaccount').where({ accountcode }).first();
  const start = (accountcode: string, more: Partial<StartRequest> = {}) => {
    const request = callOf(accountcode, more);
    return ledgerOf(0)
      .start(request)
      .then(outcome => ({ request, outcome }));
  };
  const called = async (accountcode: string, seconds = 60) => {
    const { request, outcome } = await start(accountcode);
    expect(outcome).toHaveProperty('granted');
    await ledgerOf(1).end(endOf(request, talked(seconds)));
    return request;
  };
  const limitEvents = async (accountcode: string) =>
    (await db.database('astoutbox').where({ accountcode, kind: 'spend_limit_reached' }).orderBy('event_id')).map(
      ({ facts }) => (typeof facts === 'string' ? JSON.parse(facts) : facts),
    );
  const set = (accountcode: string, settings: Parameters<typeof setAccount>[2]) =>
    setAccount(actingAs('test', db.database), accountcode, settings);

  test('30 starts at once by two processes get exactly what the limit leaves, and one event tells it', async () => {
    await addAccount(db, 'crowd', '1000.00', { max_spend_month: '10.00' });
    const requests = Array.from({ length: 30 }, () => callOf('crowd'));
    const outcomes = await Promise.all(requests.map((request, index) => ledgerOf(index).start(request)));
    const granted = requests.filter((_, index) => 'granted' in (outcomes[index] as object));
    expect(granted).toHaveLength(10);
    expect(outcomes.filter(outcome => !('granted' in outcome))).toEqual(
      Array(20).fill({ refusal: 'spend_limit_month' }),
    );
    expect(await limitEvents('crowd')).toMatchObject([
      { window: 'month', limit: '10.00', spent: '0.00', reserved: '10.00' },
    ]);
    await Promise.all(granted.map((request, index) => ledgerOf(index).end(endOf(request, talked(60)))));
    expect(await row('crowd')).toMatchObject({ spent_month: '10.000000', spent_month_after: 0, reserved: '0.000000' });
    expect((await start('crowd')).outcome).toEqual({ refusal: 'spend_limit_month' });
    expect(await limitEvents('crowd')).toHaveLength(1);
    expect(await differencesIn(db.url)).toEqual([]);
  });

  test('an account whose time zone does not exist is limited by the windows of UTC', async () => {
    await addAccount(db, 'martian', '100.00', { max_spend_month: '1.00', time_zone: 'Mars/Olympus' });
    await called('martian');
    expect((await start('martian')).outcome).toEqual({ refusal: 'spend_limit_month' });
    expect(await row('martian')).toMatchObject({ spent_month: '1.000000' });
    expect(await limitEvents('martian')).toMatchObject([{ until: expect.stringMatching(/-01T00:00:00.000Z$/) }]);
  });

  test('a correction counts in the window in which it is written, a refund does not', async () => {
    await addAccount(db, 'corrected', '100.00', { max_spend_month: '1.00' });
    const { uniqueid: reference } = await called('corrected');
    expect((await start('corrected')).outcome).toEqual({ refusal: 'spend_limit_month' });
    const movement = { accountcode: 'corrected', amount: parseAmount('1.00'), reason: '', actor: 'test' } as const;
    await move(db, { ...movement, kind: 'refund', reference: 'gift' });
    expect((await start('corrected')).outcome).toEqual({ refusal: 'spend_limit_month' });
    await move(db, { ...movement, kind: 'correction', reference });
    expect(await row('corrected')).toMatchObject({ spent_month: '0.000000' });
    await called('corrected', 30);
    expect(await differencesIn(db.url)).toEqual([]);
  });

  test('a limit that is set later knows what was charged since its window began, and is told again', async () => {
    await addAccount(db, 'late', '100.00');
    await called('late');
    await called('late');
    expect(await row('late')).toMatchObject({ spent_month: '0.000000', spent_at: null });
    await set('late', { max_spend_month: '2.50' });
    // Behind no entry: the account was opened in this month.
    expect(await row('late')).toMatchObject({ spent_month: '2.000000', spent_month_after: 0 });
    expect((await start('late')).outcome).toEqual({ refusal: 'spend_limit_month' });
    const shown = await set('late', { max_spend_month: '3' });
    expect(shown.spent).toMatchObject([{ window: 'month', amount: parseAmount('2') }]);
    await called('late');
    expect((await start('late')).outcome).toEqual({ refusal: 'spend_limit_month' });
    expect((await limitEvents('late')).map(({ limit }) => limit)).toEqual(['2.50', '3.00']);
    await set('late', { time_zone: 'Asia/Kathmandu' });
    expect(await differencesIn(db.url)).toEqual([]);
    await set('late', { max_spend_month: null });
    await called('late');
    expect(await differencesIn(db.url)).toEqual([]);
  });

  test('a limit is counted before the account is locked; under its lock only the entries since then are read', async () => {
    await addAccount(db, 'busy', '100.00');
    for (const _ of [1, 2, 3]) await called('busy');
    const { entry_count } = await row('busy');
    const read: { locked: boolean; from: number }[] = [];
    let locked = false;
    const note = ({ sql, bindings = [] }: { sql: string; bindings?: unknown[] }) => {
      locked ||= sql.includes('FOR UPDATE');
      if (/sum\(`amount`\)/.test(sql)) read.push({ locked, from: Number(bindings[1]) });
    };
    db.database.on('query', note);
    await set('busy', { max_spend_day: '50', max_spend_month: '50' }).finally(() => db.database.off('query', note));
    // Nothing was written in between: under the lock there is nothing to add.
    expect(read).toEqual([
      { locked: false, from: 0 },
      { locked: false, from: 0 },
    ]);
    expect(await row('busy')).toMatchObject({ spent_month: '3.000000', spent_month_after: 0 });
    const before = await countBefore(db.database, 'busy', {});
    await called('busy');
    db.database.on('query', note);
    await inTransaction(db.database, transaction => countSpent(transaction, 'busy', before)).finally(() =>
      db.database.off('query', note),
    );
    expect(read.slice(2)).toEqual([
      { locked: true, from: entry_count },
      { locked: true, from: entry_count },
    ]);
    expect(await row('busy')).toMatchObject({ spent_day: '4.000000', spent_month: '4.000000', spent_month_after: 0 });
    expect(await differencesIn(db.url)).toEqual([]);
  });

  test('what was counted before an account got another time zone, or a window began, counts for nothing', async () => {
    await addAccount(db, 'moved', '100.00', { max_spend_month: '50.00', time_zone: 'Asia/Kathmandu' });
    await called('moved');
    const counted = await countBefore(db.database, 'moved', {});
    const wrong = new Map(
      [...counted].map(([window, each]) => [
        window,
        { ...each, startsAt: each.startsAt - 1, amount: parseAmount('7') },
      ]),
    );
    await inTransaction(db.database, transaction => countSpent(transaction, 'moved', wrong));
    expect(await row('moved')).toMatchObject({ spent_month: '1.000000', spent_month_after: 0 });
    expect(await countBefore(db.database, 'nobody', { max_spend_hour: '1' })).toEqual(new Map());
    expect(await differencesIn(db.url)).toEqual([]);
  });

  test('a window that is over counts no more', async () => {
    await addAccount(db, 'old', '100.00', { max_spend_hour: '1.00', max_spend_day: '1.00', max_spend_month: '1.00' });
    await called('old');
    expect((await start('old')).outcome).toEqual({ refusal: 'spend_limit_month' });
    const before = await row('old');
    await db.database('astaccount').where({ accountcode: 'old' }).update({ spent_at: '2020-01-01 00:00:00' });
    await db.database('astledger').where({ accountcode: 'old' }).update({ created_at: '2020-01-01 00:00:00' });
    await called('old');
    expect(await row('old')).toMatchObject({
      spent_hour: '1.000000',
      spent_month: '1.000000',
      spent_month_after: before.entry_count,
    });
    expect((await start('old')).outcome).toEqual({ refusal: 'spend_limit_month' });
    expect(await limitEvents('old')).toHaveLength(2);
    expect(await differencesIn(db.url)).toEqual([]);
  });

  test('calls of mode shared together get no more than the limit, by slices and extensions', async () => {
    await addAccount(db, 'family', '100.00', { mode: 'shared', slice_seconds: 30, max_spend_month: '1.50' });
    const french = { dst: '33123456' };
    const [one, other] = [await start('family', french), await start('family', french)];
    expect([one.outcome, other.outcome]).toMatchObject([
      { granted: { grantedSeconds: 30 } },
      { granted: { grantedSeconds: 30 } },
    ]);
    const call = { uniqueid: one.request.uniqueid, accountcode: 'family', node: 'ast1' };
    await ledgerOf(0).answered({ ...call, trunk: '', answerAt: one.request.startAt });
    const extended = await ledgerOf(0).extend({ ...call, seconds: 90 });
    expect(extended).toMatchObject({ grant: { grantedSeconds: 60, limitedBy: 'money' } });
    expect(await limitEvents('family')).toMatchObject([{ window: 'month', limit: '1.50', spent: '0.00' }]);
    await ledgerOf(0).end(endOf(one.request, talked(60)));
    await ledgerOf(0).end(endOf(other.request, talked(null)));
    expect(await row('family')).toMatchObject({ spent_month: '1.000000' });
  });

  test('a call whose cost is limited is cut at it, also when it is extended', async () => {
    await addAccount(db, 'cheap', '100.00', { max_call_cost: '0.50' });
    const { request, outcome } = await start('cheap', { dst: '33123456' });
    expect(outcome).toMatchObject({ granted: { grantedSeconds: 30, maxCost: parseAmount('0.50'), limitedBy: 'cap' } });
    const call = { uniqueid: request.uniqueid, accountcode: 'cheap', node: 'ast1' };
    expect(await ledgerOf(0).extend({ ...call, seconds: 60 })).toMatchObject({ grant: { grantedSeconds: 30 } });
    await ledgerOf(0).end(endOf(request, talked(30)));
    expect((await start('cheap')).outcome).toEqual({ refusal: 'call_cost_limit' });
    await addAccount(db, 'modest', '100.00', { max_price_per_minute: '0.99' });
    expect((await start('modest')).outcome).toEqual({ refusal: 'price_limit' });
  });

  test('an account that wants it is blocked by a call over its limit, and its calls are to end; the limit of another kind blocks nobody', async () => {
    await addAccount(db, 'stolen', '100.00', { max_spend_day: '2.00', spend_limit_action: 'block' });
    await addAccount(db, 'patient', '100.00', { max_spend_day: '1.00' });
    const [talking, ringing] = [await start('stolen'), await start('stolen')];
    const outcomes = await Promise.all([start('stolen'), start('stolen')]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining([
        { refusal: 'spend_limit_day' },
        { refusal: expect.stringMatching(/spend_limit_day|account_blocked/) },
      ]),
    );
    expect((await start('stolen')).outcome).toEqual({ refusal: 'account_blocked' });
    const blocked = await row('stolen');
    expect(blocked).toMatchObject({ status: 'blocked', active_calls: 2, touched_at: expect.any(Date) });
    const ends = await db.database('astcdr').where({ accountcode: 'stolen', hangup_wanted: 1 }).pluck('uniqueid');
    expect(ends.sort()).toEqual([talking.request.uniqueid, ringing.request.uniqueid].sort());
    const told = await db
      .database('astoutbox')
      .where({ accountcode: 'stolen', actor: '' })
      .whereIn('kind', ['blocked', 'hangup_wanted'])
      .orderBy('event_id');
    expect(told.map(({ kind }) => kind)).toEqual(['blocked', 'hangup_wanted', 'hangup_wanted']);
    const facts = told[0].facts;
    expect(typeof facts === 'string' ? JSON.parse(facts) : facts).toEqual({
      active_calls: 2,
      refusal: 'spend_limit_day',
    });
    const call = { uniqueid: talking.request.uniqueid, accountcode: 'stolen', node: 'ast1' };
    expect(await ledgerOf(1).extend({ ...call, seconds: 120 })).toMatchObject({ grant: { grantedSeconds: 60 } });
    for (const { request } of [talking, ringing]) await ledgerOf(0).end(endOf(request, talked(30)));

    // It is let go on before its limit is: the next call blocks it again.
    await setAccountStatus(actingAs('test', db.database), 'stolen', 'active');
    expect((await start('stolen')).outcome).toEqual({ refusal: 'spend_limit_day' });
    expect((await row('stolen')).status).toBe('blocked');
    await setAccountStatus(actingAs('test', db.database), 'stolen', 'active');
    await set('stolen', { max_spend_day: '10.00', max_call_cost: '0.50' });
    expect((await start('stolen')).outcome).toEqual({ refusal: 'call_cost_limit' });
    expect((await row('stolen')).status).toBe('active');

    await called('patient');
    expect((await start('patient')).outcome).toEqual({ refusal: 'spend_limit_day' });
    expect((await row('patient')).status).toBe('active');
    expect(await differencesIn(db.url)).toEqual([]);
  });

  test('verify tells a counter that is not what its charges add up to', async () => {
    await addAccount(db, 'wrong', '100.00', { max_spend_day: '50.00' });
    await called('wrong');
    await move(db, {
      accountcode: 'wrong',
      kind: 'top_up',
      amount: parseAmount('7'),
      reference: 'more',
      reason: '',
      actor: 'test',
    });
    const proven: AccountEnd[] = [];
    await verify(connection, { onEnds: ends => void proven.push(...ends) });
    const allProofs = async () => [
      await verify(connection),
      await verifySince(connection, proven),
      await verifyChanges(connection, new Date(Date.now() - 60_000)),
    ];
    const spentIn = async () =>
      (await allProofs()).map(({ differences }) =>
        differences.filter(({ rule }) => rule === 'spent_is_sum_of_charges').map(({ text }) => text),
      );
    expect(await spentIn()).toEqual([[], [], []]);
    await db.database('astaccount').where({ accountcode: 'wrong' }).update({ spent_day: '0.25' });
    expect(await differencesIn(db.url)).toEqual([
      {
        rule: 'spent_is_sum_of_charges',
        accountcode: 'wrong',
        uniqueid: null,
        text: 'spent_day 0.25, its charges and corrections behind entry 0 add up to 1.00',
      },
    ]);
    const told = ['spent_day 0.25, its charges and corrections behind entry 0 add up to 1.00'];
    expect(await spentIn()).toEqual([told, told, told]);
    await inTransaction(db.database, transaction => countSpent(transaction, 'wrong', new Map()));
    expect(await spentIn()).toEqual([[], [], []]);
    // As if the day had begun behind the charge: the sum is right, and what was spent is forgotten.
    await db.database('astaccount').where({ accountcode: 'wrong' }).update({ spent_day: '0', spent_day_after: 3 });
    await db
      .database('astaccount')
      .where({ accountcode: 'wrong' })
      .update({ spent_at: db.database.raw('DATE(UTC_TIMESTAMP()) + INTERVAL 12 HOUR') });
    await db
      .database('astledger')
      .where({ accountcode: 'wrong' })
      .update({ created_at: db.database.raw('DATE(UTC_TIMESTAMP()) + INTERVAL 11 HOUR') });
    const begun = expect.stringMatching(
      /^the day of spent_at began at .*, but a charge or correction of .* is not behind entry 3, from which on it counts$/,
    );
    expect((await spentIn()).slice(0, 2)).toEqual([[begun], [begun]]);
    await inTransaction(db.database, transaction => countSpent(transaction, 'wrong', new Map()));
    // A charge of the day before counts in it.
    await db
      .database('astledger')
      .where({ accountcode: 'wrong', kind: 'call_charge' })
      .update({ created_at: db.database.raw('DATE(UTC_TIMESTAMP()) - INTERVAL 2 HOUR') });
    const early = expect.stringMatching(
      /, but a charge or correction of .* is behind entry 0, from which on it counts$/,
    );
    expect((await spentIn()).slice(0, 2)).toEqual([[early], [early]]);
  });
});
