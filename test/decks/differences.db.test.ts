/** What one version changes against another, prefix by prefix; and the way back to an earlier version. */
import { Readable } from 'node:stream';
import { OPERATIONS } from '../../src/admin/operations';
import { sqlOf } from '../../src/database/rows';
import { listDifferences } from '../../src/decks/difference-store';
import type { Difference, DifferenceKind } from '../../src/decks/differences';
import { importDeck, loadDeck } from '../../src/decks/import-deck';
import { deleteVersion, pruneVersions } from '../../src/decks/old-version-store';
import { restoreVersion } from '../../src/decks/restored-version-store';
import { previewVersion, publishVersion } from '../../src/decks/waiting-version-store';
import { weigh, weighOnce } from '../../src/decks/weight-store';
import { actingAs } from '../../src/operator/acting';
import { type Operation, perform } from '../../src/operator/operation';
import type { Page } from '../../src/operator/page';
import { spellsOf } from '../../src/rating/schedule';
import { readSchedules } from '../../src/rating/schedule-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';

const COLUMNS =
  'prefix,destination,price_per_minute,connect_fee,initial_increment,increment,minimum_charge,valid_from,valid_until';
const DAY = '2026-12-15';

/** A file; what is not given of a line is the usual. */
const fileOf = (lines: string[]): Readable =>
  Readable.from([
    `${COLUMNS}\n`,
    ...lines.map(line => `${[...line.split(','), ...REST.slice(line.split(',').length)].join(',')}\n`),
  ]);
const REST = ['', 'Somewhere', '1', '0', '60', '60', '0', '', ''];

