/** Who changed what: astaudit, and the actor of entries and events, by the command line. */
import { userInfo } from 'node:os';
import { hangUpCall } from '../../src/accounts/call-hangup';
import { moveMoney } from '../../src/accounts/move-money';
import { parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { pruneAll } from '../../src/webhooks/pruner';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, endOf, move, NOON, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from './operator-fixture';

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

  test('what is set to the value that it has leaves no row, and says so; of several fields only what changed has one', async () => {
    const set = (...words: string[]) => ringfence(db.url, ['account', 'set', 'alice', ...words]);
    const soon = ['--expires-at', '2031-01-01T00:00:00Z', '--low-balance', '1'];
    expect((await set('--credit-limit', '5', ...soon)).out).not.toContain('nothing changed');
    const same = await set('--credit-limit', '5.00', ...soon);
    expect(same).toMatchObject({ exitCode: 0, out: expect.stringMatching(/\nnothing changed: .*\n$/) });
    const set2 = await json(db.url, ['account', 'set', 'alice', '--credit-limit', '5', '--max-channels', '3']);
    expect(set2).toMatchObject({ credit_limit: '5.00', max_channels: 3, changed: ['max_channels'] });
    await json(db.url, ['trunk', 'add', 'carrier', '--endpoint', 'PJSIP/{number}@carrier']);
    await json(db.url, ['route', 'add', '--prefix', '49', '--trunk', 'carrier']);
    for (const _ of ['set', 'set again']) {
      await json(db.url, ['trunk', 'set', 'carrier', '--next-on-busy', 'yes', '--callee-codes', 'default']);
      await json(db.url, ['route', 'set', '--prefix', '49', '--trunk', 'carrier', '--priority', '3']);
    }
    const sets = (await trail()).filter(({ operation }) => operation.endsWith(' set'));
    expect(sets.map(({ operation, before, after }) => [operation, before, after])).toEqual([
      [
        'account set',
        { credit_limit: '0.000000', expires_at: null, low_balance: null },
        { credit_limit: '5.000000', expires_at: '2031-01-01T00:00:00.000Z', low_balance: '1.000000' },
      ],
      ['account set', { max_channels: 0 }, { max_channels: 3 }],
      ['trunk set', { next_on_busy: 0 }, { next_on_busy: 1 }],
      ['route set', { priority: 10 }, { priority: 3 }],
    ]);
  });

  test('events that are deleted and deliveries that are tried again are counted, what is broken off too; none leave no row', async () => {
    await json(db.url, ['webhook', 'add', 'crm', '--url', 'https://crm.example/ringfence']);
    const [{ webhook_id }] = await db.database('astwebhook');
    const old = {
      kind: 'answered',
      accountcode: 'alice',
      facts: '{}',
      dispatched: 1,
      created_at: '2020-01-01 00:00:00',
    };
    const [event_id] = await db.database('astoutbox').insert(old);
    const dead = { webhook_id, event_id, state: 'dead', attempts: 9, last_error: '', next_at: '2020-01-01 00:00:00' };
    await db.database('astdelivery').insert({ ...dead, ended_at: '2020-01-02 00:00:00' });
    const did = async (...words: string[]) => (await ringfence(db.url, words)).exitCode;
    for (const _ of ['one', 'none']) expect(await did('webhook', 'retry', 'crm', '--all')).toBe(0);
    await db.database('astdelivery').update({ state: 'delivered', ended_at: '2020-01-02 00:00:00' });
    // Deliveries go first, and then the events cannot be read.
    await db.database.raw('RENAME TABLE astoutbox TO astoutbox_away');
    expect(await did('event', 'prune', '--days', '30')).toBe(1);
    await db.database.raw('RENAME TABLE astoutbox_away TO astoutbox');
    for (const _ of ['the event', 'none']) expect(await did('event', 'prune', '--days', '30')).toBe(0);
    expect((await trail()).slice(1)).toEqual([
      { actor: me, operation: 'webhook retry', object: 'webhook crm', before: null, after: { retried: 1 } },
      ...[
        { events: 0, deliveries: 1 },
        { events: 1, deliveries: 0 },
      ].map(before => ({
        actor: me,
        operation: 'event prune',
        object: 'events older than 30 days',
        before,
        after: null,
      })),
    ]);
  });

  test('a prune that is stopped tells what it deleted, in its error and in its row', async () => {
    const old = {
      kind: 'answered',
      accountcode: 'alice',
      facts: '{}',
      dispatched: 1,
      created_at: '2020-01-01 00:00:00',
    };
    // Those of the account that was opened are younger.
    await db.database('astoutbox').delete();
    await db.database.batchInsert('astoutbox', Array(700).fill(old), 700);
    const request = { ...actingAs('test', db.database), signal: AbortSignal.abort() };
    await expect(pruneAll(request, 30)).rejects.toThrow('interrupted: 500 events and 0 deliveries are deleted');
    const [row] = await db.database('astaudit').where({ request_id: request.requestId });
    expect(JSON.parse(row.state_before)).toEqual({ events: 500, deliveries: 0 });
    expect(await pruneAll(actingAs('test', db.database), 30)).toEqual({ events: 200, deliveries: 0 });
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

  test('a call that is hung up has its row before its switch is asked, also where the switch confirms nothing', async () => {
    const ledger = openLedger(db);
    const [open, over] = [callOf('alice'), callOf('alice')];
    await ledger.start(over);
    await ledger.end(endOf(over, talked(61)));
    await ledger.start(open);
    const asked: string[] = [];
    const hangUp = (uniqueid: string, answer: () => boolean) => {
      const hangUpOn = (node: string) => async (id: string) => {
        asked.push(`${node} ${id} ${(await trail()).length}`);
        return answer();
      };
      return hangUpCall(requestBy('test', db.database, { hangUpOn }), uniqueid);
    };
    expect(await hangUp(open.uniqueid, () => true)).toMatchObject({ hungUp: true, endAt: null });
    const lost = () => {
      throw new Error('not confirmed');
    };
    await expect(hangUp(open.uniqueid, lost)).rejects.toThrow('not confirmed');
    expect(await hangUp(over.uniqueid, lost)).toMatchObject({ hungUp: false, endAt: expect.any(Date) });
    // No setting says how to reach its switch: nothing was asked of it.
    await expect(hangUpCall(requestBy('test', db.database), open.uniqueid)).rejects.toThrow('no switch');
    expect(asked).toEqual([`ast1 ${open.uniqueid} 1`, `ast1 ${open.uniqueid} 2`]);
    const row = {
      actor: 'test',
      operation: 'call hangup',
      object: `call ${open.uniqueid}`,
      before: { accountcode: 'alice', node: 'ast1', hangup_asked: false },
      after: { accountcode: 'alice', node: 'ast1', hangup_asked: true },
    };
    expect(await trail()).toEqual([row, row]);
    await ledger.end(endOf(open, talked(null)));
    await ledger.close();
  });

  test('each call that reconcile corrects has its row, with the balance before and after; one that is refused, or was corrected, has none', async () => {
    const ledger = openLedger(db);
    const calls = [callOf('alice'), callOf('alice'), callOf('alice')];
    for (const call of calls) {
      await ledger.start(call);
      await ledger.end(endOf(call, talked(61)));
    }
    await ledger.close();
    const [first, second, dear] = calls.map(({ uniqueid }) => uniqueid) as [string, string, string];
    const answer = NOON + 2_000;
    const recorded = (uniqueid: string, billsec: number) => ({
      uniqueid,
      linkedid: uniqueid,
      accountcode: 'alice',
      start: new Date(NOON),
      answer: new Date(answer),
      end: new Date(answer + billsec * 1_000),
      billsec,
      disposition: 'ANSWERED',
    });
    await db.database('astswitchcdr').insert([recorded(first, 30), recorded(second, 30), recorded(dear, 500)]);
    const taken = { accountcode: 'alice', kind: 'adjustment', reference: 'x', reason: '', actor: 'test' } as const;
    await move(db, { ...taken, amount: parseAmount('-2.50') });
    const words = ['reconcile', '--from', '2026-06-01T00:00Z', '--to', '2026-06-02T00:00Z', '--apply'];
    // Twice: what was corrected is not corrected again.
    for (const left of ['2 corrected, 1 left', '0 corrected, 1 left']) {
      const ran = await ringfence(db.url, words);
      expect(ran).toMatchObject({ exitCode: 1, out: expect.stringContaining(left) });
    }
    const rows = await trail();
    expect(rows.map(({ object }) => object).sort()).toEqual([`call ${first}`, `call ${second}`].sort());
    const reason = "reconciliation: 61 s in the CDR, 30 s in Asterisk's records";
    const after = { accountcode: 'alice', amount: '1.00', reason };
    expect(rows).toMatchObject([
      { actor: me, operation: 'reconcile', before: { balance: '0.50' }, after: { ...after, balance: '1.50' } },
      { actor: me, operation: 'reconcile', before: { balance: '1.50' }, after: { ...after, balance: '2.50' } },
    ]);
    const entries = await db.database('astledger').where({ kind: 'correction' }).select('actor');
    expect(entries).toEqual([{ actor: me }, { actor: me }]);
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
