import { type Account, PLAIN_TERMS, type Terms } from '../src/credit/rules/account';
import { SPEND_WINDOWS, type Spent } from '../src/credit/rules/spend';
import { formatAmount, type Micros, micros } from '../src/money/micros';
import type { Step, Tariff } from '../src/rating/price';
import type { Rate } from '../src/rating/rate';
import { DAYS, type Schedule } from '../src/rating/schedule';
import type { Route } from '../src/routes/route';
import { plainAccount } from './plain-account';
import type { Random } from './random';
import { EMERGENCY_NUMBER, type ServiceSetting } from './service';
import type { CallPlan, LegPlan, PoolPlan } from './switch';
import { EPOCH } from './virtual-time';
import { type Faults, NO_FAULTS } from './world';

/** Everything that a seed decides before anything happens. */
export interface Scenario {
  accounts: Account[];
  rates: Rate[];
  /** By which some of the rates count; none in most scenarios. */
  schedules: Schedule[];
  setting: ServiceSetting;
  /** How many switches there are. */
  switches: number;
  /** How many processes serve each switch; one of them has its lease. */
  services: number;
  /** They run on one machine, and see when another one is gone. */
  isOneMachine: boolean;
  plans: CallPlan[];
  operations: Operation[];
  faults: Faults;
  /** No fault happens at all: then every caller gets what the caller wants. */
  calm: boolean;
  /** Until then new calls come, and faults happen. */
  busyMs: number;
}

/** What an operator does to an account while calls are in progress. */
export interface Operation {
  atMs: number;
  accountcode: string;
  does:
    | { what: 'top_up' | 'withdraw' | 'overdraw' | 'credit_limit'; amount: Micros }
    | { what: 'block' | 'unblock' | 'hang_up' }
    | { what: 'terms'; terms: Terms }
    | { what: 'max_time'; seconds: number | null };
  /** How long the account is locked, and the operator's change invisible. */
  holdMs: number;
}

const unit = (amount: number): Micros => micros(BigInt(Math.round(amount * 1_000_000)));

/** An account whose money limits nothing. */
export const RICH = 'rich';
/** An account whose calls come in a crowd, with little money between them. */
const FAMILY = 'family';
/** A group of calls that the dialplan made. */
const POOL = 'pool:john';

const ROUTE = { endpoint: 'PJSIP/{number}@carrier', stripDigits: 0, addPrefix: '', prefix: '' };

export function scenarioOf(random: Random): Scenario {
  const calm = random.chance(0.2);
  const busyMs = random.whole(20, 120) * 1_000;
  const routes: Route[] = [{ ...ROUTE, trunk: 'first', priority: 1 }];
  if (random.chance(0.6)) routes.push({ ...ROUTE, trunk: 'second', priority: 2 });
  const accounts = accountsOf(random);
  const switches = random.chance(0.25) ? 2 : 1;
  const pools = [poolOf(random), poolOf(random)];
  const scenario: Scenario = {
    calm,
    busyMs,
    switches,
    services: random.chance(0.5) ? 2 : 1,
    isOneMachine: random.chance(0.5),
    accounts,
    rates: ratesOf(random),
    schedules: [],
    setting: {
      limits: { maxCallSeconds: 120, barredPrefixes: ['900'] },
      routes,
      ringSeconds: random.whole(5, 30),
      trunkSilenceMs: random.whole(1, 8) * 1_000,
      prompts: random.chance(0.5) ? { insufficient_balance: 'sound:not-enough-credit' } : {},
    },
    plans: plansOf(random, busyMs, switches).map(plan =>
      plan.accountcode === POOL ? { ...plan, pool: random.pick(pools) } : plan,
    ),
    operations: operationsOf(random, busyMs, calm),
    faults: calm ? NO_FAULTS : faultsOf(random),
  };
  // Drawn last: whatever else a seed decides, it decides with these as without them.
  const rates = random.chance(0.3) ? withSteps(random, scenario.rates) : scenario.rates;
  for (const { dialplan } of scenario.plans) if (dialplan) dialplan.asksAgain = random.chance(0.3);
  const isLimited = random.chance(0.3);
  const limited = {
    ...scenario,
    accounts: isLimited ? scenario.accounts.map(each => withLimits(random, each)) : accounts,
  };
  const priced = random.chance(0.3) ? { ...limited, ...withSchedules(random, rates) } : { ...limited, rates };
  const isBlockedAtSpendLimit = isLimited && random.chance(0.3);
  return { ...priced, accounts: priced.accounts.map(each => ({ ...each, isBlockedAtSpendLimit })) };
}

