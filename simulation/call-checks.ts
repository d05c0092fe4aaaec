import type { ChangeKind } from '../src/credit/change-event';
import type { Account } from '../src/credit/rules/account';
import type { CallRecord } from '../src/credit/rules/call';
import { formatAmount, smaller } from '../src/money/micros';
import { isBlocked, pricesOf } from './prices';
import { RICH, type Scenario } from './scenario';
import type { Store } from './store';
import type { Call, Channel, LegPlan, Switch } from './switch';
import type { World } from './world';

/** By how much talk may be misjudged, and go on past its grant. */
const TOLERANCE_MS = 1_000;

/** An emergency call that one process released must be carried by the next one by then. */
const FOUND_WITHIN_MS = 8_000;

/** A leg that is being made or dialled: by then its call's money must be there. */
export function checkPaidFor(world: World, store: Store, call: Call, scenario: Scenario): void {
  const { uniqueid, dialled, emergency } = call.plan;
  if (emergency) return;
  if (isBlocked(scenario, call)) {
    world.violate('nothing is dialled for a refused call', `${uniqueid}: calls to ${dialled} are blocked`);
  }
  const record = store.calls.get(uniqueid);
  if (!record) world.violate('nothing is dialled before COMMIT', `${uniqueid} has no CDR`);
  else if (record.refusal !== null) {
    world.violate('nothing is dialled for a refused call', `${uniqueid} was refused: ${record.refusal}`);
  }
}

/** A leg that is being dialled: both ends of the call end by themselves. */
export function checkLimited(world: World, { caller, plan, dialLimitMs }: Call, leg: Channel): void {
  // Dial's L() is no limit of the leg before the answer.
  const legs = plan.dialplan && dialLimitMs > 0 ? [caller] : [caller, leg];
  for (const { id, limitAt, endedAt } of legs) {
    if (limitAt === null && endedAt === null) {
      world.violate('nothing is dialled without limits in the switch', `${plan.uniqueid}: ${id} has none`);
    }
  }
}

/** A leg that the service has dialled: a callee that answers there must find the caller. */
export function checkJoined(world: World, { caller, plan }: Call, leg: Channel): void {
  if (plan.dialplan || caller.endedAt !== null || leg.bridge === null) return;
  if (caller.bridge !== leg.bridge) {
    world.violate('who is dialled is in one bridge with the caller', `${plan.uniqueid}: ${leg.id} is alone`);
  }
}

/** What every call must have become when all is quiet. */
export function checkCalls(world: World, store: Store, nodes: readonly Switch[], scenario: Scenario): void {
  for (const node of nodes) {
    for (const call of node.calls.values()) checkCall(world, store, call, scenario);
    for (const id of node.channels.keys()) world.violate('no channel is left', id);
    for (const id of node.bridges.keys()) world.violate('no bridge is left', id);
  }
  for (const uniqueid of store.reservations.keys()) world.violate('no reservation is left', uniqueid);
  for (const account of store.accounts.values()) checkAccount(world, store, account);
  for (const record of store.calls.values()) checkEvents(world, store, record);
}

function checkAccount(world: World, store: Store, { accountcode, kind, balance, creditLimit }: Account): void {
  if (kind === 'pool' && balance !== 0n) {
    world.violate('a group of calls leaves nothing behind', `${accountcode}: a balance of ${balance}`);
  }
  if (balance + creditLimit < 0n && !store.overdrawn.has(accountcode)) {
    world.violate('nobody spends what he has not', `${accountcode}: ${balance} and a credit limit of ${creditLimit}`);
  }
  const low = store.events.filter(event => event.accountcode === accountcode && event.kind.startsWith('low_balance'));
  for (const [index, event] of low.entries()) {
    if (event.kind !== (index % 2 === 0 ? 'low_balance' : 'low_balance_over')) {
      world.violate('every change is told once', `${accountcode}: ${low.map(each => each.kind).join(', ')}`);
    }
  }
}

/** The events of a call: that it was let through or refused, and if it was not refused, its end; each once. */
function checkEvents(world: World, store: Store, { uniqueid, refusal, cost, answerAt }: CallRecord): void {
  const events = store.events.filter(event => event.uniqueid === uniqueid);
  const of = (kind: ChangeKind) => events.filter(event => event.kind === kind);
  const settled = of('settled');
  const isTold =
    of('authorised').length + of('refused').length <= 1 &&
    of('refused').length + settled.length === 1 &&
    of('answered').length <= 1 &&
    of('cut').length <= 1 &&
    (of('refused').length === 0 || (refusal !== null && answerAt === null)) &&
    settled.every(({ facts }) => facts.cost === formatAmount(cost));
  if (!isTold) {
    const told = events.map(({ kind, facts }) => `${kind} ${JSON.stringify(facts)}`);
    world.violate('every change is told once', `${uniqueid}: ${told.join(', ')}`);
  }
}

