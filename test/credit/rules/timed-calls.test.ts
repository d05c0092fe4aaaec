/** Calls whose price depends on the time of day, from their start over slices and their answer to their charge, against the oracle of day-times.ts. */
import fc from 'fast-check';
import type { CallRecord } from '../../../src/credit/rules/call';
import { arrivedCall, endedCall, grantedCall, regrantedCall } from '../../../src/credit/rules/call';
import { heldByAnswer } from '../../../src/credit/rules/grant';
import { decideRegrant } from '../../../src/credit/rules/regrant';
import { shareOut } from '../../../src/credit/rules/sharing';
import { decideStart } from '../../../src/credit/rules/start';
import { larger, micros, ZERO } from '../../../src/money/micros';
import { type CallRate, callRateAt } from '../../../src/rating/rate';
import { anyCall, type DrawnCall, walkedAt } from '../../rating/day-times';
import { account, limits, request } from './rules-fixture';

const seconds = (least: number, most: number) => fc.integer({ min: least, max: most });

const rateOf = ({ beginning, candidates, schedules }: DrawnCall): CallRate =>
  callRateAt(beginning, candidates, schedules) as CallRate;

const end = (answerAt: number, talked: number) =>
  ({
    answerAt,
    endAt: answerAt + talked * 1_000,
    disposition: 'ANSWERED',
    hangupCause: 16,
    hangupSource: 'caller',
    evidence: 'event',
  }) as const;

const rich = account({ balance: micros(10n ** 18n) });
const anyDrawn = fc.record({
  call: anyCall(),
  answerMs: seconds(0, 25_000),
  slices: fc.array(seconds(1, 300), { maxLength: 6 }),
  talk: seconds(0, 900),
});

function started(call: DrawnCall, firstSeconds: number, payer = rich): CallRecord | null {
  const { startAt, ringSeconds } = call.beginning;
  const asked = request({ startAt, ringSeconds, fixed: { firstSeconds } });
  const decision = decideStart(asked, payer, rateOf(call), limits);
  return 'granted' in decision ? grantedCall(arrivedCall(asked, 'EUR'), decision.granted) : null;
}

const answerOf = ({ beginning }: DrawnCall, answerMs: number): number =>
  beginning.startAt + Math.min(answerMs, (beginning.ringSeconds + 10) * 1_000);

