import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWire } from '../../lab/servers/wire';
import { openDatabase } from '../../src/database/connection';
import { switchRecords } from '../../src/evidence/switch-records';
import type { JournalEvent } from '../../src/evidence/written-call';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { answered, CALL, CALLEE, LEG, leaves, OTHER, row } from './rows';

const START = Date.parse('2026-11-21T11:43:28.000Z');
/** A caller that arrived 70 s later than the others. */
const CALLER = 'switch1-1795261478.3';

describe.each(engines)('what Asterisk wrote, in %s', engine => {
  let test_: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    test_ = await createTestDatabase(engine);
    folder = mkdtempSync(join(tmpdir(), 'ringfence-log-'));
    for (const name of ['cel-custom', 'cdr-custom']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'ringfence.csv'), '');
    }
  });
  afterEach(() => {
    jest.restoreAllMocks();
    return test_.drop();
  });

  /** As cel_odbc and cdr_adaptive_odbc write: times as text with six and with no digits. */
  const sqlTime = (at: number, digits: string) => new Date(at).toISOString().replace('T', ' ').replace(/Z$/, digits);
  const writeSql = (events = answered) =>
    test_.database('astcel').insert(
      events.map(({ event, at, uniqueid, linkedid, channel, extra }) => ({
        eventtype: event,
        eventtime: sqlTime(START + at, '999'),
        uniqueid,
        linkedid,
        accountcode: 'alice',
        channame: channel,
        extra,
      })),
    );
  const writeFile = (events = answered) =>
    writeFileSync(
      join(folder, 'cel-custom/ringfence.csv'),
      events
        .map(({ event, at, uniqueid, linkedid, channel, extra }) => {
          const seconds = `${Math.floor((START + at) / 1000)}.${String((START + at) % 1000).padStart(3, '0')}123`;
          const cells = [event, seconds, uniqueid, linkedid, 'alice', channel, extra];
          return `${cells.map(cell => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;
        })
        .join(''),
    );
  const ask = (files = new Map<string, string>(), unread: unknown[] = []) =>
    switchRecords(test_.database, files, error => unread.push(error)).of('switch1', [
      { uniqueid: CALL, startAt: START },
      { uniqueid: 'switch1-1.9', startAt: START },
    ]);
  const talked = {
    source: 'cel',
    answeredLeg: LEG,
    answerAt: START + 1_000,
    endAt: START + 3_200,
    hangupCause: 16,
    hangupSource: 'caller',
  };

  test('the journal tells a call; one of which nothing is written is missing', async () => {
    await writeSql();
    expect([...(await ask())]).toEqual([[CALL, talked]]);
  });

  test('rows of which half are in the database and half in the file are taken together', async () => {
    await writeSql(answered.slice(0, 4));
    expect((await ask()).get(CALL)).toMatchObject({ answerAt: START + 1_000, endAt: null });
    writeFile(answered.slice(4));
    expect((await ask(new Map([['switch1', folder]]))).get(CALL)).toEqual(talked);
    expect((await ask(new Map([['switch2', folder]]))).get(CALL)).toMatchObject({ endAt: null });
  });

  test('a call record has the answer to the second and its talk exactly: 3.456 s', async () => {
    const record = { uniqueid: CALL, linkedid: CALL, start: sqlTime(START, ''), end: sqlTime(START + 5_000, '') };
    await test_.database('astswitchcdr').insert([
      { ...record, answer: '1970-01-01 00:00:00', duration: '0.2', billsec: 0 },
      { ...record, answer: sqlTime(START + 1_000, ''), duration: '4.5', billsec: '3.456999' },
    ]);
    expect((await ask()).get(CALL)).toMatchObject({
      source: 'cdr',
      answerAt: START + 1_000,
      endAt: START + 4_456,
    });
  });

  test('of the same record in both places the file counts, which has all digits', async () => {
    const at = (ms: number) => `${(START + ms) / 1000}`.padEnd(14, '0').padEnd(17, '0');
    const cells = [
      CALL,
      CALL,
      'alice',
      '1',
      '2',
      'a',
      'b',
      at(123),
      at(1_456),
      at(4_912),
      '4.789',
      '3.456',
      'ANSWERED',
    ];
    writeFileSync(join(folder, 'cdr-custom/ringfence.csv'), `${cells.map(cell => `"${cell}"`).join(',')}\n`);
    const whole = (ms: number) => sqlTime(START + ms, '');
    await test_.database('astswitchcdr').insert({
      uniqueid: CALL,
      linkedid: CALL,
      start: whole(0),
      answer: whole(1_000),
      end: whole(4_000),
      billsec: '3.456',
    });
    expect((await ask(new Map([['switch1', folder]]))).get(CALL)).toMatchObject({
      answerAt: START + 1_456,
      endAt: START + 4_912,
    });
  });

  test('a database that is away leaves the file, and is told; without a file it is an error', async () => {
    writeFile();
    const wire = await openWire(test_.url);
    const database = openDatabase(wire.url);
    const unread: unknown[] = [];
    const calls = [{ uniqueid: CALL, startAt: START }];
    const files = new Map([['switch1', folder]]);
    await wire.cut();
    expect((await switchRecords(database, files, error => unread.push(error)).of('switch1', calls)).get(CALL)).toEqual(
      talked,
    );
    expect(unread).toEqual([expect.objectContaining({ kind: 'away' })]);
    await expect(switchRecords(database, new Map()).of('switch1', calls)).rejects.toMatchObject({ kind: 'away' });
    await database.destroy();
    await wire.close();
  });

  test('files that are not there yet leave the database and are no fault; alone they are no answer', async () => {
    await writeSql();
    for (const name of ['cel-custom', 'cdr-custom']) rmSync(join(folder, name, 'ringfence.csv'));
    const files = new Map([['switch1', folder]]);
    const unread: unknown[] = [];
    expect((await ask(files, unread)).get(CALL)).toEqual(talked);
    expect(unread).toEqual([]);
    const wire = await openWire(test_.url);
    const database = openDatabase(wire.url);
    await wire.cut();
    const asked = switchRecords(database, files).of('switch1', [{ uniqueid: CALL, startAt: START }]);
    await expect(asked).rejects.toMatchObject({ kind: 'away' });
    await database.destroy();
    await wire.close();
  });

  test('a call that begins five minutes behind the prompt that answered its caller has talked, by the file alone', async () => {
    const later = [
      row(300_500, 'ANSWER', CALLEE),
      ...leaves(310_500, CALLEE, 16, CALLEE),
      { ...row(100_000, 'ANSWER', OTHER), linkedid: OTHER },
    ].sort((one, other) => one.at - other.at);
    writeFile([row(10, 'ANSWER', CALL), ...later]);
    const call = { uniqueid: `${CALL}+2`, startAt: START + 300_000, isFixed: true };
    const written = await switchRecords(test_.database, new Map([['switch1', folder]])).of('agi:main', [call]);
    expect(written.get(call.uniqueid)).toMatchObject({ answerAt: START + 300_500, endAt: START + 310_500 });
  });

  test('what was read of a call that the dialplan dials is not read again', async () => {
    jest.spyOn(Date, 'now').mockReturnValue(START + 75_000);
    const records = switchRecords(test_.database, new Map([['switch1', folder]]));
    const call = { uniqueid: CALLER, startAt: START + 70_000, isFixed: true };
    const written: JournalEvent[] = [];
    const ask = async (...more: JournalEvent[]) => {
      written.push(...more.map(event => ({ ...event, linkedid: event.uniqueid === OTHER ? OTHER : CALLER })));
      writeFile(written);
      return (await records.of('agi:main', [call])).get(CALLER) ?? null;
    };
    await ask();
    await ask(row(0, 'HANGUP', OTHER), row(1, 'HANGUP', OTHER));
    expect(await ask(row(71_000, 'ANSWER', CALLER))).toMatchObject({ answerAt: null });
    expect(await ask(row(71_001, 'ANSWER', CALLEE))).toMatchObject({ answerAt: START + 71_001, endAt: null });
    // A search of the file finds no answer.
    written[2] = { ...written[2]!, event: 'XXXXXX' };
    const end = { answerAt: START + 71_001, endAt: START + 80_000, hangupSource: 'callee' };
    expect(await ask(...leaves(80_000, CALLEE, 16, CALLEE))).toMatchObject(end);
  });

  test('a log folder that is not there leaves the database, and is told', async () => {
    await writeSql();
    const unread: unknown[] = [];
    expect((await ask(new Map([['switch1', '/nowhere']]), unread)).get(CALL)).toEqual(talked);
    expect(unread).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
  });
});
