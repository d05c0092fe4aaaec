/** What a key may not do, or not alone, over HTTP; and from where it did what it did. */
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { actingAs } from '../../src/operator/acting';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const ROLES = { till: ['cashier'], crm: ['admin'], boss: ['admin'] } as const;
type Key = keyof typeof ROLES;

describe.each(engines)('limits over HTTP, %s', engine => {
  let db: TestDatabase;
  let port: number;
  let service: Service;
  const secrets = {} as Record<Key, string>;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    for (const code of ['alice', 'bob']) await addAccount(db, code, '1');
    for (const [name, roles] of Object.entries(ROLES)) {
      secrets[name as Key] = (await createApiKey(actingAs('test', db.database), { apiKey: name, roles })).secret;
    }
    port = await findFreePort();
    const settings = readSettings({
      RINGFENCE_DATABASE_URL: db.url,
      RINGFENCE_HTTP_LISTEN: `${port}`,
      RINGFENCE_SECOND_PERSON_ABOVE: '100',
    });
    service = await startService(settings, pino({ level: 'silent' }));
  });
  afterAll(async () => {
    await service?.stop();
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    await db.drop();
  });

  let keys = 0;
  async function change(by: Key, path: string, body: object = {}) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secrets[by]}`,
        'content-type': 'application/json',
        'idempotency-key': `key-${++keys}`,
      },
      body: JSON.stringify(body),
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
    const told = (await answer.json()) as any;
    return { status: answer.status, problem: told.type?.replace('urn:ringfence:problem:', ''), body: told };
  }
  const topUp = (by: Key, amount: string, reference: string, accountcode = 'alice') =>
    change(by, `/accounts/${accountcode}/topup`, { amount, reference });

  test('20 top-ups of a cashier at once stay within its limit of the day; an admin sets it', async () => {
    expect(await topUp('till', '1', 'no limit')).toMatchObject({ status: 409, problem: 'daily_limit_exceeded' });
    expect(await change('till', '/cashiers/key:till/limit', { daily_limit: '999' })).toMatchObject({ status: 403 });
    expect(await change('crm', '/cashiers/key:till/limit', { daily_limit: '95' })).toMatchObject({ status: 200 });
    const all = Array.from({ length: 20 }, (_, number) =>
      topUp('till', '10', `${number}`, number % 2 ? 'alice' : 'bob'),
    );
    const answers = await Promise.all(all);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), ...Array(11).fill(409)]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused).toMatchObject({
      problem: 'daily_limit_exceeded',
      body: { detail: expect.stringContaining('of 95.00 EUR a day') },
    });
    const [row] = await db.database('astledger').where({ actor: 'key:till' }).sum({ sum: 'amount' });
    expect(row).toEqual({ sum: '90.000000' });
  });

  test('more than the setting waits for another admin, of whom one has it done', async () => {
    const asked = await topUp('crm', '500', 'big', 'bob');
    expect(asked).toMatchObject({ status: 202, body: { moved: false, approval: expect.any(Number) } });
    const approve = `/approvals/${asked.body.approval}/approve`;
    expect(await change('till', approve)).toMatchObject({ status: 403, problem: 'not_allowed' });
    expect(await change('crm', approve)).toMatchObject({ status: 409, problem: 'second_person_needed' });
    const answers = await Promise.all([change('boss', approve), change('boss', approve)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject({ problem: 'approval_decided' });
    expect(await db.database('astledger').where({ reference: 'big' })).toMatchObject([{ amount: '500.000000' }]);
  });

  test('who asked takes it back, whatever its role, and no other one', async () => {
    const asked = await topUp('till', '600', 'mistyped');
    const path = `/approvals/${asked.body.approval}/withdraw`;
    expect(await change('boss', path)).toMatchObject({ status: 409, problem: 'approval_of_another' });
    expect(await change('till', path)).toMatchObject({ status: 200, body: { state: 'withdrawn' } });
    expect(await change('boss', `/approvals/${asked.body.approval}/approve`)).toMatchObject({
      status: 409,
      problem: 'approval_decided',
    });
  });

  test('each change says from which address it came', async () => {
    await topUp('crm', '1', 'address');
    const rows = await db
      .database('astaudit')
      .where({ actor: 'key:crm', operation: 'account topup', object: 'account alice' });
    expect(rows).toMatchObject([{ address: '127.0.0.1' }]);
  });
});
