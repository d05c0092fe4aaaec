/** A change in several steps is made by one request at a time, of all services; a process that dies or stands still frees it. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { openDatabase } from '../../src/database/connection';
import {
  type Change,
  ChangeInProgress,
  type Hold,
  type KeyedRequest,
  onceInSteps,
} from '../../src/http/kept-answer-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';

describe.each(engines)('a change in several steps, %s', engine => {
  let db: TestDatabase;
  /** Of another service. */
  let other: Knex;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    other = openDatabase(db.url);
  });
  afterAll(async () => {
    await other.destroy();
    await db.drop();
  });

  let keys = 0;
  const newKey = () => `key-${++keys}`;
  const requestOf = (idempotencyKey: string): KeyedRequest => ({
    actor: 'key:crm',
    idempotencyKey,
    requestId: randomUUID(),
    fingerprints: ['f'.repeat(64)],
  });
  const holdOf = (renewing: Knex, more: Partial<Hold> = {}): Hold => ({
    ending: new AbortController(),
    renewing,
    ...more,
  });
  const changeOf = (run: () => Promise<void>): Change => ({
    run: async () => {
      await run();
      return { status: 200, version: null, body: '{}' };
    },
    refused: () => {
      throw new Error('it refuses nothing');
    },
    keep: answer => answer,
  });
  const done = changeOf(async () => undefined);

  /** One that is in progress until it is told to go on. */
  function begun(request: KeyedRequest, hold: Hold = holdOf(db.database)) {
    let goOn: () => void = () => undefined;
    let hasBegun = false;
    const waits = new Promise<void>(resolve => {
      goOn = resolve;
    });
    const change = changeOf(() => {
      hasBegun = true;
      return waits;
    });
    const outcome = onceInSteps(db.database, request, change, hold);
    return { outcome, goOn, begins: () => eventually(async () => hasBegun || null, 'the change') };
  }
  const elsewhere = (key: string, change: Change = done) => onceInSteps(other, requestOf(key), change, holdOf(other));
  const row = (key: string) => db.database('astidempotency').where({ idempotency_key: key }).first();

  test('that a service makes is refused by another one until it is done; then it has the answer', async () => {
    const key = newKey();
    const { outcome, goOn, begins } = begun(requestOf(key));
    await begins();
    await expect(elsewhere(key)).rejects.toThrow(ChangeInProgress);
    // Another change is none of it.
    expect(await elsewhere(newKey())).toMatchObject({ status: 200, isRepeat: false });
    goOn();
    expect(await outcome).toMatchObject({ status: 200, isRepeat: false });
    expect(await elsewhere(key)).toMatchObject({ status: 200, isRepeat: true });
  });

  test('that comes to two services at once is made by one', async () => {
    for (let times = 0; times < 10; times++) {
      const key = newKey();
      let made = 0;
      const slow = changeOf(async () => {
        made += 1;
        await new Promise(resolve => setTimeout(resolve, 100));
      });
      const asked = [db.database, other].map(database => onceInSteps(database, requestOf(key), slow, holdOf(database)));
      const told = await Promise.allSettled(asked);
      expect(made).toBe(1);
      for (const each of told) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(ChangeInProgress);
    }
  });

  test('that was broken off is free at once', async () => {
    const key = newKey();
    const broken = changeOf(() => Promise.reject(new Error('its client left')));
    await expect(elsewhere(key, broken)).rejects.toThrow('its client left');
    expect(await elsewhere(key)).toMatchObject({ status: 200, isRepeat: false });
  });

  test('whose process died is free half a minute later, and not before', async () => {
    const key = newKey();
    const dying = requestOf(key);
    const { outcome, goOn, begins } = begun(dying);
    await begins();
    const [[{ seconds }]] = await db.database.raw(
      'SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), held_until) / 1000000 AS seconds FROM astidempotency WHERE idempotency_key = ?',
      [key],
    );
    expect(Number(seconds)).toBeGreaterThan(15);
    expect(Number(seconds)).toBeLessThanOrEqual(30);
    await db
      .database('astidempotency')
      .where({ idempotency_key: key })
      .update({ held_until: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 1 SECOND') });
    expect(await elsewhere(key)).toMatchObject({ status: 200, isRepeat: false });
    // It had only stood still: the answer that is kept stays.
    goOn();
    await outcome;
    expect(await row(key)).toMatchObject({ status: 200, held_by: null, held_until: null });
  });

  test('is held for as long as it takes, by one short statement now and then', async () => {
    const key = newKey();
    const { outcome, goOn, begins } = begun(requestOf(key), holdOf(db.database, { heldMs: 3_000 }));
    await begins();
    const until = performance.now() + 5_000;
    while (performance.now() < until) {
      await expect(elsewhere(key)).rejects.toThrow(ChangeInProgress);
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    goOn();
    expect(await outcome).toMatchObject({ status: 200 });
  });

  test('that another one has taken over, or may have, is told to end', async () => {
    for (const why of ['taken over', 'not renewed'] as const) {
      const key = newKey();
      const renewing = openDatabase(db.url);
      const hold = holdOf(renewing, { heldMs: 600 });
      const { outcome, goOn, begins } = begun(requestOf(key), hold);
      await begins();
      if (why === 'not renewed') await renewing.destroy();
      else await db.database('astidempotency').where({ idempotency_key: key }).update({ held_by: randomUUID() });
      await eventually(async () => hold.ending.signal.aborted || null, why);
      expect(hold.ending.signal.reason).toBeInstanceOf(ChangeInProgress);
      goOn();
      await outcome;
      if (why === 'taken over') await renewing.destroy();
    }
  });
});
