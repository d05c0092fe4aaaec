import fc from 'fast-check';
import type { WrittenCall } from '../../src/calls/evidence';
import { arrivedCall, type CallRecord } from '../../src/credit/rules/call';
import { chargeFor } from '../../src/credit/rules/charge';
import { compare } from '../../src/evidence/comparison';
import { micros, parseAmount, smaller } from '../../src/money/micros';
import { callRateAt } from '../../src/rating/rate';
import { tariffBy } from '../../src/rating/timed';
import { anyCall, walkedAt } from '../rating/day-times';

const tariff = {
  pricePerMinute: parseAmount('0.60'),
  connectFee: parseAmount('0.05'),
  minimumCharge: micros(0n),
  initialIncrementSeconds: 30,
  incrementSeconds: 6,
  graceSeconds: 3,
  freeSeconds: 0,
  steps: [],
};

/** A call answered at 10 s that talked for `seconds` by its CDR; null for never. It was granted 120 s for 1.25. */
function cdr(seconds: number | null, more: Partial<CallRecord> = {}): CallRecord {
  const arrived = arrivedCall(
    {
      uniqueid: 'u',
      accountcode: 'alice',
      node: 'n',
      src: '',
      dst: '1',
      startAt: 0,
      emergency: false,
      routable: true,
      ringSeconds: 60,
    },
    'EUR',
  );
  const answerAt = seconds === null ? null : 10_000;
  const endAt = 10_000 + (seconds ?? 0) * 1000;
  const call = { ...arrived, tariff, grantedSeconds: 120, maxCost: parseAmount('1.25'), answerAt, endAt };
  const end = { answerAt, endAt, disposition: 'ANSWERED', hangupCause: 16, hangupSource: 'caller' } as const;
  return { ...call, ...chargeFor(call, end), ...more };
}

const written = (seconds: number | null, more: Partial<WrittenCall> = {}): WrittenCall => ({
  source: 'cel',
  answeredLeg: null,
  answerAt: seconds === null ? null : 10_001,
  endAt: 10_001 + (seconds ?? 0) * 1000,
  hangupCause: null,
  hangupSource: null,
  ...more,
});

const result = (
  call: CallRecord,
  evidence: WrittenCall | null,
  more: { correction?: string; silent?: boolean; tolerance?: number } = {},
) => {
  const { correction, silent = false, tolerance = 1 } = more;
  return compare(call, correction === undefined ? null : parseAmount(correction), evidence, silent, tolerance);
};
const same = { result: 'same' };
const differs = (switchBillsec: number, cost: string) => ({
  result: 'differs',
  switchBillsec,
  switchCost: parseAmount(cost),
});

test.each<[why: string, compared: object, expected: object]>([
  ['the same talk', result(cdr(40), written(40)), same],
  ['a second more, by stamps some milliseconds apart', result(cdr(36), written(37)), same],
  [
    'a second more, where none is tolerated: 36 s cost 0.41, 37 s cost 0.47',
    result(cdr(36), written(37), { tolerance: 0 }),
    differs(37, '0.47'),
  ],
  [
    'a second less, where none is tolerated and the money is the same',
    result(cdr(36), written(35), { tolerance: 0 }),
    differs(35, '0.41'),
  ],
  ['two seconds more', result(cdr(35), written(37)), differs(37, '0.47')],
  ['the same talk at another price', result(cdr(40, { cost: parseAmount('0.40') }), written(40)), differs(40, '0.47')],
  [
    'a second more and the price of neither',
    result(cdr(36, { cost: parseAmount('0.30') }), written(37)),
    differs(37, '0.47'),
  ],
  ['never more than was ring-fenced', result(cdr(35), written(500)), differs(500, '1.25')],
  ['talk within its grace costs nothing', result(cdr(35), written(2)), differs(2, '0')],
  ['nobody answered, by both', result(cdr(null), written(null)), same],
  ['nobody answered, and nothing is written', result(cdr(null), null), same],
  ['an answer that only Asterisk knows', result(cdr(null), written(40)), differs(40, '0.47')],
  ['an answer within its grace that only Asterisk knows costs nothing', result(cdr(null), written(1)), same],
  ['an answer that the journal does not know', result(cdr(40), written(null)), { result: 'not_written' }],
  [
    'an answer that the call records do not know either',
    result(cdr(40), written(null), { silent: true }),
    differs(0, '0'),
  ],
  ['talk of which nothing is written', result(cdr(40), null), { result: 'not_written' }],
  ['an answer and no end', result(cdr(40), written(40, { endAt: null })), { result: 'without_end' }],
  ['corrected to what is written', result(cdr(40), written(60), { correction: '-0.18' }), same],
  ['corrected to something else', result(cdr(40), written(60), { correction: '-0.17' }), differs(60, '0.65')],
])('%s', (_, compared, expected) => {
  expect(compared).toEqual(expected);
});

test('by the time of day, the last increment is that of the recorded answer and end, cut where the next price begins', () => {
  const seen = { cut: 0, differs: 0, capped: 0 };
  const ms = (least: number, most: number) => fc.integer({ min: least, max: most });
  fc.assert(
    fc.property(
      anyCall(),
      fc.record({ ours: ms(0, 20_000), theirs: ms(0, 20_000), talk: ms(0, 400_000), recorded: ms(0, 500_000) }),
      (drawn, { ours, theirs, talk, recorded }) => {
        const { startAt } = drawn.beginning;
        const rate = callRateAt(drawn.beginning, drawn.candidates, drawn.schedules) as CallRecord['tariff'];
        const [answerAt, writtenAt] = [startAt + ours, startAt + theirs];
        const held = walkedAt(drawn.lineAt, Math.floor(answerAt / 1_000), 400).cost;
        const open = { ...cdr(null), startAt, tariff: rate, grantedSeconds: 400, maxCost: held };
        const ended = { answerAt, endAt: answerAt + talk };
        const call: CallRecord = { ...open, ...ended, ...chargeFor(open, ended) };
        const found = compare(call, null, written(0, { answerAt: writtenAt, endAt: writtenAt + recorded }), false, 0);
        // By the record: whole increments of its own answer, up to what was held.
        const [second, seconds] = [Math.floor(writtenAt / 1_000), Math.floor(recorded / 1_000)];
        const isWithinGrace = seconds < drawn.lineAt(second).graceSeconds;
        const full = isWithinGrace ? micros(0n) : walkedAt(drawn.lineAt, second, seconds).cost;
        const cost = smaller(full, held);
        if (cost < full) seen.capped++;
        if (tariffBy(rate, writtenAt).steps.some(({ fromSecond }) => fromSecond > seconds && fromSecond < seconds + 90))
          seen.cut++;
        if (found.result !== 'differs') {
          expect([found.result, call.billsec]).toEqual(['same', seconds]);
          return;
        }
        seen.differs++;
        expect(found).toEqual({ result: 'differs', switchBillsec: seconds, switchCost: cost });
      },
    ),
    { numRuns: 500 },
  );
  expect(Math.min(seen.cut, seen.differs, seen.capped)).toBeGreaterThan(5);
});
