import { hangUpCalls } from '../../src/accounts/during-calls';
import type { StartRequest } from '../../src/credit/rules/start';
import { actingAs } from '../../src/operator/acting';
import { addAccount, addDeck, callOf, endOf, group, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { json, ringfence } from './cli-fixture';

describe.each(engines)('what an operator does while calls are up, %s', engine => {
  let db: TestDatabase;
  let ledger: ReturnType<typeof openLedger>;
  const cli = (...words: string[]) => ringfence(db.url, words);

  const row = (accountcode: string) => db.database('astaccount').where({ accountcode }).first();
  const isTouched = async (accountcode: string) => (await row(accountcode)).touched_at !== null;
  const untouch = (accountcode: string) =>
    db.database('astaccount').where({ accountcode }).update({ touched_at: null });
  const events = async (accountcode: string, kinds: string[]) =>
    (await db.database('astoutbox').where({ accountcode }).whereIn('kind', kinds).orderBy('event_id')).map(
      ({ kind, facts }) => ({ kind, facts: JSON.parse(facts) }),
    );

  /** A call that is up. Fails when it was not let through. */
  async function up(accountcode: string, more: Partial<StartRequest> = {}): Promise<StartRequest> {
    const request = callOf(accountcode, more);
    expect(await ledger.start(request)).toMatchObject({ granted: {} });
    return request;
  }

  const end = (request: StartRequest, seconds: number | null = 30) =>
    ledger.end(endOf(request, talked(seconds, { hangupSource: 'operator' })));

  /** What a service does: it sees that the account was touched, and ends these calls. */
  async function serve(accountcode: string, requests: StartRequest[]): Promise<void> {
    await eventually(async () => ((await isTouched(accountcode)) ? true : null), `a touched ${accountcode}`);
    await Promise.all(requests.map(request => end(request)));
  }

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    ledger = openLedger(db);
  });
  afterAll(async () => {
    await ledger.close();
    await db.drop();
  });

  test('block waits until the 2 calls in progress have ended, and writes one event', async () => {
    await addAccount(db, 'alice', '8', { max_call_seconds: 60 });
    const calls = [await up('alice'), await up('alice')];
    const [ran] = await Promise.all([cli('account', 'block', 'alice'), serve('alice', calls)]);
    expect(ran).toMatchObject({ exitCode: 0, out: 'alice is blocked: 2 calls ended\n' });
    expect(await ledger.start(callOf('alice'))).toEqual({ refusal: 'account_blocked' });
    expect((await cli('account', 'block', 'alice')).out).toBe('alice is blocked: no call in progress\n');
    expect((await cli('account', 'unblock', 'alice')).out).toBe('alice is active\n');
    expect(await events('alice', ['blocked', 'unblocked'])).toEqual([
      { kind: 'blocked', facts: { active_calls: 2 } },
      { kind: 'unblocked', facts: { active_calls: 0 } },
    ]);
    await up('alice');
  });

  test('block with --no-wait touches the account and returns at once', async () => {
    await addAccount(db, 'abe', '8');
    await up('abe');
    expect(await json(db.url, ['account', 'block', 'abe', '--no-wait'])).toEqual({
      accountcode: 'abe',
      status: 'blocked',
      calls: 1,
      ended: null,
      still_up: null,
      unserved_nodes: null,
      left_to_client: null,
    });
    expect(await row('abe')).toMatchObject({ status: 'blocked', touched_at: expect.any(Date), hangup_before: null });
  });

  test('hangup ends the calls of before and none that starts after it, and says so in one event', async () => {
    await addAccount(db, 'bob', '8', { max_call_seconds: 60 });
    const [one, two] = [await up('bob'), await up('bob')];
    const [ran] = await Promise.all([cli('account', 'hangup', 'bob'), serve('bob', [one, two]).then(() => up('bob'))]);
    expect(ran).toMatchObject({ exitCode: 0, out: 'bob: 2 calls ended\n' });
    const { hangup_before, touched_at, status } = await row('bob');
    expect({ status, same: hangup_before.getTime() === touched_at.getTime() }).toEqual({
      status: 'active',
      same: true,
    });
    const reservations = await db.database('astcreditres').where({ accountcode: 'bob' });
    expect(reservations).toHaveLength(1);
    expect(reservations[0].created_at.getTime()).toBeGreaterThanOrEqual(hangup_before.getTime());
    expect(await events('bob', ['calls_ended'])).toEqual([{ kind: 'calls_ended', facts: { calls: 2 } }]);
  });

  test('the calls that a hangup is to end were all let through before its instant, by one clock', async () => {
    await addAccount(db, 'ben', '100', { max_call_seconds: 60 });
    const calls = await Promise.all(Array.from({ length: 20 }, () => up('ben')));
    await cli('account', 'hangup', 'ben', '--no-wait');
    const { hangup_before } = await row('ben');
    const before = await db
      .database('astcreditres')
      .where({ accountcode: 'ben' })
      .where('created_at', '<=', hangup_before);
    expect(before).toHaveLength(calls.length);
  });

  test('an account without calls is left as it is by hangup', async () => {
    await addAccount(db, 'idle', '8');
    expect(await cli('account', 'hangup', 'idle')).toMatchObject({ exitCode: 0, out: 'idle: no call in progress\n' });
    expect(await row('idle')).toMatchObject({ hangup_before: null, touched_at: null });
    expect(await events('idle', ['calls_ended'])).toEqual([]);
    expect(await cli('account', 'hangup', 'nobody')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('accountcode "nobody" does not exist'),
    });
  });

  test.each(['hangup', 'block'])(
    '%s does not wait for calls of REST, SEMS, Call Control and AGI: it says of each who hears it',
    async command => {
      const code = `doors-${command}`;
      await addAccount(db, code, '20', { max_call_seconds: 60 });
      const nodes = ['rest:main', 'rest:main', 'sems:main', 'rating:main', 'agi:one'];
      const calls = [];
      for (const node of nodes) calls.push(await up(code, { node }));
      const startedAt = performance.now();
      const { exitCode, out } = await cli('account', command, code, '--wait', '60');
      expect(performance.now() - startedAt).toBeLessThan(30_000);
      expect({ exitCode, out }).toEqual({
        exitCode: 1,
        out: `${code}${command === 'block' ? ' is blocked' : ''}: 0 of 5 calls ended; 1 of agi:one: ended by the limit, as a dialplan cannot be told; 1 of rating:main: ended by Call Control where the service has RINGFENCE_RATING_CONTROL_SOCKET, otherwise by the limit; 2 of rest:main: its switch hears it by the event hangup_wanted, and by its next extend, which is refused; 1 of sems:main: ended by the limit, as SEMS cannot be told\n`,
      });
      await Promise.all(calls.slice(1).map(call => end(call)));
      const again = await cli('account', command, code, '--json');
      expect(again.exitCode).toBe(1);
      expect(JSON.parse(again.out)).toMatchObject({
        ended: 0,
        still_up: 1,
        unserved_nodes: [],
        left_to_client: [{ node: 'rest:main', calls: 1 }],
      });
      await end(calls[0] as StartRequest);
    },
  );

  test('a call that is to be ended is extended no more, whoever carries it; a later one is', async () => {
    await addAccount(db, 'sharer', '100', { mode: 'shared', slice_seconds: 60 });
    const first = await up('sharer');
    await hangUpCalls(actingAs('test', db.database), 'sharer');
    const second = await up('sharer');
    const extended = async (request: StartRequest) => {
      const { uniqueid, accountcode, node } = request;
      const { grant } = await ledger.extend({ uniqueid, accountcode, node, seconds: 120 });
      return grant?.grantedSeconds;
    };
    expect([await extended(first), await extended(second)]).toEqual([60, 120]);
    await Promise.all([end(first), end(second)]);
  });

  test('a call that is still up after the wait is exit code 1, with the switch that no service acts for', async () => {
    await addAccount(db, 'carl', '8', { max_call_seconds: 60 });
    const calls = [await up('carl', { node: 'lost' }), await up('carl', { node: 'lost' })];
    await end(calls[0] as StartRequest);
    const left = await cli('account', 'hangup', 'carl', '--wait', '0');
    expect(left).toMatchObject({
      exitCode: 1,
      out: 'carl: 0 of 1 call ended, 1 still up after 0 s: no service acts for switch lost, see "status"\n',
    });
    await db.database.raw(
      `INSERT INTO astlease (node, owner, epoch, acquired_at, expires_at)
       VALUES ('lost', 'host, pid 1', 1, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 60 SECOND)`,
    );
    const served = await cli('account', 'hangup', 'carl', '--wait', '0');
    expect(served.out).toContain('1 still up after 0 s: see "call list --account carl --open"');
  });

  test('an emergency call goes on and is not waited for', async () => {
    await addAccount(db, 'emma', '8');
    await up('emma', { dst: '112', emergency: true });
    expect((await cli('account', 'block', 'emma')).out).toBe('emma is blocked: no call in progress\n');
  });

  test.each(['-1', '601', 'long'])('a wait of %s is refused before anything is done', async wait => {
    const { exitCode, err } = await cli('account', 'block', 'bob', '--wait', wait);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: `wait "${wait}" is not a whole number from 0 to 600\n` });
    expect((await row('bob')).status).toBe('active');
  });

  describe('what the services have to hear of', () => {
    test.each([
      ['a top-up', ['topup', 'dora', '1', '--reference', 'r1']],
      ['a refund', ['refund', 'dora', '1', '--reference', 'r1']],
      ['an adjustment', ['adjust', 'dora', '-1', '--reference', 'r1']],
      ['another mode', ['set', 'dora', '--mode', 'shared']],
      ['another credit limit', ['set', 'dora', '--credit-limit', '3']],
      ['another max_time', ['set', 'dora', '--max-time', '3000']],
      ['another low_balance', ['set', 'dora', '--low-balance', '2']],
    ])('%s touches an account with a call, and none without', async (_what, [command, , ...words]) => {
      for (const accountcode of ['dora', 'eve']) {
        if (!(await row(accountcode))) await addAccount(db, accountcode, '20', { max_call_seconds: 60 });
        if (accountcode === 'dora' && (await row('dora')).active_calls === 0) await up('dora');
        await untouch(accountcode);
        const { exitCode } = await cli('account', command as string, accountcode, ...words);
        expect(exitCode).toBe(0);
      }
      expect([await isTouched('dora'), await isTouched('eve')]).toEqual([true, false]);
    });

    test('a top-up that was made before touches nothing', async () => {
      await untouch('dora');
      await cli('account', 'topup', 'dora', '1', '--reference', 'r1');
      expect(await isTouched('dora')).toBe(false);
    });

    test('a limit that the balance is below already is told once, and over when it is taken off', async () => {
      await addAccount(db, 'lou', '4');
      for (const limit of ['5', '6', 'none']) await cli('account', 'set', 'lou', '--low-balance', limit);
      expect(await events('lou', ['low_balance', 'low_balance_over'])).toEqual([
        { kind: 'low_balance', facts: { balance: '4.00', limit: '5.00' } },
        { kind: 'low_balance_over', facts: { balance: '4.00', limit: null } },
      ]);
    });
  });

  describe('add-time', () => {
    test('adds 300 s to what is left of 600 while a call is up, and is forgotten with the last call', async () => {
      await addAccount(db, 'tim', '60', { max_time: 600, max_call_seconds: 400 });
      const call = await up('tim');
      expect((await cli('account', 'add-time', 'tim', '300')).out).toBe(
        '300 s added to tim: 500 s are left beside what its calls hold\n',
      );
      expect(await row('tim')).toMatchObject({ time_used: -300, touched_at: expect.any(Date) });
      expect(await events('tim', ['time_added'])).toEqual([
        { kind: 'time_added', facts: { seconds: 300, max_time: 600, time_left: 500 } },
      ]);
      expect((await cli('account', 'show', 'tim')).out).toMatch(/^time used +-300$/m);
      await end(call);
      expect((await cli('account', 'show', 'tim')).out).toMatch(/^time used +0$/m);
      await up('tim');
      expect((await row('tim')).time_used).toBe(0);
    });

    test.each([
      ['no call', 'uma', '300', 'accountcode "uma" has no call in progress: max_time is counted anew', 3],
      ['no max_time', 'bob', '300', 'accountcode "bob" has no max_time: its calls need no time added', 3],
      ['no second', 'tim', '0', 'seconds "0" is not a whole number from 1 to 86400', 2],
      ['no such account', 'nobody', '5', 'accountcode "nobody" does not exist', 3],
    ] as const)('with %s is refused', async (_what, accountcode, seconds, line, code) => {
      if (!(await row('uma'))) await addAccount(db, 'uma', '6', { max_time: 600 });
      const { exitCode, err } = await cli('account', 'add-time', accountcode, seconds);
      expect({ exitCode, err }).toEqual({ exitCode: code, err: expect.stringContaining(line) });
    });
  });

  describe('pools', () => {
    let john: StartRequest;

    beforeAll(async () => {
      john = await up('', group('john', '10'));
      const past = await up('', group('past', '5'));
      await end(past, 60);
    });

    test('a list has those with calls, and with --all the others behind; no account list has any', async () => {
      expect(await json(db.url, ['pool', 'list'])).toMatchObject({
        total: 1,
        items: [{ customer: 'john', max_credit: '10.00', consumed: '0.00', reserved: '1.00', available: '9.00' }],
      });
      const { items } = await json(db.url, ['pool', 'list', '--all']);
      expect(items.map(({ customer }: { customer: string }) => customer)).toEqual(['john', 'past']);
      const accounts = await json(db.url, ['account', 'list', '--limit', '1000']);
      expect(accounts.items.filter(({ kind }: { kind: string }) => kind !== 'account')).toEqual([]);
    });

    test('show has the history of one that is over: a call of 1.00, and its close', async () => {
      const shown = await json(db.url, ['pool', 'show', 'past']);
      expect(shown).toMatchObject({ accountcode: 'pool:past', consumed: '0.00', active_calls: 0, entries_total: 2 });
      expect(shown.entries.map(({ kind, amount }: Record<string, string>) => [kind, amount])).toEqual([
        ['pool_closed', '1.00'],
        ['call_charge', '-1.00'],
      ]);
      expect(await cli('pool', 'show', 'nobody')).toMatchObject({
        exitCode: 3,
        err: 'customer "nobody" has no pool: see "pool list --all"\n',
      });
    });

    test('raise lets the calls that are up use 2.50 more, and touches the pool', async () => {
      await untouch('pool:john');
      expect((await cli('pool', 'raise', 'john', '2.50')).out).toBe(
        'john was raised by 2.50: max credit 12.50, available 11.50\n',
      );
      expect(await isTouched('pool:john')).toBe(true);
      const limits = { max_credit: '12.50', max_time: null, max_channels: 0 };
      expect(await events('pool:john', ['pool_raised'])).toEqual([
        { kind: 'pool_raised', facts: { ...limits, amount: '2.50' } },
      ]);
      // A call that raises it tells the same.
      const call = await up('', group('john', '13'));
      const [, raised] = await events('pool:john', ['pool_raised']);
      expect(raised).toEqual({ kind: 'pool_raised', facts: { ...limits, max_credit: '13.00' } });
      await end(call, null);
    });

    test.each([
      ['past', '1', 'accountcode "pool:past" has no call in progress: the dialplan says', 3],
      ['john', '0', 'amount "0" is not above zero', 2],
      ['john', '99999999999999', 'max_credit "100000000000012.00" is too large', 2],
      ['nobody', '1', 'customer "nobody" has no pool', 3],
    ] as const)('raise of %s by %s is refused', async (customer, amount, line, code) => {
      const { exitCode, err } = await cli('pool', 'raise', customer, amount);
      expect({ exitCode, err }).toEqual({ exitCode: code, err: expect.stringContaining(line) });
    });

    test.each([
      ['topup', '1', '--reference', 'r'],
      ['refund', '1', '--reference', 'r'],
      ['adjust', '-1', '--reference', 'r'],
      ['set', '--credit-limit', '5'],
    ])('account %s of a pool is refused and changes nothing', async (command, ...words) => {
      const before = await row('pool:john');
      const { exitCode, err } = await cli('account', command, 'pool:john', ...words);
      expect({ exitCode, err }).toEqual({
        exitCode: 3,
        err: expect.stringContaining('accountcode "pool:john" is a pool, wh'),
      });
      expect(await row('pool:john')).toEqual(before);
    });

    test('no account can be created under the code of a pool', async () => {
      const { exitCode, err } = await cli('account', 'create', 'pool:jane', '--deck', 'retail');
      expect({ exitCode, err }).toEqual({
        exitCode: 2,
        err: 'accountcode "pool:jane" begins with "pool:", which the dialplan\'s groups of calls do: choose another\n',
      });
    });

    test('add-time and hangup of a pool are those of its calls', async () => {
      const timed = await up('', group('timed', '10', 120));
      expect((await cli('pool', 'add-time', 'timed', '60')).out).toContain('60 s added to pool:timed: 120 s are left');
      await untouch('pool:timed');
      const [ran] = await Promise.all([cli('pool', 'hangup', 'timed'), serve('pool:timed', [timed])]);
      expect(ran).toMatchObject({ exitCode: 0, out: 'pool:timed: 1 call ended\n' });
      expect(await end(john)).toMatchObject({ accountcode: 'pool:john' });
    });

    test('the books of all this balance', async () => {
      const { exitCode, out } = await cli('verify');
      expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringContaining('the books balance') });
    });
  });
});
