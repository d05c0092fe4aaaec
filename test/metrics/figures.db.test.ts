/** What Prometheus reads of a service that serves everything. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { projectRoot } from '../../src/config/project-root';
import { openDatabase } from '../../src/database/connection';
import { LogOutput } from '../../src/log/log-output';
import { DatabaseFigures } from '../../src/metrics/figures-store';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';

describe.each(engines)('the figures of a service, %s', engine => {
  let db: TestDatabase;
  let service: Service;
  const ports = {} as Record<'metrics' | 'http' | 'rest', number>;
  const key = 'a'.repeat(64);

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'joe', '10');
    for (const name of ['metrics', 'http', 'rest'] as const) ports[name] = await findFreePort();
    service = await startService(
      readSettings({
        RINGFENCE_DATABASE_URL: db.url,
        RINGFENCE_METRICS_LISTEN: `${ports.metrics}`,
        RINGFENCE_HTTP_LISTEN: `${ports.http}`,
        RINGFENCE_REST_LISTEN: `${ports.rest}`,
        RINGFENCE_REST_KEYS: `fs1=${createHash('sha256').update(key).digest('hex')}`,
      }),
      pino({ level: 'silent' }),
      { output: new LogOutput((bytes, done) => done(null, bytes.length)) },
    );
  });
  afterAll(async () => {
    await service?.stop();
    await db.drop();
  });

  const read = async () => (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
  const line = (text: string, start: string) => text.split('\n').find(each => each.startsWith(start));
  /** The value of one figure, when it is `wanted`: what the database has may be two seconds old. */
  const shown = (start: string, wanted: RegExp) =>
    eventually(async () => {
      const found = line(await read(), `${start} `)?.slice(start.length + 1);
      return found !== undefined && wanted.test(found) ? found : null;
    }, `${start} ${wanted}`);
  const call = async (path: string, body: object) => {
    const answer = await fetch(`http://127.0.0.1:${ports.rest}/v1/calls${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    return answer.status;
  };

  test('are those of docs/operating.md, by name and label', async () => {
    expect(await call('', { call_id: 'r0', account: 'joe', number: '49301' })).toBe(201);
    expect(await call('/r0/settle', { talk_seconds: 59 })).toBe(200);
    await fetch(`http://127.0.0.1:${ports.http}/api/v1/status`);
    const text = await read();
    const names = [...text.matchAll(/^# TYPE (\w+) (?:counter|gauge|histogram)$/gm)].map(([, name]) => name as string);
    expect(new Set(names).size).toBe(names.length);
    const page = readFileSync(join(projectRoot, 'docs', 'operating.md'), 'utf8');
    const [, section = ''] = /^## Figures for Prometheus$([\s\S]*?)^## /m.exec(page) ?? [];
    const rows = [...section.matchAll(/^\| (`[^|]*)\|([^|]*)\|/gm)].map(([, named = '', labels = '']) => ({
      names: [...named.matchAll(/`(\w+)`/g)].map(([, name]) => name as string),
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label as string),
    }));
    expect(rows.flatMap(row => row.names).sort()).toEqual([...names].sort());
    for (const [, name = '', labels = ''] of text.matchAll(/^(\w+?)(?:_bucket|_sum|_count)?\{(.*)\} \S+$/gm)) {
      const told = rows.find(row => row.names.includes(name))?.labels ?? [];
      for (const [, label] of labels.matchAll(/(\w+)="/g)) expect([name, ...told]).toContain(label);
    }
  });

  test('keep the names that dashboards know', async () => {
    const text = await read();
    for (const name of [
      'ringfence_door_refusals_total',
      'ringfence_door_answers_total',
      'ringfence_door_connections',
      'ringfence_door_waiting',
      'ringfence_calls_refused_total',
      'ringfence_calls_carried',
      'ringfence_calls_past_limit',
      'ringfence_calls_overrun_total',
      'ringfence_starts_total',
      'ringfence_start_seconds',
      'ringfence_event_loop_stood_still_seconds_total',
      'ringfence_alarm',
      'ringfence_log_lines_lost_total',
    ]) {
      expect(text).toContain(`\n# TYPE ${name} `);
    }
  });

  test('are text that Prometheus reads: each line a number, each bucket holds the smaller ones', async () => {
    const text = await read();
    for (const each of text.trimEnd().split('\n')) {
      expect(each).toMatch(
        /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="([^"\\\n]|\\.)*"(,\w+="([^"\\\n]|\\.)*")*\})? -?\d+(\.\d+)?(e[-+]\d+)?)$/,
      );
    }
    const counts = [...text.matchAll(/^ringfence_settle_seconds_bucket\{le="[^"]+"\} (\d+)$/gm)].map(Number);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  });

  test('tell what calls cost and hold, how many operations a batch had, and what waits', async () => {
    expect(await call('', { call_id: 'r1', account: 'joe', number: '49301' })).toBe(201);
    const held = await db.database('astaccount').where({ accountcode: 'joe' }).first('reserved');
    expect(Number(await shown('ringfence_money_reserved{currency="EUR"}', /^[1-9]/))).toBe(Number(held.reserved));
    expect(await call('/r1/settle', { talk_seconds: 119 })).toBe(200);
    expect(await call('/r1/settle', { talk_seconds: 119 })).toBe(200);
    const charged = await db.database('astcdr').sum({ cost: 'cost' }).first();
    await shown('ringfence_money_charged_total{currency="EUR"}', new RegExp(`^${Number(charged?.cost)}\\.00$`));
    const text = await read();
    expect(line(text, 'ringfence_settle_seconds_count')).toBe('ringfence_settle_seconds_count 2');
    expect(Number(line(text, 'ringfence_ledger_batch_operations_count')?.split(' ')[1])).toBeGreaterThanOrEqual(4);
    expect(line(text, 'ringfence_ledger_waiting')).toBe('ringfence_ledger_waiting 0');
  });

  test('count the requests to the API by declared path and by status, however strangers spell them', async () => {
    const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${ports.http}${path}`, { method });
    await ask('/api/v1/accounts/joe');
    await ask('/api/v1/accounts/jim?x=1');
    for (const path of ['/a', '/b?c=d', '/%zz', '/api/v1/reports']) await ask(path);
    for (const method of ['PUT', 'PATCH', 'OPTIONS']) await ask(`/${method}`, method);
    const text = await read();
    const counted = (labels: string) => line(text, `ringfence_api_requests_total{${labels}}`)?.split(' ').at(-1);
    expect(counted('method="GET",route="/api/v1/accounts/{accountcode}",status="401"')).toBe('2');
    expect(counted('method="any",route="none",status="404"')).toBe('6');
    expect(counted('method="any",route="none",status="400"')).toBe('1');
    expect(line(text, 'ringfence_api_request_seconds_count{method="any",route="none"}')).toMatch(/ 7$/);
    expect(line(text, 'ringfence_api_refusals_total{reason="not_authenticated"}')).toMatch(/ 3$/);
  });

  test('tell what the last proof found and when, and how long events wait', async () => {
    const { exitCode } = await ringfence(db.url, ['verify']);
    expect(exitCode).toBe(0);
    await shown('ringfence_verify_differences{kind="whole"}', /^0$/);
    const at = Number(
      line(await read(), 'ringfence_verify_timestamp_seconds{kind="whole"}')
        ?.split(' ')
        .at(-1),
    );
    expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(120);
    await db.database('astaccount').where({ accountcode: 'joe' }).update({ reserved: 5 });
    expect((await ringfence(db.url, ['verify', '--since', '2026-01-01T00:00:00Z'])).exitCode).toBe(1);
    await shown('ringfence_verify_differences{kind="since_time"}', /^[1-9]/);
    await db.database('astaccount').where({ accountcode: 'joe' }).update({ reserved: 0 });

    const old = db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 1 HOUR');
    await db.database('astwebhook').insert([
      { webhook: 'crm', url: 'https://crm.example/', secret: 'x'.repeat(32), status: 'paused' },
      { webhook: 'idle', url: 'https://idle.example/', secret: 'x'.repeat(32), status: 'paused' },
    ]);
    const [crm] = await db.database('astwebhook').where({ webhook: 'crm' });
    const [event] = await db
      .database('astoutbox')
      .insert({ kind: 'blocked', accountcode: 'joe', facts: '{}', dispatched: true, created_at: old });
    await db.database('astdelivery').insert({ webhook_id: crm.webhook_id, event_id: event, next_at: old });
    expect(Number(await shown('ringfence_oldest_event_seconds{webhook="crm"}', /^3[67]\d\d/))).toBeGreaterThan(3_590);
    expect(await shown('ringfence_oldest_event_seconds{webhook="idle"}', /^0/)).toMatch(/^0(\.0+)?$/);
    expect(Number(line(await read(), 'ringfence_oldest_event_seconds{webhook=""}')?.split(' ')[1])).toBeLessThan(60);
  });

  test('are asked of the database once in two seconds, however many programs scrape', async () => {
    const database = openDatabase(db.url);
    let asked = 0;
    database.on('query', () => asked++);
    const figures = new DatabaseFigures({ database }, fault => {
      throw fault;
    });
    for (let round = 0; round < 10; round++) {
      const told = await Promise.all(Array.from({ length: 100 }, () => figures.metrics()));
      expect(new Set(told.map(metrics => metrics.length))).toEqual(new Set([4]));
    }
    // Four statements a time, on a machine that may be slow.
    expect(asked).toBeGreaterThanOrEqual(4);
    expect(asked).toBeLessThanOrEqual(40);
    await database.destroy();
  });

  test('are left out, and the others told, while the database does not answer', async () => {
    const database = openDatabase(db.url);
    await database.destroy();
    const faults: unknown[] = [];
    const figures = new DatabaseFigures({ database }, fault => faults.push(fault));
    expect((await figures.metrics()).map(({ samples }) => samples)).toEqual([[], [], [], []]);
    expect(faults).toHaveLength(1);
  });
});
