import { type Account, PLAIN_TERMS } from '../src/credit/rules';
import { type Micros, micros } from '../src/money/micros';
import type { Rate } from '../src/rating/rate';
import type { Route } from '../src/routes/route';
import type { Random } from './random';
import { EMERGENCY_NUMBER, type ServiceSetting } from './service';
import type { CallPlan, LegPlan } from './switch';
import { type Faults, NO_FAULTS } from './world';

/** Everything that a seed decides before anything happens. */
export interface Scenario {
  accounts: Account[];
  rates: Rate[];
  setting: ServiceSetting;
  /** How many processes serve the switch, of which one has its lease. */
  services: number;
  /** They run on one machine, and see when another one is gone. */
  isOneMachine: boolean;
  plans: CallPlan[];
  faults: Faults;
  /** No fault happens at all: then everybody gets what he wants. */
  calm: boolean;
  /** New calls come, and faults happen, until then. */
  busyMs: number;
}

const unit = (amount: number): Micros => micros(BigInt(Math.round(amount * 1_000_000)));

/** An account whose money limits nothing. */
export const RICH = 'rich';

const ROUTE = { endpoint: 'PJSIP/{number}@carrier', stripDigits: 0, addPrefix: '', prefix: '' };

export function scenarioOf(random: Random): Scenario {
  const calm = random.chance(0.05);
  const busyMs = random.whole(20, 120) * 1_000;
  const routes: Route[] = [{ ...ROUTE, trunk: 'first', priority: 1 }];
  if (random.chance(0.6)) routes.push({ ...ROUTE, trunk: 'second', priority: 2 });
  const accounts = accountsOf(random);
  return {
    calm,
    busyMs,
    services: random.chance(0.5) ? 2 : 1,
    isOneMachine: random.chance(0.5),
    accounts,
    rates: ratesOf(random),
    setting: {
      limits: { maxCallSeconds: 120, barredPrefixes: ['900'] },
      routes,
      ringSeconds: random.whole(5, 30),
      trunkSilenceMs: random.whole(1, 8) * 1_000,
      prompts: random.chance(0.5) ? { insufficient_balance: 'sound:not-enough-credit' } : {},
    },
    plans: Array.from({ length: random.whole(2, 10) }, (_, index) => planOf(random, index, busyMs)),
    faults: calm ? NO_FAULTS : faultsOf(random),
  };
}

function accountsOf(random: Random): Account[] {
  const account = (accountcode: string, balance: number, more: Partial<Account> = {}): Account => ({
    accountcode,
    currency: 'EUR',
    timeZone: 'UTC',
    blocked: false,
    expiresAt: null,
    deck: 'main',
    balance: unit(balance),
    creditLimit: unit(0),
    reserved: unit(0),
    activeCalls: 0,
    maxChannels: 0,
    maxCallSeconds: null,
    barredPrefixes: [],
    kind: 'account',
    maxTime: null,
    timeUsed: 0,
    timeReserved: 0,
    maxCallsPerSecond: 0,
    startedSecond: 0,
    startedCalls: 0,
    lowBalance: null,
    lowBalanceTold: false,
    isShort: false,
    terms: PLAIN_TERMS,
    ...more,
  });
  return [
    account(RICH, 1_000),
    account('poor', random.whole(1, 300) / 100, { creditLimit: unit(random.pick([0, 0, 1])) }),
    account('narrow', random.whole(100, 1_000) / 100, { maxChannels: random.whole(1, 2) }),
    account('blocked', 10, { blocked: true }),
  ];
}

function ratesOf(random: Random): Rate[] {
  const [initialIncrementSeconds, incrementSeconds] = random.pick([
    [1, 1],
    [6, 6],
    [60, 60],
    [30, 6],
  ] as const);
  const rate = (prefix: string, maxSeconds: number | null): Rate => ({
    deck: 'main',
    version: 1,
    currency: 'EUR',
    prefix,
    destination: 'somewhere',
    validFrom: null,
    validUntil: null,
    maxSeconds,
    pricePerMinute: unit(random.whole(1, 600) / 100),
    connectFee: unit(random.pick([0, 0, 0.1])),
    minimumCharge: unit(random.pick([0, 0, 0.05])),
    initialIncrementSeconds,
    incrementSeconds,
    graceSeconds: random.pick([0, 0, 3]),
  });
  return [rate('49', null), rate('41', random.whole(2, 20))];
}

function planOf(random: Random, index: number, busyMs: number): CallPlan {
  const emergency = random.chance(0.08);
  const stranger = random.chance(0.03);
  return {
    uniqueid: `ast1-${index + 1}.${index + 1}`,
    atMs: random.whole(500, busyMs),
    accountcode: stranger ? 'nobody' : random.pick(random.chance(0.05) ? ['blocked'] : [RICH, 'poor', 'narrow']),
    dialled: emergency
      ? EMERGENCY_NUMBER
      : random.chance(0.1)
        ? random.pick(['33155', 'abc', '900123'])
        : random.pick(['4930123', '4930123', '4178']),
    emergency,
    patienceMs: random.chance(0.25) ? Number.POSITIVE_INFINITY : random.whole(50, 60_000),
    talkMs: random.chance(0.25) ? Number.POSITIVE_INFINITY : random.whole(0, random.pick([2_000, 20_000, 90_000])),
    hangsUp: random.pick(['caller', 'callee']),
    lingerMs: random.pick([Number.POSITIVE_INFINITY, random.whole(10, 1_000), random.whole(10, 30_000)]),
    legs: [legOf(random), legOf(random)],
  };
}

function legOf(random: Random): LegPlan {
  const ringMs = random.whole(10, 3_000);
  const kind = random.next();
  if (kind < 0.7) return { does: 'answer', ringMs, answerMs: random.whole(0, random.pick([500, 5_000, 35_000])) };
  if (kind < 0.82) return { does: 'refuse', ms: random.whole(5, 3_000), cause: random.pick([17, 34, 1, 19, 38, 0]) };
  return kind < 0.92 ? { does: 'ring', ringMs } : { does: 'nothing' };
}

/** Each kind of fault is in about every second run, rarely or often: together they would hide what each alone shows. */
function faultsOf(random: Random): Faults {
  const perAwait = (often: number) => (random.chance(0.5) ? 0 : random.pick([often / 10, often / 3, often]));
  const times = (most: number) => (random.chance(0.5) ? 0 : random.whole(1, most));
  return {
    databaseAgain: perAwait(0.1),
    databaseReplyLost: perAwait(0.15),
    databaseLost: perAwait(0.06),
    databaseSlow: perAwait(0.06),
    databaseAway: times(2),
    databaseFrozen: times(2),
    operator: times(4),
    switchLost: perAwait(0.06),
    switchReplyLost: perAwait(0.06),
    switchLate: perAwait(0.03),
    switchSlow: perAwait(0.1),
    switchRefused: perAwait(0.02),
    eventTwice: perAwait(0.2),
    eventStalls: perAwait(0.06),
    eventsReordered: random.chance(0.5) ? 1 : 0,
    streamCut: times(3),
    switchCrash: random.chance(0.2) ? 1 : 0,
    recordsAway: random.chance(0.3) ? 0.3 : 0,
    crash: random.chance(0.5) ? 0 : random.pick([0.001, 0.004, 0.012]),
    kill: times(2),
    stop: times(2),
  };
}
