/** Whatever happens to the calls of one balance, in whatever order: none talks longer than it is granted. */
import { parseAmount } from '../../../src/money/micros';
import { addAccount, addDeck, differencesIn, NOON } from '../../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../../database/test-database';
import { Wire } from '../door-fixture';
import { anyOf, type Random, randomOf } from '../fuzz';
import { CallControl } from './call-control';
import { NODE, openDoor, type TestDoor } from './rating-fixture';

const NUMBERS = ['4930123', '33123', '44123', '39123', '800123'];

describe('calls of one caller at once', () => {
  let db: TestDatabase;
  let now = NOON;

  /** The longest by which a timer fired before any call had to end. */
  let cutShortMs = 0;

  beforeAll(async () => {
    db = await createTestDatabase('MariaDB');
    await addDeck(db, 'retail', [
      { prefix: '49' },
      { prefix: '33', price_per_minute: '0.31', initial_increment_seconds: 1, increment_seconds: 1 },
      {
        prefix: '44',
        price_per_minute: '2.50',
        connect_fee: '0.15',
        initial_increment_seconds: 30,
        increment_seconds: 6,
      },
      { prefix: '39', price_per_minute: '0.90', max_seconds: 200, initial_increment_seconds: 1, increment_seconds: 1 },
      { prefix: '800', price_per_minute: '0' },
    ]);
  });
  afterAll(() => db.drop());

  /** One caller's life with at most this delay between the two, each way; ms. */
  async function live(doors: TestDoor[], random: Random, accountcode: string, most: number): Promise<CallControl> {
    const wires = await Promise.all(doors.map(door => Wire.open(door.port)));
    /** What is on its way, and when it arrives. */
    let onTheWay: { at: number; arrive: () => void | Promise<void> } | null = null;
    const callControl = new CallControl(
      (line, reply) => {
        const sent = async () => {
          // Two services serve it alike.
          const wire = anyOf(wires, random);
          wire.send(`${line}\n\n`);
          const answer = (await wire.upTo('\n\n')).trimEnd();
          const isForAll = /State=Connected$/.test(line) || /^Ok\nMaxSessionTime=[1-9]/.test(answer);
          const end = isForAll ? await firstEnd(accountcode) : null;
          onTheWay = {
            at: now + random(most + 1),
            arrive: () => {
              onTheWay = null;
              toldEnd = end ?? toldEnd;
              reply(answer);
            },
          };
        };
        onTheWay = { at: now + random(most + 1), arrive: sent };
      },
      () => now,
    );
    let toldEnd = Infinity;
    const passUntil = async (until: number) => {
      for (;;) {
        const next = Math.min(onTheWay?.at ?? Infinity, callControl.nextDueAt);
        if (next > until) break;
        now = Math.max(now, next);
        if (onTheWay && onTheWay.at <= now) await onTheWay.arrive();
        else {
          cutShortMs = Math.max(cutShortMs, toldEnd - now);
          callControl.expire();
        }
      }
      now = Math.max(now, until);
    };
    for (let count = 0; count < 40; count++) {
      const { pending, inProgress, nextDueAt } = callControl;
      const what = random(10);
      if (what < 3 && callControl.calls.size < 5) {
        callControl.init(`${accountcode}-${count}`, accountcode, anyOf(NUMBERS, random));
      } else if (what < 6 && pending.length > 0) callControl.start(anyOf(pending, random));
      else if (what === 6 && pending.length > 0) callControl.end(anyOf(pending, random));
      else if (what === 7 && inProgress.length > 0) callControl.end(anyOf(inProgress, random));
      else if (what === 8) {
        // Just before, or after, the first of them has to end.
        await passUntil(Number.isFinite(nextDueAt) ? Math.max(now, nextDueAt - 600 + random(1_200)) : now);
      }
      await passUntil(now + anyOf([0, random(50), random(3_000), random(90_000)], random));
    }
    await passUntil(now + 7_200_000);
    for (const call of callControl.pending) callControl.end(call);
    await passUntil(now + 60_000);
    expect(callControl.calls.size).toBe(0);
    for (const wire of wires) wire.close();
    return callControl;
  }

  const cdrs = (callIds: string[]) =>
    db.database('astcdr').whereIn(
      'uniqueid',
      callIds.map(callId => `${NODE}:call:${callId}`),
    );

  /** When the first of the talking calls must end by its grant, as Call Control gets it; by our clock. */
  async function firstEnd(accountcode: string): Promise<number> {
    const rows = await db.database('astcdr').where({ accountcode }).whereNull('end_at').whereNotNull('answer_at');
    return Math.min(...rows.map(row => row.answer_at.getTime() + row.granted_seconds * 1000));
  }

  test.each([
    ['at once', 0, 60],
    ['within 300 ms each way', 300, 60],
  ])(
    'where messages arrive %s, none talks longer than it is granted, nor is cut before one has to end',
    async (_, most, lives) => {
      cutShortMs = 0;
      const doors = await Promise.all([1, 2].map(() => openDoor(db, { capSeconds: 300 }, () => now)));
      const random = randomOf(0xca11 + most);
      let [talked, expired, longestOverMs] = [0, 0, 0];
      const undebited: number[] = [];
      for (let count = 0; count < lives; count++) {
        const accountcode = `p${most}-${count}@x`;
        await addAccount(db, accountcode, anyOf(['0.50', '3', '12', '40'], random), { max_call_seconds: 1000 });
        const { went } = await live(doors, random, accountcode, most);
        const rows = new Map((await cdrs(went.map(({ callId }) => callId))).map(row => [row.uniqueid, row]));
        for (const { callId, talkMs, expired: isExpired, debited } of went) {
          const row = rows.get(`${NODE}:call:${callId}`);
          if (talkMs > 0) talked++;
          if (isExpired) expired++;
          longestOverMs = Math.max(longestOverMs, talkMs - row.granted_seconds * 1000);
          expect(row).toMatchObject({ billsec: debited ? Math.floor(talkMs / 1000) : 0, refusal: null });
          if (!debited) undebited.push(talkMs);
          expect(parseAmount(row.cost)).toBeLessThanOrEqual(parseAmount(row.max_cost));
        }
        const { balance, reserved, active_calls } = await db.database('astaccount').where({ accountcode }).first();
        expect(parseAmount(balance)).toBeGreaterThanOrEqual(0n);
        expect([reserved, active_calls]).toEqual(['0.000000', 0]);
      }
      // Up to four messages wait for each other.
      const latestMs = 4 * most;
      expect(longestOverMs).toBeLessThanOrEqual(latestMs);
      expect(cutShortMs).toBeLessThan(1_000 + latestMs);
      expect(Math.max(...undebited)).toBeLessThanOrEqual(latestMs);
      // Enough of it happened: calls talked, and calls were cut.
      expect([talked > 200, expired > 100]).toEqual([true, true]);
      for (const door of doors) {
        expect(door.lines.filter(({ event }) => event === 'door_failed')).toEqual([]);
        await door.close();
      }
      expect(await differencesIn(db.url)).toEqual([]);
    },
    120_000,
  );
});
