import { formatAmount, micros } from '../../src/money/micros';
import type { CallerSeen, CarrierSeen } from './parties';
import { MICROS_PER_SECOND, type PlannedCall } from './plan';

/** A row of astcdr. Instants in ms since 1970, by the switch's clock; amounts in micros. */
export interface Cdr {
  uniqueid: string;
  accountcode: string;
  dst: string;
  answerAt: number | null;
  endAt: number | null;
  billsec: number;
  cost: bigint;
  grantedSeconds: number;
  hangupSource: string | null;
  /** The evidence of the end: event, cel, cdr or sighting; null if the column does not exist. */
  evidence: string | null;
}

/** A call_charge of astledger. */
export interface Charge {
  accountcode: string;
  uniqueid: string;
  amount: bigint;
}

/** What the checks must know of a fault. Instants in ms since 1970. */
export interface Marks {
  /** Asterisk died, and every call with it. */
  switchKilledAt?: number;
  /** Asterisk stood still: whatever the parties did meanwhile, it did at the end. */
  switchFrozen?: { from: number; to: number };
  /** No service heard the switch in this time, and the rows of these calls that it wrote then are gone. */
  recordsLost?: RecordsLost;
  /** The owner was lost: the other service must take over. */
  ownerLostAt?: number;
}

export interface RecordsLost {
  from: number;
  to: number;
  /** When all calls were known to be in progress, as the service had written it down. */
  seenAt: number;
  /** The callers' channels that have lost at least one row. */
  uniqueids: ReadonlySet<string>;
}

export interface Facts {
  calls: PlannedCall[];
  callers: CallerSeen[];
  carrier: CarrierSeen[];
  cdrs: Cdr[];
  charges: Charge[];
  marks: Marks;
}

export type Rule =
  | 'caller_tells'
  | 'call_has_one_cdr'
  | 'cdr_has_its_call'
  | 'answered_call_has_one_charge'
  | 'charge_is_true_to_the_second'
  | 'unanswered_call_costs_nothing'
  | 'talk_is_within_the_grant'
  | 'owner_is_followed'
  | 'rest_is_reached'
  | 'nothing_is_reserved'
  | 'books_balance'
  | 'switch_agrees'
  | 'stranger_is_refused'
  | 'place_is_not_taken'
  | 'invite_is_one_call'
  | 'fault_strikes';

/** A violation, in a sentence with the facts. */
export interface Violation {
  rule: Rule;
  text: string;
}

/** How far a charge may be off, and how far a call may outlast its grant. */
const TOLERANCE_MS = 1_000;

/** If no end is known the last sighting counts: one every 5 s, and the time of the look. */
const SIGHTING_MS = 7_000;

const TAKE_OVER_MS = 15_000;

/** All that is wrong with the calls of one run. */
export function violationsOf(facts: Facts): Violation[] {
  const callers = new Map(facts.callers.map(seen => [seen.number, seen]));
  const carrier = new Map(facts.carrier.map(seen => [seen.number, seen]));
  const planned = new Set(facts.calls.map(({ number }) => number));
  return [
    ...facts.calls.flatMap(call =>
      callViolations({
        call,
        caller: callers.get(call.number) ?? null,
        carrier: carrier.get(call.number) ?? null,
        cdrs: facts.cdrs.filter(({ dst }) => dst === call.number),
        charges: facts.charges,
        marks: facts.marks,
      }),
    ),
    ...facts.cdrs
      .filter(({ dst }) => !planned.has(dst))
      .map(cdr => ({ rule: 'cdr_has_its_call' as const, text: `nobody has made the call of ${rowText(cdr)}` })),
    ...takeOverViolations(facts),
  ];
}

interface CallFacts {
  call: PlannedCall;
  caller: CallerSeen | null;
  carrier: CarrierSeen | null;
  cdrs: Cdr[];
  charges: Charge[];
  marks: Marks;
}

