import fc from 'fast-check';
import type { WrittenCall } from '../../src/calls/evidence';
import { type JournalEvent, type LegRecord, writtenCall } from '../../src/evidence/written-call';
import { answered, CALL, CALLEE, hangup, LEG, leaves, OTHER, record, row, SECOND } from './rows';

const none = { answeredLeg: null, answerAt: null, hangupCause: null, hangupSource: null };
const talked = {
  source: 'cel',
  answeredLeg: LEG,
  answerAt: 1_000,
  endAt: 3_200,
  hangupCause: 16,
  hangupSource: 'caller',
};
const only = (...wanted: string[]) => answered.filter(({ event }) => wanted.includes(event));

/** `lost`: without one row more the call is not told the same; mostly because one is lost already. */
const cases: [why: string, journal: JournalEvent[], records: LegRecord[], call: object | null, lost?: 'lost'][] = [
  ['a whole call is told by its journal', answered, [record(0, 1_000, 3_200)], talked],
  ['nothing written is nothing told', [], [], null],
  ['rows of another call are not taken for it', [row(5, 'ANSWER', 'rf-switch1-1.1-1')], [], null],
  [
    'a leg whose number is no number is none of ours',
    [...answered, row(900, 'ANSWER', `rf-${CALL}-x`), row(2_000, 'HANGUP', `rf-${CALL}-1-2`)],
    [],
    talked,
  ],
  [
    'a switch that was killed wrote the answer and no end',
    answered.slice(0, 4),
    [],
    { ...none, source: 'cel', answeredLeg: LEG, answerAt: 1_000, endAt: null },
  ],
  [
    'the callee who hangs up first ends the call and gives the cause',
    [...answered.slice(0, 4), ...leaves(2_500, LEG, 31, LEG), ...leaves(2_505, CALL, 16, LEG)],
    [],
    { ...talked, endAt: 2_500, hangupCause: 31, hangupSource: 'callee' },
  ],
  [
    'the callee hung up, though the caller had left the bridge first: Ringfence was faster than Asterisk',
    [...answered.slice(0, 4), ...leaves(2_490, CALL, 16, OTHER), ...leaves(2_500, LEG, 31, LEG)],
    [],
    { ...talked, endAt: 2_490, hangupCause: 31, hangupSource: 'callee' },
  ],
  [
    'the caller hung up, though the callee had left the bridge first',
    [...answered.slice(0, 4), ...leaves(2_490, LEG, 16, null), ...leaves(2_500, CALL, 17, CALL)],
    [],
    { ...talked, endAt: 2_490, hangupCause: 17, hangupSource: 'caller' },
  ],
  [
    'who hangs up long after the end has not ended it',
    [...answered.slice(0, 4), ...leaves(2_490, CALL, 16, null), ...leaves(4_000, LEG, 31, LEG)],
    [],
    { ...talked, endAt: 2_490, hangupSource: null },
  ],
  [
    'a limit ends it by nobody',
    [...answered.slice(0, 4), ...leaves(2_500, LEG, 16, null), ...leaves(2_502, CALL, 16, null)],
    [],
    { ...talked, endAt: 2_500, hangupSource: null },
  ],
  [
    'a busy callee ends first; the call is over when the caller is gone',
    [...leaves(20, LEG, 17, LEG), ...leaves(25, CALL, 17, LEG)],
    [record(0, null, 20)],
    { ...none, source: 'cel', endAt: 25, hangupCause: 17, hangupSource: 'callee' },
  ],
  [
    'a caller who gives up ends it normally, whatever a CANCEL is to Asterisk',
    [hangup(1_500, CALL, 127, CALL), ...leaves(1_502, LEG, 16, CALL)],
    [],
    { ...none, source: 'cel', endAt: 1_500, hangupCause: 16, hangupSource: 'caller' },
  ],
  [
    'a callee who answers when the caller has left the bridge talks to nobody, though the hang-up comes later',
    [
      row(60, 'BRIDGE_ENTER', CALL),
      row(1_000.401, 'BRIDGE_EXIT', CALL),
      row(1_000.402, 'ANSWER', LEG),
      hangup(1_000.45, CALL, 127, CALL),
      ...leaves(1_003, LEG, 16, null),
    ],
    [],
    { ...none, source: 'cel', endAt: 1_000, hangupCause: 16, hangupSource: 'caller' },
  ],
  [
    'an answer a microsecond before the caller leaves is an answer',
    [
      row(1_000.4, 'ANSWER', LEG),
      row(1_000.401, 'ANSWER', CALL),
      row(1_000.402, 'BRIDGE_EXIT', CALL),
      hangup(1_000.45, CALL, 16, CALL),
    ],
    [],
    { ...talked, endAt: 1_000 },
  ],
  [
    'an answer in the very microsecond in which the caller leaves: nothing is charged, and a person decides',
    [
      row(1_000.401, 'ANSWER', LEG),
      row(1_000.401, 'ANSWER', CALL),
      row(1_000.401, 'BRIDGE_EXIT', CALL),
      hangup(1_000.45, CALL, 127, CALL),
    ],
    [],
    { ...none, source: 'cel', isUnclear: true, endAt: 1_000, hangupCause: 16, hangupSource: 'caller' },
  ],
  [
    'a caller who comes back to the bridge has not left it',
    [row(900, 'BRIDGE_EXIT', CALL), row(901, 'BRIDGE_ENTER', CALL), ...answered.slice(2)],
    [],
    talked,
  ],
  [
    'the second trunk answers after the first refused',
    [
      ...leaves(30, LEG, 34, LEG),
      row(40, 'BRIDGE_ENTER', SECOND),
      row(900, 'ANSWER', SECOND),
      row(900, 'ANSWER', CALL),
      ...leaves(2_000, SECOND, 16, SECOND),
      ...leaves(2_001, CALL, 16, LEG),
    ],
    [record(0, null, 30), record(30, 900, 2_000)],
    { ...talked, answeredLeg: SECOND, answerAt: 900, endAt: 2_000, hangupSource: 'callee' },
  ],
  [
    'a leg that was answered while it was given up, before the next one was made, is the call: it talked until its hang-up',
    [
      row(100, 'ANSWER', LEG),
      row(100, 'ANSWER', CALL),
      ...leaves(101, LEG, 16, null),
      row(110, 'BRIDGE_ENTER', SECOND),
      ...leaves(500, SECOND, 17, SECOND),
      ...leaves(505, CALL, 17, null),
    ],
    [],
    { ...talked, answerAt: 100, endAt: 101, hangupSource: null },
    'lost',
  ],
  [
    'the same when the next leg had been made already: the caller’s answer is not its own',
    [
      row(90, 'BRIDGE_ENTER', SECOND),
      row(100, 'ANSWER', LEG),
      row(101, 'ANSWER', CALL),
      ...leaves(102, LEG, 16, null),
      ...leaves(9_000, CALL, 16, CALL),
      ...leaves(9_010, SECOND, 16, null),
    ],
    [],
    { ...talked, answerAt: 101, endAt: 102, hangupSource: null },
    'lost',
  ],
  [
    'the same when a prompt had answered the caller long before',
    [
      row(10, 'ANSWER', CALL),
      row(60, 'BRIDGE_ENTER', CALL),
      row(90, 'BRIDGE_ENTER', SECOND),
      row(100, 'ANSWER', LEG),
      ...leaves(102, LEG, 16, null),
      ...leaves(9_000, CALL, 16, CALL),
    ],
    [],
    { ...talked, answerAt: 100, endAt: 102, hangupSource: null },
    'lost',
  ],
  [
    'a leg that was answered while it was given up is not the call if the next one talked',
    [
      row(100, 'ANSWER', LEG),
      row(100, 'ANSWER', CALL),
      ...leaves(101, LEG, 16, null),
      row(110, 'BRIDGE_ENTER', SECOND),
      row(900, 'ANSWER', SECOND),
      ...leaves(2_000, SECOND, 16, SECOND),
      ...leaves(2_001, CALL, 16, SECOND),
    ],
    [],
    { ...talked, answeredLeg: SECOND, answerAt: 900, endAt: 2_000, hangupSource: 'callee' },
    'lost',
  ],
  [
    'a leg that was answered while it was given up, and left before the caller was answered, did not talk',
    [
      row(100, 'ANSWER', LEG),
      ...leaves(101, LEG, 16, null),
      row(110, 'BRIDGE_ENTER', SECOND),
      row(150, 'ANSWER', CALL),
      ...leaves(2_000, CALL, 16, CALL),
      ...leaves(2_003, SECOND, 16, null),
    ],
    [],
    { ...none, source: 'cel', endAt: 2_000, hangupCause: 16, hangupSource: 'caller' },
    'lost',
  ],
  [
    'a leg that was given up and never hung up is the call, when it is answered after the next one has gone',
    [
      row(30, 'BRIDGE_ENTER', LEG),
      row(40, 'BRIDGE_ENTER', SECOND),
      ...leaves(500, SECOND, 17, SECOND),
      row(900, 'ANSWER', LEG),
      row(900, 'ANSWER', CALL),
      ...leaves(2_000, CALL, 16, CALL),
      ...leaves(9_000, LEG, 16, null),
    ],
    [],
    { ...talked, answerAt: 900, endAt: 2_000, hangupSource: 'caller' },
  ],
  [
    'the same when its caller was answered a while later: no other leg was there',
    [
      row(30, 'BRIDGE_ENTER', LEG),
      row(40, 'BRIDGE_ENTER', SECOND),
      ...leaves(500, SECOND, 17, SECOND),
      row(900, 'ANSWER', LEG),
      row(1_200, 'ANSWER', CALL),
      ...leaves(2_000, CALL, 16, CALL),
      ...leaves(9_000, LEG, 16, null),
    ],
    [],
    { ...talked, answerAt: 1_200, endAt: 2_000, hangupSource: 'caller' },
    'lost',
  ],
  [
    'a leg that was answered and hung up after the next one had gone is not the call of a caller who was answered later',
    [
      row(40, 'BRIDGE_ENTER', SECOND),
      ...leaves(500, SECOND, 17, SECOND),
      row(505, 'ANSWER', LEG),
      ...leaves(506, LEG, 16, null),
      row(600, 'ANSWER', CALL),
      ...leaves(9_000, CALL, 16, CALL),
    ],
    [],
    { ...none, source: 'cel', endAt: 9_000, hangupCause: 17, hangupSource: 'callee' },
  ],
  [
    'who answers a call that its caller has left talks to nobody',
    [...leaves(100, CALL, 16, CALL), row(900, 'ANSWER', LEG), ...leaves(5_000, LEG, 16, LEG)],
    [],
    { ...none, source: 'cel', endAt: 100, hangupCause: 16, hangupSource: 'caller' },
  ],
  [
    'who leaves the bridge and comes back has not ended',
    [...answered, row(1_500, 'BRIDGE_EXIT', CALL), row(1_600, 'BRIDGE_ENTER', CALL)],
    [],
    talked,
  ],
  ['the called leg’s answer is lost: the caller’s tells it', answered.filter(each => each !== answered[2]), [], talked],
  [
    'the caller’s end is lost: the called leg’s tells it',
    answered.filter(each => each.uniqueid === LEG || each.at < 3_000),
    [],
    { ...talked, endAt: 3_203 },
    'lost',
  ],
  [
    'the caller was never answered: whatever the called leg did, he did not talk',
    [
      ...only('BRIDGE_ENTER'),
      row(1_000, 'ANSWER', LEG),
      ...leaves(8_000, CALL, 127, CALL),
      ...leaves(8_010, LEG, 16, null),
    ],
    [record(0, null, 8_000)],
    { ...none, source: 'cel', endAt: 8_000, hangupCause: 16, hangupSource: 'caller' },
  ],
  [
    'the caller was answered by a prompt and never in the bridge with the called leg',
    [
      row(10, 'ANSWER', CALL),
      row(61, 'BRIDGE_ENTER', LEG),
      row(1_000, 'ANSWER', LEG),
      hangup(8_000, CALL, 16, CALL),
      ...leaves(8_010, LEG, 16, null),
    ],
    [],
    { ...none, source: 'cel', endAt: 8_000, hangupCause: 16, hangupSource: 'caller' },
  ],
  [
    'the caller is answered later than the callee: talk begins with him',
    [...only('BRIDGE_ENTER'), row(1_000, 'ANSWER', LEG), row(1_900, 'ANSWER', CALL), ...answered.slice(4)],
    [],
    { ...talked, answerAt: 1_900 },
  ],
  [
    'the caller’s answer is lost from the journal: the record has it',
    answered.filter(each => each !== answered[3]),
    [record(0, 1_000, 3_200)],
    { ...none, source: 'cdr', answerAt: 1_000, endAt: 3_200 },
  ],
  [
    'the end is lost from the journal: the record has it',
    only('ANSWER'),
    [record(0, 1_000, 3_200)],
    { ...none, source: 'cdr', answerAt: 1_000, endAt: 3_200 },
  ],
  [
    'the answer is lost from the journal: the record has it',
    only('HANGUP', 'CHAN_END'),
    [record(0, 1_000, 3_200)],
    { ...none, source: 'cdr', answerAt: 1_000, endAt: 3_200 },
  ],
  [
    'only records: the last that was answered',
    [],
    [record(30, 900, 2_000), record(0, null, 30)],
    { ...none, source: 'cdr', answerAt: 900, endAt: 2_000 },
  ],
  [
    'only records: none was answered',
    [],
    [record(30, null, 80), record(0, null, 30)],
    { ...none, source: 'cdr', endAt: 80 },
  ],
  [
    'only records: the caller was left alone for a moment after the talk',
    [],
    [record(30, 900, 2_000), record(2_000, null, 2_010)],
    { ...none, source: 'cdr', answerAt: 900, endAt: 2_000 },
  ],
  [
    'a leaving before the answer, whose return is lost, is no end',
    [...answered, row(500, 'BRIDGE_EXIT', CALL)],
    [],
    talked,
  ],
  [
    'extra that is no JSON tells no cause',
    [...answered.filter(({ event }) => event !== 'HANGUP'), { ...hangup(3_202, CALL, 16, CALL), extra: '{"hang' }],
    [],
    { ...talked, hangupCause: null, hangupSource: null },
  ],
];

