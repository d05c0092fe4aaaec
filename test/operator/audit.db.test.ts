/** Who changed what: astaudit, and the actor of entries and events, by the command line. */
import { userInfo } from 'node:os';
import { moveMoney } from '../../src/accounts/move-money';
import { actingAs } from '../../src/operator/acting';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const me = `cli:${userInfo().username}`;

describe.each(engines)('the audit trail, %s', engine => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '9.00');
  });
  afterEach(async () => {
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    await db.drop();
  });

  const trail = async () =>
    (await db.database('astaudit').orderBy('audit_id')).map(row => ({
      actor: row.actor,
      operation: row.operation,
      object: row.object,
      before: JSON.parse(row.state_before),
      after: JSON.parse(row.state_after),
    }));

  test('a change of an account says who made it, and each field before and after', async () => {
    await json(db.url, ['account', 'set', 'alice', '--credit-limit', '5', '--max-channels', '2']);
    expect(await trail()).toEqual([
      {
        actor: me,
        operation: 'account set',
        object: 'account alice',
        before: { credit_limit: '0.000000', max_channels: 0 },
        after: { credit_limit: '5.000000', max_channels: 2 },
      },
    ]);
  });

  test('money that is moved names its mover in the entry, in the event and in the trail; moved before, it adds nothing', async () => {
    for (const _ of ['moved', 'moved before']) {
      await json(db.url, ['account', 'topup', 'alice', '1.50', '--reference', 'invoice-1']);
    }
    const [entry] = await db.database('astledger').where({ reference: 'invoice-1' });
    expect(entry).toMatchObject({ actor: me, amount: '1.500000' });
    const events = await db.database('astoutbox').where({ accountcode: 'alice', kind: 'money_moved', actor: me });
    expect(events).toHaveLength(1);
    expect(await trail()).toEqual([
      {
        actor: me,
        operation: 'account topup',
        object: 'account alice',
        before: { balance: '9.00' },
        after: { balance: '10.50', amount: '1.50', reference: 'invoice-1', reason: '' },
      },
    ]);
  });

  test('a request has one row for one object, as where it is run again after a lost COMMIT', async () => {
    const request = actingAs('test', db.database);
    const movement = { accountcode: 'alice', kind: 'top_up', amount: '1', reference: 'again' } as const;
    await moveMoney(request, movement);
    await db.database('astaudit').where({ request_id: request.requestId }).update({ actor: 'was there' });
    await moveMoney(request, { ...movement, reference: 'other' });
    expect((await trail()).map(({ actor }) => actor)).toEqual(['was there']);
  });

  test('what is refused leaves no row', async () => {
    expect((await ringfence(db.url, ['account', 'adjust', 'alice', '-99', '--reference', 'x'])).exitCode).toBe(3);
    expect((await ringfence(db.url, ['account', 'set', 'nobody', '--credit-limit', '5'])).exitCode).toBe(3);
    expect((await ringfence(db.url, ['trunk', 'set', 'none', '--next-on-busy', 'yes'])).exitCode).toBe(3);
    expect((await ringfence(db.url, ['caller', 'remove', '4930'])).exitCode).toBe(3);
    expect(await trail()).toEqual([]);
  });

  test('carriers, routes, callers and webhooks have their rows, and no secret is in one', async () => {
    const did = async (...words: string[]) => json(db.url, words);
    await did('trunk', 'add', 'carrier', '--endpoint', 'PJSIP/{number}@carrier');
    await did('trunk', 'set', 'carrier', '--next-on-busy', 'yes');
    await did('route', 'add', '--prefix', '49', '--trunk', 'carrier');
    await did('caller', 'add', '+4930', 'alice');
    await did('caller', 'remove', '+4930');
    const { secret } = await did('webhook', 'add', 'crm', '--url', 'https://crm.example/ringfence');
    await did('webhook', 'pause', 'crm');
    await did('webhook', 'pause', 'crm');
    await did('webhook', 'remove', 'crm');
    await did('account', 'block', 'alice');
    await did('account', 'unblock', 'alice');
    expect((await trail()).map(({ operation, object }) => [operation, object])).toEqual([
      ['trunk add', 'trunk carrier'],
      ['trunk set', 'trunk carrier'],
      ['route add', 'route 49 to carrier'],
      ['caller add', 'caller 4930'],
      ['caller remove', 'caller 4930'],
      ['webhook add', 'webhook crm'],
      ['webhook pause', 'webhook crm'],
      ['webhook remove', 'webhook crm'],
      ['account block', 'account alice'],
      ['account unblock', 'account alice'],
    ]);
    expect(secret.length).toBeGreaterThan(15);
    expect(JSON.stringify(await db.database('astaudit'))).not.toContain(secret);
  });

  test('the calls that a hangup ends are counted, however many there are', async () => {
    const calls = Array.from({ length: 1_000 }, (_, index) => `ast1-${'x'.repeat(120)}.${index}`);
    await db.database('astaccount').where({ accountcode: 'alice' }).update({ active_calls: calls.length });
    const start_at = '2026-06-01 12:00:00';
    await db
      .database('astcdr')
      .insert(calls.map(uniqueid => ({ uniqueid, accountcode: 'alice', node: 'ast1', start_at, cap_seconds: 60 })));
    const expires_at = '2026-06-01 13:00:00';
    await db.database('astcreditres').insert(
      calls.map(uniqueid => ({
        uniqueid,
        accountcode: 'alice',
        node: 'ast1',
        max_cost: 0,
        granted_seconds: 0,
        expires_at,
      })),
    );
    expect(await ringfence(db.url, ['account', 'hangup', 'alice', '--no-wait'])).toMatchObject({ exitCode: 0 });
    expect(await trail()).toMatchObject([
      { operation: 'account hangup', before: { calls: 1_000 }, after: { calls: 0 } },
    ]);
    await db.database('astcreditres').delete();
    await db.database('astcdr').delete();
    await db.database('astaccount').where({ accountcode: 'alice' }).update({ active_calls: 0 });
  });

  test('an account that is opened again says that it was closed, and an account blocked by hand that its card had been', async () => {
    await json(db.url, ['account', 'adjust', 'alice', '-9', '--reference', 'out']);
    await json(db.url, ['account', 'close', 'alice']);
    expect(await db.database('astoutbox').where({ accountcode: 'alice', kind: 'blocked' })).toHaveLength(1);
    await json(db.url, ['account', 'unblock', 'alice']);
    await db.database('astaccount').where({ accountcode: 'alice' }).update({ status: 'blocked', is_card_blocked: 1 });
    await json(db.url, ['account', 'block', 'alice']);
    const [opened, blocked] = (await trail()).slice(-2);
    expect(opened?.before).toMatchObject({ status: 'blocked', closed_at: expect.stringMatching(/^20/) });
    expect(opened?.after).toMatchObject({ status: 'active', closed_at: null });
    expect(blocked).toMatchObject({ before: { is_card_blocked: 1 }, after: { is_card_blocked: 0 } });
  });
});
