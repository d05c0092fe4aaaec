import { isWarnSound } from '../../src/calls/announcements';
import { addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

describe.each(engines)('accounts on the command line, %s', engine => {
  let db: TestDatabase;
  const cli = (...words: string[]) => ringfence(db.url, words);
  const entries = (accountcode: string) =>
    db.database('astledger').where({ accountcode }).orderBy('entry_id').select('kind', 'reference', 'amount');

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addDeck(db, 'dollars', [{}], 'USD');
  });
  afterAll(() => db.drop());

  test('an account opened with 1.00 has the balance 1.00 and one top-up of 1.00 named opening', async () => {
    const account = await json(db.url, ['account', 'create', 'alice', '--deck', 'retail', '--balance', '1.00']);
    expect(account).toMatchObject({
      accountcode: 'alice',
      currency: 'EUR',
      balance: '1.00',
      available: '1.00',
      reserved: '0.00',
      status: 'active',
    });
    expect(await entries('alice')).toEqual([{ kind: 'top_up', reference: 'opening', amount: '1.000000' }]);
  });

  test('an account is shown as expired from its last instant on, and as blocked where it is that too', async () => {
    const shown = async (accountcode: string) => {
      const { items } = await json(db.url, ['account', 'list', '--limit', '1000']);
      const { status } = await json(db.url, ['account', 'show', accountcode]);
      const listed = items.find((item: { accountcode: string }) => item.accountcode === accountcode).status;
      const { out } = await cli('account', 'list', '--limit', '1000');
      const line = out.split('\n').find(text => text.startsWith(`${accountcode} `)) ?? '';
      return [status, listed, line.split(/ +/)[1]];
    };
    await cli('account', 'create', 'late', '--deck', 'retail', '--expires-at', '2026-01-01T00:00:00Z');
    expect(await shown('late')).toEqual(['expired', 'expired', 'expired']);
    expect((await cli('account', 'show', 'late')).out).toMatch(/^status +expired$/m);
    await cli('account', 'block', 'late');
    expect(await shown('late')).toEqual(['blocked', 'blocked', 'blocked']);
    expect((await cli('account', 'unblock', 'late')).out).toMatch(
      /^late is unblocked, but it has expired: since 202[56]-\S+ \S+ \S+ it starts no call\n$/,
    );
    expect((await json(db.url, ['account', 'unblock', 'late'])).status).toBe('expired');
    expect(await shown('late')).toEqual(['expired', 'expired', 'expired']);
    await cli('account', 'set', 'late', '--expires-at', '2999-01-01T00:00:00Z');
    expect(await shown('late')).toEqual(['active', 'active', 'active']);
    expect((await cli('account', 'unblock', 'late')).out).toBe('late is active\n');
  });

  test('an account opened with nothing has no entry', async () => {
    await cli('account', 'create', 'empty', '--deck', 'retail');
    expect(await entries('empty')).toEqual([]);
  });

  test('Alice, "alice " and alice are three accounts, and a second alice is refused', async () => {
    expect((await cli('account', 'create', 'Alice', '--deck', 'retail')).exitCode).toBe(0);
    expect((await cli('account', 'create', 'alice ', '--deck', 'retail')).exitCode).toBe(0);
    const again = await cli('account', 'create', 'alice', '--deck', 'retail', '--balance', '5');
    expect(again).toMatchObject({ exitCode: 3, err: 'accountcode "alice" is there already: choose another\n' });
    expect(await entries('alice')).toHaveLength(1);
  });

  test('an account code of 79 bytes in any script is taken, and one that begins with - behind --', async () => {
    const long = `x${'é'.repeat(39)}`;
    expect((await cli('account', 'create', long, '--deck', 'retail')).exitCode).toBe(0);
    expect((await json(db.url, ['account', 'show', long])).accountcode).toBe(long);
    expect((await cli('account', 'create', '--deck', 'retail', '--', '-5')).exitCode).toBe(0);
  });

  test.each([
    ['a control character in the code', ['b\u001bob', '--deck', 'retail'], 'accountcode "b\\u001bob" holds a control'],
    ['a code of 80 bytes', ['x'.repeat(80), '--deck', 'retail'], 'has 80 bytes: use 1 to 79, as Asterisk cuts'],
    ['a code of 27 characters and 81 bytes', ['中'.repeat(27), '--deck', 'retail'], 'has 81 bytes: use 1 to 79'],
    ['an empty code', ['', '--deck', 'retail'], 'accountcode "" has 0 bytes'],
    ['an unknown deck', ['x', '--deck', 'nope'], 'deck "nope" does not exist: import it'],
    ["another currency than the deck's", ['x', '--deck', 'retail', '--currency', 'USD'], 'currency USD is not that of'],
    ['a word for a currency', ['x', '--deck', 'retail', '--currency', 'euro'], 'currency "euro" is not a currency'],
    ['seven decimals', ['x', '--deck', 'retail', '--balance', '1.0000001'], 'balance "1.0000001" has more than six'],
    ['a negative balance', ['x', '--deck', 'retail', '--balance', '-1'], 'balance "-1" is below zero'],
    ['a negative credit limit', ['x', '--deck', 'retail', '--credit-limit', '-1'], 'credit_limit "-1" is below zero'],
    ['a word for an amount', ['x', '--deck', 'retail', '--balance', 'ten'], 'balance "ten" is not an amount'],
    ['negative channels', ['x', '--deck', 'retail', '--max-channels', '-1'], 'max_channels "-1" is not a whole number'],
    ['a call of no second', ['x', '--deck', 'retail', '--max-call-seconds', '0'], 'max_call_seconds "0" is not'],
    ['an unknown time zone', ['x', '--deck', 'retail', '--time-zone', 'Mars'], 'time_zone "Mars" is not a time zone'],
    ['an offset as a time zone', ['x', '--deck', 'retail', '--time-zone', 'UTC+2'], 'time_zone "UTC+2" is not'],
    ['a barred word', ['x', '--deck', 'retail', '--barred-prefixes', '900,x'], 'barred_prefixes "x" is not a prefix'],
    [
      'an unknown mode',
      ['x', '--deck', 'retail', '--mode', 'loose'],
      'mode "loose" is not known: write strict or shared',
    ],
    [
      'a slice of 9 s',
      ['x', '--deck', 'retail', '--slice-seconds', '9'],
      'slice_seconds "9" is not a whole number from',
    ],
    [
      'no time',
      ['x', '--deck', 'retail', '--max-time', '0'],
      'max_time "0" is not a whole number from 1 to 31536000, or none',
    ],
    [
      'no channel',
      ['x', '--deck', 'retail', '--max-channels', '0'],
      'max_channels "0" is not a whole number from 1 to 1000000, or none',
    ],
    ['half a call', ['x', '--deck', 'retail', '--max-calls-per-second', '0.5'], 'max_calls_per_second "0.5" is not'],
    [
      'a warning 4 s before',
      ['x', '--deck', 'retail', '--warn-seconds', '60,4'],
      'warn_seconds "4" is not a whole number',
    ],
    [
      'a warning that is none',
      ['x', '--deck', 'retail', '--warn-seconds', '60,'],
      'warn_seconds "" is not a whole number',
    ],
    ['one twice', ['x', '--deck', 'retail', '--warn-seconds', '20,20'], 'warn_seconds "20,20" holds a value twice'],
    [
      'eleven warnings',
      ['x', '--deck', 'retail', '--warn-seconds', '5,6,7,8,9,10,11,12,13,14,15'],
      'warn_seconds "5,6,7,8,9,10,11,12,13,14,15" has 11 values: use at most 10',
    ],
    ['a repeat of 4 s', ['x', '--deck', 'retail', '--warn-repeat-seconds', '4'], 'warn_repeat_seconds "4" is not'],
    [
      'a sound with a query',
      ['x', '--deck', 'retail', '--warn-sound', 'sound:a?b=c'],
      'warn_sound "sound:a?b=c" is not',
    ],
    [
      'a tone, which no service plays',
      ['x', '--deck', 'retail', '--warn-sound', 'tone:busy'],
      'warn_sound "tone:busy" is not',
    ],
    [
      'a sound of no kind',
      ['x', '--deck', 'retail', '--warn-sound', 'recording:a'],
      'warn_sound "recording:a" is not a',
    ],
    [
      'an unknown announcement',
      ['x', '--deck', 'retail', '--announce', 'both'],
      'announce "both" is not known: write balance, time, balance,time or none',
    ],
    ['one said twice', ['x', '--deck', 'retail', '--announce', 'time,time'], 'announce "time,time" says a thing twice'],
    ['a low word', ['x', '--deck', 'retail', '--low-balance', 'low'], 'low_balance "low" is not an amount'],
    ['the code of a pool', ['pool:x', '--deck', 'retail'], 'accountcode "pool:x" begins with "pool:"'],
    [
      'a time that is none',
      ['x', '--deck', 'retail', '--expires-at', '2026-02-30'],
      'expires_at "2026-02-30" is not a',
    ],
  ])('%s is refused by name and makes no account', async (what, words, line) => {
    // Wrong words exit with 2; what is or is not there, with 3.
    const code = ['an unknown deck', "another currency than the deck's"].includes(what) ? 3 : 2;
    const { exitCode, err, out } = await cli('account', 'create', ...words);
    expect(err).toContain(line);
    expect(err.trimEnd()).not.toContain('\n');
    expect({ exitCode, out }).toEqual({ exitCode: code, out: '' });
    expect(await db.database('astaccount').where({ accountcode: words[0] })).toEqual([]);
  });

  test('the same top-up twice moves 5.00 once, and with another amount is refused', async () => {
    await cli('account', 'create', 'tom', '--deck', 'retail', '--balance', '1');
    const topUp = ['account', 'topup', 'tom', '5', '--reference', 'invoice-1', '--reason', 'paid'];
    expect((await cli(...topUp)).out).toBe('top_up of 5.00 to tom: balance 6.00, available 6.00\n');
    expect((await cli(...topUp)).out).toBe('invoice-1 moved 5.00 before, nothing done: balance 6.00, available 6.00\n');
    expect(await cli('account', 'topup', 'tom', '6', '--reference', 'invoice-1')).toMatchObject({
      exitCode: 3,
      err: 'reference "invoice-1" moved 5.00 before: use another reference\n',
    });
    expect(await entries('tom')).toHaveLength(2);
  });

  test.each([
    ['a top-up', ['topup'], '99999999999999.999999'],
    ['a refund', ['refund'], '99999999999999.00'],
    ['an adjustment', ['adjust'], '99999999999999.500000'],
    ['an adjustment below zero', ['adjust', '--overdraw'], '-99999999999998.500000'],
  ])(
    '%s that no balance can hold is refused by name, with what can, and moves nothing',
    async (what, words, amount) => {
      const name = `full-${what}`;
      await cli('account', 'create', name, '--deck', 'retail', '--balance', '1');
      if (amount.startsWith('-')) {
        await cli('account', 'adjust', name, '--overdraw', '--reference', 'first', '--', '-2');
        // The balance alone would fit; with the charge of what a call holds it would not.
        await db.database('astaccount').where({ accountcode: name }).update({ reserved: '1' });
      }
      const [command, ...options] = words as [string];
      const ran = await cli('account', command, name, ...options, '--reference', 'big', '--', amount);
      expect(ran).toMatchObject({ exitCode: 3, out: '' });
      expect(ran.err).toContain('is too large for the balance of');
      expect(ran.err).toContain('at most 99999999999999.999999 above or below zero can be kept');
      expect(await db.database('astledger').where({ accountcode: name, reference: 'big' })).toEqual([]);
    },
  );

  test('an adjustment of -7 against 6.00 is refused, and made with --overdraw', async () => {
    await cli('account', 'create', 'ann', '--deck', 'retail', '--balance', '6');
    const adjust = ['account', 'adjust', 'ann', '-7', '--reference', 'fix'];
    expect(await cli(...adjust)).toMatchObject({
      exitCode: 3,
      err: 'amount -7.00 is too much, only 6.00 is available: take less, or add --overdraw to go below\n',
    });
    const moved = await json(db.url, [...adjust, '--overdraw']);
    expect(moved).toMatchObject({ amount: '-7.00', moved: true, balance: '-1.00', available: '-1.00' });
  });

  test.each([
    ['topup', '0', 'amount 0.00 must be greater than 0'],
    ['refund', '-1', 'amount -1.00 must be greater than 0'],
    ['adjust', '0', 'amount 0.00 must be other than 0'],
    ['topup', '0.0000001', 'amount "0.0000001" has more than six decimals'],
  ])('%s of %s is refused as written wrongly', async (command, amount, line) => {
    const { exitCode, err } = await cli('account', command, 'alice', amount, '--reference', 'r');
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(line) });
  });

  test('a top-up of an account that does not exist is refused', async () => {
    const { exitCode, err } = await cli('account', 'topup', 'nobody', '1', '--reference', 'r');
    expect({ exitCode, err }).toEqual({
      exitCode: 3,
      err: expect.stringContaining('accountcode "nobody" does not exist'),
    });
  });

  test('set changes what it is given and nothing else, and none takes a limit off', async () => {
    const create = ['account', 'create', 'sue', '--deck', 'retail', '--balance', '2', '--max-channels', '3'];
    await cli(...create, '--max-call-seconds', '600', '--barred-prefixes', '900,88', '--time-zone', 'Europe/Berlin');
    const before = await db.database('astaccount').where({ accountcode: 'sue' }).first();
    const set = ['account', 'set', 'sue', '--credit-limit', '5', '--expires-at', '2030-01-01T00:00:00Z'];
    expect(await json(db.url, [...set, '--max-call-seconds', 'none'])).toMatchObject({
      credit_limit: '5.00',
      available: '7.00',
      expires_at: '2030-01-01T00:00:00.000Z',
      max_call_seconds: null,
    });
    const after = await db.database('astaccount').where({ accountcode: 'sue' }).first();
    expect(after).toEqual({
      ...before,
      credit_limit: '5.000000',
      expires_at: new Date('2030-01-01T00:00:00Z'),
      max_call_seconds: null,
    });
    const off = [
      'account',
      'set',
      'sue',
      '--expires-at',
      'none',
      '--barred-prefixes',
      'none',
      '--max-channels',
      'none',
    ];
    expect(await json(db.url, off)).toMatchObject({ expires_at: null, barred_prefixes: [], max_channels: null });
  });

  test('an account is strict, warned at 60 and 20 s with the sound of the service, and without limits, when nothing is said', async () => {
    await cli('account', 'create', 'plain', '--deck', 'retail');
    expect(await json(db.url, ['account', 'show', 'plain'])).toMatchObject({
      mode: 'strict',
      slice_seconds: 60,
      max_time: null,
      max_calls_per_second: null,
      warn_seconds: ['60', '20'],
      warn_repeat_seconds: null,
      warn_sound: '',
      announce: [],
      low_balance: null,
    });
  });

  test('what holds during calls is set at create and set, warnings the longest first, and none takes it off', async () => {
    const words = ['--mode', 'shared', '--slice-seconds', '30', '--max-time', '7200', '--max-calls-per-second', '2'];
    const warnings = ['--warn-seconds', '20, 90,60', '--warn-repeat-seconds', '10', '--warn-sound', 'sound:en/beep'];
    const told = ['--announce', 'time,balance', '--low-balance', '-1.50'];
    const settings = {
      mode: 'shared',
      slice_seconds: 30,
      max_time: 7200,
      max_calls_per_second: 2,
      warn_seconds: ['90', '60', '20'],
      warn_repeat_seconds: 10,
      warn_sound: 'sound:en/beep',
      announce: ['time', 'balance'],
      low_balance: '-1.50',
    };
    const create = ['account', 'create', 'full', '--deck', 'retail', ...words, ...warnings, ...told];
    expect(await json(db.url, create)).toMatchObject(settings);
    await cli('account', 'create', 'later', '--deck', 'retail');
    expect(await json(db.url, ['account', 'set', 'later', ...words, ...warnings, ...told])).toMatchObject(settings);
    const columns = await db.database('astaccount').where({ accountcode: 'later' }).first();
    expect(columns).toMatchObject({ warn_seconds: '90,60,20', announce: 'time,balance', low_balance: '-1.500000' });
    const limits = [
      'max-time',
      'max-calls-per-second',
      'warn-seconds',
      'warn-repeat-seconds',
      'announce',
      'low-balance',
    ];
    const off = limits.flatMap(name => [`--${name}`, 'none']);
    expect(
      await json(db.url, ['account', 'set', 'full', ...off, '--warn-sound', 'default', '--mode', 'strict']),
    ).toMatchObject({
      mode: 'strict',
      slice_seconds: 30,
      max_time: null,
      max_calls_per_second: null,
      warn_seconds: [],
      warn_repeat_seconds: null,
      warn_sound: '',
      announce: [],
      low_balance: null,
    });
    expect((await cli('account', 'list', '--limit', '100')).out).toMatch(/^later +active +shared +EUR/m);
  });

  test.each(['say', 'sound:beep', 'sound:custom/en_GB/last-minute'])('a caller is warned with %s', async sound => {
    const account = await json(db.url, ['account', 'set', 'alice', '--warn-sound', sound]);
    expect(account.warn_sound).toBe(sound);
    expect(isWarnSound(sound)).toBe(true);
  });

  test.each(['tone:busy', 'beep', 'sound:../../etc', 'sound:a,sound:b'])('a warning of %s is refused', async sound => {
    expect(isWarnSound(sound)).toBe(false);
    const { exitCode, err } = await cli('account', 'set', 'alice', '--warn-sound', sound);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(`warn_sound "${sound}" is not`) });
  });

  test.each([
    ['nothing', [], 'nothing to set', 2],
    ['a deck in another currency', ['--deck', 'dollars'], 'is not that of deck "dollars", USD', 3],
    ['a deck that is not there', ['--deck', 'nope'], 'deck "nope" does not exist', 3],
  ])('set with %s is refused', async (_what, words, line, code) => {
    const { exitCode, err } = await cli('account', 'set', 'alice', ...words);
    expect({ exitCode, err }).toEqual({ exitCode: code, err: expect.stringContaining(line) });
  });

  test('block and unblock change the status; of an account that does not exist they are refused', async () => {
    expect((await json(db.url, ['account', 'block', 'alice'])).status).toBe('blocked');
    expect((await json(db.url, ['account', 'unblock', 'alice'])).status).toBe('active');
    expect((await cli('account', 'block', 'nobody')).exitCode).toBe(3);
  });

  test('a list shows its page and how many more there are', async () => {
    const { total } = await json(db.url, ['account', 'list']);
    const first = await cli('account', 'list', '--limit', '2');
    expect(first.out).toContain(`${total - 2} more: --page 2`);
    expect(first.out.split('\n')).toHaveLength(1 + 2 + 1 + 1);
    const last = await json(db.url, ['account', 'list', '--limit', '2', '--page', String(Math.ceil(total / 2))]);
    expect(last.items.length).toBe(total % 2 === 0 ? 2 : 1);
    expect((await cli('account', 'list', '--page', '0')).exitCode).toBe(2);
  });

  test('terminal escapes in what others wrote are shown, not sent', async () => {
    await db
      .database('astaccount')
      .insert({ accountcode: 'e\u001b[2J\u202e\u0007vil', currency: 'EUR', deck: 'retail' });
    const { out } = await cli('account', 'list', '--limit', '100');
    expect(out).toContain('e\\x1b[2J\\u{202e}\\x07vil');
    const { err } = await cli('account', 'show', '\u009b31m\u202e');
    expect(err).toContain('"\\x9b31m\\u{202e}"');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    expect(out + err).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });
});