test.each(cases)('%s', (_, journal, records, call) => {
  expect(writtenCall({ uniqueid: CALL, startAt: 0 }, journal, records)).toEqual(call);
});

test('a leg that was given up is not the call whose answer was reported later: the row of that answer is lost', () => {
  const rows = [
    row(100, 'ANSWER', LEG),
    row(100, 'ANSWER', CALL),
    ...leaves(101, LEG, 16, null),
    row(110, 'BRIDGE_ENTER', SECOND),
    ...leaves(2_000, SECOND, 16, SECOND),
    ...leaves(2_001, CALL, 16, SECOND),
  ];
  const told = (answerAt: number) => writtenCall({ uniqueid: CALL, startAt: 0, answerAt }, rows, []);
  expect(told(100)).toMatchObject({ answeredLeg: LEG, answerAt: 100, endAt: 101 });
  expect(told(900)).toMatchObject({ answerAt: null, endAt: 2_001 });
});

/** As Asterisk 22.10.1 wrote a call that its dialplan dialled: answered at 1,000, cut by L() at 3,000. */
const dialled = [
  row(1_000, 'ANSWER', CALLEE),
  row(1_000, 'ANSWER', CALL),
  row(1_001, 'BRIDGE_ENTER', CALLEE),
  row(1_001, 'BRIDGE_ENTER', CALL),
  ...leaves(3_000, CALLEE, 16, null),
  ...leaves(3_001, CALL, 16, null),
  row(3_004, 'LINKEDID_END', CALL),
];
const byDialplan = { ...talked, answeredLeg: CALLEE, endAt: 3_000, hangupSource: null };
const fixedCases: [why: string, uniqueid: string, startAt: number, journal: JournalEvent[], call: object | null][] = [
  ['a call that the dialplan dialled is told by its journal', CALL, 0, dialled, byDialplan],
  [
    'a prompt that answered the caller before is no talk',
    CALL,
    0,
    [row(200, 'ANSWER', CALL), ...dialled.filter(each => each !== dialled[1])],
    byDialplan,
  ],
  [
    'the callee hangs up and the caller goes on in the dialplan: the talk is over',
    CALL,
    0,
    [...dialled.slice(0, 4), ...leaves(2_500, CALLEE, 31, CALLEE)],
    { ...byDialplan, endAt: 2_500, hangupCause: 31, hangupSource: 'callee' },
  ],
  ['the first trunk refuses, the second answers', CALL, 0, [...leaves(100, OTHER, 34, OTHER), ...dialled], byDialplan],
  ['two ring, one answers: the other is none', CALL, 0, [...leaves(1_002, OTHER, 26, null), ...dialled], byDialplan],
  [
    'it talks still',
    CALL,
    0,
    dialled.slice(0, 4),
    { ...none, source: 'cel', answeredLeg: CALLEE, answerAt: 1_000, endAt: null },
  ],
  [
    'nobody answered, and the caller goes on in the dialplan',
    CALL,
    0,
    leaves(100, OTHER, 17, OTHER),
    { ...none, source: 'cel', endAt: null },
  ],
  [
    'nobody answered until the caller left',
    CALL,
    0,
    [...leaves(100, OTHER, 17, OTHER), hangup(120, CALL, 17, null), row(120, 'CHAN_END', CALL)],
    { ...none, source: 'cel', endAt: 120, hangupCause: 17 },
  ],
  [
    'who answers a caller that has hung up talks to nobody',
    CALL,
    0,
    [hangup(999.5, CALL, 127, CALL), row(999.501, 'ANSWER', CALLEE), ...leaves(1_004, CALLEE, 16, null)],
    { ...none, source: 'cel', endAt: 999, hangupCause: 16, hangupSource: 'caller' },
  ],
  [
    'a second call from the same channel is the talk since it began',
    `${CALL}+2`,
    4_000,
    [
      ...dialled.slice(0, 4),
      ...leaves(3_000, CALLEE, 16, null),
      row(5_000, 'ANSWER', OTHER),
      row(5_001, 'BRIDGE_ENTER', OTHER),
      ...leaves(6_500, OTHER, 16, OTHER),
      hangup(9_000, CALL, 16, CALL),
    ],
    { ...byDialplan, answeredLeg: OTHER, answerAt: 5_000, endAt: 6_500, hangupSource: 'callee' },
  ],
  [
    'the first of them ended before the second began, though the caller entered a bridge again',
    CALL,
    0,
    [...dialled.slice(0, 4), ...leaves(3_000, CALLEE, 16, null), row(5_001, 'BRIDGE_ENTER', CALL)],
    byDialplan,
  ],
  [
    'a callee who answered, was asked whether he takes the call and declined; then a mailbox answered',
    CALL,
    0,
    [
      row(1_000, 'ANSWER', CALLEE),
      ...leaves(4_000, CALLEE, 16, CALLEE),
      row(4_100, 'ANSWER', CALL),
      ...leaves(9_000, CALL, 16, CALL),
    ],
    { ...none, source: 'cel', endAt: 9_002, hangupCause: 16, hangupSource: 'caller' },
  ],
  [
    'a callee who was asked first and took it: talk begins when the caller is answered',
    CALL,
    0,
    [row(500, 'ANSWER', CALLEE), ...dialled.slice(1)],
    byDialplan,
  ],
  ['a second call of which nothing is written yet', `${CALL}+2`, 4_000, dialled.slice(0, 4), null],
];

