/** Operations that change something at once do so in the transaction that they are given, and leave nothing if that is rolled back. */
import { Readable } from 'node:stream';
import { moveMoney } from '../../src/accounts/move-money';
import { OPERATIONS } from '../../src/admin/operations';
import { ZERO } from '../../src/money/micros';
import { type Operation, perform } from '../../src/operator/operation';
import { addAccount, addDeck, callOf, group, openLedger } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from './operator-fixture';

const PIN_KEY = 'a-secret-of-thirty-two-characters-0';
const service = { pinKeys: [PIN_KEY], webhookAllow: [{ host: '127.0.0.1', port: null }] };

const RATES = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n,Anywhere,1.00,0,60,60\n';

const atOnce = OPERATIONS.filter(({ changes }) => changes === 'at once');
const declaredAs = (wanted: string) => OPERATIONS.find(({ name }) => name === wanted) as Operation;

describe.each(engines)('an operation that changes something at once, %s', engine => {
  let db: TestDatabase;
  const inputs: Record<string, Record<string, unknown>> = {};
  const ledgers: ReturnType<typeof openLedger>[] = [];
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    // All that alice has is held by her call.
    for (const code of ['alice', 'paid', 'idle', 'blocked']) await addAccount(db, code, code === 'idle' ? '0' : '10');
    const run = (name: string, input: Record<string, unknown>) =>
      perform(declaredAs(name), requestBy('test', db.database, service), input);
    await run('account set', { accountcode: 'alice', max_time: 600 });
    await run('account block', { accountcode: 'blocked' });
    const ledger = openLedger(db);
    ledgers.push(ledger);
    await ledger.start(callOf('alice'));
    await ledger.start(callOf('', group('john', '10', 600)));
    const { issued } = (await run('voucher generate', { batch: 'top', count: 1, value: '5', currency: 'EUR' })) as {
      issued: { code: string }[];
    };
    await run('voucher activate', { batch: 'top' });
    await run('caller add', { number: '4930', accountcode: 'alice' });
    for (const trunk of ['carrier', 'spare']) await run('trunk add', { trunk, endpoint: 'PJSIP/{number}@carrier' });
    await run('route add', { prefix: '49', trunk: 'carrier' });
    await run('trunk add', { trunk: 'second', endpoint: 'PJSIP/{number}@second' });
    for (const trunk of ['carrier', 'second']) await run('route add', { prefix: '41', trunk });
    await run('schedule set', { schedule: 'peak', hours: 'Mo-Fr 08:00-20:00' });
    await run('holiday set', { calendar: 'germany', day: '2026-12-25', name: 'Christmas' });
    await run('webhook add', { webhook: 'crm', url: 'http://127.0.0.1:1/' });
    await run('webhook add', { webhook: 'paused', url: 'http://127.0.0.1:1/' });
    await run('webhook pause', { webhook: 'paused' });
    await run('key create', { name: 'crm', roles: ['read'] });
    for (const name of ['anna', 'ben']) await run('operator invite', { name, roles: ['read'] });
    await run('operator block', { name: 'ben' });
    const { operator_id } = await db.database('astoperator').where({ operator: 'anna' }).first('operator_id');
    const [session_number] = await db
      .database('astsession')
      .insert({ token_hash: 'a'.repeat(64), operator_id, address: '127.0.0.1' });
    const { jobId: job } = (await run('job verify', {})) as { jobId: number };
    const alone = { ...requestBy('key:crm', db.database), limits: { isCashier: false, mostAlone: ZERO } };
    const request = { accountcode: 'paid', kind: 'top_up', amount: '1', reference: 'large' } as const;
    const { approval } = await moveMoney(alone, request);
    const file = { name: 'rates.csv', input: Readable.from([RATES]) };
    const loading = { ...requestBy('test', db.database, service), file };
    const { version } = (await perform(declaredAs('deck load'), loading, { deck: 'retail' })) as { version: number };
    await addDeck(db, 'wholesale', [{}]);
    const { version: later } = await db.database('astratedeck').where({ deck: 'wholesale' }).first('version');
    const [earlier] = await db
      .database('astratedeckversion')
      .insert({ deck: 'wholesale', source: 'before', imported_at: '2019-01-01' });
    const sheet = { deck: 'wholesale', names: ['Code'], meanings: ['code'] };
    await perform(declaredAs('sheet keep'), requestBy('test', db.database), sheet);
    const mine = { ...requestBy('test', db.database), limits: alone.limits };
    const { approval: ofMine } = await moveMoney(mine, { ...request, reference: 'mine' });
    Object.assign(inputs, {
      'deck publish': { deck: 'retail', version },
      'deck restore': { deck: 'wholesale', version: Number(earlier), compared_with: Number(later) },
      'deck parent': { deck: 'wholesale', parent: 'retail', markup_amount: '0.002' },
      'sheet keep': { deck: 'retail', names: ['Code', 'Rate'], meanings: ['code', 'price'] },
      'sheet remove': { deck: 'wholesale' },
      'cashier limit': { actor: 'key:till', daily_limit: '500' },
      'approval approve': { approval },
      'approval refuse': { approval },
      'approval withdraw': { approval: ofMine },
      'operator invite': { name: 'carl', roles: ['read'] },
      'operator set': { name: 'anna', roles: ['support'] },
      'operator reset': { name: 'anna' },
      'operator block': { name: 'anna' },
      'operator unblock': { name: 'ben' },
      'session revoke': { session_number },
      'account create': { accountcode: 'new', deck: 'retail', balance: '3' },
      'account set': { accountcode: 'alice', credit_limit: '7' },
      'account topup': { accountcode: 'paid', amount: '1', reference: 'r' },
      'account refund': { accountcode: 'paid', amount: '1', reference: 'r' },
      'account adjust': { accountcode: 'paid', amount: '-1', reference: 'r' },
      'account block': { accountcode: 'alice' },
      'account unblock': { accountcode: 'blocked' },
      'account close': { accountcode: 'idle' },
      'account hangup': { accountcode: 'alice' },
      'account add-time': { accountcode: 'alice', seconds: 60 },
      'pool hangup': { customer: 'john' },
      'pool raise': { customer: 'john', amount: '5' },
      'pool add-time': { customer: 'john', seconds: 60 },
      'voucher redeem': { accountcode: 'alice', code: issued[0]?.code },
      'caller add': { number: '4931', accountcode: 'alice' },
      'caller remove': { number: '4930' },
      'trunk add': { trunk: 'new', endpoint: 'PJSIP/{number}@carrier' },
      'trunk set': { trunk: 'carrier', enabled: 'no' },
      'trunk remove': { trunk: 'spare' },
      'route add': { prefix: '43', trunk: 'carrier' },
      'route set': { prefix: '49', trunk: 'carrier', priority: 3 },
      'route order': { prefix: '41', trunks: ['second', 'carrier'] },
      'route remove': { prefix: '49', trunk: 'carrier' },
      'schedule set': { schedule: 'peak', priority: 3 },
      'schedule remove': { schedule: 'peak' },
      'holiday set': { calendar: 'germany', day: '2026-12-26', name: 'Boxing Day' },
      'holiday remove': { calendar: 'germany', day: '2026-12-25' },
      'holiday fill': { calendar: 'germany', country: 'DE', from_year: 2027 },
      'webhook add': { webhook: 'new', url: 'http://127.0.0.1:1/' },
      'webhook pause': { webhook: 'crm' },
      'webhook resume': { webhook: 'paused' },
      'job verify': {},
      'job reconcile': { from: '2020-01-01T00:00:00Z' },
      'job stop': { job },
      'key create': { name: 'new', roles: ['read'] },
      'key rotate': { name: 'crm' },
      'key revoke': { name: 'crm' },
    });
  });
  afterAll(async () => {
    for (const ledger of ledgers) await ledger.close();
    await db.drop();
  });

  /** Every row of every table. */
  async function everything(): Promise<string> {
    const [tables] = await db.database.raw('SHOW TABLES');
    const names = tables.map((row: Record<string, string>) => Object.values(row)[0]).sort();
    const rows: unknown[] = [];
    for (const name of names) rows.push([name, await db.database(name)]);
    return JSON.stringify(rows);
  }

  test.each(atOnce.map(declared => [declared.name, declared] as const))('%s', async (name, declared) => {
    const input = inputs[name];
    if (!input) throw new Error(`write an input for ${name}`);
    const before = await everything();
    const transaction = await db.database.transaction();
    try {
      await perform(declared, requestBy('test', transaction, service), input);
      expect(await transaction('astaudit').where({ operation: name, actor: 'test' })).not.toEqual([]);
    } finally {
      await transaction.rollback();
    }
    expect(await everything()).toBe(before);
  });
});
