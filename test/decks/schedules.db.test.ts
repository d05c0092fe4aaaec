/** Schedules, holidays, and price lists whose lines name them. */
import { Readable } from 'node:stream';
import { type DeckLoad, importDeck, loadDeck } from '../../src/decks/import-deck';
import { deleteVersion } from '../../src/decks/old-version-store';
import {
  fillHolidays,
  importHolidays,
  listHolidays,
  listSchedules,
  removeHoliday,
  removeSchedule,
  scheduleNamed,
  setHoliday,
  setSchedule,
} from '../../src/decks/schedule-store';
import { actingAs } from '../../src/operator/acting';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const HEADER =
  'prefix,destination,price_per_minute,connect_fee,initial_increment,increment,schedule,valid_from,valid_until\n';
const line = (prefix: string, price: string, schedule = '', from = '', until = ''): string =>
  `${prefix},Zone ${prefix},${price},0,1,1,${schedule},${from},${until}\n`;

const ALL = { limit: 50, offset: 0 };

describe.each(engines)('schedules, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    for (const name of ['peak', 'night', 'weekend', 'a', 'b', 'c', 'd', 'e', 'f']) {
      await setSchedule(acting(), name, { hours: 'Mo-Fr 08:00-20:00' });
    }
  });
  afterAll(() => db.drop());

  const acting = () => actingAs('test', db.database);
  const file = (lines: readonly string[]) => ({
    currency: 'EUR',
    source: 'rates.csv',
    input: Readable.from([HEADER, ...lines]),
  });
  const imported = (deck: string, ...lines: string[]) =>
    importDeck(acting(), { deck, ...file(lines), mayShrink: true });
  const problems = async (...lines: string[]): Promise<string[]> => {
    const told = await imported('wrong', ...lines).then(
      () => [],
      error => error.more ?? [String(error)],
    );
    return told;
  };
  const schedulesOf = async (version: number): Promise<string[]> =>
    db.database('astdeckschedule').where({ version }).orderBy('schedule').pluck('schedule');

  test('are added and changed one setting at a time, listed, and removed', async () => {
    await expect(setSchedule(acting(), 'new', { priority: 1 })).rejects.toMatchObject({ refusal: 'field_invalid' });
    const set = await setSchedule(acting(), 'new', { hours: 'Sa,Su,PH 00:00-24:00', calendar: 'de' });
    const first = { schedule: 'new', hours: 'Sa,Su,PH 00:00-24:00', calendar: 'de', priority: 0, isUsed: false };
    expect(set).toEqual(first);
    expect(await setSchedule(acting(), 'new', { priority: 7 })).toEqual({ ...first, priority: 7 });
    expect(await setSchedule(acting(), 'new', { calendar: null })).toMatchObject({ calendar: null, priority: 7 });
    expect(await scheduleNamed(db.database, 'new')).toMatchObject({ hours: 'Sa,Su,PH 00:00-24:00' });
    const { items, total } = await listSchedules(db.database, ALL);
    expect([total, items.map(({ schedule }) => schedule)]).toEqual([
      10,
      ['a', 'b', 'c', 'd', 'e', 'f', 'new', 'night', 'peak', 'weekend'],
    ]);
    expect(await removeSchedule(acting(), 'new')).toMatchObject({ schedule: 'new' });
    await expect(removeSchedule(acting(), 'new')).rejects.toMatchObject({ refusal: 'schedule_not_found' });
    const trail = await db
      .database('astaudit')
      .where({ object: 'schedule new' })
      .orderBy('audit_id')
      .pluck('operation');
    expect(trail).toEqual(['schedule set', 'schedule set', 'schedule set', 'schedule remove']);
  });

  test('a price list keeps a line of each schedule beside the one without', async () => {
    const { version, rates } = await imported(
      'kept',
      line('49', '0.02'),
      line('49', '0.10', 'peak'),
      line('44', '0.03'),
    );
    expect(rates).toBe(3);
    expect(await schedulesOf(version)).toEqual(['peak']);
    const rows = await db.database('astrate').where({ version, prefix: '49' }).orderBy('line').pluck('schedule');
    expect(rows).toEqual(['', 'peak']);
    await expect(removeSchedule(acting(), 'peak')).rejects.toMatchObject({ refusal: 'schedule_used' });
    expect(await scheduleNamed(db.database, 'peak')).toMatchObject({ isUsed: true });
  });

  test('what would leave a price to chance is refused', async () => {
    expect(await problems(line('49', '1'), line('49', '2', 'nowhere'))).toEqual([
      'line 3: schedule "nowhere" does not exist: add it with "schedule set"',
    ]);
    expect(await problems(line('49', '1'), line('49', '2', 'no/name'))).toEqual([
      'line 3: schedule "no/name" is not the name of a schedule: see "schedule list"',
    ]);
    expect(await problems(line('49', '2', 'peak'), line('44', '1'))).toEqual([
      'line 2: prefix "49" has schedule "peak" and no line without a schedule for all days: add one, for the hours in which no schedule holds',
    ]);
    expect(await problems(line('49', '1'), line('49', '2', 'peak'), line('49', '3', 'peak'))).toEqual([
      'line 4: prefix "49" is in line 3 for the same days by schedule "peak": keep one of the two',
    ]);
    expect(
      await problems(
        line('49', '1', '', '2026-01-01', '2026-03-31'),
        line('49', '1', '', '2026-04-02', '2026-12-31'),
        line('49', '2', 'peak', '2026-02-01', '2026-06-30'),
      ),
    ).toEqual([
      'line 4: prefix "49" has schedule "peak" and no line without a schedule for 2026-04-01: add one, for the hours in which no schedule holds',
    ]);
    expect(
      await problems(line('49', '1', '', '2026-01-01', '2026-12-31'), line('49', '2', 'peak', '2026-02-01')),
    ).toEqual([
      'line 3: prefix "49" has schedule "peak" and no line without a schedule for 2027-01-01: add one, for the hours in which no schedule holds',
    ]);
    const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => line('49', String(at + 2), name));
    expect(await problems(line('49', '1'), ...six)).toEqual([
      'line 8: prefix "49" has more than 5 schedules for the same days: leave one out',
    ]);
    expect(
      await problems(
        line('49', '1', '', '', '2026-06-30'),
        line('49', '1', '', '2026-07-01'),
        line('49', '2', 'night'),
      ),
    ).toEqual([]);
  });

  test('a version that keeps lines of the one before names their schedules, and a deleted one none', async () => {
    const first = await imported('again', line('49', '1'), line('49', '2', 'weekend'), line('44', '1'));
    const changes: Partial<DeckLoad> = { namesChanges: true };
    const second = await loadDeck(acting(), { deck: 'again', ...file([line('44', '3')]), ...changes });
    expect(await schedulesOf(second.version)).toEqual(['weekend']);
    const third = await loadDeck(acting(), { deck: 'again', ...file([line('49', '3')]), ...changes });
    expect(await schedulesOf(third.version)).toEqual([]);
    await deleteVersion(acting(), 'again', second.version);
    expect(await schedulesOf(second.version)).toEqual([]);
    const plain = await imported('again', line('49', '1'), line('44', '1'));
    expect(await schedulesOf(plain.version)).toEqual([]);
    await db.database('astratedeckversion').update({ imported_at: '2026-06-01 00:00:00' });
    await deleteVersion(acting(), 'again', first.version);
    expect(await removeSchedule(acting(), 'weekend')).toMatchObject({ schedule: 'weekend' });
  });

  test('holidays are filled in by law, named by hand, and taken out', async () => {
    const days = [
      { day: '2026-12-25', name: 'Erster Weihnachtstag' },
      { day: '2026-12-26', name: 'Zweiter Weihnachtstag' },
    ];
    await setHoliday(acting(), { calendar: 'de', day: '2026-12-25', name: 'Christmas' });
    expect(await fillHolidays(acting(), 'de', days)).toBe(1);
    expect(await fillHolidays(acting(), 'de', days)).toBe(0);
    await setHoliday(acting(), { calendar: 'de', day: '2027-01-01', name: 'New Year' });
    const listed = async (year?: number) => (await listHolidays(db.database, { calendar: 'de', year }, ALL)).items;
    expect((await listed(2026)).map(({ day, name }) => `${day} ${name}`)).toEqual([
      '2026-12-25 Christmas',
      '2026-12-26 Zweiter Weihnachtstag',
    ]);
    expect(await removeHoliday(acting(), { calendar: 'de', day: '2027-01-01' })).toMatchObject({ name: 'New Year' });
    expect(await listed()).toHaveLength(2);
    await expect(removeHoliday(acting(), { calendar: 'de', day: '2027-01-01' })).rejects.toMatchObject({
      refusal: 'holiday_not_found',
    });
  });

  test('a file adds days, names those anew that have another name, and leaves the others', async () => {
    await setHoliday(acting(), { calendar: 'fr', day: '2026-07-14', name: 'Bastille Day' });
    await setHoliday(acting(), { calendar: 'fr', day: '2026-05-08', name: 'Victoire' });
    await setHoliday(acting(), { calendar: 'fr', day: '2026-11-11', name: 'Armistice' });
    const holidays = [
      { day: '2026-07-14', name: 'Fête nationale' },
      { day: '2026-05-08', name: 'Victoire' },
      { day: '2027-05-01', name: 'Fête du Travail' },
    ];
    const request = acting();
    const imported = () => importHolidays(request, { calendar: 'fr', source: 'fr.csv', holidays });
    expect(await imported()).toEqual({ calendar: 'fr', added: 1, renamed: 1, unchanged: 1 });
    const { items } = await listHolidays(db.database, { calendar: 'fr' }, ALL);
    expect(items.map(({ day, name }) => `${day} ${name}`)).toEqual([
      '2026-05-08 Victoire',
      '2026-07-14 Fête nationale',
      '2026-11-11 Armistice',
      '2027-05-01 Fête du Travail',
    ]);
    const trail = () =>
      db
        .database('astaudit')
        .where({ request_id: request.requestId })
        .orderBy('audit_id')
        .select('operation', 'object', 'state_before', 'state_after');
    const written = [
      {
        operation: 'holiday import',
        object: 'calendar fr',
        state_before: null,
        state_after: JSON.stringify({ source: 'fr.csv', days: ['2027-05-01'] }),
      },
      {
        operation: 'holiday import',
        object: 'holiday 2026-07-14 of calendar fr',
        state_before: JSON.stringify({ name: 'Bastille Day' }),
        state_after: JSON.stringify({ name: 'Fête nationale' }),
      },
    ];
    expect(await trail()).toEqual(written);
    expect(await imported()).toEqual({ calendar: 'fr', added: 0, renamed: 0, unchanged: 3 });
    expect(await trail()).toEqual(written);
  });

  test('a file whose result cannot be kept leaves nothing', async () => {
    const holidays = [{ day: '2026-07-14', name: 'Fête nationale' }];
    const failing = async () => {
      throw new Error('not kept');
    };
    const importing = importHolidays(acting(), { calendar: 'empty', source: 'fr.csv', holidays }, failing);
    await expect(importing).rejects.toThrow('not kept');
    expect((await listHolidays(db.database, { calendar: 'empty' }, ALL)).total).toBe(0);
  });
});