test.each(fixedCases)('by the dialplan: %s', (_, uniqueid, startAt, journal, call) => {
  // A call record counts from the caller's own answer, so it is not used.
  const records = [record(0, 200, 9_000)];
  expect(writtenCall({ uniqueid, startAt, isFixed: true }, journal, records)).toEqual(call);
  expect(writtenCall({ uniqueid, startAt, isFixed: true }, journal.toReversed(), records)).toEqual(call);
});

test.each([
  ...cases.map(([why, journal, records, , lost]) => {
    return { why, journal, records, call: { uniqueid: CALL, startAt: 0 }, lost };
  }),
  ...fixedCases.map(([why, uniqueid, startAt, journal]) => {
    return {
      why: `by the dialplan: ${why}`,
      journal,
      records: [],
      call: { uniqueid, startAt, isFixed: true },
      lost: undefined,
    };
  }),
])('without LINKEDID_END, and without any one row more, the same is told: $why', ({ journal, records, call, lost }) => {
  const fewer = journal.filter(({ event }) => event !== 'LINKEDID_END');
  for (const one of lost ? [null] : [null, ...fewer]) {
    const without = (rows: JournalEvent[]) =>
      writtenCall(
        call,
        rows.filter(each => each !== one),
        records,
      );
    expect([one, without(fewer)]).toEqual([one, without(journal)]);
  }
});

