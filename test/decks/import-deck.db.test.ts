import { Readable } from 'node:stream';
import { openVersion, removeVersion, showProgress } from '../../src/decks/deck-store';
import type { DeckImport } from '../../src/decks/import-deck';
import { importDeck } from '../../src/decks/import-deck';
import { actingAs } from '../../src/operator/acting';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const HEADER = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n';

/** A file of `count` rates at one price, from prefix 1000000 on, made while it is read. */
const ratesAt = (price: string, count: number, ending = ''): Readable =>
  Readable.from(
    (function* () {
      yield Buffer.from(HEADER);
      for (let index = 0; index < count; index++) {
        yield Buffer.from(`${1_000_000 + index},Somewhere,${price},0,60,60\n`);
      }
      yield Buffer.from(ending);
    })(),
  );

describe.each(engines)('deck import, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());

  const importFile = (deck: string, input: Readable, more: Partial<DeckImport> = {}) =>
    importDeck(actingAs('test', db.database), { deck, currency: 'EUR', source: 'rates.csv', input, ...more });

  /** The prices that the deck's current version has, with how many rates have each. */
  async function current(deck: string): Promise<Record<string, number>> {
    const rows = await db
      .database('astrate as r')
      .join('astratedeck as d', 'd.version', 'r.version')
      .where({ deck })
      .groupBy('r.price_per_minute')
      .select('r.price_per_minute')
      .count({ rates: '*' });
    return Object.fromEntries(rows.map((row: Record<string, unknown>) => [row.price_per_minute, Number(row.rates)]));
  }

  /** Rates and versions that are no deck's current ones and never were. */
  async function leftovers(): Promise<{ rates: number; versions: number }> {
    const [[row]] = await db.database.raw(
      `SELECT (SELECT COUNT(*) FROM astrate r LEFT JOIN astratedeckversion v ON v.version = r.version
         WHERE v.imported_at IS NULL) AS rates,
       (SELECT COUNT(*) FROM astratedeckversion WHERE imported_at IS NULL) AS versions`,
    );
    return { rates: Number(row.rates), versions: Number(row.versions) };
  }

  test('50,000 rates become current at once, and the next import takes their place', async () => {
    const seen: number[] = [];
    const first = await importFile('retail', ratesAt('0.01', 50_000), { onProgress: rates => seen.push(rates) });
    expect(first).toMatchObject({ deck: 'retail', currency: 'EUR', rates: 50_000, anyNumberLine: null });
    expect(seen).toEqual(Array.from({ length: 50 }, (_, chunk) => (chunk + 1) * 1_000));
    expect(await current('retail')).toEqual({ '0.010000': 50_000 });
    const second = await importFile('retail', ratesAt('0.02', 3_001), { currency: undefined, mayShrink: true });
    expect(second.version).toBeGreaterThan(first.version);
    expect(second.changes).toMatchObject({ new: { count: 0 }, changed: { count: 3_001 }, gone: { count: 46_999 } });
    expect(await current('retail')).toEqual({ '0.020000': 3_001 });
    // A call in progress keeps its rate: the rows of the version it was rated with stay.
    const [kept] = await db.database('astrate').where({ version: first.version }).count({ rates: '*' });
    expect(Number(kept?.rates)).toBe(50_000);
  });

  /** A file of one rate for each prefix, at its price. */
  const priced = (prices: Record<string, string>): Readable =>
    Readable.from([
      HEADER,
      ...Object.entries(prices).map(([prefix, price]) => `${prefix},Somewhere,${price},0,60,60\n`),
    ]);
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`3${index}`, '0.01']));

  test('what an import changes is told by prefix: new, changed, gone and unchanged, with the first three of each', async () => {
    expect((await importFile('told', priced(ten))).changes).toBeNull();
    const { '30': _gone, ...kept } = ten;
    const next = priced({ ...kept, '31': '0.02', '44': '0.01', '45': '0.01', '43': '0.01', '46': '0.01' });
    expect((await importFile('told', next)).changes).toEqual({
      new: { count: 4, examples: ['43', '44', '45'] },
      changed: { count: 1, examples: ['31'] },
      gone: { count: 1, examples: ['30'] },
      unchanged: { count: 8, examples: ['32', '33', '34'] },
      lapsed: { count: 0, examples: [] },
      blocked: { count: 0, examples: [] },
    });
  });

  test.each([
    ['its name', '49,Deutschland,0.01,0,60,60,,2026-01-01,2026-06-30'],
    ['its last day', '49,Germany,0.01,0,60,60,,2026-01-01,2026-07-01'],
    ['its longest call', '49,Germany,0.01,0,60,60,600,2026-01-01,2026-06-30'],
    [
      'a second price for later',
      '49,Germany,0.01,0,60,60,,2026-01-01,2026-06-30\n49,Germany,0.02,0,60,60,,2026-07-01,',
    ],
  ])(
    'a prefix has changed that has changed %s, and one that only stands in another line has not',
    async (what, line) => {
      const header = `${HEADER.trim()},max_seconds,valid_from,valid_until\n`;
      const old = '49,Germany,0.01,0,60,60,,2026-01-01,2026-06-30\n,Anywhere,9,0,1,1,,,\n';
      const deck = what.replaceAll(' ', '-');
      await importFile(deck, Readable.from([header, old]));
      const { changes } = await importFile(deck, Readable.from([header, `\n,Anywhere,9,0,1,1,,,\n${line}\n`]));
      expect(changes).toEqual({
        new: { count: 0, examples: [] },
        changed: { count: 1, examples: ['49'] },
        gone: { count: 0, examples: [] },
        unchanged: { count: 1, examples: [''] },
        lapsed: { count: 0, examples: [] },
        blocked: { count: 0, examples: [] },
      });
    },
  );

  test('a file that lacks two of ten prefixes is taken, one that lacks three is not unless that is wanted', async () => {
    const { '30': _0, '31': _1, ...eight } = ten;
    const { '32': _2, ...seven } = eight;
    await importFile('less', priced(ten));
    await expect(importFile('less', priced({ ...seven, '7': '1', '8': '1', '9': '1' }))).rejects.toMatchObject({
      refusal: 'prefixes_gone',
      detail: expect.stringContaining('lacks 3 of the 10 prefixes of deck "less" (30, 31, 32), more than a fifth'),
      more: [],
    });
    expect(await current('less')).toEqual({ '0.010000': 10 });
    expect(await leftovers()).toEqual({ rates: 0, versions: 0 });
    expect((await importFile('less', priced(eight))).changes?.gone.count).toBe(2);
    const one = await importFile('less', priced({ '39': '0.01' }), { mayShrink: true });
    expect(one.changes?.gone).toEqual({ count: 7, examples: ['32', '33', '34'] });
    expect(await current('less')).toEqual({ '0.010000': 1 });
  });

  test('a file is held against the version that it replaces, though that became current only while it was read', async () => {
    await importFile('raced', priced({ '30': '0.01' }));
    // Complete against the one prefix that exists when it begins, and incomplete against the ten that exist when it ends.
    const late = importFile('raced', priced({ '30': '0.02' }), {
      input: Readable.from(
        (async function* () {
          yield HEADER;
          await importFile('raced', priced(ten));
          yield '30,Somewhere,0.02,0,60,60\n';
        })(),
      ),
    });
    await expect(late).rejects.toMatchObject({ refusal: 'prefixes_gone' });
    expect(await current('raced')).toEqual({ '0.010000': 10 });
  });

  test('a file is held anew against a version that becomes current after it was compared and before it is', async () => {
    await importFile('overtaken', priced({ '30': '0.01' }));
    const { version } = await importFile('overtaken-by', priced(ten));
    const holder = await db.database.transaction();
    await holder('astratedeck').where({ deck: 'overtaken' }).forUpdate().first();
    const late = importFile('overtaken', priced({ '30': '0.02' }));
    late.catch(() => undefined);
    // It has compared, and waits for the deck's lock. The server looks anew only every tenth of a second, counted from the last look.
    const waits = async () => {
      const [rows] = await db.database.raw(
        "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%astratedeck%'",
      );
      return rows.length > 0;
    };
    while (!(await waits())) await new Promise(later => setTimeout(later, 200));
    await holder('astratedeck').where({ deck: 'overtaken' }).update({ version });
    await holder.commit();
    await expect(late).rejects.toMatchObject({ refusal: 'prefixes_gone' });
    expect(await current('overtaken')).toEqual({ '0.010000': 10 });
  });

  test('a bad line after 5,000 good ones imports nothing and leaves no row behind', async () => {
    await importFile('careful', ratesAt('0.01', 10));
    const refused = importFile('careful', ratesAt('0.09', 5_000, '49,Germany,-1,0,60,60\n'));
    await expect(refused).rejects.toMatchObject({
      refusal: 'file_invalid',
      detail: 'the file has 1 problem and nothing was imported: correct it and import it again',
      more: ['line 5002: price_per_minute "-1" is negative: write 0 or more'],
    });
    expect(await current('careful')).toEqual({ '0.010000': 10 });
    expect(await leftovers()).toEqual({ rates: 0, versions: 0 });
  });

  describe('a prefix that is there twice', () => {
    const FULL = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment,valid_from,valid_until\n';
    const refusedWith = async (lines: string[]): Promise<unknown> => {
      const before = await leftovers();
      const refusal = importFile('twice', Readable.from([`${FULL}${lines.join('\n')}\n`])).catch(error => error);
      const { more } = await refusal;
      expect(await leftovers()).toEqual(before);
      return more;
    };
    const germany = (days: string) => `49,Germany,0.01,0,60,60,${days}`;

    test.each([
      ['forever and forever', ',', ','],
      ['forever and from a day on', ',', '2026-07-01,'],
      ['with one day in common', ',2026-07-01', '2026-07-01,'],
      ['one within the other', '2026-01-01,2026-12-31', '2026-03-01,2026-03-31'],
    ])('%s: both lines are named, and nothing stays', async (_what, first, second) => {
      expect(await refusedWith(['1,Else,1,0,1,1,,', germany(first), '', germany(second)])).toEqual([
        'line 5: prefix "49" is in line 3 for the same days: keep one of the two',
      ]);
    });

    test.each([
      ['the first', 2, '2026-01-31,2026-01-31'],
      ['the second', 3, '2026-02-28,'],
    ])('a third line that meets only %s names that', async (_which, line, days) => {
      const lines = [',2026-01-31', '2026-02-01,2026-02-28', days].map(germany);
      expect(await refusedWith(lines)).toEqual([expect.stringContaining(`line 4: prefix "49" is in line ${line} `)]);
    });

    test('is told beside what else is wrong, in the order of the file', async () => {
      const lines = [germany(','), germany(','), germany('2026-13-01,'), '48,Poland,1,0,1,1,,', '48,Poland,1,0,1,1,,'];
      const told = (await refusedWith(lines)) as string[];
      expect(told.map(text => text.slice(0, 7))).toEqual(['line 3:', 'line 4:', 'line 6:']);
    });

    test('6,000 prefixes with two prices each, for days that do not meet, are taken; one that meets is found behind them', async () => {
      const lines = Array.from({ length: 6_000 }, (_, index) =>
        [',2026-06-30', '2026-07-01,'].map(days => `${10_000 + index},Somewhere,1,0,1,1,${days}`),
      ).flat();
      expect(await importFile('many', Readable.from([`${FULL}${lines.join('\n')}\n`]))).toMatchObject({
        rates: 12_000,
      });
      expect(await refusedWith([...lines, '15999,Somewhere,1,0,1,1,2026-06-30,2026-06-30'])).toEqual([
        expect.stringContaining('line 12002: prefix "15999" is in line 12000 '),
      ]);
    });

    test('more than 1,000 prices for one prefix are refused', async () => {
      const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
      const lines = Array.from({ length: 1_002 }, (_, index) => germany(`${day(index)},${day(index)}`));
      expect(await refusedWith(lines)).toEqual([
        'line 1002: prefix "49" has more than 1000 lines: leave out what is past',
        'line 1003: prefix "49" has more than 1000 lines: leave out what is past',
      ]);
    });
  });

  test('a file that breaks off while it is read imports nothing', async () => {
    const input = Readable.from(
      (async function* () {
        yield Buffer.from(HEADER);
        for (let index = 0; index < 5_000; index++) yield Buffer.from(`${index + 1},Somewhere,1,0,1,1\n`);
        throw new Error('the disk is gone');
      })(),
    );
    await expect(importFile('broken', input)).rejects.toThrow('the disk is gone');
    expect(await db.database('astratedeck').where({ deck: 'broken' })).toEqual([]);
    expect(await leftovers()).toEqual({ rates: 0, versions: 0 });
  });

  test('an import that is interrupted after its first chunk leaves nothing', async () => {
    const interrupted = new AbortController();
    const stopped = importFile('stopped', ratesAt('1', 10_000), {
      onProgress: () => interrupted.abort(),
      signal: interrupted.signal,
    });
    await expect(stopped).rejects.toMatchObject({ name: 'ImportInterrupted' });
    expect(await leftovers()).toEqual({ rates: 0, versions: 0 });
  });

  test('what a killed import left is removed by the next one, and what a living one is writing is not', async () => {
    const dead = await openVersion(db.database, 'dead', 'dead.csv');
    const longAgo = db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 16 MINUTE');
    await db.database('astratedeckversion').where({ version: dead }).update({ progress_at: longAgo });
    const row = { destination: 'x', price_per_minute: 1, connect_fee: 0, minimum_charge: 0, grace_seconds: 0 };
    const rate = { ...row, prefix: '1', line: 2, initial_increment_seconds: 1, increment_seconds: 1 };
    await db.database('astrate').insert({ ...rate, version: dead });
    const version = await openVersion(db.database, 'living', 'living.csv');
    await db.database('astrate').insert({ ...rate, version });
    await importFile('sweeper', ratesAt('1', 1));
    expect(await db.database('astrate').where({ version: dead })).toEqual([]);
    expect(await db.database('astratedeckversion').where({ version: dead })).toEqual([]);
    expect(await db.database('astrate').where({ version })).toHaveLength(1);
    await removeVersion(db.database, version);
    // It counted as dead while it slept: it learns that with its next chunk, and writes nothing.
    expect(await showProgress(db.database, version, 1)).toBe(false);
  });

  test('a version remembers how long its longest prefix is, as no more of a number is compared', async () => {
    const text = `${HEADER}4,x,1,0,1,1\n49301,x,1,0,1,1\n493,x,1,0,1,1\n`;
    const { version } = await importFile('longest', Readable.from([text]));
    const row = await db.database('astratedeckversion').where({ version }).first('longest_prefix', 'rates');
    expect(row).toEqual({ longest_prefix: 5, rates: 3 });
  });

  test('two imports of one deck at once both succeed, and one of them is current as a whole', async () => {
    const [one, other] = await Promise.all([
      importFile('busy', ratesAt('0.01', 6_000)),
      importFile('busy', ratesAt('0.02', 6_000)),
    ]);
    expect(one.version).not.toBe(other.version);
    expect([{ '0.010000': 6_000 }, { '0.020000': 6_000 }]).toContainEqual(await current('busy'));
    expect(await leftovers()).toEqual({ rates: 0, versions: 0 });
  });

  test('of two first imports at once in two currencies one is refused, and every price is in the currency of the deck', async () => {
    const results = await Promise.allSettled([
      importFile('torn', ratesAt('0.01', 3_000)),
      importFile('torn', ratesAt('0.02', 3_000), { currency: 'USD' }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [{ currency }] = await db.database('astratedeck').where({ deck: 'torn' }).select('currency');
    expect(await current('torn')).toEqual({ [currency === 'EUR' ? '0.010000' : '0.020000']: 3_000 });
    const rejected = results.find(result => result.status === 'rejected');
    expect((rejected as PromiseRejectedResult).reason).toMatchObject({ refusal: 'currency_mismatch' });
  });

  test.each([
    ['a first import without a currency', 'new', undefined, 'currency is missing for the new deck "new"'],
    ['another currency than before', 'retail', 'USD', 'currency USD is not that of deck "retail", EUR'],
    ['a currency that is none', 'new', 'euros', 'currency "euros" is not a currency'],
    ['a deck named with a slash', '../deck', 'EUR', 'deck "../deck" is not a name'],
  ])('%s is refused before the file is read', async (_what, deck, currency, detail) => {
    const input = ratesAt('1', 1);
    await expect(importFile(deck, input, { currency })).rejects.toMatchObject({
      detail: expect.stringContaining(detail),
    });
    expect(input.destroyed).toBe(true);
  });

  test('an empty prefix rates any number, and the import says in which line it is', async () => {
    const input = Readable.from([Buffer.from(`${HEADER}49,Germany,1,0,1,1\n,Anywhere,9,0,1,1\n`)]);
    expect(await importFile('any', input)).toMatchObject({ rates: 2, anyNumberLine: 3 });
  });
});
