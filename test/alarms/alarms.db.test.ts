import { AlarmBoard } from '../../src/alarms/alarm-board';
import { listAlarms } from '../../src/alarms/alarm-store';
import { ringfence } from '../cli/cli-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { readableLog } from '../switches/asterisk/log-lines';

const login = (details = 'wrong user or password') =>
  ({ alarm: 'switch_login_refused', subject: 'ast1:8088', details }) as const;
const open = { alarm: 'endpoint_open', subject: 'ast1', details: 'anybody can call as bob' } as const;

describe.each(engines)('alarms on %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());

  const board = (reporter: string, everyMs?: number) => {
    const { log, lines } = readableLog();
    return { lines, board: new AlarmBoard({ database: db.database, reporter, log, ...(everyMs && { everyMs }) }) };
  };
  const reported = async () => (await listAlarms(db.database)).map(({ reporter, alarm }) => `${reporter} ${alarm}`);
  const untilReported = (...expected: string[]) =>
    eventually(async () => ((await reported()).join() === expected.join() ? true : null), `alarms ${expected}`);

  test('one that is raised many times is one line of error, one row, and one of a metric, until it is over', async () => {
    const { board: one, lines } = board('host 1');
    for (let time = 0; time < 100; time += 1) one.raise(login());
    await untilReported('host 1 switch_login_refused');
    expect(lines).toMatchObject([{ level: 50, event: 'switch_login_refused', subject: 'ast1:8088' }]);
    expect(one.metrics[0]?.samples).toEqual([
      { labels: { alarm: 'switch_login_refused', subject: 'ast1:8088' }, value: 1 },
    ]);
    one.clear('switch_login_refused', 'another');
    one.clear('switch_login_refused', 'ast1:8088');
    await untilReported();
    expect(one.metrics[0]?.samples).toEqual([]);
    expect(lines).toHaveLength(2);
    await one.close();
  });

  test('of other details it is told again, and begins when it began', async () => {
    const { board: one, lines } = board('host 2');
    one.raise(login());
    await untilReported('host 2 switch_login_refused');
    const [before] = await listAlarms(db.database);
    one.raise(login('and so it is'));
    await eventually(
      async () => ((await listAlarms(db.database))[0]?.details === 'and so it is' ? true : null),
      'other details',
    );
    expect((await listAlarms(db.database))[0]?.sinceAt).toEqual(before?.sinceAt);
    expect(lines).toHaveLength(2);
    await one.close();
    await untilReported();
  });

  test('each process takes back its own', async () => {
    const [first, second] = [board('host 3').board, board('host 4').board];
    first.raise(login());
    await untilReported('host 3 switch_login_refused');
    second.raise(login());
    second.raise(open);
    await eventually(async () => ((await reported()).length === 3 ? true : null), 'three alarms');
    await first.close();
    await eventually(
      async () => ((await reported()).every(row => row.startsWith('host 4')) ? true : null),
      'two alarms',
    );
    expect(await reported()).toHaveLength(2);
    await second.close();
    expect(await reported()).toEqual([]);
  });

  test('what a process that is gone reported counts for a minute, and what lasts is reported again', async () => {
    const [living, gone] = [board('host 5', 200).board, board('host 6').board];
    living.raise(open);
    gone.raise(login());
    await eventually(async () => ((await reported()).length === 2 ? true : null), 'two alarms');
    await db.database('astalarm').update({ seen_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 61 SECOND') });
    await untilReported('host 5 endpoint_open');
    await db.database('astalarm').update({ seen_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 2 HOUR') });
    await eventually(
      async () => ((await db.database('astalarm').pluck('reporter')).join() === 'host 5' ? true : null),
      'the end of old rows',
    );
    await living.close();
  });

  test('status shows what is wrong, since when, and who says so', async () => {
    const { board: one } = board('host7 4711 1 pid:[1] boot');
    one.raise(open);
    await untilReported('host7 4711 1 pid:[1] boot endpoint_open');
    const { out } = await ringfence(db.url, ['status']);
    expect(out).toMatch(
      /^ALARM endpoint_open, ast1: anybody can call as bob \(since \d{4}-.*Z, reported by host7, pid 4711\)$/m,
    );
    const { alarms } = JSON.parse((await ringfence(db.url, ['status', '--json'])).out);
    expect(alarms).toMatchObject([{ alarm: 'endpoint_open', subject: 'ast1', details: 'anybody can call as bob' }]);
    await one.close();
    expect((await ringfence(db.url, ['status'])).out).not.toContain('ALARM');
  });

  test('a database that does not take it is told again when it does', async () => {
    const { board: one, lines } = board('host 8', 200);
    await db.database.raw('RENAME TABLE astalarm TO astalarm_away');
    one.raise(open);
    await eventually(async () => (lines.some(line => line.event === 'alarms_not_written') ? true : null), 'a warning');
    await db.database.raw('RENAME TABLE astalarm_away TO astalarm');
    await untilReported('host 8 endpoint_open');
    await one.close();
  });
});