function accountsOf(random: Random): Account[] {
  const account = (accountcode: string, balance: number, more: Partial<Account> = {}): Account => {
    const terms = random.chance(0.5) ? sharedTerms(random) : PLAIN_TERMS;
    return plainAccount(accountcode, { balance: unit(balance), terms, ...more });
  };
  const maxTimeSeconds = () => (random.chance(0.2) ? random.whole(10, 150) : null);
  return [
    account(RICH, 1_000, { terms: random.chance(0.5) ? { ...sharedTerms(random), announce: [] } : PLAIN_TERMS }),
    account('poor', random.whole(1, 300) / 100, { creditLimit: unit(random.pick([0, 0, 1])), lowBalance: unit(1) }),
    account('narrow', random.whole(100, 1_000) / 100, {
      maxChannels: random.whole(1, 2),
      maxTimeSeconds: maxTimeSeconds(),
      maxCallsPerSecond: random.pick([0, 1]),
    }),
    account(FAMILY, random.whole(1, 300) / 100, {
      creditLimit: unit(random.pick([0, 0, 1])),
      maxTimeSeconds: maxTimeSeconds(),
      maxChannels: random.pick([0, 0, 3]),
      lowBalance: random.chance(0.5) ? unit(0.5) : null,
      terms: sharedTerms(random),
    }),
    account('blocked', 10, { blocked: true }),
  ];
}

/** The account with limits of what it spends: at times less than it has, and at times with a limit of one call. */
function withLimits(random: Random, account: Account): Account {
  if (account.accountcode === RICH) return account;
  const windows = SPEND_WINDOWS.filter(() => random.chance(0.5));
  const spent = windows.map(
    (window): Spent => ({
      window,
      limit: unit(random.whole(0, random.pick([100, 400])) / 100),
      amount: unit(0),
      afterEntry: account.entryCount,
      told: false,
      endsAt: 0,
    }),
  );
  return { ...account, spent, maxCallCost: random.chance(0.3) ? unit(random.whole(10, 200) / 100) : null };
}

const sharedTerms = (random: Random): Terms => ({
  mode: 'shared',
  sliceSeconds: random.pick([5, 10, 20, 60, 60]),
  warnSeconds: random.pick([[], [20], [60, 20]]),
  warnRepeatSeconds: random.pick([0, 0, 10]),
  warnSound: '',
  announce: random.pick([[], [], ['balance', 'time']]),
});

/** A group of calls as the dialplan gives it a price and limits. */
function poolOf(random: Random): PoolPlan {
  const milsPerSecond = random.whole(1, random.pick([10, 100]));
  const tariff: Tariff = {
    ...tariffOf(random),
    pricePerMinute: unit((milsPerSecond * 60) / 1000),
    minimumCharge: unit(0),
    graceSeconds: 0,
    freeSeconds: 0,
    steps: [],
  };
  const args = [
    'customer=john',
    `max_credit=${random.whole(1, 300) / 100}`,
    `connect=${formatAmount(tariff.connectFee)}`,
    `cps=${milsPerSecond / 1000}`,
    `ipulse=${tariff.initialIncrementSeconds}`,
    `fpulse=${tariff.incrementSeconds}`,
  ];
  if (random.chance(0.3)) args.push(`max_time=${random.whole(10, 150)}`);
  if (random.chance(0.3)) args.push('max_channels=2');
  if (random.chance(0.3)) args.push('max_calls_per_second=1');
  return { tariff, args };
}

const INCREMENTS = [
  [1, 1],
  [6, 6],
  [60, 60],
  [30, 6],
] as const;

