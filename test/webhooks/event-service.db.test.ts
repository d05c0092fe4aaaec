import type { LookupAddress } from 'node:dns';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import pino from 'pino';
import { projectRoot } from '../../src/config/project-root';
import { openDatabase } from '../../src/database/connection';
import { actingAs } from '../../src/operator/acting';
import { startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { retryDeliveries } from '../../src/webhooks/dead-delivery-store';
import { Deliverer, type DelivererOptions } from '../../src/webhooks/deliverer';
import { countDownTime, giveUpOld } from '../../src/webhooks/delivery-store';
import { dispatchEvents } from '../../src/webhooks/dispatch-store';
import { startEventService } from '../../src/webhooks/event-service';
import { signatureOf } from '../../src/webhooks/message';
import { Pruner } from '../../src/webhooks/pruner';
import { parseAllowedTarget } from '../../src/webhooks/target';
import { addWebhook, type NewWebhook, removeWebhook, setWebhookStatus } from '../../src/webhooks/webhook-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { LATE_MS } from '../eventually';
import { readableLog, until } from '../switches/asterisk/log-lines';
import { deliveries, dueNow, openReceiver, passTime, type TestReceiver, tell } from './receiver-fixture';

const ALLOWED = [parseAllowedTarget('127.0.0.1'), parseAllowedTarget('localhost')];
const SECRET = 'a-secret-of-32-characters-or-so!';

/** The receiver that docs/events.md shows. */
function verifierOfDocs(): (headers: object, body: Buffer, secret: string) => boolean {
  const page = readFileSync(join(projectRoot, 'docs', 'events.md'), 'utf8');
  const [, code] = /```js\n([\s\S]*?)```/.exec(page) as unknown as [string, string];
  return new Function('require', `${code}; return isFromRingfence;`)(require);
}

describe.each(engines)('events on their way to webhooks, %s', engine => {
  let db: TestDatabase;
  let receiver: TestReceiver;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    receiver = await openReceiver();
  });
  afterEach(async () => {
    await receiver.close();
    for (const table of ['astdelivery', 'astoutbox', 'astwebhook']) await db.database(table).delete();
  });

  const add = (more: Partial<NewWebhook> = {}) =>
    addWebhook(actingAs('test', db.database), { webhook: 'crm', url: receiver.url, secret: SECRET, ...more }, ALLOWED);
  const dispatch = () => dispatchEvents(db.database);
  const delivererOf = (options: Partial<DelivererOptions> = {}) =>
    new Deliverer({ database: db.database, allowed: ALLOWED, log: pino({ level: 'silent' }), ...options });
  /** Tries everything that is due once, like the service's next look; also what another claim had locked meanwhile. */
  const deliver = async (options: Partial<DelivererOptions> = {}) => {
    const deliverer = delivererOf(options);
    const due = () =>
      db
        .database('astdelivery as d')
        .join('astwebhook as w', 'w.webhook_id', 'd.webhook_id')
        .where({ state: 'waiting', status: 'active' })
        .whereRaw('next_at <= UTC_TIMESTAMP(3)');
    do {
      await deliverer.begin();
      await deliverer.idle();
    } while ((await due()).length > 0);
  };
  const states = async () => (await deliveries(db)).map(({ state }) => state);

  test('an event is posted once, signed so that its receiver can verify it', async () => {
    await add();
    const [id] = await tell(db, 1);
    expect(await dispatch()).toEqual({ events: 1, deliveries: 1 });
    await deliver();
    await deliver();
    expect(receiver.posted).toHaveLength(1);
    const [{ path, headers, body, event }] = receiver.posted as [TestReceiver['posted'][0]];
    expect(path).toBe('/hook');
    expect(event).toMatchObject({ event_id: id, kind: 'settled', accountcode: 'alice', uniqueid: 'ast1-1.1' });
    expect(event.facts).toEqual({ cost: '0.50', billsec: 30 });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'ringfence-event-id': id });
    const timestamp = Number(headers['ringfence-timestamp']);
    expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(10);
    expect(headers['ringfence-signature']).toBe(signatureOf(SECRET, timestamp, body));
    const verify = verifierOfDocs();
    expect(verify(headers, Buffer.from(body), SECRET)).toBe(true);
    expect(verify(headers, Buffer.from(`${body} `), SECRET)).toBe(false);
    expect(verify(headers, Buffer.from(body), 'another')).toBe(false);
    expect(verify({ ...headers, 'ringfence-timestamp': String(timestamp + 1) }, Buffer.from(body), SECRET)).toBe(false);
    expect(verify({}, Buffer.from(body), SECRET)).toBe(false);
    expect(await deliveries(db)).toEqual([
      { event_id: id, state: 'delivered', attempts: 1, last_status: 200, last_error: '' },
    ]);
  });

  test('each webhook is told what it wants: all, some kinds, one account', async () => {
    await add({ webhook: 'all' });
    await add({ webhook: 'low', url: `${receiver.url}/low`, kinds: ['low_balance', 'low_balance_over'] });
    await add({ webhook: 'bob', url: `${receiver.url}/bob`, accountcode: 'bob' });
    await tell(db, 1);
    await tell(db, 1, { kind: 'low_balance' });
    await tell(db, 1, { accountcode: 'bob' });
    expect(await dispatch()).toEqual({ events: 3, deliveries: 5 });
    await deliver();
    const told = (path: string) => receiver.posted.filter(posted => posted.path === path).length;
    expect([told('/hook'), told('/hook/low'), told('/hook/bob')]).toEqual([3, 1, 1]);
  });

  test('two dispatchers and two deliverers at once hand out and post each of 1,200 events once', async () => {
    await add();
    const ids = await tell(db, 1_200);
    const other = openDatabase(db.url);
    const drain = async (database: Knex) => {
      while ((await dispatchEvents(database)).events > 0);
    };
    await Promise.all([drain(db.database), drain(other)]);
    expect(await states()).toHaveLength(1_200);
    expect(await db.database('astoutbox').where({ dispatched: false })).toEqual([]);
    await Promise.all([deliver(), deliver({ database: other })]);
    await other.destroy();
    const posted = receiver.posted.map(({ event }) => event.event_id);
    expect(posted).toHaveLength(1_200);
    expect(new Set(posted)).toEqual(new Set(ids));
    expect(new Set(await states())).toEqual(new Set(['delivered']));
  });

  test('an event whose transaction commits after a later one was handed out is handed out too', async () => {
    await add();
    const late = await db.database.transaction();
    await late('astoutbox').insert({ kind: 'settled', accountcode: 'late', facts: '{}' });
    await tell(db, 1);
    expect(await dispatch()).toEqual({ events: 1, deliveries: 1 });
    await late.commit();
    expect(await dispatch()).toEqual({ events: 1, deliveries: 1 });
    await deliver();
    expect(receiver.posted.map(({ event }) => event.accountcode)).toEqual(['alice', 'late']);
  });

  test('an event that was rolled back is told to nobody', async () => {
    await add();
    const undone = await db.database.transaction();
    await undone('astoutbox').insert({ kind: 'settled', accountcode: 'alice', facts: '{}' });
    await undone.rollback();
    expect(await dispatch()).toEqual({ events: 0, deliveries: 0 });
  });

  test('what a process had claimed when it died is tried by another, a minute later and not before', async () => {
    await add();
    await tell(db, 3);
    await dispatch();
    receiver.answer = null;
    const dying = delivererOf({ deadlineMs: 60_000 });
    await dying.begin();
    await until(() => receiver.posted.length === 3, 'the posts of the process that dies');
    // Its connections break and it writes nothing more: only the database is left of it.
    receiver.answer = 200;
    await deliver();
    expect(receiver.posted).toHaveLength(3);
    const [{ seconds }] = (
      await db.database.raw('SELECT MIN(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), next_at)) AS seconds FROM astdelivery')
    )[0];
    expect(Number(seconds)).toBeGreaterThan(50);
    await passTime(db);
    await deliver();
    expect(receiver.posted).toHaveLength(6);
    expect((await deliveries(db)).map(({ state, attempts }) => [state, attempts])).toEqual(
      Array(3).fill(['delivered', 2]),
    );
    await dying.stop(0);
    // In the end it gets no answer, and changes nothing of what the other did.
    expect(await states()).toEqual(['delivered', 'delivered', 'delivered']);
  });

  test('a receiver that is down is tried with one event at a time, and told all later: nothing is lost, and it is said once', async () => {
    const { log, lines } = readableLog();
    const deliverer = delivererOf({ log });
    const again = async () => {
      await deliverer.begin();
      await deliverer.idle();
    };
    await add();
    const ids = await tell(db, 40);
    await dispatch();
    const triesOf = async () => (await deliveries(db)).reduce((sum, { attempts }) => sum + attempts, 0);
    await receiver.close();
    await again();
    const refused = `connect ECONNREFUSED 127.0.0.1:${receiver.port}`;
    expect((await deliveries(db)).map(({ state, last_error }) => `${state} ${last_error}`).sort()).toEqual([
      ...Array(8).fill('waiting '),
      ...Array(32).fill(`waiting ${refused}`),
    ]);
    const early = await db
      .database('astdelivery')
      .where({ last_error: refused })
      .whereRaw('next_at < UTC_TIMESTAMP(3) + INTERVAL 5 SECOND');
    expect(early).toEqual([]);
    await passTime(db);
    // It is not tried for a second, and then once.
    await again();
    expect(await triesOf()).toBe(32);
    await sleep(1_100);
    await again();
    await again();
    expect(await triesOf()).toBe(33);
    await receiver.open();
    await passTime(db);
    await sleep(1_100);
    await again();
    expect(new Set(receiver.posted.map(({ event }) => event.event_id))).toEqual(new Set(ids));
    expect(new Set(await states())).toEqual(new Set(['delivered']));
    expect(await triesOf()).toBe(73);
    expect(lines.map(({ event }) => event)).toEqual(['webhook_failing', 'webhook_recovered']);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
  });

  test.each([
    [500, 'HTTP 500'],
    [404, 'HTTP 404'],
    [302, 'HTTP 302: redirects are not followed, correct the URL'],
  ])('an answer of %s is tried again: %s', async (status, error) => {
    receiver.answer = (_request, response) => {
      response.writeHead(status, { location: `${receiver.url}/elsewhere` }).end();
    };
    await add();
    await tell(db, 1);
    await dispatch();
    await deliver();
    expect(await deliveries(db)).toEqual([
      expect.objectContaining({ state: 'waiting', attempts: 1, last_status: status, last_error: error }),
    ]);
    expect(receiver.posted.map(({ path }) => path)).toEqual(['/hook']);
  });

  test('after ten tries it is dead, 410 kills at once, and a 204 is as good as a 200', async () => {
    const { log, lines } = readableLog();
    await add();
    await tell(db, 1);
    await dispatch();
    receiver.answer = 503;
    for (let attempt = 1; attempt <= 10; attempt++) {
      expect(await states()).toEqual(['waiting']);
      await dueNow(db);
      await deliver({ log });
    }
    expect(await deliveries(db)).toEqual([
      expect.objectContaining({ state: 'dead', attempts: 10, last_status: 503, last_error: 'HTTP 503' }),
    ]);
    expect(lines.filter(({ event }) => event === 'delivery_dead')).toHaveLength(1);
    await passTime(db);
    await deliver();
    expect(receiver.posted).toHaveLength(10);
    receiver.answer = 410;
    await tell(db, 1);
    await dispatch();
    await deliver();
    receiver.answer = 204;
    await tell(db, 1);
    await dispatch();
    await deliver();
    expect((await deliveries(db)).map(row => [row.state, row.attempts, row.last_status])).toEqual([
      ['dead', 10, 503],
      ['dead', 1, 410],
      ['delivered', 1, 204],
    ]);
  });

  test('a receiver that does not want an event is there, and asked for the others at once', async () => {
    receiver.answer = 404;
    await add();
    await tell(db, 70);
    await dispatch();
    const deliverer = delivererOf();
    await deliverer.begin();
    await deliverer.idle();
    expect(receiver.posted).toHaveLength(70);
  });

  describe('a webhook that takes nothing', () => {
    const HOURS_27 = 27 * 3_600;
    const webhook = () => db.database('astwebhook').first();
    const idOfWebhook = async (): Promise<number> => (await webhook()).webhook_id;
    /** As if its last count were so long ago. */
    const countedBefore = (seconds: number) =>
      db.database('astwebhook').update({
        down_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL ? SECOND', [seconds]),
      });
    const count = async () => countDownTime(db.database, await idOfWebhook());
    const round = async (deliverer: Deliverer) => {
      await deliverer.begin();
      await deliverer.idle();
    };
    /** It is known to be down from now on. */
    const failing = async () => {
      const deliverer = delivererOf();
      await round(deliverer);
      await passTime(db);
      await sleep(1_100);
      return deliverer;
    };

    test('after three days of pause it gives up nothing for its age, also if it has not been tried yet', async () => {
      await add();
      await tell(db, 40);
      await dispatch();
      await setWebhookStatus(actingAs('test', db.database), 'crm', 'paused');
      const before = db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 3 DAY');
      await db.database('astoutbox').update({ created_at: before });
      await db.database('astdelivery').update({ next_at: before });
      await setWebhookStatus(actingAs('test', db.database), 'crm', 'active');
      receiver.answer = 503;
      const deliverer = await failing();
      await round(deliverer);
      expect(receiver.posted).toHaveLength(33);
      expect(await states()).toEqual(Array(40).fill('waiting'));
      receiver.answer = 200;
      await passTime(db);
      await sleep(1_100);
      await round(deliverer);
      expect(new Set(await states())).toEqual(new Set(['delivered']));
    });

    test('what waited through 27 hours of tries is given up, tried or not, and nothing that came later', async () => {
      await add();
      const old = await tell(db, 40);
      await dispatch();
      await db.database('astwebhook').update({ down_seconds: 100 });
      await tell(db, 5);
      await dispatch();
      await receiver.close();
      const deliverer = await failing();
      await db.database('astwebhook').update({ down_seconds: HOURS_27 + 10 });
      await countedBefore(60);
      await round(deliverer);
      const dead = await db.database('astdelivery').where({ state: 'dead' }).orderBy('event_id');
      expect(dead.map(({ event_id }) => String(event_id))).toEqual(old.map(String));
      const reasons = dead.map(({ last_error }) => last_error);
      expect(new Set(reasons)).toEqual(
        new Set(['it took nothing for 27 hours', `connect ECONNREFUSED 127.0.0.1:${receiver.port}`]),
      );
      // Those that an operator has retried wait from now on.
      await retryDeliveries(actingAs('test', db.database), 'crm', [old[0] as string]);
      await giveUpOld(db.database, await idOfWebhook(), (await webhook()).down_seconds);
      expect((await states()).filter(state => state === 'dead')).toHaveLength(39);
      await passTime(db);
      await giveUpOld(db.database, await idOfWebhook(), HOURS_27 + 100);
      expect((await states()).filter(state => state === 'dead')).toHaveLength(44);
      await receiver.open();
    });

    test('only time in which it was tried counts: once for all services, and not over a pause, a standstill, or what it took', async () => {
      await add();
      expect(await count()).toBe(0);
      await countedBefore(60);
      expect(await count()).toBe(60);
      // Another service, a moment later.
      await countedBefore(10);
      expect(await count()).toBe(60);
      await countedBefore(3 * 86_400);
      expect(await count()).toBe(60);
      await countedBefore(60);
      for (const status of ['paused', 'active'] as const)
        await setWebhookStatus(actingAs('test', db.database), 'crm', status);
      expect(await count()).toBe(60);
      await countedBefore(60);
      await tell(db, 1);
      await dispatch();
      await deliver();
      expect(await webhook()).toMatchObject({ down_seconds: 60, down_at: null });
      expect(await count()).toBe(60);
    });

    test('a last try that comes late is not the last: it is made again 18 hours later, a quarter more or less', async () => {
      await add();
      await tell(db, 2);
      await dispatch();
      const [late] = await db.database('astdelivery').orderBy('event_id').pluck('event_id');
      const due = (seconds: number) => db.database.raw('UTC_TIMESTAMP(3) - INTERVAL ? SECOND', [seconds]);
      await db.database('astdelivery').update({ attempts: 9, next_at: due(300) });
      await db
        .database('astdelivery')
        .where({ event_id: late })
        .update({ next_at: due(900) });
      receiver.answer = 404;
      await deliver();
      expect(await deliveries(db)).toMatchObject([
        { event_id: late, state: 'waiting', attempts: 10 },
        { state: 'dead', attempts: 10 },
      ]);
      const [[{ hours }]] = await db.database.raw(
        "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), next_at) / 3600 AS hours FROM astdelivery WHERE state = 'waiting'",
      );
      expect(Math.abs(Number(hours) / 18.2 - 1)).toBeLessThan(0.26);
      await db
        .database('astdelivery')
        .where({ state: 'waiting' })
        .update({ next_at: due(1) });
      await deliver();
      expect(await states()).toEqual(['dead', 'dead']);
    });

    test('what another process claims while it is given up is left to that process', async () => {
      await add();
      const webhook_id = await idOfWebhook();
      const [claimed, left] = await tell(db, 2);
      await dispatch();
      await passTime(db);
      const other = await db.database.transaction();
      await other('astdelivery')
        .where({ event_id: claimed })
        .update({ next_at: other.raw('UTC_TIMESTAMP(3) + INTERVAL 60 SECOND') });
      // Both are due as far as it can see; then it waits for the other's lock.
      const givingUp = giveUpOld(db.database, webhook_id, HOURS_27);
      await sleep(500);
      await other.commit();
      await givingUp;
      expect(await deliveries(db)).toMatchObject([
        { event_id: claimed, state: 'waiting' },
        { event_id: left, state: 'dead' },
      ]);
    });
  });

  test('a receiver that never answers is given up after the deadline, and holds up no other', async () => {
    const slow = await openReceiver();
    slow.answer = null;
    await add({ webhook: 'slow', url: slow.url });
    await add({ webhook: 'quick' });
    await tell(db, 40);
    await dispatch();
    const deliverer = delivererOf({ deadlineMs: 1_500 });
    const startedAt = performance.now();
    await deliverer.begin();
    await until(() => receiver.posted.length === 40, 'the quick one');
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(slow.mostAtOnce).toBe(8);
    await deliverer.idle();
    expect(new Set((await deliveries(db)).map(row => `${row.state} ${row.last_error}`))).toEqual(
      // Some are not tried before it has taken one.
      new Set(['waiting no answer in 1.5 s', 'waiting ', 'delivered ']),
    );
    await slow.close();
  });

  test('an answer with an endless body counts by its status, and of the body little is read', async () => {
    let written = 0;
    let cut = false;
    receiver.answer = (_request, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(65_536);
      const timer = setInterval(() => {
        if (response.write(chunk)) written += chunk.length;
      }, 1);
      response.on('close', () => {
        cut = true;
        clearInterval(timer);
      });
    };
    await add();
    await tell(db, 1);
    await dispatch();
    const startedAt = performance.now();
    await deliver();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await states()).toEqual(['delivered']);
    await until(() => cut, 'the end of the connection');
    expect(written).toBeLessThan(20_000_000);
  });

  describe('where it may go', () => {
    /** After it was added, whatever is allowed now. */
    const tryWith = async (url: string, options: Partial<DelivererOptions>) => {
      await add();
      await db.database('astwebhook').update({ url });
      await tell(db, 1);
      await dispatch();
      await deliver({ allowed: [], ...options });
      return (await deliveries(db))[0];
    };
    const address = (text: string): LookupAddress => ({ address: text, family: text.includes(':') ? 6 : 4 });

    test('an address that is not public is not connected to', async () => {
      const { port } = receiver;
      const delivery = await tryWith(receiver.url, {});
      expect(delivery).toMatchObject({
        state: 'waiting',
        last_status: null,
        last_error: `address 127.0.0.1 of 127.0.0.1 is not public: allow it with RINGFENCE_WEBHOOK_ALLOW=127.0.0.1:${port}`,
      });
      expect(receiver.posted).toEqual([]);
    });

    test.each([['127.0.0.1'], ['::1'], ['::ffff:127.0.0.1']])('nor by a name that leads to %s', async loopback => {
      const url = `http://crm.example:${receiver.port}/`;
      const delivery = await tryWith(url, { lookUp: async () => [address(loopback)] });
      expect(delivery?.last_error).toContain(`address ${loopback} of crm.example is not public`);
      expect(receiver.posted).toEqual([]);
    });

    test('nor by a name with one public address among private ones', async () => {
      const url = `http://crm.example:${receiver.port}/`;
      const delivery = await tryWith(url, { lookUp: async () => [address('127.0.0.1'), address('8.8.8.8')] });
      expect(delivery?.last_error).toContain('address 127.0.0.1 of crm.example is not public');
      expect(receiver.posted).toEqual([]);
    });

    test('a name server that changes its mind is asked once for a connection, and its first answer is used', async () => {
      // An address of an unassigned block: nothing is there to connect to.
      const answers = [address('2d00::1')];
      let asked = 0;
      const lookUp = async () => [answers[asked++] ?? address('127.0.0.1')];
      const delivery = await tryWith(`http://crm.example:${receiver.port}/`, { lookUp, deadlineMs: 500 });
      expect(asked).toBe(1);
      expect(delivery).toMatchObject({ state: 'waiting', last_status: null });
      expect(delivery?.last_error).toMatch(/2d00::1|no answer in 0.5 s/);
      expect(receiver.posted).toEqual([]);
      await passTime(db);
      await deliver({ allowed: [], lookUp, deadlineMs: 500 });
      expect((await deliveries(db))[0]?.last_error).toContain('address 127.0.0.1 of crm.example is not public');
      expect(receiver.posted).toEqual([]);
    });

    test('a host that is allowed by name is posted to wherever it is', async () => {
      const url = `http://crm.example:${receiver.port}/`;
      const allowed = [parseAllowedTarget(`crm.example:${receiver.port}`)];
      const delivery = await tryWith(url, { allowed, lookUp: async () => [address('127.0.0.1')] });
      expect(delivery).toMatchObject({ state: 'delivered' });
      expect(receiver.posted[0]?.headers.host).toBe(`crm.example:${receiver.port}`);
    });

    test('a redirect to a private host is not followed', async () => {
      const inside = await openReceiver();
      receiver.answer = (_request, response) => response.writeHead(307, { location: inside.url }).end();
      const allowed = [parseAllowedTarget(`127.0.0.1:${receiver.port}`)];
      expect(await tryWith(receiver.url, { allowed })).toMatchObject({ state: 'waiting', last_status: 307 });
      expect(inside.posted).toEqual([]);
      await inside.close();
    });

    test('localhost is looked up by the hosts file', async () => {
      const url = `http://localhost:${receiver.port}/`;
      expect(await tryWith(url, { allowed: ALLOWED })).toMatchObject({ state: 'delivered' });
    });

    test('a name that nobody knows is told as such', async () => {
      const delivery = await tryWith('http://nobody.invalid/', {});
      expect(delivery?.last_error).toMatch(/nobody\.invalid|no answer/);
    });
  });

  test('a paused webhook misses nothing; a removed one is forgotten with all that waits', async () => {
    await add();
    await setWebhookStatus(actingAs('test', db.database), 'crm', 'paused');
    await tell(db, 5);
    await dispatch();
    await deliver();
    expect(receiver.posted).toEqual([]);
    await setWebhookStatus(actingAs('test', db.database), 'crm', 'active');
    await deliver();
    expect(receiver.posted).toHaveLength(5);
    await tell(db, 3);
    await dispatch();
    expect(await removeWebhook(actingAs('test', db.database), 'crm')).toEqual({ waiting: 3, dead: 0 });
    expect(await deliveries(db)).toEqual([]);
    await tell(db, 1);
    expect(await dispatch()).toEqual({ events: 1, deliveries: 0 });
  });

  test('a removal that is told to stop ends after the step in progress; the same request does the rest, or a service', async () => {
    for (const goesOn of ['the request', 'a service'] as const) {
      await add();
      for (let count = 0; count < 3; count++) await tell(db, 800);
      while ((await dispatch()).events > 0);
      const stop = new AbortController();
      const left = new Error('its client left');
      const onDelete = ({ sql }: { sql: string }) => /^delete from `astdelivery`/.test(sql) && stop.abort(left);
      db.database.on('query', onDelete);
      const acting = () => actingAs('test', db.database);
      const trail = () => db.database('astaudit').where({ operation: 'webhook remove' }).orderBy('audit_id');
      const before = await trail();
      await expect(removeWebhook({ ...acting(), signal: stop.signal }, 'crm')).rejects.toBe(left);
      db.database.removeListener('query', onDelete);
      expect(await states()).toHaveLength(1_400);
      expect(await db.database('astwebhook').pluck('status')).toEqual(['removed']);
      if (goesOn === 'the request') expect(await removeWebhook(acting(), 'crm')).toEqual({ waiting: 1_400, dead: 0 });
      else {
        const service = startEventService({
          databaseUrl: db.url,
          allowed: [],
          keepDays: 30,
          log: pino({ level: 'silent' }),
        });
        const gone = until(async () => (await db.database('astwebhook')).length === 0, 'the end of the removal');
        await gone.finally(() => service.stop(1_000));
      }
      expect([await states(), await db.database('astwebhook')]).toEqual([[], []]);
      const told = (await trail()).slice(before.length);
      expect(told).toMatchObject([{ object: 'webhook crm' }]);
      expect(JSON.parse(told[0].state_before)).toEqual({ waiting: 2_400, dead: 0 });
    }
  });

  test('what is older than the days that it is kept goes, but not what waits, nor its event', async () => {
    await add();
    const [delivered, dead, waiting, , young] = await tell(db, 5);
    await db.database('astoutbox').whereNot({ event_id: young }).update({ created_at: '2020-01-01' });
    // No process has distributed this one yet.
    const [unseen] = await tell(db, 1, { created_at: '2020-01-01' });
    await dispatch();
    await db.database('astoutbox').where({ event_id: unseen }).update({ dispatched: false });
    await db
      .database('astdelivery')
      .whereNot({ event_id: waiting })
      .update({ state: 'delivered', ended_at: '2020-01-01' });
    await db.database('astdelivery').where({ event_id: dead }).update({ state: 'dead' });
    await db.database('astdelivery').where({ event_id: young }).update({ ended_at: new Date() });
    await db.database('astdelivery').where({ event_id: delivered }).update({ ended_at: new Date() });
    const pruner = new Pruner(db.database, 30);
    while ((await pruner.prune()).more);
    expect((await deliveries(db)).map(({ event_id }) => event_id)).toEqual([delivered, waiting, young]);
    // What was delivered lately is kept with its event.
    expect(await db.database('astoutbox').orderBy('event_id').pluck('event_id')).toEqual([
      delivered,
      waiting,
      young,
      unseen,
    ]);
  });

  test('what is not so old stays, also if no webhook waits for it', async () => {
    const young = await tell(db, 3);
    const [old] = await tell(db, 1, { created_at: '2020-01-01' });
    await tell(db, 1);
    await dispatch();
    const pruner = new Pruner(db.database, 30);
    while ((await pruner.prune()).more);
    const kept = await db.database('astoutbox').orderBy('event_id').pluck('event_id');
    expect(kept).not.toContain(old);
    expect(kept.slice(0, 3)).toEqual(young);
  });

  test('1,300 old events go in batches, past one that has to stay, and up to the last of all', async () => {
    await add({ accountcode: 'bob' });
    const [kept] = await tell(db, 1, { created_at: '2020-01-01', accountcode: 'bob' });
    await tell(db, 1_300, { created_at: '2020-01-01' });
    const [last] = await tell(db, 1);
    while ((await dispatch()).events > 0);
    const pruner = new Pruner(db.database, 30);
    let batches = 1;
    while ((await pruner.prune()).more) batches++;
    expect(batches).toBeGreaterThan(2);
    expect(await db.database('astoutbox').pluck('event_id')).toEqual([kept, last]);
  });

  test('the service does all this by itself, within a second, and what it is stopped in the middle of is tried by the next', async () => {
    const { log, lines } = readableLog();
    const options = { databaseUrl: db.url, allowed: ALLOWED, keepDays: 30, log };
    await add();
    const service = startEventService(options);
    await tell(db, 10);
    await until(() => receiver.posted.length === 10, 'ten posts');
    // Of the webhook that was added, for example.
    await until(async () => (await db.database('astauditpending')).length === 0, 'the chain of the audit trail');
    const changes = await db.database('astaudit').orderBy('audit_id').pluck('audit_id');
    expect(await db.database('astauditchain').orderBy('audit_id').pluck('audit_id')).toEqual(changes);
    expect(changes).not.toEqual([]);
    receiver.answer = null;
    await tell(db, 1);
    await until(() => receiver.posted.length === 11, 'the one that is not answered');
    const startedAt = performance.now();
    await service.stop(200);
    expect(performance.now() - startedAt).toBeLessThan(200 + LATE_MS);
    expect((await states()).filter(state => state === 'waiting')).toHaveLength(1);
    receiver.answer = 200;
    const next = startEventService(options);
    await until(() => receiver.posted.length === 12, 'the same again by the next service');
    await until(async () => (await states()).every(state => state === 'delivered'), 'the end of it');
    await next.stop(1_000);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
    expect(lines.filter(({ event }) => String(event).includes('stalled'))).toEqual([]);
  });

  test('whoever serves tells of events, also while no switch can be reached, and stops in time', async () => {
    const settings = readSettings({
      RINGFENCE_DATABASE_URL: db.url,
      RINGFENCE_ARI_URL: 'http://nobody:hunter2@127.0.0.1:1',
      RINGFENCE_WEBHOOK_ALLOW: '127.0.0.1',
    });
    const service = await startService(settings, pino({ level: 'silent' }));
    await add();
    await tell(db, 1);
    await until(() => receiver.posted.length === 1, 'the post');
    receiver.answer = null;
    await tell(db, 1);
    await until(() => receiver.posted.length === 2, 'the one that is not answered');
    const startedAt = performance.now();
    await service.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_000 + LATE_MS);
  });

  test('without a database the service says so once, waits, and stops at once', async () => {
    const { log, lines } = readableLog();
    const away = new URL(db.url);
    away.port = '1';
    const service = startEventService({ databaseUrl: away.toString(), allowed: [], keepDays: 30, log });
    await until(() => lines.length === 4, 'the lines');
    await new Promise(resolve => setTimeout(resolve, 1_500));
    const told = ['audit_chain_stalled', 'deliveries_stalled', 'events_stalled', 'prune_failed'];
    expect(lines.map(({ event }) => event).sort()).toEqual(told);
    const startedAt = performance.now();
    await service.stop(100);
    expect(performance.now() - startedAt).toBeLessThan(100 + LATE_MS);
  });
});