function checkCall(world: World, store: Store, call: Call, scenario: Scenario): void {
  const { uniqueid, emergency } = call.plan;
  const record = store.calls.get(uniqueid);
  const charges = [...store.entries.values()].filter(
    // A second charge could only have another key.
    ({ kind, reference }) => kind === 'call_charge' && reference.startsWith(uniqueid),
  );
  const charged = charges.reduce((sum, { amount }) => sum - amount, 0n);
  const talkMs = talkOf(call);
  const told = `${uniqueid}: talked ${talkMs === null ? 'never' : `${Math.round(talkMs)} ms`}, CDR ${recordText(record)}`;

  if (charges.length > 1) world.violate('a call is charged once', `${told}, ${charges.length} charges`);
  if (record && (record.endAt === null || record.cost !== charged)) {
    world.violate('an answered call has one CDR with an end', `${told}, charged ${charged}`);
  }
  if (record && record.cost > record.maxCost) world.violate('never charged beyond what was ring-fenced', told);
  if (talkMs === null) {
    if (charged !== 0n || record?.disposition === 'ANSWERED') {
      const isAlone = call.legs.some(leg => leg.answeredAt !== null);
      const invariant = isAlone ? 'nobody pays for talk that he is not in' : 'an unanswered call is not charged';
      world.violate(invariant, `${told}, charged ${charged}`);
    }
  } else if (!record) {
    // Let through without the ledger, and then its process died: no process knows of it, and it was free.
    if (!emergency) world.violate('an answered call has one CDR with an end', `${told}`);
  } else {
    checkCharge(world, call, record, talkMs, scenario, told);
    // The service's own brake is for that case, and may be frozen at the same time.
    if (talkMs > record.grantedSeconds * 1000 + TOLERANCE_MS + call.limitLateMs)
      world.violate('nobody talks past the grant', told);
  }
  const isRefused = call.caller.endedByRequest || lastedMs(call) > FOUND_WITHIN_MS;
  const isDiallable = diallable(call, scenario).length > 0;
  if (emergency && !call.disturbed && call.legs.length === 0 && isDiallable && isRefused) {
    world.violate('an emergency call is let through', told);
  }
  if (scenario.calm) {
    checkWish(world, call, record, talkMs, scenario, told);
    checkApart(world, call, told);
    checkAskedAgain(world, store, call, told);
    checkEnded(world, store, call, told);
  }
}

/** A channel that asks a second time, for the same, gets the same answer. */
function checkAskedAgain(world: World, store: Store, { plan, refusedAgain }: Call, told: string): void {
  // An operator may have ended the call.
  if (!refusedAgain || store.acts.some(({ accountcode }) => accountcode === plan.accountcode)) return;
  world.violate('without faults everybody gets what he wants', `${told}; was refused when it asked again`);
}

const APART_WITHIN_MS = 2_000;

function checkApart(world: World, { plan, caller, legs }: Call, told: string): void {
  if (caller.apartAt === null) return;
  const until = caller.apartAt + APART_WITHIN_MS;
  const left = [caller, ...legs].find(({ endedAt }) => (endedAt ?? Number.POSITIVE_INFINITY) > until);
  if (left) world.violate('legs that lost their bridge go', `${told}; ${plan.uniqueid}: ${left.id} stayed`);
}

/** How soon a call must end that an operator ended, and a waiting caller must get an answer. */
const ENDED_WITHIN_MS = 3_000;
const ADMITTED_WITHIN_MS = 6_000;

function checkEnded(world: World, store: Store, { plan, caller, legs }: Call, told: string): void {
  const endedAt = caller.endedAt ?? Number.POSITIVE_INFINITY;
  const acts = store.acts.filter(({ accountcode }) => accountcode === plan.accountcode);
  for (const [index, { at, blocked, hangsUp }] of acts.entries()) {
    const until = at + ENDED_WITHIN_MS;
    // A call that is let in again before any service looked goes on.
    const isOver = hangsUp || (blocked && !acts.slice(index).some(other => !other.blocked && other.at <= until));
    if (isOver && !plan.emergency && caller.createdAt < at && endedAt > until) {
      world.violate('operators end calls at once', `${told}; ended at ${endedAt}, was to be at ${at}`);
    }
  }
  if (legs.length === 0 && lastedMs({ caller }) > ADMITTED_WITHIN_MS) {
    world.violate('without faults everybody gets what he wants', `${told}; waited for ${lastedMs({ caller })} ms`);
  }
}