function tariffOf(random: Random): Tariff {
  const [initialIncrementSeconds, incrementSeconds] = random.pick(INCREMENTS);
  return {
    pricePerMinute: unit(random.whole(1, random.pick([100, 600])) / 100),
    connectFee: unit(random.pick([0, 0, 0.1])),
    minimumCharge: unit(random.pick([0, 0, 0.05])),
    initialIncrementSeconds,
    incrementSeconds,
    graceSeconds: random.pick([0, 0, 3]),
    freeSeconds: 0,
    steps: [],
  };
}

function ratesOf(random: Random): Rate[] {
  const rate = (prefix: string, maxSeconds: number | null): Rate => ({
    deck: 'main',
    version: 1,
    currency: 'EUR',
    prefix,
    destination: 'somewhere',
    isBlocked: false,
    validFrom: null,
    validUntil: null,
    maxSeconds,
    ...tariffOf(random),
  });
  return [rate('49', null), rate('43', null), rate('44', null), rate('41', random.whole(2, 20))];
}

/** The rates with free first seconds and steps, which a call can pass in the time of a run, and at times with a destination that is closed. */
function withSteps(random: Random, rates: readonly Rate[]): Rate[] {
  const priced = rates.map((rate): Rate => {
    const freeSeconds = random.chance(0.5) ? random.whole(1, random.pick([3, 20, 40])) : 0;
    return { ...rate, freeSeconds, steps: stepsOf(random, freeSeconds) };
  });
  const blocked = (prefix: string): Rate => ({ ...(rates[0] as Rate), prefix, isBlocked: true });
  if (random.chance(0.3)) priced.push(blocked(random.pick(['4930', '431', '442'])));
  // Any number that has no price of its own.
  if (random.chance(0.2)) priced.push(blocked(''));
  return priced;
}

const EVERY_DAY = DAYS.map((_, day) => day);

/** The rates with lines whose schedules begin and end in the minutes of a run. */
function withSchedules(random: Random, rates: readonly Rate[]): Pick<Scenario, 'rates' | 'schedules'> {
  const noon = new Date(EPOCH).getUTCHours() * 60;
  const schedules = (random.chance(0.4) ? ['peak', 'night'] : ['peak']).map((schedule): Schedule => {
    const hours = Array.from({ length: random.whole(1, 3) }, () => {
      const fromMinute = noon + random.whole(0, 4);
      return { days: EVERY_DAY, fromMinute, untilMinute: fromMinute + random.whole(1, 2) };
    });
    return { schedule, priority: random.whole(0, 1), hours, holidays: new Set() };
  });
  const lines = rates.flatMap(rate => {
    if (rate.isBlocked) return [rate];
    const own = schedules.filter(() => random.chance(0.7));
    const line = ({ schedule }: Schedule): Rate => {
      const freeSeconds = random.chance(0.2) ? random.whole(1, 20) : 0;
      const steps = random.chance(0.2) ? stepsOf(random, freeSeconds) : [];
      return { ...rate, ...tariffOf(random), freeSeconds, steps, schedule };
    };
    return [rate, ...own.map(line)];
  });
  return { rates: lines, schedules };
}

function stepsOf(random: Random, freeSeconds: number): Step[] {
  const steps: Step[] = [];
  let fromSecond = freeSeconds;
  for (let left = random.whole(0, 3); left > 0; left--) {
    fromSecond += random.whole(1, random.pick([2, 15, 40]));
    steps.push({
      fromSecond,
      pricePerMinute: unit(random.pick([0, random.whole(1, 100), random.whole(1, 600)]) / 100),
      incrementSeconds: random.pick([1, 1, 6, 10, 60]),
    });
  }
  return steps;
}

/** Numbers of each rate. */
const NUMBERS = ['4930123', '4930123', '4316', '4420', '4178'];

function plansOf(random: Random, busyMs: number, switches: number): CallPlan[] {
  const plans = Array.from({ length: random.whole(2, 10) }, (_, index) => planOf(random, index, busyMs, switches));
  if (random.chance(0.4)) return plans;
  // A crowd of one account: most of the calls talk at once, and do not end.
  const accountcode = random.pick([FAMILY, FAMILY, POOL]);
  const beginMs = random.whole(500, busyMs / 2);
  const withinMs = random.pick([500, 5_000, 20_000]);
  for (const plan of plans.slice(0, random.whole(2, plans.length))) {
    if (plan.emergency) continue;
    plan.accountcode = accountcode;
    plan.dialled = random.pick(NUMBERS.slice(0, 4));
    plan.atMs = beginMs + random.whole(0, withinMs);
    if (random.chance(0.7)) plan.patienceMs = Number.POSITIVE_INFINITY;
    if (random.chance(0.6)) plan.talkMs = Number.POSITIVE_INFINITY;
    if (random.chance(0.8))
      plan.legs = [{ does: 'answer', ringMs: 20, answerMs: random.whole(0, 3_000), isLost: false }, legOf(random)];
  }
  return plans;
}

