/** Another key of RINGFENCE_PIN_KEY: what the older one hashed or encrypted is told, and second factors are encrypted anew. */
import { randomBytes } from 'node:crypto';
import { factorsByKey, renewFactors } from '../../src/access/factor-key-store';
import { FactorWatch } from '../../src/access/factor-watch';
import { opened, SECRET_BYTES, sealed } from '../../src/access/second-factor';
import { useProof } from '../../src/access/second-factor-store';
import type { Alarm } from '../../src/alarms/alarm';
import { accountOfPin } from '../../src/cards/card-login';
import { activateCards, generateCards } from '../../src/cards/cards';
import { generateVouchers, redeemVoucher, switchVouchers } from '../../src/cards/vouchers';
import { actingAs } from '../../src/operator/acting';
import { printOf } from '../../src/operator/pin-key';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { keptLog } from '../doors/door-fixture';

const [OLD, NEW, LOST] = ['o'.repeat(32), 'n'.repeat(32), 'l'.repeat(32)];

describe.each(engines)('another RINGFENCE_PIN_KEY, %s', engine => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
  });
  afterEach(() => db.drop());

  const acting = () => actingAs('cli:root', db.database);
  const secretOf = (id: number) => Buffer.alloc(SECRET_BYTES, id);
  /** A person whose second factor this key encrypted. */
  async function person(operator: string, key: string): Promise<number> {
    const [id] = (await db.database('astoperator').insert({ operator, roles: 'read' })) as [number];
    const secret = sealed(secretOf(id), id, key, randomBytes(12));
    await db.database('astsecondfactor').insert({ operator_id: id, secret });
    return id;
  }
  const kept = async (operator_id: number): Promise<string> =>
    (await db.database('astsecondfactor').where({ operator_id }).first()).secret;
  const cli = (...words: string[]) => json(db.url, ['pin-key', ...words], { RINGFENCE_PIN_KEY: `${NEW},${OLD}` });

  test('pin-key renew encrypts with the newest key what an older one encrypted, with a row for each person; what no key opens stays', async () => {
    const [anna, ben, carl] = [await person('anna', OLD), await person('ben', NEW), await person('carl', LOST)];
    const before = await Promise.all([anna, ben, carl].map(kept));
    const answer = await cli('renew');
    expect(answer).toEqual({ key: printOf(NEW), renewed: 1, unreadable: ['carl'] });
    const after = await Promise.all([anna, ben, carl].map(kept));
    expect(after.map((each, index) => each === before[index])).toEqual([false, true, true]);
    expect(opened(after[0] as string, anna, [NEW])).toEqual({ secret: secretOf(anna), place: 0 });
    const trail = async () =>
      (await db.database('astaudit').orderBy('audit_id')).map(row => [
        row.operation,
        row.object,
        row.state_before,
        row.state_after,
      ]);
    const key = (of: string) => JSON.stringify({ second_factor_key: printOf(of) });
    expect(await trail()).toEqual([['pin-key renew', 'operator anna', key(OLD), key(NEW)]]);
    expect(await cli('renew')).toEqual({ key: printOf(NEW), renewed: 0, unreadable: ['carl'] });
    expect(await trail()).toHaveLength(1);
    const told = await ringfence(db.url, ['pin-key', 'renew'], { RINGFENCE_PIN_KEY: NEW });
    expect(told.out).toContain('no key opens those of carl');
    const without = await ringfence(db.url, ['pin-key', 'renew']);
    expect(without).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('set RINGFENCE_PIN_KEY to the new key'),
    });
  });

  test('it may be ended in between, and does what is left when it is run again', async () => {
    const ids = [];
    for (const name of ['anna', 'ben', 'carl', 'dora']) ids.push(await person(name, OLD));
    const stop = new AbortController();
    const ended = renewFactors({ ...acting(), signal: stop.signal }, [NEW, OLD], done => {
      if (done === 2) stop.abort();
    });
    await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
    expect(await factorsByKey(db.database, [NEW, OLD])).toEqual({ counts: [2, 2], unreadable: [] });
    expect(await renewFactors(acting(), [NEW, OLD])).toEqual({ key: printOf(NEW), renewed: 2, unreadable: [] });
    expect(await factorsByKey(db.database, [NEW])).toEqual({ counts: [4], unreadable: [] });
    expect(await db.database('astaudit').where({ operation: 'pin-key renew' })).toHaveLength(4);
  });

  test('more people than one page has are all found; two commands at once write one row for each', async () => {
    const count = 503;
    const names = Array.from({ length: count }, (_, index) => ({ operator: `p${index}`, roles: 'read' }));
    await db.database('astoperator').insert(names);
    const ids: number[] = await db.database('astoperator').pluck('operator_id');
    const rows = ids.map(id => ({ operator_id: id, secret: sealed(secretOf(id % 200), id, OLD, randomBytes(12)) }));
    await db.database('astsecondfactor').insert(rows);
    const both = await Promise.all([renewFactors(acting(), [NEW, OLD]), renewFactors(acting(), [NEW, OLD])]);
    expect(both.reduce((sum, { renewed }) => sum + renewed, 0)).toBe(count);
    expect(await factorsByKey(db.database, [NEW])).toEqual({ counts: [count], unreadable: [] });
    expect(await db.database('astaudit')).toHaveLength(count);
  });

  test('a second factor that began meanwhile is not written over by the log-in that used the one before', async () => {
    const anna = await person('anna', OLD);
    const before = await kept(anna);
    const renewed = { before, after: sealed(secretOf(anna), anna, NEW, randomBytes(12)) };
    const other = sealed(secretOf(99), anna, NEW, randomBytes(12));
    const now = db.database.raw('UTC_TIMESTAMP(3)');
    await db.database('astsecondfactor').update({ secret: other, confirmed_at: now });
    await useProof(db.database, anna, { kind: 'totp', step: 7, renewed });
    expect(await kept(anna)).toBe(other);
  });

  test('pin-key list tells what needs each key: cards, vouchers and second factors that may still be used', async () => {
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '1');
    await person('anna', OLD);
    await person('ben', NEW);
    await person('carl', LOST);
    const cards = (batch: string, key: string, count: number) =>
      generateCards(acting(), { batch, count, value: '1', deck: 'retail' }, { keys: [key] });
    const [first] = await cards('old', OLD, 3);
    await cards('new', NEW, 1);
    await cards('lost', LOST, 2);
    const vouchers = await generateVouchers(
      acting(),
      { batch: 'old', count: 3, value: '1', currency: 'EUR' },
      { keys: [OLD] },
    );
    await switchVouchers(acting(), { batch: 'old' }, 'activate');
    await activateCards(acting(), { batch: 'old' });
    const listed = async () =>
      (await cli('list')).items.map((row: Record<string, unknown>) => [
        row.key,
        row.state,
        row.cards,
        row.vouchers,
        row.second_factors,
      ]);
    const lost = [
      [printOf(LOST), 'missing', 2, 0, 0],
      [null, 'missing', 0, 0, 1],
    ];
    expect(await listed()).toEqual([[printOf(NEW), 'newest', 1, 0, 1], [printOf(OLD), 'older', 3, 3, 1], ...lost]);
    // A PIN that is used, a voucher that is redeemed, a card and a voucher that expire.
    expect(await accountOfPin(db.database, [NEW, OLD], first?.code as string)).not.toBeNull();
    const [redeemed, expired] = vouchers;
    await redeemVoucher(acting(), { code: redeemed?.code as string, accountcode: 'alice', keys: [OLD] });
    const past = db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 1 DAY');
    await db.database('astvoucher').where({ serial: expired?.serial }).update({ expires_at: past });
    await db.database('astaccount').where({ accountcode: 'card-2' }).update({ expires_at: past });
    await cli('renew');
    expect(await listed()).toEqual([[printOf(NEW), 'newest', 2, 0, 2], [printOf(OLD), 'older', 1, 1, 0], ...lost]);
    const { out } = await ringfence(db.url, ['pin-key', 'list']);
    expect(out).not.toContain('newest');
  });

  test('a service raises an alarm while no key opens a second factor, and logs how many an older key encrypted', async () => {
    const standing = new Map<string, Alarm>();
    const { log, lines } = keptLog();
    const alarms = {
      raise: (alarm: Alarm) => void standing.set(alarm.alarm, alarm),
      clear: (alarm: string) => void standing.delete(alarm),
    };
    const keys = [NEW];
    const watch = new FactorWatch({ database: db.database, keys, alarms, log });
    try {
      await watch.look();
      expect([...standing.keys()]).toEqual([]);
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await person(name, OLD);
      await watch.look();
      expect([...standing.values()]).toEqual([
        expect.objectContaining({
          alarm: 'second_factor_unreadable',
          subject: 'RINGFENCE_PIN_KEY',
          details: expect.stringContaining('second factor of a, b, c, d, e and 2 more'),
        }),
      ]);
      keys.push(OLD);
      await watch.look();
      await watch.look();
      expect([...standing.keys()]).toEqual([]);
      await renewFactors(acting(), keys);
      await watch.look();
      expect(lines.map(({ event, count }) => [event, count])).toEqual([
        ['second_factors_by_older_key', 7],
        ['second_factors_by_older_key', 0],
      ]);
    } finally {
      watch.close();
    }
  });
});
