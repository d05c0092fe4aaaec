import type { StartOutcome } from '../../src/credit/ledger-operation';
import { emergencyGrant } from '../../src/credit/rules/start';
import { doorNode } from '../../src/doors/door-kind';
import { DOORS } from '../../src/doors/doors';
import { type FixedCall, fixedOutcome, fixedStart } from '../../src/doors/fixed-call';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const CALL: FixedCall = {
  uniqueid: 'rest:main:call:c1',
  accountcode: 'alice',
  node: doorNode(DOORS.rest, 'main'),
  src: '100',
  dst: '4930123',
  startAt: NOON,
  emergency: false,
  mostSeconds: 1800,
};

test('a call of a door is fixed, has up to 300 s to ring, and needs no trunk of ours', () => {
  expect(fixedStart(CALL)).toEqual({
    uniqueid: 'rest:main:call:c1',
    accountcode: 'alice',
    node: 'rest:main',
    src: '100',
    dst: '4930123',
    startAt: NOON,
    emergency: false,
    routable: true,
    ringSeconds: 300,
    fixed: { firstSeconds: undefined, mostSeconds: 1800 },
  });
});

test('what a door adds goes to the ledger as it is', () => {
  const more = { dialog: 'd'.repeat(32), earlier: ['c0'], asksAgain: true, routable: false };
  expect(fixedStart({ ...CALL, ...more, firstSeconds: 60 })).toMatchObject({
    ...more,
    fixed: { firstSeconds: 60, mostSeconds: 1800 },
  });
});

const grant = emergencyGrant({ maxCallSeconds: 60, barredPrefixes: [] });

test.each<[string, StartOutcome, object]>([
  ['a refusal', { refusal: 'no_rate' }, { refusal: 'no_rate' }],
  ['a wait, which a fixed call never gets', { waiting: true }, { refusal: 'insufficient_balance' }],
  ['a grant', { granted: grant }, { grant, startedBy: 'new' }],
  ['a grant of the same instant before', { granted: grant, firstStartAt: NOON }, { grant, startedBy: 'again' }],
  ['a grant of another instant', { granted: grant, firstStartAt: NOON - 1 }, { grant, startedBy: 'other' }],
])('%s', (_, outcome, expected) => {
  expect(fixedOutcome({ startAt: NOON }, outcome)).toEqual(expected);
});
