import pino from 'pino';
import type { Alarm } from '../../src/alarms/alarm';
import { TableWatch } from '../../src/evidence/table-watch';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

describe.each(engines)('the journal in the database, %s', engine => {
  let db: TestDatabase;
  const raised: Alarm[] = [];
  const cleared: string[] = [];
  let watch: TableWatch;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    watch = new TableWatch({
      database: db.database,
      nodes: () => ['ast1'],
      alarms: {
        raise: alarm => raised.push(alarm),
        clear: (alarm, subject) => cleared.push(`${alarm} ${subject}`),
      },
      log: pino({ level: 'silent' }),
    });
  });
  beforeEach(async () => {
    raised.length = 0;
    cleared.length = 0;
    for (const table of ['astcdr', 'astcel']) await db.database(table).delete();
  });
  afterAll(async () => {
    watch.close();
    await db.drop();
  });

  let calls = 0;
  /** An answered call that ended so long ago; its uniqueid. */
  const ended = async (secondsAgo: number, node = 'ast1') => {
    const uniqueid = `${node}-1764400000.${++calls}`;
    const at = new Date(Date.now() - secondsAgo * 1000);
    await db
      .database('astcdr')
      .insert({ uniqueid, accountcode: 'alice', node, start_at: at, answer_at: at, end_at: at, currency: 'EUR' });
    return uniqueid;
  };
  const written = (linkedid: string) =>
    db.database('astcel').insert({
      eventtype: 'ANSWER',
      eventtime: new Date(),
      uniqueid: linkedid,
      linkedid,
      accountcode: 'alice',
      channame: 'x',
      extra: '',
    });

  test('an Asterisk that wrote before and has written nothing of its last calls raises an alarm, until it writes again', async () => {
    await written('ast1-1764300000.1');
    for (const secondsAgo of [400, 300, 200]) await ended(secondsAgo);
    await watch.look();
    expect(raised).toMatchObject([
      { alarm: 'records_not_written', subject: 'ast1', details: expect.stringContaining('module reload cel_odbc.so') },
    ]);
    expect(raised[0]?.details.length).toBeLessThan(500);
    expect(cleared).toEqual([]);
    await written(await ended(100));
    await watch.look();
    expect(raised).toHaveLength(1);
    expect(cleared).toEqual(['records_not_written ast1']);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['never wrote there', async () => Promise.all([400, 300, 200].map(seconds => ended(seconds)))],
    [
      'wrote there under a name that only begins alike',
      async () => {
        await written('ast11-1764300000.1');
        await written('ast1.de-1764300000.1');
        await written('ast1-2-1764300000.1');
        for (const secondsAgo of [400, 300, 200]) await ended(secondsAgo);
      },
    ],
    [
      'had two calls only, others too long ago or a moment ago',
      async () => {
        await written('ast1-1764300000.1');
        for (const secondsAgo of [700, 400, 300, 5, 1]) await ended(secondsAgo);
      },
    ],
    [
      'had calls, but another one of which nothing is written',
      async () => {
        await written('ast1-1764300000.1');
        for (const secondsAgo of [400, 300, 200]) await ended(secondsAgo, 'ast2');
      },
    ],
  ])('one that %s raises none', async (_, happens) => {
    await happens();
    await watch.look();
    expect(raised).toEqual([]);
  });
});
