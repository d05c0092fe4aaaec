/** Calls whose price depends on the time of day, in real books. */
import { priceCall } from '../../src/accounts/price-inquiry';
import { callFacts, stepsOf } from '../../src/admin/call-operations';
import { decideBatch, type Unreadable } from '../../src/credit/call-batch';
import { callOf as callRecordOf } from '../../src/credit/cdr-columns';
import type { Ledger } from '../../src/credit/ledger';
import { formatAmount, type Micros, parseAmount } from '../../src/money/micros';
import { EVERYTHING } from '../../src/operator/visible';
import type { Step } from '../../src/rating/explain';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import {
  addAccount,
  addDeck,
  booksInHand,
  callOf,
  differencesIn,
  endOf,
  LIMITS,
  moneyOf,
  move,
  NOON,
  openLedger,
  talked,
} from './ledger-fixture';

const BY_SECOND = { prefix: '49', initial_increment_seconds: 1, increment_seconds: 1 };

describe.each(engines)('a price by the time of day, %s', engine => {
  let db: TestDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    // NOON is a Monday.
    await db.database('astschedule').insert({ schedule: 'peak', hours: 'Mo-Fr 08:00-12:01', calendar: 'feasts' });
    await addDeck(db, 'retail', [
      { ...BY_SECOND, price_per_minute: '0.10' },
      { ...BY_SECOND, price_per_minute: '1.00', schedule: 'peak' },
    ]);
    ledger = openLedger(db);
  });
  afterAll(async () => {
    await ledger.close();
    expect(await differencesIn(db.url)).toEqual([]);
    await db.drop();
  });

  const cdr = (uniqueid: string) => db.database('astcdr').where({ uniqueid }).first();
  const held = async (uniqueid: string) => {
    const { max_cost } = await db.database('astcreditres').where({ uniqueid }).first('max_cost');
    return formatAmount(parseAmount(max_cost));
  };

  test('holds the dearest answer until it is answered, then its own; is extended and charged by it, also by another process and after the hours changed', async () => {
    await addAccount(db, 'alice', '5.00');
    const call = callOf('alice', { fixed: { firstSeconds: 120 }, ringSeconds: 0 });
    // Answered at once: 60 s at 1.00 a minute, and 60 at 0.10.
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 120, maxCost: 1_100_000n } });
    expect(await held(call.uniqueid)).toBe('1.10');
    const again = await ledger.start(call);
    expect(again).toMatchObject({ granted: { grantedSeconds: 120, maxCost: 1_100_000n } });
    const { uniqueid, accountcode } = call;
    await ledger.answered({ uniqueid, accountcode, trunk: '', answerAt: NOON + 2_000 });
    // 58 s and 62 s.
    expect(await held(uniqueid)).toBe('1.07');
    const event = await db.database('astoutbox').where({ uniqueid, kind: 'answered' }).first('facts');
    expect(JSON.parse(event.facts)).toMatchObject({ max_cost: '1.07' });
    expect(await moneyOf(db, 'alice')).toEqual(['5.00', '1.07', 1]);
    const other = openLedger(db);
    await db.database('astschedule').update({ hours: 'Mo-Su 00:00-24:00' });
    expect(await other.extend({ ...call, seconds: 180 })).toMatchObject({
      grant: { grantedSeconds: 180, maxCost: 1_170_000n },
    });
    await other.end(endOf(call, talked(100)));
    await other.close();
    await db.database('astschedule').update({ hours: 'Mo-Fr 08:00-12:01' });
    expect(await cdr(uniqueid)).toMatchObject({
      cost: '1.036667',
      billed_seconds: 100,
      rate_price_per_minute: '1.000000',
      rate_times: expect.stringMatching(/^1780315200\+10 1780315260=1\|0\.10\/1\/1\/0\.00\/0\.00\/0\/0$/),
    });
    expect(await moneyOf(db, 'alice')).toEqual(['3.963333', '0.00', 0]);
  });

  describe('an answer that is corrected after it was told', () => {
    /** A call of 120 s at most that was told to be answered after 2 s, where it holds 1.07. */
    async function told(accountcode: string, balance: string) {
      await addAccount(db, accountcode, balance);
      const call = callOf(accountcode, { fixed: { firstSeconds: 120 }, ringSeconds: 0 });
      await ledger.start(call);
      const { uniqueid } = call;
      await ledger.answered({ uniqueid, accountcode, trunk: '', answerAt: NOON + 2_000 });
      expect(await held(uniqueid)).toBe('1.07');
      return call;
    }
    const ended = async (call: ReturnType<typeof callOf>, answerAt: number, talk: number) => {
      await ledger.end(endOf(call, talked(talk, { answerAt, endAt: answerAt + talk * 1_000 })));
      const { cost, max_cost } = await cdr(call.uniqueid);
      return [cost, max_cost];
    };

    test('to a dearer second holds and costs more, by its end or by another report', async () => {
      expect(await ended(await told('dearer', '5.00'), NOON, 100)).toEqual(['1.066667', '1.100000']);
      expect(await moneyOf(db, 'dearer')).toEqual(['3.933333', '0.00', 0]);
      const call = await told('again', '5.00');
      const { uniqueid, accountcode } = call;
      await ledger.answered({ uniqueid, accountcode, trunk: '', answerAt: NOON });
      expect(await held(uniqueid)).toBe('1.10');
      expect(await moneyOf(db, 'again')).toEqual(['5.00', '1.10', 1]);
      expect(await ended(call, NOON, 120)).toEqual(['1.100000', '1.100000']);
    });

    test('leaves no call that holds less than its grant costs by the cheapest answer', async () => {
      const call = await told('least', '5.00');
      await ended(call, NOON + 2_000, 10);
      const toldOf = async (max_cost: string) => {
        await db.database('astcdr').where({ uniqueid: call.uniqueid }).update({ max_cost });
        return (await differencesIn(db.url)).map(({ text }) => text);
      };
      // Answered after 10 s, 120 s cost 50 s at 1.00 a minute and 70 s at 0.10.
      expect(await toldOf('0.95')).toEqual([]);
      expect(await toldOf('0.949999')).toEqual(['max_cost is 0.949999, its granted_seconds 120 cost 1.07']);
      expect(await toldOf('1.100001')).toEqual(['max_cost is 1.100001, its granted_seconds 120 cost 1.07']);
      expect(await toldOf('1.07')).toEqual([]);
    });

    test('to a cheaper second holds and costs less', async () => {
      expect(await ended(await told('cheaper', '5.00'), NOON + 5_000, 100)).toEqual(['0.991667', '1.025000']);
      expect(await moneyOf(db, 'cheaper')).toEqual(['4.008333', '0.00', 0]);
    });

    test('to one for which the account has not enough costs what is there', async () => {
      const call = await told('short', '1.10');
      const withdrawn = {
        kind: 'adjustment',
        amount: parseAmount('-0.02'),
        reference: 'taken',
        reason: 'taken',
      } as const;
      expect(await move(db, { ...withdrawn, accountcode: 'short', actor: 'test' })).not.toHaveProperty('refusal');
      // 0.01 is left beside what it holds.
      expect(await ended(call, NOON, 120)).toEqual(['1.080000', '1.080000']);
      expect(await moneyOf(db, 'short')).toEqual(['0.00', '0.00', 0]);
    });
  });

  test('a schedule whose hours were made unreadable by hand never holds, and calls go on', async () => {
    await db.database('astschedule').insert({ schedule: 'broken', hours: 'whenever' });
    await addDeck(db, 'broken', [
      { ...BY_SECOND, price_per_minute: '0.10' },
      { ...BY_SECOND, price_per_minute: '1.00', schedule: 'broken' },
    ]);
    await addAccount(db, 'broken', '5.00', { deck: 'broken' });
    const call = callOf('broken', { fixed: { firstSeconds: 60 } });
    const unreadable: Unreadable[] = [];
    const other = openLedger(db, { onUnreadable: what => unreadable.push(what) });
    expect(await other.start(call)).toMatchObject({ granted: { maxCost: 100_000n } });
    await other.end(endOf(call, talked(60)));
    expect(unreadable).toEqual([{ kind: 'hours', name: 'broken' }]);
    await other.close();
  });

  test('an account whose zone does not exist has the days and hours of UTC, and calls go on', async () => {
    await addDeck(db, 'zoned', [
      { ...BY_SECOND, price_per_minute: '0.10', valid_from: '2026-06-01', valid_until: '2026-06-01' },
      { ...BY_SECOND, price_per_minute: '1.00', schedule: 'peak' },
    ]);
    await addAccount(db, 'nowhere', '5.00', { deck: 'zoned', time_zone: 'Mars/Olympus' });
    const unreadable: Unreadable[] = [];
    const other = openLedger(db, { onUnreadable: what => unreadable.push(what) });
    const call = callOf('nowhere', { fixed: { firstSeconds: 120 }, ringSeconds: 0 });
    expect(await other.start(call)).toMatchObject({ granted: { maxCost: 1_100_000n } });
    await other.end(endOf(call, talked(60)));
    expect(unreadable).toEqual([{ kind: 'zone', name: 'Mars/Olympus' }]);
    await other.close();
    const asked = { accountcode: 'nowhere', to: '4930123456', seconds: 60, at: NOON };
    const { explanation } = await priceCall(db.database, EVERYTHING, asked, { ...LIMITS, ringSeconds: 60 }, []);
    expect(explanation.steps.find(({ kind }) => kind === 'day')?.text).toContain('2026-06-01 in UTC');
  });

  test('a price that is asked for says how long the call may ring: over all its trunks and what its caller hears, or as it is told', async () => {
    const { database } = db;
    await addAccount(db, 'ringing', '5.00');
    await addAccount(db, 'hearing', '5.00', { announce: 'balance' });
    for (const trunk of ['one', 'other']) {
      await database('asttrunk').insert({ trunk, endpoint: `PJSIP/{number}@${trunk}` });
      await database('astroute').insert({ prefix: '49', priority: 1, trunk });
    }
    const within = async (accountcode: string, ringSeconds?: number) => {
      const asked = { accountcode, to: '4930123456', seconds: 60, at: NOON, ringSeconds };
      const { explanation } = await priceCall(database, EVERYTHING, asked, { ...LIMITS, ringSeconds: 20 }, []);
      return explanation.steps.find(({ kind }) => kind === 'answered_within')?.facts.seconds;
    };
    // 22 s for each trunk, 10 until it is dialled, 30 of announcements.
    expect(await within('ringing')).toBe(54);
    expect(await within('hearing')).toBe(84);
    expect(await within('hearing', 300)).toBe(310);
    await database('astroute').where({ trunk: 'other' }).delete();
    expect(await within('ringing')).toBe(32);
    await expect(within('ringing', 3_601)).rejects.toMatchObject({ refusal: 'field_invalid' });
    await database('astroute').delete();
  });

  test('what money pays for is found over the pieces', async () => {
    await addAccount(db, 'poor', '1.02');
    const call = callOf('poor', { ringSeconds: 0 });
    // 60 s at 1.00 and 12 at 0.10, if it is answered at once; every other answer costs less.
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 72, maxCost: 1_020_000n } });
    await ledger.end(endOf(call, talked(72, { answerAt: NOON, endAt: NOON + 72_000 })));
    expect(await moneyOf(db, 'poor')).toEqual(['0.00', '0.00', 0]);
  });

  test('a holiday of its calendar is no weekday, and then one price is all: the CDR keeps no other', async () => {
    await db.database('astholiday').insert({ calendar: 'feasts', day: '2026-06-01', name: 'a feast' });
    await addAccount(db, 'feast', '5.00');
    const call = callOf('feast', { fixed: { firstSeconds: 120 } });
    expect(await ledger.start(call)).toMatchObject({ granted: { grantedSeconds: 120, maxCost: 200_000n } });
    await ledger.end(endOf(call, talked(90)));
    expect(await cdr(call.uniqueid)).toMatchObject({ cost: '0.150000', rate_times: '' });
    await db.database('astholiday').delete();
  });

  test('the hours are those of the account on its own wall', async () => {
    await addAccount(db, 'berlin', '5.00', { time_zone: 'Europe/Berlin' });
    const call = callOf('berlin', { fixed: { firstSeconds: 60 } });
    // 14:00 there.
    expect(await ledger.start(call)).toMatchObject({ granted: { maxCost: 100_000n } });
    await ledger.end(endOf(call, talked(60)));
    expect(await cdr(call.uniqueid)).toMatchObject({ cost: '0.100000' });
  });

  test('a carrier is paid by the hours of UTC', async () => {
    await db.database('asttrunk').insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier', cost_deck: 'retail' });
    await addAccount(db, 'carried', '5.00', { time_zone: 'Europe/Berlin' });
    const call = callOf('carried');
    await ledger.start(call);
    await ledger.end(endOf(call, talked(100), 'carrier'));
    expect(await cdr(call.uniqueid)).toMatchObject({ cost: '0.166667', trunk_cost: '1.036667' });
  });

  test('rate explain tells the pieces, and a call that has ended too, with the prices of its answer as its own', async () => {
    await addAccount(db, 'asking', '5.00');
    const asked = { accountcode: 'asking', to: '4930123456', seconds: 60, at: NOON + 30_000 };
    const { explanation } = await priceCall(db.database, EVERYTHING, asked, { ...LIMITS, ringSeconds: 60 }, []);
    const told = (steps: readonly Step[]) => steps.map(({ kind, text }) => `${kind}: ${text}`);
    const pieces = [
      'period: from second 30 on, at 2026-06-01T12:01:00.000Z, by the prices of that time',
      'increments_from: 1/1 from second 0 on: 30 s',
      'increments_from: 1/1 from second 30 on: 30 s',
    ];
    expect(told(explanation.steps)).toEqual(expect.arrayContaining(pieces));
    expect(formatAmount(explanation.cost as Micros)).toBe('0.55');
    const call = callOf('asking', { startAt: NOON + 20_000 });
    await ledger.start(call);
    await ledger.end(endOf(call, talked(60, { answerAt: NOON + 30_000, endAt: NOON + 90_000 })));
    const ended = callRecordOf(await cdr(call.uniqueid));
    expect(told(stepsOf(ended, '', {}))).toEqual(expect.arrayContaining(pieces));
    expect(callFacts(ended)).toMatchObject({
      rate_price_per_minute: parseAmount('1'),
      rate_steps: '30:0.10/1',
      rate_times: expect.stringContaining('|0.10/1/1/'),
    });
    expect(formatAmount(ended.cost)).toBe('0.55');
  });

  test('a start by a deck without schedules asks the database nothing more, and one with them asks once for all calls', async () => {
    await addDeck(db, 'plain', [{ ...BY_SECOND, price_per_minute: '0.10' }]);
    await addAccount(db, 'plain', '5.00', { deck: 'plain' });
    const { books, connection } = await booksInHand(db.url);
    const asked = jest.spyOn(connection, 'query');
    const questions = async (accountcode: string): Promise<[schedules: number, all: number]> => {
      const starts = [callOf(accountcode), callOf(accountcode)].map(request => ({
        kind: 'start' as const,
        request,
        lease: null,
        uniqueid: request.uniqueid,
        accountcode,
      }));
      asked.mockClear();
      const { outcomes } = await decideBatch(books, starts, { limits: LIMITS });
      expect(outcomes).toEqual([expect.objectContaining({ granted: expect.anything() }), expect.anything()]);
      const texts = asked.mock.calls.map(([text]) => String(text));
      await books.rollback();
      return [texts.filter(text => text.includes('astschedule')).length, texts.length];
    };
    // The rates of a number are read once and then remembered.
    for (const accountcode of ['plain', 'alice']) await questions(accountcode);
    const [[none, plain], [once, timed]] = [await questions('plain'), await questions('alice')];
    books.destroy();
    expect([none, once, timed - plain]).toEqual([0, 1, 1]);
  });

  test('a batch in which calls start and carried calls end asks once for the schedules of all', async () => {
    await db.database('asttrunk').insert({ trunk: 'paid', endpoint: 'PJSIP/{number}@paid', cost_deck: 'retail' });
    await addAccount(db, 'batched', '50.00', { time_zone: 'Europe/Berlin' });
    const [ending, starting] = [callOf('batched', { fixed: { firstSeconds: 120 } }), callOf('batched')];
    await ledger.start(ending);
    const { books, connection } = await booksInHand(db.url);
    const asked = jest.spyOn(connection, 'query');
    const { outcomes, changes } = await decideBatch(
      books,
      [
        { kind: 'start', request: starting, lease: null, uniqueid: starting.uniqueid, accountcode: 'batched' },
        { kind: 'end', ...endOf(ending, talked(100), 'paid') },
      ],
      { limits: LIMITS },
    );
    expect(outcomes[0]).toMatchObject({ granted: { tariff: { pricePerMinute: 100_000n } } });
    // Ours by the hours of Berlin, the carrier's by those of UTC.
    expect(changes.changedCalls).toMatchObject([{ cost: 166_667n, trunkCost: 1_036_667n }]);
    const texts = asked.mock.calls.map(([text]) => String(text));
    expect(texts.filter(text => text.includes('FROM astschedule'))).toHaveLength(1);
    expect(texts.filter(text => text.includes('FROM astrate '))).toHaveLength(1);
    await books.rollback();
    books.destroy();
    await ledger.end(endOf(ending, talked(100), 'paid'));
  });
});
