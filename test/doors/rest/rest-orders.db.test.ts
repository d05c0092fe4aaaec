/** Operations of many calls in random orders, at once, repeated, at two services: each call is charged once, and the books balance. */
import { type Micros, micros, parseAmount } from '../../../src/money/micros';
import { addAccount, addDeck, differencesIn } from '../../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../../database/test-database';
import { anyOf, type Random, randomOf } from '../fuzz';
import { closeDoors, type Json, NODE, openDoor, type TestDoor } from './rest-fixture';

const CALLS = 60;
const STEPS = 1_500;
const AT_ONCE = 12;
const ACCOUNTS = ['rich', 'poor', 'two'];

describe.each(engines)('REST in any order on %s', engine => {
  let db: TestDatabase;
  let doors: TestDoor[];

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{ connect_fee: '0.05', initial_increment_seconds: 30, increment_seconds: 6 }]);
    await addAccount(db, 'rich', '5000');
    await addAccount(db, 'poor', '7.77');
    await addAccount(db, 'two', '500', { max_channels: 2 });
    doors = [await openDoor(db), await openDoor(db)];
  });
  afterAll(async () => {
    await closeDoors();
    await db.drop();
  });

  /** What is asked for a call: of a few contents, so that many come twice. */
  function step(random: Random): { call: number; path: string; body: Record<string, unknown> } {
    const call = random(CALLS);
    const account = ACCOUNTS[call % ACCOUNTS.length];
    const path = anyOf(['', '', '/answered', '/extend', '/extend', '/settle', '/settle'], random);
    const bodies: Record<string, () => Record<string, unknown>> = {
      '': () => ({ call_id: `o${call}`, account, number: '4930', seconds: 30 + (call % 3) * 30 }),
      '/answered': () => ({}),
      '/extend': () => ({ seconds: anyOf([60, 120, 600], random) }),
      '/settle': () => anyOf([{ talk_seconds: 7 }, { talk_seconds: 61.5 }, { talk_seconds: null }, {}], random),
    };
    return { call, path, body: bodies[path]!() };
  }

  test(`${STEPS} operations on ${CALLS} calls`, async () => {
    const random = randomOf(0xca11);
    const settled = new Map<string, Json>();
    const counts = new Map<string, number>();
    let left = STEPS;
    const work = async () => {
      while (left-- > 0) {
        const { call, path, body } = step(random);
        const { status, body: answer } = await doors[random(2)]!.post(
          path === '' ? '/v1/calls' : `/v1/calls/o${call}${path}`,
          body,
        );
        counts.set(`${path} ${status}`, (counts.get(`${path} ${status}`) ?? 0) + 1);
        expect([200, 201, 402, 404, 409, 429]).toContain(status);
        // Once a call is settled every answer about it says the same, whichever service and whatever the question.
        const told = answer.state === 'settled' ? answer : answer.error === 'call_settled_already' ? answer.call : null;
        if (!told) continue;
        expect(told).toEqual(settled.get(told.call_id) ?? told);
        settled.set(told.call_id, told);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));

    // Every kind of answer came, or this would prove little.
    for (const kind of [
      ' 201',
      ' 200',
      ' 409',
      '/answered 200',
      '/extend 200',
      '/extend 409',
      '/settle 200',
      '/settle 409',
    ]) {
      expect([kind, counts.get(kind) ?? 0]).toEqual([kind, expect.any(Number)]);
      expect(counts.get(kind) ?? 0).toBeGreaterThan(5);
    }
    for (let call = 0; call < CALLS; call++)
      await doors[call % 2]!.post(`/v1/calls/o${call}/settle`, { talk_seconds: 9 });
    expect(await differencesIn(db.url)).toEqual([]);
    expect(await db.database('astcreditres')).toEqual([]);
    const charges = await db.database('astledger').where({ kind: 'call_charge' });
    expect(new Set(charges.map(({ reference }) => reference)).size).toBe(charges.length);
    for (const [callId, { cost }] of settled) {
      const charge = charges.find(({ reference }) => reference === `${NODE}:call:${callId}`);
      expect(charge ? micros(-parseAmount(charge.amount)) : 0n).toBe(parseAmount(cost));
    }
    for (const account of await db.database('astaccount')) {
      const ofAccount = charges.filter(({ accountcode }) => accountcode === account.accountcode);
      const opening = { rich: '5000', poor: '7.77', two: '500' }[account.accountcode as string]!;
      const sum = ofAccount.reduce<Micros>(
        (total, { amount }) => micros(total + parseAmount(amount)),
        parseAmount(opening),
      );
      expect([account.accountcode, parseAmount(account.balance), account.reserved]).toEqual([
        account.accountcode,
        sum,
        '0.000000',
      ]);
    }
  });
});
