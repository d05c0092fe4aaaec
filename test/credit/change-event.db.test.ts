import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { addTime, hangUpCalls } from '../../src/accounts/during-calls';
import { createAccount, setAccount, setAccountStatus } from '../../src/accounts/manage-account';
import { moveMoney } from '../../src/accounts/move-money';
import { projectRoot } from '../../src/config/project-root';
import type { Books } from '../../src/credit/books';
import { decideBatch } from '../../src/credit/call-batch';
import { insertEvents } from '../../src/credit/call-store';
import { CHANGE_KINDS, settlementRefused } from '../../src/credit/change-event';
import type { LedgerOperation } from '../../src/credit/ledger-operation';
import type { PoolRequest } from '../../src/credit/rules/pool';
import type { StartRequest } from '../../src/credit/rules/start';
import { openBooks, written } from '../../src/credit/sql-books';
import { sqlOf } from '../../src/database/rows';
import { parseAmount, ZERO } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { RateStore } from '../../src/rating/rate-store';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { addDeck, booksInHand, callOf, endOf, LIMITS, move, NOON, talked } from './ledger-fixture';

/** Kind → names of its facts, as docs/events.md has them. */
const documented = new Map(
  readFileSync(join(projectRoot, 'docs', 'events.md'), 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .map(line => line.split('|').map(cell => cell.trim()))
    .map(([, kind = '', , , facts = '']) => [
      kind.replaceAll('`', ''),
      [...facts.matchAll(/`([a-z_]+)`/g)].map(match => match[1] as string),
    ]),
);

test('docs/events.md names every kind in order', () => {
  expect([...documented.keys()]).toEqual([...CHANGE_KINDS]);
});

describe.each(engines)('what changes is told by its own transaction, %s', engine => {
  let db: TestDatabase;
  let books: Books;
  let connection: Connection;
  /** The last event that the test has seen. */
  let seen = '0';

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    ({ books, connection } = await booksInHand(db.url));
  });
  afterAll(async () => {
    await books.rollback();
    books.destroy();
    await db.drop();
  });

  /** Of every kind that was written in all tests. */
  const told = new Map<string, Set<string>>();

  const newEvents = async (): Promise<[kind: string, facts: Record<string, unknown>, uniqueid: string | null][]> => {
    const rows = await db.database('astoutbox').where('event_id', '>', seen).orderBy('event_id');
    seen = rows.at(-1)?.event_id ?? seen;
    return rows.map(({ kind, facts, uniqueid }) => {
      told.set(kind, new Set([...(told.get(kind) ?? []), ...Object.keys(JSON.parse(facts))]));
      return [kind, JSON.parse(facts), uniqueid];
    });
  };
  const newKinds = async () => (await newEvents()).map(([kind]) => kind);
  const count = async (table: string) => Number((await db.database(table).count({ rows: '*' }))[0]?.rows);

  /** Does it, sees that nothing shows outside, undoes it, sees that there is nothing; does it again and returns the events. */
  const kindsOf = async (operation: LedgerOperation): Promise<string[]> => {
    const undone = await decideBatch(books, [operation], { limits: LIMITS });
    await Promise.all(written(connection, undone.changes));
    expect(await newKinds()).toEqual([]);
    await books.rollback();
    expect(await newKinds()).toEqual([]);
    const { changes } = await decideBatch(books, [operation], { limits: LIMITS });
    await books.commit(changes);
    return newKinds();
  };
  const start = (request: StartRequest): LedgerOperation => ({
    kind: 'start',
    uniqueid: request.uniqueid,
    accountcode: request.accountcode,
    request,
    lease: null,
  });
  const open = async (accountcode: string, balance: string, more: Record<string, unknown> = {}) => {
    await createAccount(actingAs('test', db.database), { accountcode, deck: 'retail', balance });
    if (Object.keys(more).length > 0) await db.database('astaccount').where({ accountcode }).update(more);
    await newKinds();
  };

  test('the life of a call: authorised, answered, extended, shrunk, warned, cut, settled; nothing that comes twice', async () => {
    await open('alice', '10', { mode: 'shared' });
    const request = callOf('alice');
    const { uniqueid, accountcode } = request;
    const call = { uniqueid, accountcode };
    expect(await kindsOf(start(request))).toEqual(['authorised']);
    expect(await kindsOf(start(request))).toEqual([]);
    expect(await kindsOf({ kind: 'answer', ...call, answerAt: NOON + 2_000, trunk: 'main' })).toEqual(['answered']);
    expect(await kindsOf({ kind: 'extend', ...call, seconds: 120, lease: null })).toEqual(['extended']);
    expect(await kindsOf({ kind: 'extend', ...call, seconds: 120, lease: null })).toEqual([]);
    expect(await kindsOf({ kind: 'shrink', ...call, seconds: 60, lease: null })).toEqual(['shrunk']);
    expect(await kindsOf({ kind: 'warned', ...call, secondsLeft: 20 })).toEqual(['warned']);
    expect(await kindsOf({ kind: 'limit_not_kept', ...call })).toEqual(['limit_not_kept']);
    const end = { ...endOf(request, talked(60, { hangupSource: 'limit' })), kind: 'end' } as const;
    expect(await kindsOf(end)).toEqual(['cut', 'settled']);
    expect(await kindsOf(end)).toEqual([]);
    expect(await count('astledger')).toBe(2);
  });

  test('a call that had talked on beyond its limit is an alarm when it is settled; a moment is none', async () => {
    for (const [beyond, kinds] of [
      [2, ['settled']],
      [3, ['settled', 'overrun']],
    ] as const) {
      await open(`late-${beyond}`, '10');
      const request = callOf(`late-${beyond}`);
      const { outcomes, changes } = await decideBatch(books, [start(request)], { limits: LIMITS });
      await books.commit(changes);
      await newKinds();
      const { grantedSeconds } = (outcomes[0] as { granted: { grantedSeconds: number } }).granted;
      const end = { ...endOf(request, talked(grantedSeconds + beyond)), kind: 'end' } as const;
      expect(await kindsOf(end)).toEqual(kinds);
    }
  });

  test('an emergency call of nobody that two services end at one moment is settled once', async () => {
    const request = callOf('nobody', { dst: '112', emergency: true });
    await kindsOf(start(request));
    const end = { ...endOf(request, talked(60)), kind: 'end' } as const;
    const { changes } = await decideBatch(books, [end], { limits: LIMITS });
    const other = await openBooks(db.url, new RateStore(), 1);
    try {
      const second = decideBatch(other, [end], { limits: LIMITS });
      // Time enough to see what is not committed, if that were possible.
      await new Promise(resolve => setTimeout(resolve, 100));
      await books.commit(changes);
      const late = await second;
      expect(late.outcomes).toMatchObject([{ call: { billsec: 60 } }]);
      await other.commit(late.changes);
    } finally {
      other.destroy();
    }
    expect(await newKinds()).toEqual(['settled']);
  });

  test('a refusal, and of a limit also that; nothing for an account that there is not', async () => {
    await open('poor', '0', {});
    expect(await kindsOf(start(callOf('poor')))).toEqual(['refused']);
    await open('busy', '10', { max_channels: 1 });
    expect(await kindsOf(start(callOf('busy')))).toEqual(['authorised']);
    expect(await kindsOf(start(callOf('busy')))).toEqual(['refused', 'cap_hit']);
    expect(await kindsOf(start(callOf('nobody')))).toEqual([]);
  });

  test('a pool is opened, raised by a call that brings more, and closed', async () => {
    const tariff = {
      pricePerMinute: parseAmount('1'),
      connectFee: ZERO,
      minimumCharge: ZERO,
      initialIncrementSeconds: 60,
      incrementSeconds: 60,
      graceSeconds: 0,
      freeSeconds: 0,
      steps: [],
    };
    const pool: PoolRequest = {
      tariff,
      maxCredit: parseAmount('5'),
      maxTimeSeconds: null,
      maxChannels: 0,
      maxCallsPerSecond: 0,
    };
    const more = { ...pool, maxCredit: parseAmount('6') };
    const [one, two] = [callOf('pool:john', { pool }), callOf('pool:john', { pool: more })];
    expect(await kindsOf(start(one))).toEqual(['pool_opened', 'authorised']);
    expect(await kindsOf(start(two))).toEqual(['pool_raised', 'authorised']);
    expect(await kindsOf({ kind: 'end', ...endOf(one, talked(30)) })).toEqual(['settled']);
    expect(await kindsOf({ kind: 'end', ...endOf(two, talked(30)) })).toEqual(['settled', 'pool_closed']);
  });

  test('a low balance is told once until it is a tenth above: by a call, a withdrawal, a top-up', async () => {
    await open('low', '1.50');
    await setAccount(actingAs('test', db.database), 'low', { low_balance: '1.00' });
    expect(await newKinds()).toEqual([]);
    const request = callOf('low');
    await kindsOf(start(request));
    expect(await kindsOf({ kind: 'end', ...endOf(request, talked(30)) })).toEqual(['settled', 'low_balance']);
    let reference = 0;
    const moved = async (kind: 'top_up' | 'refund' | 'adjustment', amount: string) => {
      await moveMoney(actingAs('test', db.database), {
        accountcode: 'low',
        kind,
        amount,
        reference: `r${++reference}`,
      });
      return newEvents();
    };
    // 0.50: low already.
    expect((await moved('adjustment', '-0.10')).map(([kind]) => kind)).toEqual(['money_moved']);
    // 1.09: above the limit, but not by a tenth.
    expect((await moved('top_up', '0.69')).map(([kind]) => kind)).toEqual(['money_moved']);
    expect(await moved('refund', '0.01')).toEqual([
      ['money_moved', { kind: 'refund', amount: '0.01', balance: '1.10', reference: 'r3' }, null],
      ['low_balance_over', { balance: '1.10', limit: '1.00' }, null],
    ]);
    expect((await moved('adjustment', '-0.10')).map(([kind]) => kind)).toEqual(['money_moved']);
    expect((await moved('adjustment', '-0.01')).map(([kind]) => kind)).toEqual(['money_moved', 'low_balance']);
    // The same reference again moves nothing and writes no event.
    await moveMoney(actingAs('test', db.database), {
      accountcode: 'low',
      kind: 'adjustment',
      amount: '-0.01',
      reference: 'r5',
    });
    expect(await newKinds()).toEqual([]);
    // A refusal writes none either.
    await expect(moved('adjustment', '-100')).rejects.toThrow('only');
    expect(await newKinds()).toEqual([]);
  });

  test('a limit of spend is told with the first call that it refuses, once until it is set anew', async () => {
    await open('spender', '5.00');
    await setAccount(actingAs('test', db.database), 'spender', { max_spend_month: '0.50' });
    const kinds = ['refused', 'spend_limit_reached'];
    expect(await kindsOf(start(callOf('spender')))).toEqual(kinds);
    expect(await kindsOf(start(callOf('spender')))).toEqual(['refused']);
    await setAccount(actingAs('test', db.database), 'spender', { max_spend_month: '0.60' });
    expect(await kindsOf(start(callOf('spender')))).toEqual(kinds);
    await setAccount(actingAs('test', db.database), 'spender', {
      max_spend_month: '0.70',
      spend_limit_action: 'block',
    });
    expect(await kindsOf(start(callOf('spender')))).toEqual(expect.arrayContaining([...kinds, 'blocked']));
  });

  test('an account that is opened with money, and a correction of a call, tell of it', async () => {
    await createAccount(actingAs('test', db.database), { accountcode: 'rich', deck: 'retail', balance: '7' });
    expect(await newEvents()).toEqual([
      ['money_moved', { kind: 'top_up', amount: '7.00', balance: '7.00', reference: 'opening' }, null],
    ]);
    await createAccount(actingAs('test', db.database), { accountcode: 'empty', deck: 'retail' });
    expect(await newKinds()).toEqual([]);
    const correction = {
      accountcode: 'rich',
      kind: 'correction',
      reference: 'ast1-1.1',
      reason: '',
      actor: 'test',
    } as const;
    await move(db, { ...correction, amount: parseAmount('-0.25') });
    expect(await newEvents()).toEqual([
      ['money_moved', { kind: 'correction', amount: '-0.25', balance: '6.75', reference: 'ast1-1.1' }, 'ast1-1.1'],
    ]);
  });

  test('an account is blocked and unblocked, each told only when it changes', async () => {
    await open('eve', '1');
    await setAccountStatus(actingAs('test', db.database), 'eve', 'active');
    expect(await newKinds()).toEqual([]);
    await setAccountStatus(actingAs('test', db.database), 'eve', 'blocked');
    await setAccountStatus(actingAs('test', db.database), 'eve', 'blocked');
    expect(await newKinds()).toEqual(['blocked']);
    await setAccountStatus(actingAs('test', db.database), 'eve', 'active');
    expect(await newKinds()).toEqual(['unblocked']);
  });

  test('what an operator does to calls in progress', async () => {
    await open('bob', '10', { max_time: 600 });
    await hangUpCalls(actingAs('test', db.database), 'bob');
    expect(await newKinds()).toEqual([]);
    expect(await kindsOf(start(callOf('bob')))).toEqual(['authorised']);
    await addTime(actingAs('test', db.database), 'bob', 60);
    await hangUpCalls(actingAs('test', db.database), 'bob');
    expect(await newKinds()).toEqual(['time_added', 'hangup_wanted', 'calls_ended']);
    await open('ken', '100', { max_call_seconds: 60 });
    expect(await kindsOf(start(callOf('ken')))).toEqual(['authorised']);
    await setAccountStatus(actingAs('test', db.database), 'ken', 'blocked');
    await hangUpCalls(actingAs('test', db.database), 'ken');
    // Of the call once.
    expect(await newKinds()).toEqual(['hangup_wanted', 'blocked', 'calls_ended']);
  });

  test('the end of a call that the database refuses', async () => {
    await insertEvents(sqlOf(db.database), [settlementRefused({ uniqueid: 'u', accountcode: 'bob' }, 'ER_X')]);
    expect(await newEvents()).toEqual([['settlement_refused', { code: 'ER_X' }, 'u']]);
  });

  test('every kind was told, with the facts that docs/events.md names', () => {
    expect([...told.keys()].sort()).toEqual([...CHANGE_KINDS].sort());
    for (const [kind, facts] of told)
      expect([kind, [...facts].sort()]).toEqual([kind, [...documented.get(kind)!].sort()]);
  });
});
