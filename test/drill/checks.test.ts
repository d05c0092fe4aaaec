import { type Cdr, type Facts, type Marks, type Rule, violationsOf } from '../../lab/drill/checks';
import type { CallerSeen, CarrierSeen } from '../../lab/drill/parties';
import type { PlannedCall } from '../../lab/drill/plan';

/** Instants of the made-up calls, in seconds after this. */
const NOON = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number): number => NOON + seconds * 1000;
const number = '770000100010';

const call: PlannedCall = { number, accountcode: 'rich', talkMs: 4_000, patienceMs: 2_000 };

/** A call that was answered at 1 and ended by its caller at 5.2 s. */
const caller: CallerSeen = {
  number,
  sipStatus: 200,
  endedBy: 'caller',
  invitedAt: at(0.8),
  answeredAt: at(1),
  endedAt: at(5.2),
};
const carrier: CarrierSeen = { number, answeredAt: at(0.99), acknowledgedAt: at(1), endedAt: at(5.2) };
const cdr: Cdr = {
  uniqueid: 'drill-1.1',
  accountcode: 'rich',
  dst: number,
  answerAt: at(1),
  endAt: at(5.2),
  billsec: 4,
  cost: 40_000n,
  grantedSeconds: 3600,
  hangupSource: 'caller',
  evidence: null,
};
const chargeOf = (amount: bigint) => ({ accountcode: 'rich', uniqueid: cdr.uniqueid, amount });

/** What differs from the call above, which is right. */
interface Difference {
  caller?: Partial<CallerSeen> | null;
  carrier?: Partial<CarrierSeen> | null;
  cdr?: Partial<Cdr> | null;
  second?: Partial<Cdr>;
  charges?: bigint[];
  marks?: Marks;
}

function rulesBroken({ marks = {}, charges, ...difference }: Difference): Rule[] {
  const row = difference.cdr === null ? null : { ...cdr, ...difference.cdr };
  const amounts = charges ?? (row && row.cost > 0n ? [-row.cost] : []);
  const facts: Facts = {
    calls: [call],
    callers: difference.caller === null ? [] : [{ ...caller, ...difference.caller }],
    carrier: difference.carrier === null ? [] : [{ ...carrier, ...difference.carrier }],
    cdrs: [...(row ? [row] : []), ...(difference.second ? [{ ...cdr, ...difference.second }] : [])],
    charges: amounts.map(chargeOf),
    marks,
  };
  return violationsOf(facts).map(({ rule }) => rule);
}

const unanswered: Difference = { caller: { sipStatus: 486, answeredAt: null, endedBy: 'nobody' }, carrier: null };
const free: Partial<Cdr> = { answerAt: null, billsec: 0, cost: 0n };
/** Charged as if it had ended that many seconds after its answer. */
const charged = (seconds: number): Partial<Cdr> => ({
  endAt: at(1 + seconds),
  billsec: Math.floor(seconds),
  cost: BigInt(Math.max(1, Math.floor(seconds))) * 10_000n,
});

/** No service heard the switch from 9 s to 12 s, it was last seen at 5 s, and rows of this call are gone. */
const recordsLost = { from: at(9), to: at(12), seenAt: at(5), uniqueids: new Set([cdr.uniqueid]) };
/** A call that ended at 11 s, in that time. */
const lost = (seconds: number, more: Partial<Cdr> = {}): Difference => ({
  caller: { endedAt: at(11) },
  carrier: { endedAt: at(11) },
  cdr: { ...charged(seconds), evidence: 'sighting', ...more },
  marks: { recordsLost },
});