test('CHAN_END tells what a lost HANGUP has told: without it, a callee who declined would have talked to a mailbox', () => {
  const declines = fixedCases.find(([why]) => why.includes('declined'))![3];
  const isLost = ({ event, uniqueid }: JournalEvent) => event === 'HANGUP' && uniqueid === CALLEE;
  const told = (rows: JournalEvent[]) => writtenCall({ uniqueid: CALL, startAt: 0, isFixed: true }, rows, []);
  const rows = declines.filter(row => !isLost(row));
  expect(told(rows)).toMatchObject({ answerAt: null });
  expect(told(rows.filter(({ event }) => event !== 'CHAN_END'))).toMatchObject({ answerAt: 4_100 });
});

test('rows that come twice and in any order tell the same', () => {
  const whole = cases.filter(([, journal]) => journal.length > 0);
  fc.assert(
    fc.property(
      fc.constantFrom(...whole).chain(one => fc.tuple(fc.constant(one), shuffled(one[1]), shuffled(one[2]))),
      ([[, , , call], journal, records]) =>
        expect(writtenCall({ uniqueid: CALL, startAt: 0 }, journal, records)).toEqual(call),
    ),
    { numRuns: 2_000 },
  );
});

/** All of them at least once. */
const shuffled = <Row>(rows: Row[]): fc.Arbitrary<Row[]> =>
  rows.length === 0
    ? fc.constant([])
    : fc
        .array(fc.constantFrom(...rows), { maxLength: 5 })
        .chain(again => fc.shuffledSubarray([...rows, ...again], { minLength: rows.length + again.length }));

test('whatever is lost of an answered call, no end is before its answer, and no talk is longer than it was', () => {
  fc.assert(
    fc.property(fc.subarray(answered), rows => {
      const call = writtenCall({ uniqueid: CALL, startAt: 0 }, rows, []) as WrittenCall | null;
      if (call?.answerAt == null || call.endAt === null) return;
      expect(call.endAt).toBeGreaterThanOrEqual(call.answerAt);
      expect(call.endAt - call.answerAt).toBeLessThanOrEqual(2_205);
    }),
    { numRuns: 2_000 },
  );
});