function callViolations({ call, caller, carrier, cdrs, charges, marks }: CallFacts): Violation[] {
  const violations: Violation[] = [];
  const say = (rule: Rule, text: string) => violations.push({ rule, text: `${call.number}: ${text}` });
  if (!caller) {
    say('caller_tells', `its caller has left no line; ${cdrs.map(rowText).join('; ') || 'it has no CDR'}`);
    return violations;
  }
  if (cdrs.length > 1) say('call_has_one_cdr', `${cdrs.length} CDRs: ${cdrs.map(rowText).join('; ')}`);
  const [cdr] = cdrs;
  const charged = charges.filter(({ uniqueid }) => cdrs.some(row => row.uniqueid === uniqueid));
  if (caller.answeredAt === null && carrier === null) {
    for (const row of cdrs.filter(({ cost }) => cost !== 0n)) {
      say('unanswered_call_costs_nothing', `SIP ${caller.sipStatus}, never answered; ${rowText(row)}`);
    }
    if (charged.length > 0 && cdr?.cost === 0n) {
      say('unanswered_call_costs_nothing', `never answered, but charged: ${chargesText(charged)}`);
    }
    return violations;
  }
  const talk = talkOf(caller, carrier, marks, cdr?.uniqueid);
  if (!cdr && caller.answeredAt !== null) {
    say('call_has_one_cdr', `${talkText(talk)} of talk, but no CDR`);
  }
  if (!cdr) return violations;
  const wanted = cdr.cost > 0n ? 1 : 0;
  if (charged.length !== wanted || charged.some(({ amount }) => amount !== -cdr.cost)) {
    say('answered_call_has_one_charge', `${chargesText(charged)}; ${rowText(cdr)}`);
  }
  const wrong = chargeError(talk, cdr);
  if (wrong) say('charge_is_true_to_the_second', `${wrong}; ${talkText(talk)} of talk; ${rowText(cdr)}`);
  const spokenMs = talk.shortestMs - talk.frozenMs;
  if (spokenMs > cdr.grantedSeconds * 1000 + TOLERANCE_MS) {
    say('talk_is_within_the_grant', `${talkText(talk)} of talk, ${cdr.grantedSeconds} s granted; ${rowText(cdr)}`);
  }
  return violations;
}

interface Talk {
  /** The true talk lies between these two. */
  shortestMs: number;
  longestMs: number;
  /** How long nothing could have cut it: the switch stood still. */
  frozenMs: number;
  /**
   * By how much the charge of a flagged call may be too low: Asterisk died in it, or just after, or rows that were written at its end are
   * lost, so the last sighting is all that is known. 0 if the end is known.
   */
  unseenMs: number;
}

/**
 * How long a call was in progress. Two phones and the switch between them agree within milliseconds, and the first party that leaves ends
 * the talk, though the other's leg may stay until it is taken down. Only a switch that stood still makes both views true: it did at the end
 * what the parties had done before. By its own clock the call lasted until then.
 */
function talkOf(
  caller: CallerSeen,
  carrier: CarrierSeen | null,
  { switchKilledAt, switchFrozen, recordsLost }: Marks,
  uniqueid?: string,
): Talk {
  // A caller who gave up in the moment of the answer has not talked.
  const from = caller.answeredAt ?? caller.endedAt;
  const kill = switchKilledAt !== undefined && from < switchKilledAt ? switchKilledAt : Number.POSITIVE_INFINITY;
  const views = [{ from, to: caller.endedAt }];
  const sent = { from, to: caller.endedAt };
  if (carrier && (carrier.endedAt !== null || kill !== Number.POSITIVE_INFINITY)) {
    const to = carrier.endedAt ?? kill;
    views.push({ from: carrier.acknowledgedAt, to });
    Object.assign(sent, { from: Math.min(from, carrier.answeredAt), to: Math.max(to, caller.endedAt) });
  }
  const lengthOf = (view: { from: number; to: number }) => Math.max(0, Math.min(view.to, kill) - view.from);
  const shortestMs = Math.min(...views.map(lengthOf));
  const frozenMs = switchFrozen
    ? Math.max(0, Math.min(caller.endedAt, switchFrozen.to) - Math.max(from, switchFrozen.from))
    : 0;
  // The switch learns of hang-ups during its standstill when it thaws.
  const leftAt = Math.max(...views.map(({ to }) => to));
  if (switchFrozen && views.length > 1 && leftAt > switchFrozen.from && leftAt < switchFrozen.to)
    sent.to = switchFrozen.to;
  return {
    shortestMs,
    longestMs: switchFrozen ? Math.max(shortestMs, lengthOf(sent)) : shortestMs,
    frozenMs,
    unseenMs: unseenMs(),
  };

  function unseenMs(): number {
    const endAt = Math.min(...views.map(({ to }) => to));
    if (endAt > kill - TOLERANCE_MS) return SIGHTING_MS;
    if (!recordsLost || uniqueid === undefined || !recordsLost.uniqueids.has(uniqueid)) return 0;
    const { from: lostFrom, to, seenAt } = recordsLost;
    if (endAt <= lostFrom - TOLERANCE_MS || endAt >= to + TOLERANCE_MS) return 0;
    // A sighting that is older than the interval of the looks is no excuse.
    return Math.max(0, endAt - Math.max(seenAt, lostFrom - SIGHTING_MS)) + TOLERANCE_MS;
  }
}