describe('what is right', () => {
  test.each<[string, Difference]>([
    ['a call charged for what it talked', {}],
    ['0.9 s too much: both ends are seen within a second', { cdr: charged(5.1) }],
    ['0.9 s too little', { cdr: charged(3.3) }],
    ['an answered call of no second is billed its first', { caller: { endedAt: at(1.3) }, cdr: charged(0.3) }],
    ['a refused call without a CDR', { ...unanswered, cdr: null }],
    ['a refused call whose CDR costs nothing', { ...unanswered, cdr: free }],
    ["the carrier's leg stayed up until the service was back: the caller had gone", { carrier: { endedAt: at(25) } }],
    ['the carrier never heard of the end, and the caller tells', { carrier: { endedAt: null } }],
    [
      'a frozen switch ended the call when it thawed: as long as the carrier saw it',
      { carrier: { endedAt: at(23) }, cdr: charged(22), marks: { switchFrozen: { from: at(3), to: at(23) } } },
    ],
    [
      'a frozen switch, and both hung up meanwhile: it learnt that when it thawed',
      { carrier: { endedAt: at(5.1) }, cdr: charged(22), marks: { switchFrozen: { from: at(3), to: at(23) } } },
    ],
    [
      'a frozen switch cannot cut: the call went on with it',
      {
        caller: { endedAt: at(23) },
        carrier: { endedAt: at(23) },
        cdr: { ...charged(22), grantedSeconds: 4, cost: 40_000n },
        marks: { switchFrozen: { from: at(3), to: at(23) } },
      },
    ],
    [
      'a killed switch: charged to the last sighting, 3 s before, and flagged',
      {
        carrier: { endedAt: null },
        cdr: { ...charged(0.5), evidence: 'sighting' },
        marks: { switchKilledAt: at(4.5) },
      },
    ],
    [
      'a killed switch: charged to the kill, though the caller noticed later',
      {
        carrier: { endedAt: null },
        cdr: { ...charged(3.4), evidence: 'sighting' },
        marks: { switchKilledAt: at(4.5) },
      },
    ],
    ['lost rows of its end: charged to the last sighting, 6 s before', lost(4)],
    [
      'a call that was cut 0.9 s after its grant',
      { cdr: { grantedSeconds: 3, cost: 30_000n }, caller: { endedAt: at(4.9) } },
    ],
    ['the owner was lost and the other answers 14 s later', { marks: { ownerLostAt: at(0.8 - 14) } }],
  ])('%s', (_, difference) => {
    expect(rulesBroken(difference)).toEqual([]);
  });
});

