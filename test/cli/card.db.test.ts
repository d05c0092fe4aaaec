import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

const KEY = { RINGFENCE_PIN_KEY: 'a-secret-of-thirty-two-characters-0' };

describe.each(engines)('cards, vouchers and callers on the command line, %s', engine => {
  let db: TestDatabase;
  let folder: string;
  const cli = (words: string[], input = '') => ringfence(db.url, words, KEY, input);
  const ask = (...words: string[]) => json(db.url, words, KEY);
  const generate = (batch: string, ...more: string[]) => [
    ...['card', 'generate', '--batch', batch, '--count', '3', '--value', '10.00', '--deck', 'retail'],
    ...more,
  ];

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    folder = mkdtempSync(join(tmpdir(), 'ringfence-cards-'));
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '1.00');
  });
  afterAll(() => db.drop());

  test('cards from their generation to their export: PINs are shown once, and never again', async () => {
    const made = await cli(generate('summer'));
    expect(made).toMatchObject({ exitCode: 0, err: '' });
    const lines = made.out.trim().split('\n');
    expect(lines[0]).toBe('serial,pin');
    const cards = lines.slice(1).map(line => /^(\d+),(\d{12})$/.exec(line)!.slice(1) as [string, string]);
    expect(cards.map(([serial]) => serial)).toEqual(['1', '2', '3']);

    expect(await cli(['card', 'activate', '--batch', 'summer', '--to', '2'])).toMatchObject({
      exitCode: 0,
      out: 'summer, serials 1 to 2: 2 are active now\n',
    });
    expect(await ask('card', 'activate', '--batch', 'summer')).toEqual({
      batch: 'summer',
      from: 1,
      to: 3,
      changed: 1,
      unchanged: 2,
    });
    expect(await ask('account', 'show', 'card-2')).toMatchObject({ balance: '10.00', deck: 'retail', currency: 'EUR' });
    expect((await cli(['card', 'block', '--batch', 'summer', '--from', '3', '--to', '3'])).out).toBe(
      'summer, serials 3 to 3: 1 are blocked now\n',
    );
    expect((await cli(['card', 'unblock', '--batch', 'summer'])).out).toBe(
      'summer, serials 1 to 3: 1 are not blocked now, 2 left as they were\n',
    );
    await cli(['card', 'block', '--batch', 'summer', '--from', '3', '--to', '3']);
    expect(await ask('card', 'show', '3')).toMatchObject({ serial: 3, status: 'blocked', accountcode: 'card-3' });
    const list = await ask('card', 'list', '--batch', 'summer', '--limit', '2');
    expect(list).toMatchObject({ total: 3, page: 1, items: [{ serial: 1 }, { serial: 2 }] });

    const exported = await cli(['card', 'export', '--batch', 'summer']);
    expect(exported.out.split('\n')).toEqual([
      'serial,batch,status,value,balance,currency,accountcode,expires_at,first_used_at,last_used_at',
      '1,summer,active,10.00,10.00,EUR,card-1,,,',
      '2,summer,active,10.00,10.00,EUR,card-2,,,',
      '3,summer,blocked,10.00,10.00,EUR,card-3,,,',
      '',
    ]);
    const machine = await cli(['card', 'export', '--batch', 'summer', '--json']);
    expect(
      machine.out
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).serial),
    ).toEqual([1, 2, 3]);
    const later = [
      ...[exported, machine, await cli(['card', 'list']), await cli(['card', 'show', '1'])].map(({ out }) => out),
      JSON.stringify(list),
    ].join();
    for (const [, pin] of cards) expect(later).not.toContain(pin);
  });

  test('PINs go into a new file that only its owner may read, or nowhere', async () => {
    const out = join(folder, 'autumn.csv');
    const made = await cli(generate('autumn', '--out', out, '--pin-digits', '16'));
    expect(made).toMatchObject({ exitCode: 0, err: '' });
    expect(made.out).toBe(`autumn: 3 cards, serials 4 to 6, are in ${out}: no command shows them again\n`);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const text = readFileSync(out, 'utf8');
    expect(text).toMatch(/^serial,pin\n4,\d{16}\n5,\d{16}\n6,\d{16}\n$/);
    const again = await cli(generate('winter', '--out', out));
    expect(again).toMatchObject({
      exitCode: 3,
      out: '',
      err: `out ${JSON.stringify(out)} is there already: name a new file\n`,
    });
    expect(readFileSync(out, 'utf8')).toBe(text);
    // Refused after the file was made: it is taken away.
    const twice = join(folder, 'twice.csv');
    expect(await cli(generate('autumn', '--out', twice))).toMatchObject({
      exitCode: 3,
      err: 'batch "autumn" is there already: choose another name\n',
    });
    expect(statSync(twice, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('as JSON the PINs are with their cards', async () => {
    const { cards, ...facts } = await ask(...generate('json'));
    expect(facts).toEqual({ batch: 'json', count: 3, from: cards[0].serial, to: cards[2].serial });
    expect(cards[0].pin).toMatch(/^\d{12}$/);
  });

  test('a voucher is redeemed once, its code read from a file or standard input', async () => {
    const made = await ask(
      ...['voucher', 'generate', '--batch', 'top', '--count', '2', '--value', '5.00', '--currency', 'EUR'],
    );
    const [first, second] = made.vouchers;
    expect((await cli(['voucher', 'activate', '--batch', 'top'])).out).toMatch(/: 2 are active now\n$/);
    const grouped = first.code.replace(/(\d{4})(?=\d)/g, '$1-');
    expect(await cli(['voucher', 'redeem', 'alice', '--code-file', '-'], `${grouped}\n`)).toMatchObject({
      exitCode: 0,
      out: `voucher ${first.serial} added 5.00 EUR to alice: balance 6.00, available 6.00\n`,
    });
    expect(await cli(['voucher', 'redeem', 'alice', '--code-file', '-'], first.code)).toMatchObject({
      exitCode: 3,
      err: `voucher ${first.serial} was redeemed before\n`,
    });
    const file = join(folder, `code-${engine}`);
    writeFileSync(file, second.code);
    expect(await ask('voucher', 'redeem', 'alice', '--code-file', file)).toMatchObject({
      amount: '5.00',
      balance: '11.00',
    });
    expect(await cli(['voucher', 'redeem', 'alice', '--code-file', join(folder, 'none')])).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('cannot be read (ENOENT): correct the path'),
    });
    const exported = await cli(['voucher', 'export', '--batch', 'top']);
    expect(exported.out).toMatch(
      /^serial,batch,status,value,currency,expires_at,accountcode,redeemed_at,activated_at,code_key\n/,
    );
    expect(exported.out).toContain(`${first.serial},top,redeemed,5.00,EUR,,alice,`);
    expect(exported.out).not.toContain(first.code);
    expect(await ask('voucher', 'list', '--status', 'redeemed')).toMatchObject({ total: 2 });
    expect((await cli(['verify'])).exitCode).toBe(0);
  });

  test('what a spreadsheet would take for a formula is none', async () => {
    const made = await ask(
      ...['voucher', 'generate', '--batch', 'formula', '--count', '1', '--value', '1', '--currency', 'EUR'],
    );
    await addAccount(db, '=cmd|"/c calc"', '0');
    await cli(['voucher', 'activate', '--batch', 'formula']);
    await cli(['voucher', 'redeem', '--code-file', '-', '--', '=cmd|"/c calc"'], made.vouchers[0].code);
    const { out } = await cli(['voucher', 'export', '--batch', 'formula']);
    expect(out.split('\n')[1]).toContain(`,"'=cmd|""/c calc""",`);
  });

  test('callers are added, listed and removed', async () => {
    expect(await ask('caller', 'add', '+4930123456', 'alice')).toMatchObject({
      number: '4930123456',
      accountcode: 'alice',
    });
    expect(await ask('caller', 'list', '--account', 'alice')).toMatchObject({ total: 1 });
    expect(await cli(['caller', 'add', '4930123456', 'alice'])).toMatchObject({
      exitCode: 3,
      err: 'caller 4930123456 has an account already: remove it first with "caller remove"\n',
    });
    expect((await cli(['caller', 'remove', '+4930123456'])).out).toBe("4930123456 is not alice's any more\n");
    expect((await cli(['caller', 'list'])).out).toBe('no caller: see "caller add --help"\n');
  });

  test('without a key, or with one that is too short, nothing is made, and the key is not shown', async () => {
    const without = await ringfence(db.url, generate('keyless'));
    expect(without).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('RINGFENCE_PIN_KEY is missing: set it'),
    });
    const short = await ringfence(db.url, generate('keyless'), { RINGFENCE_PIN_KEY: 'hunter2' });
    expect(short).toMatchObject({
      exitCode: 1,
      err: 'RINGFENCE_PIN_KEY is wrong: it holds a secret of fewer than 32 characters: write a longer one\n',
    });
  });

  test.each([
    [['card', 'activate', '--batch', 'nope'], 3, 'batch "nope" has nothing: see "card list"'],
    [
      ['card', 'activate', '--batch', 'summer', '--from', '900', '--to', '901'],
      3,
      'batch "summer" has nothing from 900 to 901',
    ],
    [['card', 'show', '999'], 3, 'card 999 does not exist: see "card list"'],
    [['card', 'show', 'x'], 2, 'serial "x" is not a whole number from 1'],
    [['card', 'list', '--status', 'lost'], 2, 'status "lost" is not known: write generated or active or blocked'],
    [['card', 'generate', '--batch', 'x'], 2, "required option '--count <cards>' not specified"],
    [['voucher', 'activate', '--batch', 'nope'], 3, 'batch "nope" has nothing: see "voucher list"'],
    [['voucher', 'redeem', 'alice'], 2, "required option '--code-file <path>' not specified"],
    [['caller', 'remove', '49999'], 3, 'caller 49999 is not known: see "caller list"'],
  ])('%j exits with %d and says why', async (words, exitCode, told) => {
    const ran = await cli(words);
    expect(ran).toMatchObject({ exitCode, out: '' });
    expect(ran.err).toContain(told);
  });
});

test.each([
  ...['generate', 'activate', 'block', 'unblock', 'list', 'show', 'export'].map(name => ['card', name]),
  ...['generate', 'activate', 'block', 'unblock', 'redeem', 'list', 'export'].map(name => ['voucher', name]),
  ...['add', 'remove', 'list'].map(name => ['caller', name]),
])('%s %s --help has an example', async (...words) => {
  const { exitCode, out } = await ringfence('', [...words, '--help']);
  expect(exitCode).toBe(0);
  expect(out).toContain(`Example:\n  ringfence ${words.join(' ')}`);
});