/** The charge is the price of the true talk, a second more or less; after a crash of the switch, of what is known of it. */
function checkCharge(
  world: World,
  call: Call,
  record: CallRecord,
  talkMs: number,
  scenario: Scenario,
  told: string,
): void {
  const longest = Math.floor((talkMs + TOLERANCE_MS) / 1000);
  const unseenMs = record.evidence === 'sighting' && call.crashed ? talkMs : TOLERANCE_MS;
  const shortest = Math.max(0, Math.ceil((talkMs - unseenMs) / 1000) - 1);
  const own = pricesOf(scenario, call, record);
  const prices: bigint[] = [];
  for (let seconds = shortest; seconds <= longest; seconds++) prices.push(own ? own.charged(seconds) : 0n);
  if (talkMs <= unseenMs) prices.push(0n);
  // Talk beyond the grant that is below the tolerance is not charged.
  const capped = prices.map(price => smaller(price, record.maxCost));
  if (!capped.includes(record.cost)) {
    world.violate('the charge is the cost of the true talk', `${told}; may be ${[...new Set(capped)].join(', ')}`);
  }
}

function checkWish(
  world: World,
  call: Call,
  record: CallRecord | undefined,
  talkMs: number | null,
  scenario: Scenario,
  told: string,
): void {
  const { accountcode, dialled, talkMs: wishMs, patienceMs } = call.plan;
  const legs = diallable(call, scenario);
  if (call.caller.apartAt !== null) return;
  const invariant = 'without faults everybody gets what he wants';
  const isFit = accountcode === RICH && /^4[1349]/.test(dialled) && !isBlocked(scenario, call);
  if (isFit && patienceMs > 1_000 && call.legs.length === 0 && legs.length > 0)
    world.violate(invariant, `${told}; was not dialled`);
  const [first] = legs;
  if (!isFit || first?.does !== 'answer' || first.isLost || first.ringMs > 900 || first.answerMs > 4_000) return;
  if (patienceMs <= first.ringMs + first.answerMs + 500) return;
  const wished = Math.min(wishMs, (record?.capSeconds ?? 0) * 1000);
  if (talkMs === null || talkMs < wished - 100) world.violate(invariant, `${told}; wished ${wished} ms`);
}

/** The routes by which it can be dialled at all. */
const diallable = ({ plan }: Call, { setting }: Scenario): LegPlan[] =>
  plan.legs.slice(0, plan.dialplan ? undefined : setting.routes.length).filter(({ does }) => does !== 'fail');

/** ms that the caller talked to any party, by the switch's own truth; null if no leg was answered that the caller heard. */
function talkOf({ caller, legs }: Call): number | null {
  const until = (leg: Channel) =>
    Math.min(caller.endedAt ?? Infinity, leg.endedAt ?? Infinity, leg.apartAt ?? Infinity);
  const talks = legs.flatMap(leg => (leg.talksFrom === null ? [] : [{ from: leg.talksFrom, to: until(leg) }]));
  if (talks.length === 0) return null;
  let talkMs = 0;
  let countedTo = 0;
  for (const { from, to } of talks.sort((one, other) => one.from - other.from)) {
    talkMs += Math.max(0, to - Math.max(from, countedTo));
    countedTo = Math.max(countedTo, to);
  }
  return talkMs;
}

const lastedMs = ({ caller }: Pick<Call, 'caller'>): number =>
  (caller.endedAt ?? Number.POSITIVE_INFINITY) - caller.createdAt;

function recordText(record: CallRecord | undefined): string {
  if (!record) return 'none';
  const { startAt, answerAt, endAt, billsec, cost, maxCost, grantedSeconds, evidence, disposition, refusal } = record;
  const since = (at: number | null) => (at === null ? null : at - startAt);
  const facts = {
    answered: since(answerAt),
    ended: since(endAt),
    billsec,
    grantedSeconds,
    evidence,
    disposition,
    refusal,
  };
  return `${JSON.stringify(facts)} cost ${cost} of ${maxCost}`;
}
