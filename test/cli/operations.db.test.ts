/** What operators may do by commands that are derived from their declarations. */
import { accountRow, addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

describe.each(engines)('commands of operators, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{ prefix: '' }, { prefix: '49', destination: 'Germany' }, { prefix: '4930' }]);
  });
  afterAll(async () => {
    expect((await ringfence(db.url, ['verify'])).exitCode).toBe(0);
    await db.drop();
  });

  const cli = (...words: string[]) => ringfence(db.url, words);
  const list = async (...words: string[]) => (await json(db.url, words)).items;

  test('a list of pools without one says where pools come from, and without --all where the others are', async () => {
    expect(await cli('pool', 'list')).toMatchObject({
      exitCode: 0,
      out: 'no pool has a call: see "pool list --all"\n',
    });
    const none = 'no pool yet: the dialplan makes them, Stasis(…,customer=…)\n';
    expect(await cli('pool', 'list', '--all')).toMatchObject({ exitCode: 0, out: none });
  });

  test('an account with money or a call is not closed; a closed one takes no money and is left out, until it is unblocked', async () => {
    await addAccount(db, 'leaver', '2.00');
    const ledger = openLedger(db);
    const call = callOf('leaver');
    await ledger.start(call);
    expect(await cli('account', 'close', 'leaver')).toMatchObject({
      exitCode: 3,
      err: 'accountcode "leaver" has a call in progress: end it with "account block" first\n',
    });
    await ledger.end(endOf(call, talked(61)));
    await addAccount(db, 'saver', '2.00');
    expect(await cli('account', 'close', 'saver')).toMatchObject({
      exitCode: 3,
      err: 'accountcode "saver" has a balance of 2.00: move its balance to 0 with "account adjust" first\n',
    });
    expect((await accountRow(db, 'leaver')).balance).toBe('0.000000');
    for (const _ of ['closed', 'closed again']) {
      expect(await cli('account', 'close', 'leaver')).toMatchObject({ exitCode: 0, out: 'leaver is closed\n' });
    }
    expect((await list('audit', 'list', '--object', 'account leaver')).length).toBe(1);
    expect(await cli('account', 'topup', 'leaver', '1', '--reference', 'late')).toMatchObject({
      exitCode: 3,
      err: 'accountcode "leaver" is closed: open it with "account unblock" first\n',
    });
    expect(await ledger.start(callOf('leaver'))).toMatchObject({ refusal: 'account_blocked' });
    await ledger.close();
    const codes = async (...words: string[]) =>
      (await list('account', 'list', ...words)).map(({ accountcode }: { accountcode: string }) => accountcode);
    expect(await codes()).not.toContain('leaver');
    expect(await codes('--status', 'closed')).toEqual(['leaver']);
    expect((await json(db.url, ['account', 'show', 'leaver'])).status).toBe('closed');
    expect(await cli('account', 'unblock', 'leaver')).toMatchObject({ out: 'leaver is active\n' });
    expect(await codes('--text', 'eave')).toEqual(['leaver']);
    expect((await json(db.url, ['account', 'topup', 'leaver', '1', '--reference', 'late'])).moved).toBe(true);
  });

  test.each([
    ['a filter that is no status', ['account', 'list', '--status', 'lost'], 'status "lost" is not known'],
    ['a limit of no row', ['account', 'list', '--limit', '0'], 'limit "0" is not a whole number from 1 to 100000'],
    ['a page that is none', ['trunk', 'list', '--page', 'two'], 'page "two" is not a whole number'],
    ['an unknown disposition', ['call', 'list', '--disposition', 'GONE'], 'disposition "GONE" is not known'],
    ['a time that is none', ['call', 'list', '--from', 'noon'], 'from "noon" is not a time: write 2026-12-31T18:00'],
    ['an amount of seven decimals', ['account', 'topup', 'a', '0.0000001', '--reference', 'r'], 'has more than six'],
    [
      'a reason of 2,000 characters',
      ['account', 'topup', 'a', '1', '--reference', 'r', '--reason', 'x'.repeat(2_000)],
      'has 2000 characters: use at most',
    ],
    ['a wait of a word', ['account', 'block', 'leaver', '--wait', 'long'], 'wait "long" is not a whole number'],
    ['an option that is not there', ['account', 'list', '--colour', 'red'], "unknown option '--colour'"],
    ['an argument that is missing', ['account', 'close'], "missing required argument 'accountcode'"],
  ])('%s exits with 2 and does nothing', async (_what, words, line) => {
    const { exitCode, out, err } = await cli(...words);
    expect({ exitCode, out, err }).toEqual({ exitCode: 2, out: '', err: expect.stringContaining(line) });
    expect(err.trimEnd()).not.toContain('\n');
  });

  test('every wrong field is told at once, one a line', async () => {
    const { exitCode, err } = await cli('trunk', 'add', 'b', '--endpoint', 'PJSIP/b', '--strip-digits', '40');
    expect({ exitCode, lines: err.trimEnd().split('\n') }).toEqual({
      exitCode: 2,
      lines: [
        'strip_digits "40" is not a whole number from 0 to 32',
        'endpoint "PJSIP/b" has no single {number}: write it as PJSIP/{number}@carrier',
      ],
    });
  });

  test.each([
    [
      ['card', 'generate', '--batch', 'a b', '--count', '0', '--value', '-1', '--deck', '', '--pin-digits', '9'],
      [
        'count "0" is not a whole number from 1 to 1000000',
        'value "-1" is below zero: write 0 or more',
        'deck "" is not a name: use 1 to 40 letters, digits, _ . or -',
        'pin_digits "9" is not a whole number from 10 to 16',
        'batch "a b" is not a name: use 1 to 40 letters, digits, _ . or -',
      ],
    ],
    [
      [
        'voucher',
        'generate',
        '--batch',
        'x',
        '--count',
        '1',
        '--value',
        '0',
        '--currency',
        'euro',
        '--expires',
        'noon',
      ],
      [
        'currency "euro" is not a currency: write three letters such as EUR',
        'expires "noon" is not a time: write 2026-12-31T18:00 or 2026-12-31T18:00:00Z',
        'value "0" is not above zero: write what it adds',
      ],
    ],
    [
      ['voucher', 'activate', '--batch', 'x', '--from', '0', '--to', 'last'],
      ['to "last" is not a whole number from 1 to 1000000000', 'from "0" is not a whole number from 1 to 1000000000'],
    ],
    [
      ['webhook', 'add', 'x y', '--url', 'ftp://u:hunter2@crm.example/', '--kinds', 'paid', '--secret-file', '-'],
      [
        'url "ftp://…@crm.example/" begins with ftp: and not with https: or http:, write https://host/path',
        'kinds "paid" is not a kind of event',
        'secret is not usable: write one line of 16 to 200 letters, digits and signs without blanks',
        'webhook "x y" is not a name: use 1 to 40 letters, digits, _ . or -',
      ],
    ],
  ])('%j exits with 2 and tells every wrong field in a line', async (words, lines) => {
    const { exitCode, out, err } = await ringfence(db.url, words, {}, 'hunter2');
    expect({ exitCode, out, lines: err.trimEnd().split('\n') }).toEqual({
      exitCode: 2,
      out: '',
      lines: lines.map(line => expect.stringContaining(line)),
    });
    expect(err).not.toContain('hunter2');
  });

  test('calls are found by time, number, disposition, refusal and text, joined by "and"', async () => {
    await addAccount(db, 'caller', '1.50');
    const ledger = openLedger(db);
    const talk = callOf('caller', { dst: '493055', src: '1001' });
    await ledger.start(talk);
    await ledger.end(endOf(talk, talked(30)));
    const poor = callOf('caller', { dst: '442071', src: '1002' });
    expect(await ledger.start(poor)).toMatchObject({ refusal: 'insufficient_balance' });
    await ledger.close();
    const found = async (...words: string[]) =>
      (await list('call', 'list', '--account', 'caller', ...words)).map(({ dst }: { dst: string }) => dst);
    expect(await found()).toHaveLength(2);
    expect(await found('--destination', '49')).toEqual(['493055']);
    expect(await found('--disposition', 'ANSWERED')).toEqual(['493055']);
    expect(await found('--refusal', 'insufficient_balance')).toEqual(['442071']);
    expect(await found('--text', '1002')).toEqual(['442071']);
    expect(await found('--text', '1002', '--destination', '49')).toEqual([]);
    expect(await found('--from', '2026-06-01T12:00:00Z', '--to', '2026-06-02T12:00:00Z')).toHaveLength(2);
    expect(await found('--to', '2026-06-01T12:00:00Z')).toEqual([]);
  });

  test('old versions of a deck are listed and deleted; the current one and one that calls may still read stay', async () => {
    const { database } = db;
    await addDeck(db, 'growing', [{ prefix: '1' }]);
    const rates = () => database('astrate').join('astratedeckversion as v', 'v.version', 'astrate.version');
    const imported = async (minutesAgo: number) => {
      const [version] = await database('astratedeckversion').insert({
        deck: 'growing',
        source: 'new.csv',
        rates: 1,
        imported_at: database.raw('UTC_TIMESTAMP(3) - INTERVAL ? MINUTE', [minutesAgo]),
      });
      const [rate] = await database('astrate').where({
        version: database('astratedeck').where({ deck: 'growing' }).select('version'),
      });
      await database('astrate').insert({ ...rate, version });
      await database('astratedeck').where({ deck: 'growing' }).update({ version });
      return version as number;
    };
    const [first, second, third] = [await imported(50), await imported(40), await imported(30)];
    expect(
      (await list('deck', 'show', 'growing')).map(({ version }: { version: number }) => version).slice(0, 3),
    ).toEqual([third, second, first]);
    expect(await cli('deck', 'delete-version', 'growing', String(third))).toMatchObject({ exitCode: 3 });
    expect(await cli('deck', 'delete-version', 'growing', '99999')).toMatchObject({ exitCode: 3 });
    expect((await cli('deck', 'delete-version', 'growing', String(first))).exitCode).toBe(0);
    expect(await rates().where('v.version', first)).toEqual([]);
    const fourth = await imported(0);
    expect(await cli('deck', 'delete-version', 'growing', String(third))).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('was current until less than 60 s ago: try again later'),
    });
    await database('astratedeckversion')
      .where({ version: fourth })
      .update({ imported_at: database.raw('UTC_TIMESTAMP(3) - INTERVAL 2 MINUTE') });
    const pruned = await json(db.url, ['deck', 'prune', 'growing', '--keep', '1']);
    expect(pruned.versions).toContain(String(second));
    expect(await rates().where('v.deck', 'growing').distinct().pluck('v.version')).toEqual([
      String(third),
      String(fourth),
    ]);
    expect((await list('deck', 'rates', 'growing')).map(({ prefix }: { prefix: string }) => prefix)).toEqual(['1']);
  });

  test("a customer's name is set, shown, and audited like any field of an account", async () => {
    await addAccount(db, 'named', '0');
    expect(await json(db.url, ['account', 'set', 'named', '--name', 'Alice Ltd'])).toMatchObject({ name: 'Alice Ltd' });
    expect((await list('audit', 'list', '--object', 'account named'))[0]).toMatchObject({
      before: { name: '' },
      after: { name: 'Alice Ltd' },
    });
    expect(await cli('account', 'set', 'named', '--name', 'x'.repeat(101))).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('has 101 characters: use at most 100'),
    });
  });

  test('rates are listed by the beginning of their prefix', async () => {
    const prefixes = async (...words: string[]) =>
      (await list('deck', 'rates', 'retail', ...words)).map(({ prefix }: { prefix: string }) => prefix);
    expect(await prefixes()).toEqual(['', '49', '4930']);
    expect(await prefixes('--prefix', '49')).toEqual(['49', '4930']);
    expect(await prefixes('--prefix', '493')).toEqual(['4930']);
    expect(await cli('deck', 'rates', 'none')).toMatchObject({ exitCode: 3 });
    const { version } = await db.database('astratedeck').where({ deck: 'retail' }).first();
    expect(await prefixes('--of-version', String(version))).toEqual(['', '49', '4930']);
    await addDeck(db, 'wholesale', [{ prefix: '7' }]);
    const other = await db.database('astratedeck').where({ deck: 'wholesale' }).first();
    // Another deck's version is not shown as this one's.
    expect(await cli('deck', 'rates', 'retail', '--of-version', String(other.version))).toMatchObject({
      exitCode: 3,
      err: `version ${other.version} of deck "retail" does not exist: see "deck show"\n`,
    });
  });

  test('events of an age are deleted, those that wait are not', async () => {
    const { database } = db;
    const event = { kind: 'blocked', accountcode: 'old', facts: '{}', created_at: '2020-01-01 00:00:00' };
    await database('astoutbox').insert([
      { ...event, dispatched: 1 },
      { ...event, dispatched: 0 },
    ]);
    expect(await json(db.url, ['event', 'prune', '--days', '365'])).toEqual({ events: 1, deliveries: 0 });
    expect(await database('astoutbox').where({ accountcode: 'old' })).toHaveLength(1);
    await database('astoutbox').where({ accountcode: 'old' }).delete();
  });
});