function planOf(random: Random, index: number, busyMs: number, switches: number): CallPlan {
  const emergency = random.chance(0.08);
  const stranger = random.chance(0.03);
  const node = `ast${random.whole(1, switches)}`;
  return {
    uniqueid: `${node}-${index + 1}.${index + 1}`,
    node,
    atMs: random.whole(500, busyMs),
    accountcode: stranger
      ? 'nobody'
      : random.pick(random.chance(0.05) ? ['blocked'] : [RICH, 'poor', 'narrow', FAMILY, POOL]),
    pool: null,
    dialled: emergency
      ? EMERGENCY_NUMBER
      : random.chance(0.1)
        ? random.pick(['33155', 'abc', '900123'])
        : random.pick(NUMBERS),
    dialplan: random.chance(0.3) ? { goesOnMs: random.pick([0, 0, random.whole(10, 10_000)]), asksAgain: false } : null,
    emergency,
    patienceMs: random.chance(0.25) ? Number.POSITIVE_INFINITY : random.whole(50, 60_000),
    talkMs: random.chance(0.25) ? Number.POSITIVE_INFINITY : random.whole(0, random.pick([2_000, 20_000, 90_000])),
    hangsUp: random.pick(['caller', 'callee']),
    lingerMs: random.pick([Number.POSITIVE_INFINITY, random.whole(10, 1_000), random.whole(10, 30_000)]),
    legs: [legOf(random), legOf(random)],
    broken: random.chance(0.08)
      ? { afterMs: random.whole(0, 20_000), whose: random.pick(['caller', 'callee'] as const), by: random.chance(0.5) }
      : null,
  };
}

function operationsOf(random: Random, busyMs: number, calm: boolean): Operation[] {
  return Array.from({ length: random.pick([0, 2, 6]) }, () => {
    const amount = unit(random.whole(1, 100) / 100);
    const does = random.pick<Operation['does']>([
      { what: 'top_up', amount },
      { what: 'top_up', amount },
      { what: 'withdraw', amount },
      { what: 'overdraw', amount },
      { what: 'credit_limit', amount: unit(random.pick([0, 0.5, 2])) },
      { what: random.pick(['block', 'unblock'] as const) },
      { what: 'hang_up' },
      { what: 'terms', terms: random.chance(0.5) ? sharedTerms(random) : PLAIN_TERMS },
      { what: 'max_time', seconds: random.pick([null, random.whole(10, 200)]) },
    ]);
    const holdMs = calm ? 1 : random.pick([1, 1, 100, 3_000, random.whole(100, 9_000)]);
    return {
      atMs: random.whole(500, busyMs),
      accountcode: random.pick(['poor', 'narrow', FAMILY, FAMILY, FAMILY]),
      does,
      holdMs,
    };
  });
}

function legOf(random: Random): LegPlan {
  const ringMs = random.whole(10, 3_000);
  const kind = random.next();
  if (kind < 0.7) {
    const answerMs = random.whole(0, random.pick([500, 5_000, 35_000]));
    return { does: 'answer', ringMs, answerMs, isLost: random.chance(0.03) };
  }
  if (kind < 0.75) return { does: 'fail' };
  if (kind < 0.82) return { does: 'refuse', ms: random.whole(5, 3_000), cause: random.pick([17, 34, 1, 19, 38, 0]) };
  return kind < 0.92 ? { does: 'ring', ringMs } : { does: 'nothing' };
}

/** Each kind of fault happens in about every second run, rarely or often: together they would hide what each alone shows. */
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
    stall: random.chance(0.7) ? 0 : random.pick([0.001, 0.004]),
    kill: times(2),
    stop: times(2),
  };
}
