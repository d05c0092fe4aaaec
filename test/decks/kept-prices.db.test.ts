/** What stays of a deck's version in the next one: the price until a later one begins, and what a sheet of changes does not name. */
import { Readable } from 'node:stream';
import { type DeckLoad, importDeck, loadDeck } from '../../src/decks/import-deck';
import { previewVersion, publishVersion } from '../../src/decks/waiting-version-store';
import { actingAs } from '../../src/operator/acting';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const HEADER =
  'prefix,destination,price_per_minute,connect_fee,initial_increment,increment,valid_from,valid_until,removed\n';

/** The day so many days from today, UTC. */
const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** A line of a file. */
const line = (prefix: string, price: string, from = '', until = ''): string =>
  `${prefix},Zone ${prefix},${price},0,60,60,${from},${until},\n`;
const removal = (prefix: string, from = ''): string => `${prefix},Zone ${prefix},,,,,${from},,yes\n`;

describe.each(engines)('in the next version, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
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
  const load = (deck: string, lines: string[], more: Partial<DeckLoad> = {}) =>
    loadDeck(acting(), { deck, ...file(lines), ...more });
  const changes = (deck: string, ...lines: string[]) => load(deck, lines, { namesChanges: true });

  /** The rates of a version: `49 0.02 from until`, in the order of prefixes and days. */
  async function ratesOf(version: number): Promise<string[]> {
    const [rows] = await db.database.raw(
      `SELECT prefix, price_per_minute, DATE_FORMAT(valid_from, '%Y-%m-%d') AS begins, DATE_FORMAT(valid_until, '%Y-%m-%d') AS ends
       FROM astrate WHERE version = ? ORDER BY prefix, COALESCE(valid_from, '1000-01-01')`,
      [version],
    );
    return rows.map((row: Record<string, string>) =>
      [row.prefix, Number(row.price_per_minute), row.begins ?? '…', row.ends ?? '…'].join(' '),
    );
  }

  test('a price counts until the day before a later one begins; of a price that begins at once nothing stays', async () => {
    await imported('later', line('49', '0.02'), line('44', '0.01'), line('33', '0.03'));
    const { version, rates } = await imported('later', line('49', '0.05', day(9)), line('44', '0.04'));
    expect(await ratesOf(version)).toEqual(['44 0.04 … …', `49 0.02 … ${day(8)}`, `49 0.05 ${day(9)} …`]);
    expect(rates).toBe(3);
    expect(await db.database('astratedeckversion').where({ version }).first('rates')).toEqual({ rates: 3 });
  });

  test('again and again: each of several later prices ends where the next begins, and what is over is left out', async () => {
    await imported('often', line('49', '0.01', '', day(-5)), line('49', '0.02', day(-4)));
    await imported('often', line('49', '0.05', day(9)));
    const { version } = await imported('often', line('49', '0.07', day(20)));
    expect(await ratesOf(version)).toEqual([
      `49 0.02 ${day(-4)} ${day(8)}`,
      `49 0.05 ${day(9)} ${day(19)}`,
      `49 0.07 ${day(20)} …`,
    ]);
  });

  test('where a price begins today, the one before counts until yesterday: west of UTC that may still be the day', async () => {
    await imported('west', line('1', '0.01'));
    const { version } = await imported('west', line('1', '0.02', day(0)));
    expect(await ratesOf(version)).toEqual([`1 0.01 … ${day(-1)}`, `1 0.02 ${day(0)} …`]);
  });

  test('a prefix that had no price gets none until its first one begins', async () => {
    await imported('fresh', line('49', '0.02'));
    const { version } = await imported('fresh', line('49', '0.02'), line('4915', '0.05', day(3)));
    expect(await ratesOf(version)).toEqual(['49 0.02 … …', `4915 0.05 ${day(3)} …`]);
  });

  test('all of a price is kept, whatever columns it has', async () => {
    const columns = 'minimum_charge,grace_seconds,max_seconds,free_seconds,steps,blocked';
    const whole = (name: string, lines: string[], namesChanges: boolean) => ({
      deck: 'all',
      currency: 'EUR',
      source: name,
      input: Readable.from([`${HEADER.trim().replace('removed', columns)}\n`, ...lines.map(text => `${text}\n`)]),
      namesChanges,
    });
    const first = await importDeck(acting(), {
      ...whole('first', ['49,A,0.01,0.02,30,6,,,0.05,4,600,0,180:0.05/6,no', '44,B,0.03,0,1,1,,,0,0,,7,,yes'], false),
    });
    const next = await loadDeck(acting(), whole('next', ['49,A,0.09,0,1,1,9998-01-01,,0,0,,0,,no'], true));
    const kept = async (version: number) => {
      const rows = await db.database('astrate').where({ version }).whereNull('valid_from').orderBy('prefix');
      return rows.map(({ version: _, line: _its, valid_until: _last, ...rest }) => rest);
    };
    const before = await kept(first.version);
    expect(before).toMatchObject([
      { is_blocked: 1, free_seconds: 7 },
      { steps: '180:0.05/6', max_seconds: 600 },
    ]);
    expect(await kept(next.version)).toEqual(before);
  });

  test('a sheet of changes leaves every other price as it is; a whole list does not', async () => {
    const first = ['30', '31', '32'].map(prefix => line(prefix, '0.01'));
    await imported('sheet', ...first, line('33', '0.03', '', day(30)));
    const whole = await load('sheet', [line('31', '0.02')]);
    expect(await ratesOf(whole.version)).toEqual(['31 0.02 … …']);
    const some = await changes('sheet', line('31', '0.02'), line('34', '0.04'), line('32', '0.09', day(2)));
    expect(await ratesOf(some.version)).toEqual([
      '30 0.01 … …',
      '31 0.02 … …',
      `32 0.01 … ${day(1)}`,
      `32 0.09 ${day(2)} …`,
      `33 0.03 … ${day(30)}`,
      '34 0.04 … …',
    ]);
    expect(some).toMatchObject({
      rates: 6,
      changes: { new: { count: 1 }, changed: { count: 2 }, gone: { count: 0 }, unchanged: { count: 2 } },
    });
    await publishVersion(acting(), { deck: 'sheet', version: some.version });
    expect((await ratesOf(some.version)).length).toBe(6);
  });

  test('a line that removes ends the price of its prefix, at once or from its day on', async () => {
    await imported('gone', ...['30', '31', '32'].map(prefix => line(prefix, '0.01')), line('3', '0.5'));
    const { version, rates } = await changes('gone', removal('30'), removal('31', day(5)), removal('39'));
    expect(await ratesOf(version)).toEqual(['3 0.5 … …', `31 0.01 … ${day(4)}`, '32 0.01 … …']);
    expect(rates).toBe(3);
    const list = await load('gone', [line('3', '0.5'), removal('32', day(5)), removal('31')]);
    expect(await ratesOf(list.version)).toEqual(['3 0.5 … …', `32 0.01 … ${day(4)}`]);
  });

  test('a line that removes a prefix on a day for which another has a price is refused, and so are its last day and a list without rates', async () => {
    await imported('wrong', line('30', '0.01'));
    await expect(changes('wrong', line('30', '0.02'), removal('30', day(5)))).rejects.toMatchObject({
      refusal: 'file_invalid',
      lines: [
        {
          line: 3,
          problem: expect.stringContaining('is in line 2 for the same days'),
          rule: 'prefix_twice',
          facts: { prefix: '30', earlier: 2 },
        },
      ],
    });
    await expect(
      changes('wrong', `30,Zone,,,,,,${day(5)},yes\n`, `31,Zone,0.01,0,60,60,,,maybe\n`),
    ).rejects.toMatchObject({
      lines: [
        { problem: expect.stringContaining('valid_until') },
        { problem: 'removed "maybe" is neither yes nor no: write one of them' },
      ],
    });
    await expect(load('wrong', [removal('30')])).rejects.toMatchObject({
      refusal: 'file_invalid',
      facts: { rates: 0 },
    });
    await expect(changes('nothing-yet', line('30', '0.01'))).rejects.toMatchObject({
      refusal: 'field_invalid',
      detail: expect.stringMatching(/^changes true has nothing to change, as deck "nothing-yet" has no version yet/),
    });
  });

  test('a price of several lines ends where the first later one begins before it, and prices between are kept', async () => {
    await imported(
      'twice',
      line('49', '0.01', '', day(3)),
      line('49', '0.02', day(4), day(8)),
      line('49', '0.03', day(9)),
    );
    const { version } = await imported('twice', line('49', '0.05', day(6)));
    expect(await ratesOf(version)).toEqual([
      `49 0.01 … ${day(3)}`,
      `49 0.02 ${day(4)} ${day(5)}`,
      `49 0.05 ${day(6)} …`,
    ]);
  });

  test('what was made of a version that is not current any more is not previewed or published: it would bring its prices back', async () => {
    await imported('raced', line('30', '0.01'), line('31', '0.01'));
    const mine = await changes('raced', line('30', '0.02'));
    const theirs = await changes('raced', line('31', '0.02'));
    const whole = await load('raced', [line('30', '0.03'), line('31', '0.03')]);
    await publishVersion(acting(), { deck: 'raced', version: mine.version });
    for (const look of [
      () => previewVersion(db.database, 'raced', theirs.version),
      () => publishVersion(acting(), { deck: 'raced', version: theirs.version, comparedWith: mine.version }),
    ]) {
      await expect(look()).rejects.toMatchObject({
        refusal: 'version_outdated',
        detail: expect.stringContaining('load the file again'),
      });
    }
    expect((await previewVersion(db.database, 'raced', whole.version)).comparedWith).toBe(mine.version);
  });

  test('imports at the same time both come, and the last one keeps the price of the one before it', async () => {
    await imported('both', line('49', '0.01'));
    const both = await Promise.all([
      imported('both', line('49', '0.02', day(5))),
      imported('both', line('49', '0.03', day(7))),
    ]);
    const { version } = await db.database('astratedeck').where({ deck: 'both' }).first();
    expect(both.map(each => each.version)).toContain(Number(version));
    // Whichever is the last keeps what the other one had made of the first.
    expect([
      [`49 0.01 … ${day(4)}`, `49 0.02 ${day(5)} …`],
      [`49 0.01 … ${day(4)}`, `49 0.02 ${day(5)} ${day(6)}`, `49 0.03 ${day(7)} …`],
    ]).toContainEqual(await ratesOf(Number(version)));
  });

  test('a current version of several transactions is kept whole', async () => {
    const many = Array.from({ length: 4_500 }, (_, index) => line(String(10_000 + index), '0.01'));
    await imported('many', ...many);
    const { version, rates } = await changes('many', line('99', '0.02'), line('10000', '0.05', day(2)));
    expect(rates).toBe(4_502);
    const kept = await ratesOf(version);
    expect(new Set(kept.map(each => each.split(' ')[0])).size).toBe(4_501);
    expect(kept[0]).toBe(`10000 0.01 … ${day(1)}`);
  });
});