/** What is wrong with the CDR's talk and cost; null if nothing is. */
function chargeError(talk: Talk, cdr: Cdr): string | null {
  if (cdr.endAt === null) return 'it has no end';
  const chargedMs = cdr.answerAt === null ? 0 : cdr.endAt - cdr.answerAt;
  const billsec = Math.floor(Math.max(0, chargedMs) / 1000);
  if (cdr.billsec !== billsec) return `billsec ${cdr.billsec} of ${chargedMs} ms`;
  // An answered call is billed its first second, however short it was (docs/pricing.md, section 3).
  const billedSeconds = cdr.answerAt === null ? 0 : Math.min(Math.max(1, billsec), cdr.grantedSeconds);
  const cost = BigInt(billedSeconds) * MICROS_PER_SECOND;
  if (cdr.cost !== cost) return `cost ${formatAmount(micros(cdr.cost))} instead of ${formatAmount(micros(cost))}`;
  const tooMuchMs = chargedMs - talk.longestMs;
  const tooLittleMs = talk.shortestMs - chargedMs;
  if (tooMuchMs > TOLERANCE_MS) return `${secondsText(tooMuchMs)} too much`;
  if (tooLittleMs <= TOLERANCE_MS) return null;
  const isFlagged = cdr.evidence === null || cdr.evidence === 'sighting';
  if (isFlagged && tooLittleMs <= talk.unseenMs) return null;
  return `${secondsText(tooLittleMs)} too little`;
}

/** A call that was made after the owner was lost and was answered: its successor is at work. */
function takeOverViolations({ callers, marks: { ownerLostAt } }: Facts): Violation[] {
  if (ownerLostAt === undefined) return [];
  const after = callers.filter(({ answeredAt, invitedAt }) => answeredAt !== null && invitedAt > ownerLostAt);
  const first = Math.min(...after.map(({ invitedAt }) => invitedAt)) - ownerLostAt;
  if (first <= TAKE_OVER_MS) return [];
  const when = after.length > 0 ? `only ${secondsText(first)} later` : 'no more';
  return [{ rule: 'owner_is_followed', text: `the owner was lost, and calls were answered ${when}` }];
}

const secondsText = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

const talkText = ({ shortestMs, longestMs }: Talk): string =>
  longestMs - shortestMs < 10
    ? secondsText(shortestMs)
    : `${(shortestMs / 1000).toFixed(2)} to ${secondsText(longestMs)}`;

const chargesText = (charges: Charge[]): string =>
  charges.length === 0
    ? 'no charge'
    : `${charges.length} charges: ${charges.map(({ amount }) => formatAmount(micros(amount))).join(', ')}`;

const rowText = (cdr: Cdr): string =>
  [
    `uniqueid ${cdr.uniqueid} of ${cdr.accountcode} to ${cdr.dst}`,
    `answered ${cdr.answerAt === null ? 'never' : new Date(cdr.answerAt).toISOString()}`,
    `ended ${cdr.endAt === null ? 'never' : new Date(cdr.endAt).toISOString()} by ${cdr.hangupSource}`,
    `billsec ${cdr.billsec} of ${cdr.grantedSeconds} granted`,
    `cost ${formatAmount(micros(cdr.cost))}`,
    ...(cdr.evidence === null ? [] : [`evidence ${cdr.evidence}`]),
  ].join(', ');
