import fc from 'fast-check';
import { arrivedCall, type CallRecord } from '../../../src/credit/rules/call';
import { MessageError, readMessage } from '../../../src/doors/rest/rest-fields';
import { ANSWERED, AUTHORIZE, EXTEND, SETTLE, type Settle } from '../../../src/doors/rest/rest-messages';
import { endOf, isEndedSo } from '../../../src/doors/rest/rest-settlement';
import { callOf } from '../../credit/ledger-fixture';
import { faultsOf } from './rest-fixture';

const NOW = Date.parse('2026-06-01T12:00:00.000Z');
const read = (fields: typeof SETTLE | typeof AUTHORIZE, json: unknown) =>
  readMessage(fields, Buffer.from(JSON.stringify(json)), NOW);

test.each([
  [61, 61_000],
  [61.2, 61_200],
  [0.1, 100],
  [0.001, 1],
  [1.005, 1_005],
  [999_999_999.999, 999_999_999_999],
  ['61.250', 61_250],
  ['007.5', 7_500],
  ['0', 0],
  [null, null],
])('talk_seconds %j is %j ms, exactly', (given, ms) => {
  expect(read(SETTLE, { talk_seconds: given })).toMatchObject({ talk_seconds: ms });
});

test.each([-1, 0.0005, 1e9, 1e21, 1e-7, '1e3', '1.', '.5', '1.0000', ' 1', '1 ', '+1', '', true, [], {}])(
  'talk_seconds %j is refused',
  given => {
    expect(() => read(SETTLE, { talk_seconds: given })).toThrow(/^talk_seconds .* is not seconds: write 61/);
  },
);

test.each([
  ['2026-06-01T12:00:00Z', NOW],
  ['2026-06-01T12:00:00.25Z', NOW + 250],
  ['2026-06-01T12:00:00.2509999Z', NOW + 250],
  ['2026-06-01T14:00:00+02:00', NOW],
  ['2026-06-01T06:30:00-05:30', NOW],
  ['2026-06-01T12:10:00Z', NOW + 600_000],
])('ended_at %s is %d', (given, at) => {
  expect(read(SETTLE, { ended_at: given })).toMatchObject({ ended_at: at });
});

test.each([
  '2026-06-01T12:10:00.001Z',
  '2026-05-02T11:59:59.999Z',
  '2026-05-32T12:00:00Z',
  '2026-05-31T24:00:00Z',
  '2026-05-31T23:60:00Z',
  '2026-06-01T12:00:00',
  '2026-06-01T12:00:00+24:00',
  '2026-06-01 12:00:00Z',
  '2026-06-01',
  1_780_315_200,
  null,
])('ended_at %j is refused', given => {
  expect(() => read(SETTLE, { ended_at: given })).toThrow(MessageError);
});

describe('what is described is what is read', () => {
  const text = fc.oneof(
    fc.constantFrom('c1', 'alice', '+4930', '', 'a b', '61.25', 'caller', '2026-06-01T12:00:00Z', '\ud800', 'ä\n'),
    fc.string({ maxLength: 250, unit: 'binary' }),
  );
  const value = fc.oneof(
    text,
    fc.integer({ min: -5, max: 90_000 }),
    fc.constantFrom(0, 1, 127, 128, 86_400, 86_401, 999_999_999, 1_000_000_000),
    fc.constantFrom(0.5, 61.25, 1e20, -0, null, true, [], {}, ['x']),
  );
  test.each([
    ['Authorize', AUTHORIZE],
    ['Answered', ANSWERED],
    ['Extend', EXTEND],
    ['Settle', SETTLE],
  ] as const)('%s: the schema takes a body exactly where the reader does', (name, fields) => {
    const names = [...Object.keys(fields), 'more', '__proto__'];
    const bodies = fc.oneof(
      fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 7, noNullPrototype: true }),
      value,
    );
    let taken = 0;
    const holds = (body: unknown) => {
      const described = faultsOf(`/components/schemas/${name}`, body).length === 0;
      const understood = (() => {
        try {
          readMessage(fields, Buffer.from(JSON.stringify(body)), NOW);
          return true;
        } catch (error) {
          if (!(error instanceof MessageError)) throw error;
          return false;
        }
      })();
      taken += understood ? 1 : 0;
      return described === understood;
    };
    // What is whole is taken, so that half of the property is not about nothing.
    const whole = { call_id: 'c', account: 'a', number: '1', seconds: 5 };
    const own = Object.fromEntries(Object.entries(whole).filter(([field]) => field in fields));
    expect(holds(own)).toBe(true);
    fc.assert(fc.property(bodies, holds), { numRuns: 2_000 });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names.slice(0, -2)), value), more => holds({ ...own, ...more })),
      {
        numRuns: 2_000,
      },
    );
    expect(taken).toBeGreaterThan(20);
  });
});

describe('settlements', () => {
  const at = fc.integer({ min: NOW - 7_200_000, max: NOW });
  const told = fc.option(at, { nil: null });
  const settle = fc.record(
    {
      talk_seconds: fc.option(fc.integer({ min: 0, max: 4_000_000 }), { nil: null }),
      ended_at: at,
      cause: fc.integer({ min: 1, max: 127 }),
      hung_up_by: fc.constantFrom('caller' as const, 'callee' as const, 'limit' as const),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Settle>;
  const ended = (message: Settle, answerAt: number | null): CallRecord => ({
    ...arrivedCall(callOf('alice'), 'EUR'),
    ...endOf(message, { answerAt }, NOW),
  });

  test('the same said again is the same, whenever', () => {
    fc.assert(fc.property(settle, told, (message, answerAt) => isEndedSo(message, ended(message, answerAt))));
  });

  test('talk is what was said, and never below nothing', () => {
    fc.assert(
      fc.property(settle, told, (message, answerAt) => {
        const end = endOf(message, { answerAt }, NOW);
        if (end.answerAt === null) return !message.talk_seconds && end.disposition !== 'ANSWERED';
        const talkMs = end.endAt - end.answerAt;
        return talkMs >= 0 && end.disposition === 'ANSWERED' && (message.talk_seconds ?? talkMs) === talkMs;
      }),
    );
  });

  test('other talk, another cause or another party is not the same', () => {
    const call = ended({ talk_seconds: 61_000, cause: 16, hung_up_by: 'caller' } as Settle, null);
    for (const other of [{ talk_seconds: 60_000 }, { talk_seconds: null }, { cause: 17 }, { hung_up_by: 'limit' }]) {
      expect(isEndedSo(other as Settle, call)).toBe(false);
    }
    expect(isEndedSo({} as Settle, call)).toBe(true);
  });
});
