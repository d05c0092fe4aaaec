/** Proofs of the books that are asked for over HTTP: one at a time over all services, each in a process of its own, with a result that stays. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import os, { getPriority } from 'node:os';
import type { Connection } from 'mysql2/promise';
import pino from 'pino';
import { ringfenceProgram } from '../../lab/ringfence';
import { findFreePort } from '../../lab/servers/ports';
import { createApiKey } from '../../src/access/api-key-store';
import { openConnection } from '../../src/database/connection';
import { actingAs } from '../../src/operator/acting';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, endOf, NOON, openLedger, talked } from '../credit/ledger-fixture';
import { usersOf } from '../database/service-user';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { verdictOnAnswer } from '../http/answer-verdict';
import { given, letJobsKeepUp } from './job-priority';

const WITHIN_MS = 40_000;

/** The processes of jobs that were started by a process. */
function jobProcesses(parent = process.pid): number[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids.map(Number).filter(pid => {
    try {
      const [, , ofParent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '0 ')
        .split(' ');
      return Number(ofParent) === parent && commandOf(pid).includes('job-process');
    } catch {
      return false;
    }
  });
}

const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8');

/** A zombie is gone: the process that inherits it may not look for it. */
function isThere(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe.each(engines)('a job, %s', engine => {
  let db: TestDatabase;
  let serviceUrl: string;
  let port: number;
  let service: Service | null = null;
  let serving: ChildProcess | null = null;
  let locking: Connection | null = null;
  const secrets: Record<string, string> = {};
  const lines: string[] = [];
  let differing = '';

  const start = async (at: number) =>
    startService(
      readSettings({ RINGFENCE_DATABASE_URL: serviceUrl, RINGFENCE_HTTP_LISTEN: `${at}` }),
      pino({}, { write: line => lines.push(line) }),
    );

  beforeEach(letJobsKeepUp);

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    serviceUrl = (await usersOf(db)).service;
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '9.00');
    await addAccount(db, 'bob', '2.00');
    const ledger = openLedger(db);
    const call = callOf('alice');
    await ledger.start(call);
    await ledger.end(endOf(call, talked(181)));
    await ledger.close();
    differing = call.uniqueid;
    for (const name of ['admin', 'read'] as const)
      secrets[name] = (await createApiKey(actingAs('test', db.database), { apiKey: name, roles: [name] })).secret;
    port = await findFreePort();
    service = await start(port);
  });
  afterEach(async () => {
    // What a failed test left would hold the next one.
    locking?.destroy();
    locking = null;
    serving?.kill('SIGKILL');
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    await service?.stop();
    await db.drop();
  });

  let keys = 0;
  async function ask(
    path: string,
    {
      body,
      key = `job-${++keys}`,
      by = 'admin',
      at = port,
    }: {
      body?: object;
      key?: string;
      by?: string;
      at?: number;
    } = {},
  ) {
    const answer = await fetch(`http://127.0.0.1:${at}/api/v1${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secrets[by]}`,
        'idempotency-key': key,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
    const told: any = await answer.json();
    const { headers, status } = answer;
    return { status, body: told, location: headers.get('location'), isRepeat: headers.get('idempotent-replayed') };
  }
  async function get(path: string, at = port) {
    const answer = await fetch(`http://127.0.0.1:${at}/api/v1${path}`, {
      headers: { authorization: `Bearer ${secrets.read}` },
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
    return { status: answer.status, body: (await answer.json()) as any };
  }

  /** A new job's number. */
  async function begin(kind = 'verify', body?: object): Promise<number> {
    const asked = await ask(`/jobs/${kind}`, { body });
    expect([asked.status, verdictOnAnswer(`job ${kind}`, asked.body)]).toEqual([202, '']);
    return asked.body.job;
  }
  /** The job, when it is in one of these states. */
  const inState = (job: number, ...states: string[]) =>
    eventually(
      async () => {
        const { body } = await get(`/jobs/${job}`);
        return states.includes(body.state) ? body : null;
      },
      `job ${job} ${states.join(' or ')}`,
      WITHIN_MS,
    );
  const ended = (job: number) => inState(job, 'done', 'failed', 'stopped');

  /** Keeps proofs of the books from ending, until `release`. */
  async function hold(): Promise<void> {
    locking = await openConnection(db.url);
    await locking.query('LOCK TABLES astcard WRITE');
  }
  function release(): void {
    locking?.destroy();
    locking = null;
  }
  /** The process of the one job that runs here. */
  const itsProcess = (parent?: number) =>
    eventually(async () => jobProcesses(parent)[0] ?? null, 'the process of the job', WITHIN_MS);
  /** Of a service in a process of its own: what it gave its job, it gave by itself. */
  async function processOf({ pid: parent }: ChildProcess): Promise<number> {
    const pid = await itsProcess(parent);
    await eventually(async () => getPriority(pid) >= 10 || null, 'its priority', WITHIN_MS);
    for (const thread of readdirSync(`/proc/${pid}/task`).map(Number)) {
      try {
        os.setPriority(thread, getPriority());
      } catch {}
    }
    return pid;
  }
  const endOfProcess = (pid: number) =>
    eventually(async () => (isThere(pid) ? null : true), `the end of process ${pid}`, WITHIN_MS);

  test('proves books that balance: once for its key, and its result stays for all who look', async () => {
    const asked = await ask('/jobs/verify', { key: 'proof' });
    expect([asked.status, asked.body.state, asked.body.asked_by]).toEqual([202, 'waiting', 'key:admin']);
    const { job } = asked.body;
    expect(asked.location).toBe(`/api/v1/jobs/${job}`);
    expect(await ask('/jobs/verify', { key: 'proof' })).toEqual({ ...asked, isRepeat: 'true' });
    const done = await ended(job);
    expect(verdictOnAnswer('job show', done)).toBe('');
    expect(done).toMatchObject({
      kind: 'verify',
      parameters: { since: null },
      state: 'done',
      difference_count: 0,
      differences: [],
      outcome: { accounts: 2, entries: 3, calls: 1, reservations: 0 },
      failure: null,
    });
    expect(done.service).toContain(` ${process.pid} `);
    const [trail] = await db.database('astaudit').where({ operation: 'job verify' });
    expect([trail.actor, trail.object, trail.address]).toEqual(['key:admin', `job ${job}`, '127.0.0.1']);
    // What monitoring reads.
    expect(await db.database('astverify').select('kind', 'differences', 'actor')).toEqual([
      { kind: 'whole', differences: 0, actor: 'key:admin' },
    ]);
    expect((await get('/status')).body.verdicts).toMatchObject([{ kind: 'whole', differences: 0, actor: 'key:admin' }]);
    expect((await ringfence(db.url, ['status'])).out).toMatch(
      /^verify \(whole\): the books balanced \(\d{4}-.*, by key:admin\)$/m,
    );
    const { body } = await get('/jobs');
    expect([verdictOnAnswer('job list', body), body.items[0].job]).toEqual(['', job]);
  });

  test('finds books that were changed by hand, and names the first row', async () => {
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: '2.01' });
    const found = await ended(await begin());
    const since = await ended(await begin('verify', { since: '2020-01-01T00:00:00Z' }));
    await db.database('astaccount').where({ accountcode: 'bob' }).update({ balance: '2.00' });
    for (const each of [found, since]) {
      expect(verdictOnAnswer('job show', each)).toBe('');
      expect(each).toMatchObject({ state: 'done', difference_count: 1 });
      expect(each.differences).toEqual([
        {
          rule: 'balance_is_sum_of_entries',
          accountcode: 'bob',
          uniqueid: null,
          text: expect.stringContaining('2.01'),
        },
      ]);
    }
    expect(since.parameters).toEqual({ since: '2020-01-01T00:00:00.000Z' });
    expect(await db.database('astverify').orderBy('kind').pluck('differences')).toEqual([1, 1]);
    expect((await ringfence(db.url, ['job', 'show', String(found.job)])).out).toMatch(
      /^account "bob": balance 2.01, .* \(balance_is_sum_of_entries\)$/m,
    );
    expect((await ended(await begin())).difference_count).toBe(0);
  });

  test('finds an audit trail that was changed by hand', async () => {
    const row = await db.database('astaudit').orderBy('audit_id').first();
    await eventually(
      async () => ((await db.database('astauditpending').first()) ? null : true),
      'the chain',
      WITHIN_MS,
    );
    await db.database('astaudit').where({ audit_id: row.audit_id }).update({ object: 'key other' });
    const found = await ended(await begin());
    await db.database('astaudit').where({ audit_id: row.audit_id }).update({ object: row.object });
    expect(verdictOnAnswer('job show', found)).toBe('');
    expect(found.differences).toContainEqual(expect.objectContaining({ audit_id: String(row.audit_id) }));
  });

  test("compares calls with Asterisk's records, and changes nothing", async () => {
    const leg = `rf-${differing}-1`;
    const answerAt = NOON + 2_000;
    const row = (eventtype: string, at: number, uniqueid: string) => ({
      eventtype,
      eventtime: new Date(at).toISOString().replace('T', ' ').replace('Z', '000'),
      uniqueid,
      linkedid: differing,
      accountcode: 'alice',
    });
    await db
      .database('astcel')
      .insert([
        row('ANSWER', answerAt, leg),
        row('ANSWER', answerAt, differing),
        row('BRIDGE_EXIT', answerAt + 61_000, differing),
        row('HANGUP', answerAt + 61_002, differing),
        row('HANGUP', answerAt + 61_005, leg),
      ]);
    const money = () => db.database('astledger').count({ entries: '*' }).sum({ amount: 'amount' });
    const before = await money();
    const done = await ended(
      await begin('reconcile', { from: '2026-06-01T00:00:00Z', to: '2026-06-02T02:00:00+02:00' }),
    );
    expect(verdictOnAnswer('job show', done)).toBe('');
    expect(done).toMatchObject({
      state: 'done',
      parameters: { from: '2026-06-01T00:00:00.000Z', to: '2026-06-02T00:00:00.000Z', tolerance: 1 },
      outcome: { amounts: { EUR: '2.00' }, calls_compared: 1 },
      difference_count: 1,
      differences: [{ uniqueid: differing, finding: 'talk_differs', amount: '2.00', charged: '4.00', billsec: 181 }],
    });
    expect(await money()).toEqual(before);
    expect((await ringfence(db.url, ['job', 'show', String(done.job)])).out).toMatch(/talk_differs .* 2.00 /);
  });

  test('that can find nothing is refused', async () => {
    for (const [kind, body] of [
      ['verify', { since: '2999-01-01T00:00:00Z' }],
      ['reconcile', {}],
      ['reconcile', { from: '2026-06-01T00:00:00Z', to: '2026-06-01T00:00:00Z' }],
      ['reconcile', { from: '2999-01-01T00:00:00Z' }],
      ['reconcile', { from: '2026-06-01T00:00:00Z', apply: true }],
    ] as const) {
      expect(await ask(`/jobs/${kind}`, { body })).toMatchObject({
        status: 400,
        body: { type: 'urn:ringfence:problem:field_invalid' },
      });
    }
    expect((await ask('/jobs/verify', { by: 'read' })).status).toBe(403);
    expect((await get('/jobs/4294967295')).status).toBe(404);
  });

  test('gives way to calls, tells no secret, and is stopped; the next one waits for it', async () => {
    await hold();
    const [running, waiting] = [await begin(), await begin()];
    const pid = await itsProcess();
    expect(commandOf(pid)).not.toMatch(/mysql|:\/\//);
    await eventually(async () => (await get(`/jobs/${running}`)).body.step, 'progress', WITHIN_MS);
    expect(given.get(pid)).toBe(10);
    expect((await get(`/jobs/${waiting}`)).body.state).toBe('waiting');

    const row = { kind: 'verify', parameters: '{"since":null}', asked_by: 'test', asked_at: new Date() };
    await db.database('astjob').insert(Array.from({ length: 19 }, () => row));
    expect(await ask('/jobs/verify', { key: 'one-too-many' })).toMatchObject({
      status: 409,
      body: { type: 'urn:ringfence:problem:too_many_jobs' },
    });
    await db.database('astjob').where({ asked_by: 'test' }).delete();
    // The same request again, when there is room.
    const again = await ask('/jobs/verify', { key: 'one-too-many' });
    expect([again.status, (await ask(`/jobs/${again.body.job}/stop`)).body.state]).toEqual([202, 'stopped']);
    const alsoStopped = again.body.job;

    const stopped = await ask(`/jobs/${waiting}/stop`);
    expect([stopped.status, verdictOnAnswer('job stop', stopped.body)]).toEqual([200, '']);
    expect(stopped.body).toMatchObject({ state: 'stopped', stop_by: 'key:admin', started_at: null });
    expect((await ask(`/jobs/${running}/stop`)).body).toMatchObject({ state: 'running', stop_by: 'key:admin' });
    expect(await inState(running, 'stopped')).toMatchObject({ difference_count: null, outcome: null, failure: null });
    await endOfProcess(pid);
    for (const job of [running, waiting]) {
      expect(await ask(`/jobs/${job}/stop`)).toMatchObject({
        status: 409,
        body: { type: 'urn:ringfence:problem:job_ended' },
      });
    }
    const trail = db.database('astaudit').where({ operation: 'job stop' }).orderBy('audit_id');
    expect(await trail.pluck('object')).toEqual([alsoStopped, waiting, running].map(job => `job ${job}`));
  });

  test('fails by its name when its process is killed, or when what it reads is not there', async () => {
    await hold();
    const job = await begin();
    const pid = await itsProcess();
    await inState(job, 'running');
    process.kill(pid, 'SIGKILL');
    expect(await ended(job)).toMatchObject({ state: 'failed', failure: 'its process ended: SIGKILL', outcome: null });
    release();
    await db.database.raw('RENAME TABLE astcard TO astcard_away');
    const without = await ended(await begin());
    await db.database.raw('RENAME TABLE astcard_away TO astcard');
    expect(without).toMatchObject({ state: 'failed', failure: expect.stringMatching(/^the database failed: ER_/) });
    expect(lines.some(line => line.includes('"event":"job_unfinished"'))).toBe(true);
  });

  test('whose process stands still is stopped all the same, and ends with its service', async () => {
    await hold();
    const job = await begin();
    const pid = await itsProcess();
    await inState(job, 'running');
    process.kill(pid, 'SIGSTOP');
    await ask(`/jobs/${job}/stop`);
    expect(await inState(job, 'stopped', 'failed')).toMatchObject({ state: 'stopped' });
    await endOfProcess(pid);

    const second = await begin();
    const itsPid = await itsProcess();
    await inState(second, 'running');
    process.kill(itsPid, 'SIGSTOP');
    await service?.stop();
    service = null;
    await endOfProcess(itsPid);
    release();
    service = await start(port);
    expect(await ended(second)).toMatchObject({ failure: 'the service that ran it was stopped: ask for it again' });
  });

  test('tells why it failed also when the database is away then', async () => {
    await hold();
    const job = await begin();
    const pid = await itsProcess();
    await inState(job, 'running');
    await db.database.raw('RENAME TABLE astjob TO astjob_away');
    try {
      process.kill(pid, 'SIGKILL');
      const isTold = () => lines.some(line => /"event":"(job_end_not_noted|jobs_stalled)"/.test(line));
      await eventually(async () => (isTold() ? true : null), 'a try to tell so', WITHIN_MS);
    } finally {
      await db.database.raw('RENAME TABLE astjob_away TO astjob');
    }
    expect(await ended(job)).toMatchObject({ state: 'failed', failure: 'its process ended: SIGKILL' });
  });

  test('is done also where its process may not give way', async () => {
    const refused = jest.spyOn(os, 'setPriority').mockImplementation(() => {
      throw Object.assign(new Error('setPriority'), { code: 'EACCES' });
    });
    try {
      expect(await ended(await begin())).toMatchObject({ state: 'done' });
      expect(refused).toHaveBeenCalled();
    } finally {
      refused.mockRestore();
    }
  });

  test('ends with a service that stops, and is told so; results stay for the next service', async () => {
    const kept = await ended(await begin());
    await hold();
    const job = await begin();
    const pid = await itsProcess();
    await inState(job, 'running');
    await service?.stop();
    service = null;
    await endOfProcess(pid);
    const [row] = await db.database('astjob').where({ job_id: job });
    expect(row).toMatchObject({ state: 'failed', failure: 'the service that ran it was stopped: ask for it again' });
    release();
    service = await start(port);
    expect((await get(`/jobs/${kept.job}`)).body).toEqual(kept);
    expect(await json(db.url, ['job', 'show', String(kept.job)])).toEqual(kept);
  });

  /** A service in a process of its own, in place of the one here. */
  async function serveAlone() {
    await service?.stop();
    service = null;
    const [at, door] = [await findFreePort(), await findFreePort()];
    const started = spawn(process.execPath, [ringfenceProgram, 'serve'], {
      env: {
        PATH: process.env.PATH,
        RINGFENCE_DATABASE_URL: serviceUrl,
        RINGFENCE_HTTP_LISTEN: `${at}`,
        // Without a door for calls it would give way, and beside busy processes it might stand still.
        RINGFENCE_REST_LISTEN: `${door}`,
      },
      stdio: 'ignore',
    });
    serving = started;
    await eventually(
      async () => (await fetch(`http://127.0.0.1:${at}/healthz`).catch(() => null)) && true,
      'the service',
      WITHIN_MS,
    );
    return { at, serving: started };
  }

  test('of a service that stands still counts as ended: what its process finds later is kept nowhere', async () => {
    const { at, serving } = await serveAlone();
    await hold();
    const { body: lost } = await ask('/jobs/verify', { at });
    const pid = await processOf(serving);
    const step = async () => (await db.database('astjob').where({ job_id: lost.job }).first()).step;
    await eventually(step, 'progress', WITHIN_MS);
    serving.kill('SIGSTOP');
    const ofLost = db.database('astjob').where({ job_id: lost.job });
    await ofLost.clone().update({ state: 'failed', is_running: null, failure: 'as another service tells it' });
    const verdicts = () => db.database('astverify').orderBy('kind');
    const before = await verdicts();
    release();
    await endOfProcess(pid);
    expect(await ofLost.clone().pluck('state')).toEqual(['failed']);
    expect(await verdicts()).toEqual(before);
    const gone = once(serving, 'exit');
    serving.kill('SIGKILL');
    await gone;
    service = await start(port);
  });

  test('of a service that is killed ends with it, and the next service tells so and goes on', async () => {
    const { at, serving } = await serveAlone();
    await hold();
    const { body: lost } = await ask('/jobs/verify', { at });
    const { body: next } = await ask('/jobs/verify', { at });
    const pid = await processOf(serving);
    await eventually(async () => (await get(`/jobs/${lost.job}`, at)).body.step, 'progress', WITHIN_MS);
    const gone = once(serving, 'exit');
    serving.kill('SIGKILL');
    await gone;
    await endOfProcess(pid);
    expect(await db.database('astjob').where({ job_id: lost.job }).pluck('state')).toEqual(['running']);
    release();
    service = await start(port);
    expect(await ended(lost.job)).toMatchObject({
      state: 'failed',
      failure: 'the service that ran it is gone: ask for it again',
    });
    expect(await ended(next.job)).toMatchObject({ state: 'done', difference_count: 0 });
  });

  test('of a service on another machine is its own as long as it shows signs, and no longer', async () => {
    const elsewhere = {
      kind: 'verify',
      parameters: '{"since":null}',
      state: 'running',
      is_running: 1,
      asked_by: 'test',
      asked_at: new Date(),
      service: 'elsewhere 4711 1 pid:[1] boot',
      alive_at: db.database.raw('UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE'),
    };
    const [other] = await db.database('astjob').insert(elsewhere);
    const job = await begin();
    // The service has looked in between.
    await new Promise(resolve => setTimeout(resolve, 2_500));
    expect((await get(`/jobs/${job}`)).body.state).toBe('waiting');
    await db
      .database('astjob')
      .where({ job_id: other })
      .update({ alive_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 31 SECOND') });
    expect(await ended(other as number)).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('is gone'),
    });
    expect(await ended(job)).toMatchObject({ state: 'done' });
  });

  test('runs alone, however many services and askers there are; the last 100 that ended are kept', async () => {
    const row = {
      kind: 'verify',
      parameters: '{"since":null}',
      state: 'done',
      asked_by: 'test',
      asked_at: new Date(),
      ended_at: new Date(),
      outcome: '{}',
      difference_count: 0,
      differences: '[]',
    };
    await db.database('astjob').insert(Array.from({ length: 110 }, () => row));
    const second = await findFreePort();
    const other = await start(second);
    try {
      const asked = await Promise.all([port, second, port, second].map(at => ask('/jobs/verify', { at })));
      const jobs = asked.map(({ body }) => body.job as number).sort((one, next) => one - next);
      for (const job of jobs) await ended(job);
      const rows = await db.database('astjob').whereIn('job_id', jobs).orderBy('started_at');
      expect(rows.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
      for (const [index, each] of rows.entries()) {
        const before = rows[index - 1];
        if (before) expect(each.started_at.getTime()).toBeGreaterThanOrEqual(before.ended_at.getTime());
      }
      await eventually(
        async () => (Number((await db.database('astjob').count({ count: '*' }))[0]?.count) === 100 ? true : null),
        'the end of old jobs',
        WITHIN_MS,
      );
      // The oldest went.
      expect(await db.database('astjob').where({ asked_by: 'test' }).pluck('job_id')).toHaveLength(96);
    } finally {
      await other.stop();
    }
  });
});