describe.each(engines)('two versions of a deck, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());

  const acting = () => actingAs('test', db.database);
  const imported = async (deck: string, lines: string[]): Promise<number> => {
    const file = { deck, currency: 'EUR', source: 'rates.csv', input: fileOf(lines), mayShrink: true };
    return (await importDeck(acting(), file)).version;
  };
  const currentOf = async (deck: string) =>
    Number((await db.database('astratedeck').where({ deck }).first('version')).version);

  /** All differences, read by key in parts of `limit`. */
  async function differences(before: number, version: number, kind?: DifferenceKind, limit = 2): Promise<Difference[]> {
    const all: Difference[] = [];
    let after: readonly (string | Date)[] | null = null;
    for (;;) {
      const comparison = { before, version, day: DAY, kind };
      const page = await listDifferences(db.database, comparison, {
        limit,
        offset: 0,
        byKey: { after, isCounted: false },
      });
      all.push(...page.items);
      if (page.nextCursor === undefined) return all;
      after = (JSON.parse(Buffer.from(page.nextCursor, 'base64url').toString()) as string[]).slice(1);
    }
  }
  const shown = ({ prefix, change, effect, before, after, fallsBack }: Difference) =>
    [
      `${prefix} ${change} ${effect}`,
      `${before?.prefix ?? '–'}:${before?.pricePerMinute ?? '–'}`,
      `${after?.prefix ?? '–'}:${after?.pricePerMinute ?? '–'}${fallsBack ? ' falls back' : ''}`,
    ].join(' ');

  const BEFORE = [
    '44,UK,0.10',
    '49,Germany,0.0078',
    '4915,Germany mobile,0.0495',
    '4916,Germany mobile,0.0495',
    '43,Austria,0.05',
    '431,Vienna,0.05',
    '7,Russia,0.03',
    '77,Kazakhstan,0.02',
    '8,Old name,0.5',
    '9,Until then,1,0,60,60,0,,2026-12-14',
  ];
  const AFTER = [
    '44,UK,0.12',
    '49,Germany,0.0078',
    '4915,Germany mobile,0.0600,0,60,60,0,9998-12-16,',
    '4917,Germany mobile,0.0495,0,60,60,0,2027-01-01,',
    '43,Austria,0.04',
    '431,Vienna,0.05',
    '7,Russia,0.03',
    '8,New name,0.5',
    '9,Until then,1,0,60,60,0,,2026-12-31',
    '1,America,0.01',
  ];

  test('each prefix says what rated it before and what rates it then, also a shorter one, and where that is cheaper', async () => {
    const before = await imported('retail', BEFORE);
    const version = await imported('retail', AFTER);
    const expected = [
      '1 new opened –:– 1:10000',
      '43 changed cheaper 43:50000 43:40000',
      '44 changed dearer 44:100000 44:120000',
      // Its own line begins later: until then it has the price that it had.
      '4915 changed same 4915:49500 4915:49500',
      '4916 gone cheaper 4916:49500 49:7800 falls back',
      // New, and sold for less than its own line will cost from January on.
      '4917 new same 49:7800 49:7800 falls back',
      '77 gone dearer 77:20000 7:30000',
      '8 changed same 8:500000 8:500000',
      '9 changed opened –:– 9:1000000',
    ];
    for (const limit of [1, 2, 100]) {
      expect((await differences(before, version, undefined, limit)).map(shown)).toEqual(expected);
    }
    const kinds = async (kind: DifferenceKind) =>
      (await differences(before, version, kind)).map(({ prefix }) => prefix);
    expect(await kinds('dearer')).toEqual(['44', '77']);
    expect(await kinds('cheaper')).toEqual(['43', '4916']);
    expect(await kinds('new')).toEqual(['1', '4917']);
    expect(await kinds('gone')).toEqual(['4916', '77']);
    expect(await kinds('fallback')).toEqual(['4916', '4917']);
    expect(await kinds('other')).toEqual(['4915', '8', '9']);
    const later = await imported('later', ['8,New name,0.5,0,60,60,0,2027-01-01,', '44,UK,0.12']);
    const against = async (kind: DifferenceKind) =>
      (await differences(version, later, kind)).map(({ prefix }) => prefix);
    // No shorter prefix rates them: gone, or to come later.
    expect(await against('closed')).toEqual(['1', '43', '431', '49', '4915', '4917', '7', '8', '9']);
    expect(await against('other')).toEqual([]);
  });

  test('what is blocked is told apart from what has no rate, and a blocked prefix that is gone falls back', async () => {
    const listed = async (lines: string[]) => {
      const input = Readable.from([
        `prefix,destination,price_per_minute,connect_fee,initial_increment,increment,blocked,valid_from\n`,
        ...lines.map(line => `${line}\n`),
      ]);
      const file = { deck: 'closing', currency: 'EUR', source: 'rates.csv', input, mayShrink: true };
      return (await importDeck(acting(), file)).version;
    };
    const before = await listed([
      '49,Germany,0.01,0,60,60,no,',
      '4915,Mobile,0.05,0,60,60,no,',
      '4916,Mobile,,,,,yes,',
      '4917,Mobile,,,,,yes,',
      '4918,Mobile,,,,,yes,',
      '7,Russia,,,,,yes,',
    ]);
    const version = await listed([
      '49,Germany,0.01,0,60,60,no,',
      '4915,Mobile,0.05,0,60,60,yes,',
      '4917,Mobile,0.07,0,60,60,no,',
      '4918,Mobile 2,,,,,yes,',
      '4919,Mobile,,,,,yes,',
      '881,Satellite,,,,,yes,',
      '882,Satellite,,,,,yes,2027-01-01',
    ]);
    expect((await differences(before, version)).map(shown)).toEqual([
      '4915 changed blocked 4915:50000 4915:50000',
      // Blocked before, and now sold at the price of 49.
      '4916 gone opened 4916:0 49:10000 falls back',
      '4917 changed opened 4917:0 4917:70000',
      '4918 changed same 4918:0 4918:0',
      '4919 new blocked 49:10000 4919:0',
      '7 gone closed 7:0 –:–',
      '881 new blocked –:– 881:0',
      '882 new same –:– –:–',
    ]);
    const kinds = async (kind: DifferenceKind) =>
      (await differences(before, version, kind)).map(({ prefix }) => prefix);
    expect(await kinds('blocked')).toEqual(['4915', '4919', '881']);
    expect(await kinds('fallback')).toEqual(['4916']);
    expect(await kinds('closed')).toEqual(['7']);
    const compare = OPERATIONS.find(({ name }) => name === 'deck compare') as Operation;
    const { facts } = compare.answer as { facts(difference: Difference): Record<string, unknown> };
    const told = (await differences(before, version)).map(facts);
    expect(told.find(({ prefix }) => prefix === '4915')).toMatchObject({
      price_before: 50_000n,
      price_after: null,
      increments_after: null,
      rated_by_after: '4915',
    });
  });

  test('by pages it is counted as a whole; against nothing all is new, and against itself nothing', async () => {
    const version = await currentOf('retail');
    const page = (before: number, offset: number) =>
      listDifferences(db.database, { before, version, day: DAY }, { limit: 3, offset });
    expect((await page(0, 9)).items.map(shown)).toEqual(['9 new opened –:– 9:1000000']);
    expect((await page(0, 9)).total).toBe(10);
    expect(await page(version, 0)).toEqual({ items: [], total: 0 });
    // Read on by key, it is counted as a whole, too.
    const behind = { after: ['0', String(version), '49'], isCounted: true };
    const rest = await listDifferences(
      db.database,
      { before: 0, version, day: DAY },
      { limit: 3, offset: 0, byKey: behind },
    );
    expect([rest.items.map(({ prefix }) => prefix), rest.total]).toEqual([['4915', '4917', '7'], 10]);
  });

  test('a cursor of other versions than those that are asked for is refused', async () => {
    const [one, two, three] = [
      await imported('cursors', ['1,A,1', '2,B,1']),
      await imported('cursors', ['3,A,1', '4,B,1']),
      await imported('cursors', ['5,A,1', '6,B,1']),
    ] as [number, number, number];
    const compare = OPERATIONS.find(({ name }) => name === 'deck compare') as Operation;
    const ask = async (input: object) =>
      (await perform(compare, requestBy('test', db.database), { deck: 'cursors', ...input })) as Page<Difference>;
    const { nextCursor: cursor } = await ask({ version: two, against: one, limit: 1, count: false });
    for (const those of [{ version: three }, { version: three, against: one }, { version: two, against: three }])
      await expect(ask({ ...those, cursor })).rejects.toThrow(`is of version ${two} against ${one}`);
    for (const those of [{ version: two }, { version: two, against: one }])
      expect((await ask({ ...those, cursor })).items.map(({ prefix }) => prefix)).toEqual(['2', '3', '4']);
  });

  test('versions of more lines than one statement reads are compared to their ends, with what stands far before', async () => {
    const many = Array.from({ length: 12_000 }, (_, index) => `1${String(index).padStart(5, '0')},Block,0.01`);
    const before = await imported('long', ['1,America,0.005', ...many]);
    const version = await imported('long', ['1,America,0.005', ...many.filter((_, index) => index !== 11_000)]);
    const [only, ...more] = await differences(before, version);
    expect(more).toEqual([]);
    expect(shown(only as Difference)).toBe('111000 gone cheaper 111000:10000 1:5000 falls back');
  });

  test('a version is weighed by the calls that its deck rated or cost since then, and by no others', async () => {
    const before = await imported('weighed', ['49,Germany,0.01', '4915,Germany mobile,0.05', '44,UK,0.02']);
    const version = await imported('weighed', ['49,Germany,0.01', '44,UK,0.025']);
    await db.database('asttrunk').insert({ trunk: 'cheap', endpoint: 'PJSIP/{number}@cheap', cost_deck: 'weighed' });
    const since = new Date('2026-12-01T00:00:00Z');
    const call = (uniqueid: string, dst: string, billsec: number, more: object) =>
      db.database('astcdr').insert({
        uniqueid,
        accountcode: 'alice',
        node: 'ast1',
        dst,
        billsec,
        start_at: '2026-12-02 00:00:00',
        ...more,
      });
    await call('w1', '491511', 120, { rate_deck: 'weighed' });
    await call('w2', '491511', 60, { rate_deck: 'other', trunk: 'cheap' });
    await call('w3', '4420', 600, { rate_deck: 'weighed', trunk: 'cheap' });
    await call('w4', '4420', 600, { rate_deck: 'other', trunk: 'dear' });
    await call('w5', '4420', 0, { rate_deck: 'weighed' });
    await call('w6', '4420', 600, { rate_deck: 'weighed', start_at: '2026-11-30 23:59:59' });
    const request = { deck: 'weighed', version, before, currency: 'EUR', day: DAY, since, mostMoves: 50 };
    const { weights, moves, ...weight } = await weigh(db.database, request);
    expect(weight).toMatchObject({ since, calls: 3, seconds: 780, weighedSeconds: 780 });
    expect(moves).toMatchObject([
      { effect: 'cheaper', fallsBack: true, calls: 2, seconds: 180, difference: -160_000n },
      { effect: 'dearer', fallsBack: false, calls: 1, seconds: 600, difference: 50_000n },
    ]);
    expect(weights.find(({ effect }) => effect === 'dearer')).toMatchObject({ calls: 1, difference: 50_000n });
    expect((await weigh(db.database, { ...request, mostMoves: 1 })).moves).toHaveLength(1);
    let scans = 0;
    const count = ({ sql }: { sql: string }) => {
      if (/from `astcdr`/.test(sql) && /SUM|COUNT/.test(sql)) scans++;
    };
    db.database.on('query', count);
    const asked = await Promise.all(Array.from({ length: 5 }, () => weighOnce(db.database, request)));
    db.database.removeListener('query', count);
    expect(new Set(asked).size).toBe(1);
    expect([asked[0]?.calls, scans]).toEqual([3, 1]);
    const none = await weigh(db.database, { ...request, since: new Date('2026-12-03T00:00:00Z') });
    expect([none.calls, none.seconds]).toEqual([0, 0]);
  });

  test('calls are weighed by the line of the hours in which each started: in the zone of its account, and over a trunk in UTC', async () => {
    const { database } = db;
    await database('astschedule').insert([
      { schedule: 'late', hours: 'Mo-Fr 20:00-06:00; PH 00:00-24:00', calendar: 'weighed', priority: 1 },
      { schedule: 'noon', hours: 'Mo-Su 11:30-13:15' },
      { schedule: 'torn', hours: 'whenever' },
    ]);
    // Friday, as a holiday.
    await database('astholiday').insert({ calendar: 'weighed', day: '2026-10-23', name: 'a feast' });
    const line = (prefix: string, price: string, schedule = '') => ({
      ...{
        prefix,
        destination: prefix,
        price_per_minute: price,
        connect_fee: 0,
        minimum_charge: 0,
        grace_seconds: 0,
        schedule,
      },
      ...{ initial_increment_seconds: 1, increment_seconds: 1 },
    });
    const made = async (factor: number) => {
      const lines = [line('49', '1'), line('49', String(2 * factor), 'late'), line('49', String(4 * factor), 'noon')];
      const [version = 0] = await database('astratedeckversion').insert({
        ...{ deck: 'hours', source: 'test', rates: lines.length, imported_at: '2020-01-01', longest_prefix: 2 },
      });
      await database('astrate').insert(lines.map((each, at) => ({ ...each, version, line: at + 2 })));
      for (const schedule of ['late', 'noon', 'torn']) await database('astdeckschedule').insert({ version, schedule });
      return version;
    };
    const [before, version] = [await made(1), await made(2)];
    await database('astratedeck').insert({ deck: 'hours', currency: 'EUR', version: before });
    await database('asttrunk').insert({ trunk: 'hourly', endpoint: 'PJSIP/{number}@hourly', cost_deck: 'hours' });
    const zones = ['Europe/Berlin', 'America/St_Johns', 'UTC', 'Mars/Olympus'];
    for (const [at, time_zone] of zones.entries()) {
      await database('astaccount').insert({ accountcode: `h${at}`, currency: 'EUR', deck: 'hours', time_zone });
    }
    // Over the night in which Berlin's clocks go back, the feast before it and the days of the week after it.
    const [first, count] = [Date.parse('2026-10-22T00:07:00Z'), 600];
    const schedules = [
      ...(await readSchedules(sqlOf(database), { names: ['late', 'noon'], from: first, until: first + 9e8 })).values(),
    ];
    const sums = { late: 0, noon: 0, none: 0 };
    const calls = Array.from({ length: count }, (_, at) => {
      const start = first + at * 17 * 60_000;
      const [zone, isCarried] = [zones[at % 4] as string, at % 5 === 0];
      const wall = isCarried || zone === 'Mars/Olympus' ? 'UTC' : zone;
      const [spell] = spellsOf(schedules, wall, start / 1_000, start / 1_000 + 60);
      sums[(spell?.schedule?.schedule ?? 'none') as keyof typeof sums]++;
      return {
        ...{ uniqueid: `hours-${at}`, accountcode: `h${at % 4}`, node: 'ast1', dst: '4930', billsec: 60 },
        ...{ start_at: new Date(start), rate_deck: isCarried ? 'other' : 'hours', trunk: isCarried ? 'hourly' : '' },
      };
    });
    await database('astcdr').insert(calls);
    const request = {
      deck: 'hours',
      version,
      before,
      currency: 'EUR',
      day: DAY,
      since: new Date(first),
      mostMoves: 50,
    };
    const { moves, calls: all } = await weigh(database, request);
    expect(all).toBe(count);
    expect(Math.min(...Object.values(sums))).toBeGreaterThan(20);
    const told = moves.map(({ before: was, calls: of, difference }) => [was?.schedule, of, difference]);
    expect(new Set(told)).toEqual(
      new Set([
        ['late', sums.late, BigInt(sums.late) * 2_000_000n],
        ['noon', sums.noon, BigInt(sums.noon) * 4_000_000n],
      ]),
    );
  });

  test('a restored version rates calls again, and what was current stays to go back to', async () => {
    const first = await imported('undo', ['49,Germany,0.10']);
    const second = await imported('undo', ['49,Germany,0.20']);
    const restore = (version: number, comparedWith: number) =>
      restoreVersion(acting(), { deck: 'undo', version, comparedWith });
    expect(await restore(first, second)).toEqual({
      deck: 'undo',
      version: first,
      currency: 'EUR',
      rates: 1,
      replaced: second,
    });
    expect(await currentOf('undo')).toBe(first);
    // It was read a moment ago, perhaps: it stays for a minute.
    await expect(deleteVersion(acting(), 'undo', second)).rejects.toMatchObject({ refusal: 'version_current' });
    await expect(restore(first, second)).rejects.toMatchObject({ refusal: 'version_current' });
    // The person looked at the second one, and would replace another price than that.
    await expect(restore(second, second)).rejects.toMatchObject({ refusal: 'preview_outdated' });
    expect(await currentOf('undo')).toBe(first);
    await restore(second, first);
    expect(await currentOf('undo')).toBe(second);
    const trail = await db.database('astaudit').where({ operation: 'deck restore' }).orderBy('audit_id');
    expect(trail.map(row => [JSON.parse(row.state_before), JSON.parse(row.state_after)])).toEqual([
      [{ version: second }, { version: first, rates: 1, source: 'rates.csv' }],
      [{ version: first }, { version: second, rates: 1, source: 'rates.csv' }],
    ]);
  });

  test('of old versions those stay that were current last, whatever their numbers', async () => {
    const versions: number[] = [];
    for (const price of ['0.1', '0.2', '0.3']) versions.push(await imported('pruned', [`49,Germany,${price}`]));
    const [first, second, third] = versions as [number, number, number];
    await restoreVersion(acting(), { deck: 'pruned', version: first, comparedWith: third });
    const current = await imported('pruned', ['49,Germany,0.4']);
    await db
      .database('astratedeckversion')
      .where({ deck: 'pruned' })
      .update({ imported_at: db.database.raw('imported_at - INTERVAL 5 MINUTE') });
    const removed = await pruneVersions(acting(), 'pruned', 1);
    expect(removed.map(({ version }) => version)).toEqual([third, second]);
    const left = await db.database('astratedeckversion').where({ deck: 'pruned' }).orderBy('version').pluck('version');
    expect(left.map(Number)).toEqual([first, current]);
  });

  test('a version that any call names is never deleted: not by its number, and not by a prune', async () => {
    const versions: number[] = [];
    for (const price of ['0.1', '0.2', '0.3']) versions.push(await imported('named', [`49,Germany,${price}`]));
    const [first, second, third] = versions as [number, number, number];
    const row = {
      uniqueid: 'named-1',
      accountcode: 'alice',
      node: 'ast1',
      start_at: '2020-01-01',
      end_at: '2020-01-01',
    };
    await db.database('astcdr').insert({ ...row, rate_deck: 'named', rate_version: first });
    await db
      .database('astratedeckversion')
      .where({ deck: 'named' })
      .update({ imported_at: db.database.raw('imported_at - INTERVAL 5 MINUTE') });
    await expect(deleteVersion(acting(), 'named', first)).rejects.toMatchObject({ refusal: 'version_used' });
    expect((await pruneVersions(acting(), 'named', 0)).map(({ version }) => version)).toEqual([second]);
    const left = await db.database('astratedeckversion').where({ deck: 'named' }).orderBy('version').pluck('version');
    expect(left.map(Number)).toEqual([first, third]);
    expect(await db.database('astrate').where({ version: first })).toHaveLength(1);
    await db.database('astcdr').where({ uniqueid: 'named-1' }).delete();
    expect(await deleteVersion(acting(), 'named', first)).toMatchObject({ version: first, rates: 1 });
  });

  test('what was never current, is not there or is being deleted is not restored', async () => {
    const current = await currentOf('undo');
    const restore = (deck: string, version: number) =>
      restoreVersion(acting(), { deck, version, comparedWith: current });
    const file = { deck: 'undo', source: 'rates.csv', input: fileOf(['49,Germany,0.30']) };
    const { version: waiting } = await loadDeck(acting(), file);
    await expect(restore('undo', waiting)).rejects.toMatchObject({ refusal: 'version_incomplete' });
    await expect(restore('undo', 999_999)).rejects.toMatchObject({ refusal: 'version_not_found' });
    await expect(restore('none', current)).rejects.toMatchObject({ refusal: 'deck_not_found' });
    await expect(restore('retail', current)).rejects.toMatchObject({ refusal: 'version_not_found' });
    const [dying] = await db.database('astratedeckversion').insert({ deck: 'undo', source: 'x', imported_at: null });
    await expect(restore('undo', Number(dying))).rejects.toMatchObject({ refusal: 'version_incomplete' });
    expect(await currentOf('undo')).toBe(current);
  });

  test('a version that waits is previewed anew after another one was restored, and published on what was seen', async () => {
    const first = await imported('waits', ['49,Germany,0.10']);
    const second = await imported('waits', ['49,Germany,0.20']);
    const file = { deck: 'waits', source: 'rates.csv', input: fileOf(['49,Germany,0.10', '44,UK,1']) };
    const { version, comparedWith } = await loadDeck(acting(), file);
    expect(comparedWith).toBe(second);
    await restoreVersion(acting(), { deck: 'waits', version: first, comparedWith: second });
    await expect(publishVersion(acting(), { deck: 'waits', version, comparedWith })).rejects.toMatchObject({
      refusal: 'preview_outdated',
    });
    const anew = await previewVersion(db.database, 'waits', version);
    expect(anew).toMatchObject({ comparedWith: first, changes: { new: { count: 1 }, unchanged: { count: 1 } } });
    await publishVersion(acting(), { deck: 'waits', version, comparedWith: first });
    expect(await currentOf('waits')).toBe(version);
  });
});
