import { legsOf } from '../../src/evidence/switch-view';
import { answered, CALL, CALLEE, hangup, LEG, leaves, row, SECOND } from './rows';

const call = { uniqueid: CALL, startAt: 0, answerAt: null, endAt: 3_200, isFixed: false };

test("a call's legs: the caller's, then the called ones as they were dialled, each with what it said", () => {
  const failed = [row(20, 'BRIDGE_ENTER', LEG), hangup(400, LEG, 34, null), row(400, 'CHAN_END', LEG)];
  const taken = [row(410, 'BRIDGE_ENTER', SECOND), row(1_000, 'ANSWER', SECOND), ...leaves(3_203, SECOND, 16, CALL)];
  const caller = answered.filter(({ uniqueid }) => uniqueid === CALL);
  expect(legsOf(call, [...taken, ...caller, ...failed])).toEqual([
    {
      leg: CALL,
      channel: 'PJSIP/alice-00000000',
      isCaller: true,
      answeredAt: 1_000,
      endedAt: 3_202,
      hangupCause: 16,
    },
    {
      leg: LEG,
      channel: 'PJSIP/carrier-00000001',
      isCaller: false,
      answeredAt: null,
      endedAt: 400,
      hangupCause: 34,
    },
    {
      leg: SECOND,
      channel: 'PJSIP/other-00000002',
      isCaller: false,
      answeredAt: 1_000,
      endedAt: 3_205,
      hangupCause: 16,
    },
  ]);
});

test('a leg whose hang-up is lost ends with its channel, of an unknown cause; one without an end goes on', () => {
  const rows = [row(20, 'BRIDGE_ENTER', CALL), row(30, 'BRIDGE_ENTER', LEG), row(400, 'CHAN_END', LEG)];
  expect(legsOf({ ...call, endAt: null }, rows)).toMatchObject([
    { leg: CALL, endedAt: null, hangupCause: null },
    { leg: LEG, endedAt: 400, hangupCause: null },
  ]);
});

test('legs of another call are none of it, nor is what a channel did in its call before', () => {
  const other = { ...row(10, 'ANSWER', 'rf-switch1-1.9-1') };
  expect(legsOf(call, [other])).toEqual([]);
  const second = { uniqueid: `${CALL}+2`, startAt: 60_000, answerAt: null, endAt: 70_000, isFixed: true };
  const rows = [row(1_000, 'ANSWER', SECOND), row(61_000, 'ANSWER', CALLEE), row(90_000, 'ANSWER', LEG)];
  expect(legsOf(second, rows).map(({ leg }) => leg)).toEqual([CALLEE]);
});