test('whatever second it is answered in, a call costs no more than is held, and what its seconds cost one by one', () => {
  const seen = { timed: 0 };
  fc.assert(
    fc.property(anyDrawn, ({ call, answerMs, talk }) => {
      const begun = started(call, 300) as CallRecord;
      if (begun.tariff.times !== undefined) seen.timed++;
      const answerAt = answerOf(call, answerMs);
      const talked = Math.min(talk, begun.grantedSeconds);
      const charged = endedCall(begun, end(answerAt, talked));
      const answer = Math.floor(answerAt / 1_000);
      const isWithinGrace = talked < (call.lineAt(answer) as CallRate).graceSeconds;
      expect(charged.cost).toBe(isWithinGrace ? 0n : walkedAt(call.lineAt, answer, talked).cost);
      expect(charged.cost <= begun.maxCost).toBe(true);
      expect(charged.billedSeconds <= walkedAt(call.lineAt, answer, begun.grantedSeconds).billed).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(seen.timed).toBeGreaterThan(150);
});

test('one reservation and many slices, before and after the answer, hold and charge alike', () => {
  fc.assert(
    fc.property(anyDrawn, seconds(0, 6), ({ call, answerMs, slices, talk }, answered) => {
      let record = started(call, 30) as CallRecord;
      const answerAt = answerOf(call, answerMs);
      let wanted = 30;
      [...slices, 0].forEach((slice, at) => {
        if (at === Math.min(answered, slices.length)) {
          record = { ...record, answerAt };
          record = { ...record, maxCost: heldByAnswer(record, ZERO) };
        }
        wanted += slice;
        const decided = decideRegrant(record, rich, 'extend', wanted);
        if (decided?.change === 'more') record = regrantedCall(record, decided.grant);
      });
      expect(record.grantedSeconds).toBe(wanted);
      const answer = Math.floor(answerAt / 1_000);
      expect(record.maxCost).toBe(walkedAt(call.lineAt, answer, wanted).cost);
      const whole = { ...(started(call, wanted) as CallRecord), answerAt };
      expect(heldByAnswer(whole, ZERO)).toBe(record.maxCost);
      const talked = Math.min(talk, wanted);
      expect(endedCall(record, end(answerAt, talked)).cost).toBe(endedCall(whole, end(answerAt, talked)).cost);
    }),
    { numRuns: 200 },
  );
});

test('a limit by money is paid for at every answer, and after the answer more talk costs what is there at most', () => {
  const seen = { refused: 0, granted: 0, longer: 0 };
  fc.assert(
    fc.property(anyDrawn, fc.bigInt(0n, 10n ** 9n), ({ call, answerMs }, balance) => {
      const payer = account({ balance: micros(balance) });
      const begun = started(call, 900, payer);
      if (begun === null) {
        seen.refused++;
        return;
      }
      seen.granted++;
      expect(begun.maxCost <= balance).toBe(true);
      const answerAt = answerOf(call, answerMs);
      const answer = Math.floor(answerAt / 1_000);
      const cost = walkedAt(call.lineAt, answer, begun.grantedSeconds).cost;
      expect(cost <= begun.maxCost).toBe(true);
      const talking = { ...begun, answerAt, maxCost: cost };
      const left = { ...payer, reserved: cost };
      const more = decideRegrant(talking, left, 'extend', 1_200)?.grant;
      if (!more) throw new Error('it is granted nothing');
      if (more.grantedSeconds > begun.grantedSeconds) seen.longer++;
      const longer = Math.max(more.grantedSeconds, begun.grantedSeconds);
      expect(walkedAt(call.lineAt, answer, longer).cost <= balance).toBe(true);
      if (longer < 1_200) expect(walkedAt(call.lineAt, answer, longer + 1).cost > balance).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(Math.min(seen.refused, seen.granted, seen.longer)).toBeGreaterThan(5);
});

test('calls that share an account are given no more than there is, those that ring by the dearest answer', () => {
  fc.assert(
    fc.property(
      fc.array(anyDrawn, { minLength: 1, maxLength: 3 }),
      fc.bigInt(0n, 10n ** 9n),
      seconds(0, 60),
      (drawn, balance, now) => {
        const terms = { ...account().terms, mode: 'shared' as const, sliceSeconds: 60 };
        const calls = drawn.flatMap(({ call, answerMs, talk }, at) => {
          const begun = started(call, 60);
          if (begun === null) return [];
          const answerAt = talk % 2 === 0 ? null : answerOf(call, answerMs);
          const known = { ...begun, uniqueid: `c${at}`, isFixed: false, answerAt };
          return [{ ...known, maxCost: heldByAnswer(known, ZERO) }];
        });
        const clock = Math.max(...calls.map(({ answerAt, startAt }) => answerAt ?? startAt)) + now * 1_000;
        const shared = { left: { money: micros(balance), seconds: Infinity }, maxTimeSeconds: null, terms };
        const { shares } = shareOut(shared, calls, { of: {}, elsewhere: clock });
        const held = calls.reduce((sum, { maxCost }) => sum + maxCost, 0n);
        const then = calls.reduce((sum, record, at) => {
          const seconds = shares.find(({ uniqueid }) => uniqueid === record.uniqueid)?.seconds ?? record.grantedSeconds;
          const { lineAt, beginning } = (drawn[at] as (typeof drawn)[number]).call;
          const from = Math.floor(beginning.startAt / 1_000);
          const answers =
            record.answerAt === null
              ? Array.from({ length: beginning.ringSeconds + 11 }, (_, second) => from + second)
              : [Math.floor(record.answerAt / 1_000)];
          const costs = answers.map(answer => walkedAt(lineAt, answer, seconds).cost);
          return sum + (seconds === 0 ? 0n : costs.reduce(larger, micros(0n)));
        }, 0n);
        expect(then <= held + balance).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
