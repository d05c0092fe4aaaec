import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

const HEADER = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n';

describe.each(engines)('from an empty schema to a price, on the command line, %s', engine => {
  let db: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    folder = mkdtempSync(join(tmpdir(), 'ringfence-deck-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await db.drop();
  });

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const cli = (...words: string[]) => ringfence(db.url, words);

  test('a deck is imported and listed, with the name of its file', async () => {
    const rates = file('rates.csv', `${HEADER}49,Germany,1.00,0,60,60\n1,America,0.05,0.01,6,6\n`);
    expect(await json(db.url, ['deck', 'import', 'retail', rates, '--currency', 'EUR'])).toMatchObject({
      deck: 'retail',
      currency: 'EUR',
      rates: 2,
      any_number_line: null,
    });
    expect((await json(db.url, ['deck', 'list'])).items).toEqual([
      expect.objectContaining({ deck: 'retail', rates: 2, currency: 'EUR', source: 'rates.csv' }),
    ]);
  });

  test('holidays are imported from a file, and a bad line leaves the calendar as it was', async () => {
    const good = file('holidays.csv', 'day,name\n2026-12-24,Heiligabend\n2026-12-31,Silvester\n');
    expect(await cli('holiday', 'import', 'germany', good)).toEqual({
      exitCode: 0,
      out: 'germany: 2 days are new, 0 have another name, 0 were there\n',
      err: '',
    });
    const bad = file('bad.csv', 'day,name\n2026-12-25,Christmas\n2026-12-32,x\n');
    const refused = await cli('holiday', 'import', 'germany', bad);
    expect(refused).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('line 3: day "2026-12-32" is not a day'),
    });
    expect((await json(db.url, ['holiday', 'list', '--calendar', 'germany'])).items).toHaveLength(2);
  });

  test('an import says what it changes; a part of the deck is one line and exit code 3, and with --yes it is taken', async () => {
    const rows = ['49,Germany,1.00,0,60,60', '1,America,0.05,0.01,6,6', ',Anywhere,9,0,60,60'];
    const [whole, part] = [rows, rows.slice(0, 1)].map((some, index) =>
      file(`parted-${index}.csv`, `${HEADER}${some.join('\n')}\n`),
    ) as [string, string];
    const first = await cli('deck', 'import', 'parted', whole, '--currency', 'EUR');
    expect(first).toMatchObject({ exitCode: 0, out: expect.not.stringContaining('before') });
    expect((await cli('deck', 'import', 'parted', whole)).out).toMatch(
      /line 4 rates any number; prefixes against the version before: new 0, changed 0, gone 0, unchanged 3 \(any number, 1, 49\)$/m,
    );
    expect(await cli('deck', 'import', 'parted', part)).toEqual({
      exitCode: 3,
      out: '',
      err: 'the file lacks 2 of the 3 prefixes of deck "parted" (any number, 1), more than a fifth, and nothing was imported: complete it, or add --yes to replace the deck all the same\n',
    });
    expect(await json(db.url, ['deck', 'import', 'parted', part, '--yes'])).toMatchObject({
      rates: 1,
      changes: { gone: { count: 2, examples: ['', '1'] }, unchanged: { count: 1, examples: ['49'] } },
    });
    expect((await cli('deck', 'import', '--help')).out).toContain('ringfence deck import retail rates.csv --yes');
  });

  test('a deck is loaded, looked at and made current in steps', async () => {
    const [whole, part] = ['49,Germany,1.00,0,60,60\n1,America,1,0,6,6\n', '49,Germany,2.00,0,60,60\n'].map(
      (rows, index) => file(`steps-${index}.csv`, HEADER + rows),
    ) as [string, string];
    await cli('deck', 'import', 'steps', whole, '--currency', 'EUR');
    const loaded = await cli('deck', 'load', 'steps', part);
    expect(loaded.out).toMatch(
      /^steps: version (\d+) has 1 rates in EUR and waits until .*: deck publish steps \1 --confirm; prefixes against the version before: new 0, changed 1 \(49\), gone 1 \(1\), unchanged 0$/m,
    );
    const { version, compared_with } = await json(db.url, [
      'deck',
      'preview',
      'steps',
      String((await waitingOf()) ?? 0),
    ]);
    const publish = (...options: string[]) => cli('deck', 'publish', 'steps', String(version), ...options);
    expect(await publish('--compared-with', '999')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('compared_with 999 is no longer what'),
    });
    expect(await publish('--compared-with', String(compared_with))).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('lacks 1 of the 2 prefixes'),
    });
    expect((await publish('--confirm')).out).toBe(`steps: 1 rates in EUR are current as version ${version}\n`);
    expect(await waitingOf()).toBeNull();
    expect(await cli('deck', 'load', 'steps', join(folder, 'none.csv'))).toMatchObject({ exitCode: 1 });
  });
  const waitingOf = async () =>
    (await json(db.url, ['deck', 'list'])).items.find(({ deck }: { deck: string }) => deck === 'steps').waiting;

  test('a deck stands on another one with a markup, below zero too; an account is created on it, and rate explain tells what is added', async () => {
    const base = file('base.csv', `${HEADER}49,Germany,0.10,0,60,60\n`);
    await cli('deck', 'import', 'base', base, '--currency', 'EUR');
    const on = ['deck', 'parent', 'child', '--parent', 'base'];
    expect(await cli(...on, '--markup-percent', '-5', '--markup-amount', '0.002')).toEqual({
      exitCode: 0,
      out: 'child stands on base: what it lacks costs -5.00% and 0.002 a minute more\n',
      err: '',
    });
    expect((await cli('account', 'create', 'of-child', '--deck', 'child', '--balance', '1.00')).exitCode).toBe(0);
    const asked = ['rate', 'explain', '--account', 'of-child', '--to', '4930', '--seconds', '60'];
    expect(await json(db.url, asked)).toMatchObject({
      rate_deck: 'base',
      rate_price_per_minute: '0.097',
      cost: '0.097',
    });
    expect((await cli(...asked)).out).toMatch(/^markup +the line is of base, version \d+; -5\.00%\+0\.002 is added/m);
    for (const [words, told] of [
      [[...on, '--markup-percent', '1000.000001'], 'markup_percent "1000.000001" is not within -100 and 1000'],
      [[...on, '--markup-amount', '-1000000.000001'], 'markup_amount "-1000000.000001" is not within'],
      [[...on, '--none'], 'a parent or a markup are given: leave one of them out'],
      [['deck', 'parent', 'child'], 'parent "" is missing: name the deck, or none'],
    ] as const) {
      expect(await cli(...words)).toMatchObject({ exitCode: 2, err: expect.stringContaining(told) });
    }
    expect(await cli('deck', 'parent', 'base', '--parent', 'child')).toEqual({
      exitCode: 3,
      out: '',
      err: 'deck "base" cannot stand on "child", which stands on it (child on base): take another parent\n',
    });
    expect((await cli('deck', 'parent', 'child', '--none')).out).toContain('child stands on no deck');
    expect(await json(db.url, asked)).toMatchObject({ refusal: 'no_rate' });
  });

  test('bad lines are told one by one, then what became of the import, with exit code 3', async () => {
    const bad = file('bad.csv', `${HEADER}49,Germany,-1,0,60,60\n49,Germany,1,0,60,0\n`);
    const { exitCode, out, err } = await cli('deck', 'import', 'retail', bad);
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' });
    expect(err.trimEnd().split('\n')).toEqual([
      'line 2: price_per_minute "-1" is negative: write 0 or more',
      'line 3: increment "0" is not a whole number of seconds from 1 to 86400',
      'the file has 2 problems and nothing was imported: correct it and import it again',
    ]);
  });

  test('a file that is not there or is a folder is one line and exit code 1', async () => {
    const missing = join(folder, 'none.csv');
    expect(await cli('deck', 'import', 'retail', missing)).toMatchObject({
      exitCode: 1,
      err: `file ${JSON.stringify(missing)} cannot be read (ENOENT): check its name and its rights\n`,
    });
    expect((await cli('deck', 'import', 'retail', folder)).err).toContain('cannot be read (it is a folder)');
  });

  test('rate explain prices 61 s at 1.00 a minute 60/60 with 2.00, and says that no route is there yet', async () => {
    await cli('account', 'create', 'alice', '--deck', 'retail', '--balance', '1.50');
    const explain = ['rate', 'explain', '--account', 'alice', '--to', '004930123', '--seconds', '61'];
    expect(await json(db.url, explain)).toMatchObject({
      billed_seconds: 120,
      cost: '2.00',
      longest_seconds: 60,
      max_cost: '1.00',
      rate_prefix: '49',
      refusal: 'no_route',
    });
    await cli('trunk', 'add', 'carrier', '--endpoint', 'PJSIP/{number}@carrier');
    const ruled = await json(db.url, ['trunk', 'set', 'carrier', '--callee-codes', '404,486', '--next-on-busy', 'yes']);
    expect(ruled).toMatchObject({ callee_codes: '404,486', callee_causes: 'default', next_on_busy: true });
    expect(await cli('trunk', 'set', 'carrier')).toMatchObject({
      exitCode: 2,
      err: 'nothing to set: name at least one field\n',
    });
    expect(await cli('trunk', 'set', 'nowhere', '--next-on-busy', 'no')).toMatchObject({ exitCode: 3 });
    await cli('route', 'add', '--prefix', '4', '--trunk', 'carrier');
    const { out } = await cli(...explain);
    expect(out).toMatch(/^number +004930123 without its international prefix is 4930123$/m);
    expect(out).toMatch(/^cost +2\.00 EUR$/m);
    expect(out).toMatch(/^start +would be let through$/m);
    await cli('account', 'block', 'alice');
    expect((await cli(...explain)).out).toMatch(/^start +would be refused: account_blocked$/m);
  });

  test('rate explain of a shared account says what the first slice holds, the longest talk, and whether it would wait', async () => {
    await cli('account', 'create', 'sam', '--deck', 'retail', '--balance', '5', '--mode', 'shared');
    const explain = ['rate', 'explain', '--account', 'sam', '--to', '004930123', '--seconds', '61'];
    expect(await json(db.url, explain)).toMatchObject({
      longest_seconds: 300,
      granted_seconds: 60,
      max_cost: '1.00',
      refusal: null,
      waits: false,
    });
    await cli('account', 'set', 'sam', '--slice-seconds', '90', '--max-time', '200');
    expect(await json(db.url, explain)).toMatchObject({ longest_seconds: 200, granted_seconds: 120, max_cost: '2.00' });
    await db.database('astaccount').where({ accountcode: 'sam' }).update({ reserved: '5', active_calls: 1 });
    const { out } = await cli(...explain);
    expect(out).toMatch(/^longest call +none: 0\.00 EUR available/m);
    expect(out).toMatch(/^start +would wait for what other calls hold and have not spent$/m);
    // The last test wants sound books.
    await db.database('astaccount').where({ accountcode: 'sam' }).update({ reserved: '0', active_calls: 0 });
  });

  test('rate explain of an emergency number is free', async () => {
    const priced = await json(db.url, ['rate', 'explain', '--account', 'alice', '--to', '112', '--seconds', '60']);
    expect(priced).toMatchObject({ cost: '0.00', longest_seconds: 3600, refusal: null });
  });

  test.each([
    ['--seconds', '-1', 'seconds "-1" is not a whole number', 2],
    ['--seconds', '1.5', 'seconds "1.5" is not a whole number', 2],
    ['--at', 'tomorrow', 'at "tomorrow" is not a time', 2],
    ['--account', 'nobody', 'accountcode "nobody" does not exist', 3],
  ])('rate explain %s %s is refused', async (option, value, line, code) => {
    const words = ['rate', 'explain', '--account', 'alice', '--to', '49', '--seconds', '1', option, value];
    const { exitCode, err } = await cli(...words);
    expect({ exitCode, err }).toEqual({ exitCode: code, err: expect.stringContaining(line) });
  });

  test('verify says what was proven and exits 0; with one millionth off it says that and exits 1', async () => {
    const sound = await cli('verify');
    expect(sound.exitCode).toBe(0);
    expect(sound.out).toMatch(
      /^the books balance: .*; 3 accounts, 3 entries, 0 calls, 0 reservations, \d+ changes by operators in \d+ ms\nproof [0-9a-f]{64}\n$/,
    );
    await db.database('astaccount').where({ accountcode: 'alice' }).update({ balance: '1.500001' });
    const off = await cli('verify');
    expect(off).toMatchObject({ exitCode: 1, err: '' });
    expect(off.out.split('\n')[0]).toBe(
      'account "alice": balance 1.500001, its entries add up to 1.50: off by 0.000001 (balance_is_sum_of_entries)',
    );
    const asJson = await cli('verify', '--json');
    expect(asJson.exitCode).toBe(1);
    expect(JSON.parse(asJson.out)).toMatchObject({ balanced: false, differences: [{ accountcode: 'alice' }] });
  });
});