describe('what is wrong', () => {
  test.each<[string, Difference, Rule]>([
    ['its caller left no line', { caller: null }, 'caller_tells'],
    ['an answered call without a CDR', { cdr: null }, 'call_has_one_cdr'],
    ['two CDRs of one call', { second: { uniqueid: 'drill-1.2', cost: 0n, billsec: 4 } }, 'call_has_one_cdr'],
    ['a CDR of a call that nobody made', { second: { dst: '770000100020' } }, 'cdr_has_its_call'],
    ['a cost without a charge', { charges: [] }, 'answered_call_has_one_charge'],
    ['charged twice', { charges: [-40_000n, -40_000n] }, 'answered_call_has_one_charge'],
    ['another amount than the cost', { charges: [-30_000n] }, 'answered_call_has_one_charge'],
    ['1.1 s too much', { cdr: charged(5.3) }, 'charge_is_true_to_the_second'],
    ['1.1 s too little', { cdr: charged(3.1) }, 'charge_is_true_to_the_second'],
    ['answered, but not for the CDR', { cdr: free }, 'charge_is_true_to_the_second'],
    ['billsec is not its talk', { cdr: { billsec: 5 } }, 'charge_is_true_to_the_second'],
    ['the cost is not of its billsec', { cdr: { cost: 50_000n } }, 'charge_is_true_to_the_second'],
    ['no end', { cdr: { endAt: null, billsec: 0, cost: 0n } }, 'charge_is_true_to_the_second'],
    ['a refused call that is charged', { ...unanswered, cdr: { cost: 10_000n } }, 'unanswered_call_costs_nothing'],
    [
      'a refused call with a charge that its CDR does not know',
      { ...unanswered, cdr: free, charges: [-10_000n] },
      'unanswered_call_costs_nothing',
    ],
    [
      'a caller who gave up while the carrier answered is charged for the time that the carrier waited',
      { caller: { answeredAt: null, sipStatus: 487, endedAt: at(1.01) }, carrier: { endedAt: at(8) }, cdr: charged(7) },
      'charge_is_true_to_the_second',
    ],
    [
      'a call talked 1.1 s past its grant',
      { cdr: { grantedSeconds: 3, cost: 30_000n }, caller: { endedAt: at(5.1) }, carrier: { endedAt: at(5.1) } },
      'talk_is_within_the_grant',
    ],
    [
      "charged for the carrier's leg that was left up, though the switch was not frozen",
      { carrier: { endedAt: at(25) }, cdr: charged(24) },
      'charge_is_true_to_the_second',
    ],
    [
      'a frozen switch, and charged for more than either side saw',
      { carrier: { endedAt: at(23) }, cdr: charged(23.1), marks: { switchFrozen: { from: at(3), to: at(23) } } },
      'charge_is_true_to_the_second',
    ],
    [
      'a killed switch, and charged too little without a flag',
      { carrier: { endedAt: null }, cdr: { ...charged(0.5), evidence: 'event' }, marks: { switchKilledAt: at(4.5) } },
      'charge_is_true_to_the_second',
    ],
    [
      'a killed switch, and charged beyond the kill',
      { caller: { endedAt: at(9) }, carrier: { endedAt: null }, cdr: charged(8), marks: { switchKilledAt: at(4.5) } },
      'charge_is_true_to_the_second',
    ],
    [
      'a killed switch, and charged for what both parties stayed on after it',
      { caller: { endedAt: at(9) }, carrier: { endedAt: at(8) }, cdr: charged(7), marks: { switchKilledAt: at(4.5) } },
      'charge_is_true_to_the_second',
    ],
    [
      'a frozen switch, a carrier that never heard of the end, and charged beyond what the caller saw',
      { carrier: { endedAt: null }, cdr: charged(22), marks: { switchFrozen: { from: at(3), to: at(23) } } },
      'charge_is_true_to_the_second',
    ],
    [
      'a switch killed long after the call is no excuse',
      { cdr: { ...charged(1), evidence: 'sighting' }, marks: { switchKilledAt: at(9) } },
      'charge_is_true_to_the_second',
    ],
    [
      'a killed switch, and charged less than a sighting allows',
      {
        caller: { endedAt: at(31) },
        carrier: { endedAt: null },
        cdr: { ...charged(1), evidence: 'sighting' },
        marks: { switchKilledAt: at(30) },
      },
      'charge_is_true_to_the_second',
    ],
    ['lost rows, and charged nothing', lost(0), 'charge_is_true_to_the_second'],
    ['lost rows, and charged less than the last sighting', lost(2.9), 'charge_is_true_to_the_second'],
    ['lost rows, and charged until a take-over', lost(11.2), 'charge_is_true_to_the_second'],
    ['lost rows, and not flagged', lost(4, { evidence: 'cel' }), 'charge_is_true_to_the_second'],
    [
      'lost rows, and a sighting that is older than one is written',
      {
        ...lost(2.9),
        marks: { recordsLost: { ...recordsLost, from: at(10.5), seenAt: at(1) } },
        cdr: { ...charged(0.9), evidence: 'sighting' },
      },
      'charge_is_true_to_the_second',
    ],
    [
      'the rows of another call were lost',
      { ...lost(4), marks: { recordsLost: { ...recordsLost, uniqueids: new Set(['drill-9.9']) } } },
      'charge_is_true_to_the_second',
    ],
    [
      'lost rows of a call that ended when the service was back',
      { ...lost(4), marks: { recordsLost: { ...recordsLost, from: at(5), to: at(8) } } },
      'charge_is_true_to_the_second',
    ],
    ['the other service answers only 16 s later', { marks: { ownerLostAt: at(0.8 - 16) } }, 'owner_is_followed'],
    ['nobody answers after the owner was lost', { marks: { ownerLostAt: at(2) } }, 'owner_is_followed'],
  ])('%s', (_, difference, rule) => {
    expect(rulesBroken(difference)).toEqual([rule]);
  });
});

test('a violation names the call, the row and the seconds', () => {
  const [violation] = violationsOf({
    calls: [call],
    callers: [caller],
    carrier: [carrier],
    cdrs: [{ ...cdr, ...charged(6.5) }],
    charges: [chargeOf(-60_000n)],
    marks: {},
  });
  expect(violation?.text).toBe(
    '770000100010: 2.30 s too much; 4.20 s of talk; uniqueid drill-1.1 of rich to 770000100010, answered ' +
      '2026-01-01T12:00:01.000Z, ended 2026-01-01T12:00:07.500Z by caller, billsec 6 of 3600 granted, cost 0.06',
  );
});
