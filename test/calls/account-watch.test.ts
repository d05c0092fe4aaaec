import pino from 'pino';
import { AccountWatch } from '../../src/calls/account-watch';
import type { AccountNews, TouchedAccounts } from '../../src/calls/touched-accounts';
import { until, type World, world } from './fake-switch';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const EVERY_MS = 10;

/** The accounts as a database would report them, with a clock that a test sets forward. */
class FakeAccounts implements TouchedAccounts {
  now = NOON;
  looks = 0;
  away = false;
  readonly rows = new Map<string, AccountNews>();

  read: TouchedAccounts['read'] = async (since, accountcodes) => {
    if (this.away) throw new Error('the database is away');
    this.looks++;
    const accounts = [...this.rows.values()].filter(
      ({ accountcode, touchedAt }) =>
        accountcodes.includes(accountcode) || (since !== null && touchedAt !== null && touchedAt >= since),
    );
    return { now: this.now, accounts };
  };

  touch(news: Partial<AccountNews> = {}): void {
    const before = this.rows.get('alice') ?? { accountcode: 'alice', blocked: false, hangupBefore: null };
    this.rows.set('alice', { ...before, ...news, touchedAt: this.now });
  }

  /** Resolves when the watch has acted on the present state. */
  async seen(): Promise<void> {
    const { looks } = this;
    await until(() => this.looks >= looks + 2, 'two more looks');
  }
}

describe('what operators do to an account', () => {
  let calls: World;
  let accounts: FakeAccounts;
  let watch: AccountWatch;

  beforeEach(async () => {
    calls = world();
    accounts = new FakeAccounts();
    const { switchboard } = calls;
    watch = new AccountWatch({ switchboard, accounts, log: pino({ level: 'silent' }), everyMs: EVERY_MS });
    await accounts.seen();
  });
  afterEach(() => {
    watch.close();
    calls.close();
  });

  const isHungUp = (uniqueid: string) => calls.port.hungUp.includes(uniqueid);

  test('a block ends a call that talks', async () => {
    await calls.talk('c1');
    accounts.touch({ blocked: true });
    await accounts.seen();
    expect(isHungUp('c1')).toBe(true);
  });

  test('a hang-up of all calls ends those that are carried, by whatever clock they started', async () => {
    await calls.talk('c1');
    // The switch's clock is ahead of the database's.
    expect(calls.switchboard.stateOf('c1')?.startAt).toBeGreaterThan(accounts.now);
    accounts.touch({ hangupBefore: accounts.now });
    await accounts.seen();
    expect(isHungUp('c1')).toBe(true);
  });

  test('a hang-up of all calls while the database could not be asked ends them when it can', async () => {
    await calls.talk('c1');
    accounts.away = true;
    accounts.now += 300_000;
    accounts.touch({ hangupBefore: accounts.now - 60_000 });
    accounts.away = false;
    await accounts.seen();
    expect(isHungUp('c1')).toBe(true);
  });

  test('a call that starts right after a hang-up of all calls goes on when the account is touched again', async () => {
    accounts.touch({ hangupBefore: accounts.now });
    await accounts.seen();
    await calls.talk('c1');
    accounts.now += 1_000;
    accounts.touch();
    await accounts.seen();
    expect(isHungUp('c1')).toBe(false);
  });

  test('a top-up an hour after a hang-up of all calls ends none of those that started since', async () => {
    accounts.touch({ hangupBefore: accounts.now });
    await accounts.seen();
    accounts.now += 3_600_000;
    await accounts.seen();
    await calls.talk('c1');
    accounts.touch();
    await accounts.seen();
    expect(isHungUp('c1')).toBe(false);
  });
});
