import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root';
import { type Account, available } from '../../src/credit/rules/account';
import { chargeFor, type OpenCall, withSettlement } from '../../src/credit/rules/charge';
import { grantUpTo } from '../../src/credit/rules/grant';
import { decideStart } from '../../src/credit/rules/start';
import { layoutOf, OPTIONAL_COLUMNS, RateLineReader, REQUIRED_COLUMNS } from '../../src/decks/rate-line';
import { endAfterTalk } from '../../src/doors/door-call';
import { endOf as endByRating } from '../../src/doors/rating-engine/rating-calls';
import { talkIn } from '../../src/doors/rating-engine/rating-request';
import { readMessage } from '../../src/doors/rest/rest-fields';
import { SETTLE } from '../../src/doors/rest/rest-messages';
import { endOf as endByRest } from '../../src/doors/rest/rest-settlement';
import { formatAmount, LARGEST, micros, parseAmount, ZERO } from '../../src/money/micros';
import { type Markup, markedUp, markupsText } from '../../src/rating/markup';
import {
  billedPieces,
  billedSeconds,
  cost,
  costWithoutGrace,
  longestSeconds,
  NO_STEPS,
  type Tariff,
} from '../../src/rating/price';
import { type CallRate, callRateAt, dayIn, type Rate, rateOn } from '../../src/rating/rate';
import { inChain } from '../../src/rating/rate-store';
import { parseHours } from '../../src/rating/schedule';
import { parseSteps } from '../../src/rating/steps';
import { costWithoutGrace as heldFor, longestSeconds as longestAtEvery, tariffAt } from '../../src/rating/timed';
import { account, limits, NOON, request } from '../credit/rules/rules-fixture';

const page = readFileSync(join(projectRoot, 'docs', 'pricing.md'), 'utf8');

type Row = Record<string, string>;

/** Each table of the page, as rows of the texts under its headings. */
const tables = page
  .split(/\n\n/)
  .filter(block => block.startsWith('|'))
  .map(block => {
    const [head = [], , ...rows] = block
      .trim()
      .split('\n')
      .map(line =>
        line
          .split('|')
          .slice(1, -1)
          .map(cell => cell.trim()),
      );
    return {
      head,
      rows: rows.map((cells): Row => Object.fromEntries(cells.map((cell, index) => [head[index], cell]))),
    };
  });
const rowsUnder = (heading: string): Row[] => {
  const found = tables.filter(({ head }) => head.at(-1) === heading);
  if (found.length !== 1)
    throw new Error(`docs/pricing.md has ${found.length} tables that end with "${heading}", not 1`);
  return (found[0] as (typeof tables)[number]).rows;
};
const NONE = '–';
const secondsOr = <Without>(text: string | undefined, without: Without): number | Without =>
  text === NONE ? without : Number(text);

function tariffOf(row: Row): Tariff {
  const [initial, increment] = (row.increments as string).split('/').map(Number) as [number, number];
  const freeSeconds = Number(row['free seconds'] ?? 0);
  return {
    pricePerMinute: parseAmount(row['price per minute'] ?? '1'),
    connectFee: parseAmount(row['connect fee'] ?? '0'),
    minimumCharge: parseAmount(row['minimum charge'] ?? '0'),
    initialIncrementSeconds: initial,
    incrementSeconds: increment,
    graceSeconds: Number(row.grace ?? 0),
    freeSeconds,
    steps: row.steps === undefined || row.steps === NONE ? NO_STEPS : parseSteps(row.steps, freeSeconds),
  };
}

test.each(rowsUnder('billed seconds'))('§4: %j', row => {
  expect(billedSeconds(tariffOf(row), Number(row.billsec))).toBe(Number(row['billed seconds']));
});

test.each(rowsUnder('cost'))('§5: %j', row => {
  expect(formatAmount(cost(tariffOf(row), Number(row.billsec)))).toBe(row.cost);
});

test.each(rowsUnder('costs'))('§5, steps and free seconds: %j', row => {
  const tariff = tariffOf(row);
  const billed = billedSeconds(tariff, Number(row.billsec));
  expect([billed, formatAmount(cost(tariff, Number(row.billsec)))]).toEqual([Number(row['billed in all']), row.costs]);
});

test.each(rowsUnder('held for it'))('§6, steps and free seconds: %j', row => {
  const tariff = tariffOf(row);
  const longest = longestSeconds(tariff, parseAmount(row.available as string));
  expect(longest === null ? 'the caps alone' : String(longest)).toBe(row['longest talk']);
  // Without a limit by money, longer than any cap.
  expect(longest === 0 ? NONE : formatAmount(costWithoutGrace(tariff, longest ?? 86_400))).toBe(row['held for it']);
});

test.each(rowsUnder('ring-fenced'))('§6: %j', row => {
  const tariff = tariffOf(row);
  const longest = longestSeconds(tariff, parseAmount(row.available as string));
  expect(longest ?? 'the caps alone').toEqual(row.longest === 'the caps alone' ? row.longest : Number(row.longest));
  const held = longest ?? tariff.initialIncrementSeconds;
  expect(held ? formatAmount(costWithoutGrace(tariff, held)) : NONE).toBe(row['ring-fenced']);
});

test('§1: the largest amount', () => {
  expect(page).toContain(`The largest amount is ${formatAmount(LARGEST)},`);
  expect(parseAmount(formatAmount(LARGEST))).toBe(LARGEST);
});

test.each(rowsUnder('day'))('§2: %j', row => {
  expect(dayIn(row["the account's time zone"] as string, Date.parse(row['start of the call'] as string))).toBe(row.day);
});

const COLUMNS = [...REQUIRED_COLUMNS, ...OPTIONAL_COLUMNS];
const GOOD = { prefix: '49', destination: 'Germany', price_per_minute: '1', connect_fee: '0' };
const PLAIN = { initial_increment: '60', increment: '60', minimum_charge: '', grace_seconds: '', max_seconds: '' };

/** Whether the importer takes a line with this cell. */
function isTaken(column: string, cell: string): boolean {
  const header = layoutOf(COLUMNS);
  if (!('layout' in header)) throw new Error(header.problems.join());
  const line: Row = {
    ...GOOD,
    ...PLAIN,
    valid_from: '',
    valid_until: '',
    blocked: '',
    free_seconds: '',
    steps: '',
    schedule: '',
    [column]: cell,
  };
  const cells = COLUMNS.map(name => line[name] as string);
  return !Array.isArray(new RateLineReader(header.layout, COLUMNS.length).read(2, cells));
}

/** The cells at the ends of a range of the page, and those just beyond. */
function endsOf(range: string): { within: string[]; beyond: string[] } {
  const [least = '', most = ''] = range.split(' to ');
  if (range.startsWith('0 to 32 digits'))
    return { within: ['', '4'.repeat(32)], beyond: ['4'.repeat(33), '0049', '+49'] };
  if (most.endsWith(' characters')) return { within: ['x', 'x'.repeat(100)], beyond: ['', 'x'.repeat(101)] };
  if (range === 'none to 5 steps') {
    const steps = (count: number) => Array.from({ length: count }, (_, at) => `${at + 1}:0.01/1`).join(' ');
    return {
      within: ['', steps(1), steps(5), '86400:99999999999999.999999/86400'],
      beyond: [steps(6), '0:1/1', '86401:1/1', '9:1/0'],
    };
  }
  if (range === "a schedule's name")
    return { within: ['', 'peak', 'x'.repeat(40)], beyond: ['no name', 'x'.repeat(41)] };
  if (range === '`yes` or `no`') return { within: ['yes', 'no', 'true', 'false', ''], beyond: ['1', 'Yes', 'maybe'] };
  if (/^\d{4}-/.test(least)) return { within: [least, most], beyond: ['0999-12-31', '10000-01-01'] };
  if (most.includes('.'))
    return { within: [least, most], beyond: ['-0.000001', formatAmount(micros(parseAmount(most) + 1n))] };
  return { within: [least, most], beyond: [String(Number(least) - 1), String(Number(most) + 1)] };
}

describe.each(rowsUnder('if left out'))('§3: %j', row => {
  const columns = [...(row['column of the CSV'] as string).matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
  const { within, beyond } = endsOf(row['from, to'] as string);
  test.each(columns)('%s', column => {
    expect(COLUMNS).toContain(column);
    expect(within.filter(cell => !isTaken(column, cell))).toEqual([]);
    expect(beyond.filter(cell => isTaken(column, cell))).toEqual([]);
  });
});

test('§3 names every column', () => {
  const named = rowsUnder('if left out').flatMap(row => [...(row['column of the CSV'] as string).matchAll(/`(\w+)`/g)]);
  expect(named.map(([, name]) => name).sort()).toEqual([...COLUMNS].sort());
});

const openCall = (tariff: Tariff, grantedSeconds: number): OpenCall => ({
  startAt: NOON,
  grantedSeconds,
  maxCost: costWithoutGrace(tariff, grantedSeconds),
  tariff,
});
const talkOf = (ms: number) => ({ answerAt: NOON, endAt: NOON + ms });

test.each(rowsUnder('billed'))('§4, talk in milliseconds: %j', row => {
  const ms = Math.round(Number(row['both talked, in seconds']) * 1000);
  const charge = chargeFor(openCall(tariffOf(row), 3600), talkOf(ms));
  expect([charge.billsec, charge.billedSeconds]).toEqual([Number(row['`billsec`']), Number(row.billed)]);
});

const rateOf = (row: Row, maxSeconds: number | null = null): Rate => ({
  ...tariffOf(row),
  deck: 'retail',
  version: 1,
  currency: 'EUR',
  prefix: '49',
  destination: 'Germany',
  isBlocked: false,
  validFrom: null,
  validUntil: null,
  maxSeconds,
});

/** A line of a deck in words: `49 at 0.01`, `4915 blocked from 2026-07-01`, `any number blocked`. */
function lineOf(text: string): Rate {
  const found = /^(\d+|any number) (?:at (\d\S*)|blocked)(?: from (\S+))?$/.exec(text);
  if (!found) throw new Error(`docs/pricing.md: ${JSON.stringify(text)} is no line of a deck`);
  const [, prefix = '', price, from] = found;
  return {
    ...rateOf({ increments: '60/60', 'price per minute': price ?? '0' }),
    prefix: prefix === 'any number' ? '' : prefix,
    isBlocked: price === undefined,
    validFrom: from ?? null,
  };
}

test.each(rowsUnder('what counts'))('§2: %j', row => {
  const number = row.number as string;
  const lines = (row['lines of the deck'] as string).split('; ').map(lineOf);
  const rate = rateOn(
    row.day as string,
    lines.filter(({ prefix }) => number.startsWith(prefix)),
  );
  const payer = account({ balance: parseAmount('10') });
  const decision = decideStart(request({ dst: number, emergency: number === '112' }), payer, rate, limits);
  const granted = 'granted' in decision ? decision.granted : null;
  const price = granted?.rate ? formatAmount(granted.rate.pricePerMinute) : 'free';
  expect('refusal' in decision ? `\`${decision.refusal}\`` : price).toBe(row['what counts']);
});

test.each(rowsUnder('ring-fenced for it'))('§6, increments and caps: %j', row => {
  const rate = rateOf(row);
  const payer = account({ balance: parseAmount(row.available as string) });
  const decision = decideStart(request(), payer, rate, { ...limits, maxCallSeconds: Number(row.cap) });
  if (row.granted === NONE) {
    expect(decision).toEqual({ refusal: 'insufficient_balance' });
    return;
  }
  if (!('granted' in decision)) throw new Error('the call is not granted');
  const { grantedSeconds, maxCost } = decision.granted;
  const charge = chargeFor(openCall(rate, grantedSeconds), talkOf(grantedSeconds * 1000));
  expect([grantedSeconds, charge.billedSeconds, formatAmount(maxCost)]).toEqual([
    Number(row.granted),
    Number(row['a call that is cut then is billed']),
    row['ring-fenced for it'],
  ]);
  expect(charge.cost).toBe(maxCost);
});

test.each(rowsUnder('granted at first'))('§6, the caps: %j', row => {
  const shared = row.mode === 'shared';
  const asked = secondsOr(row['asked, or the slice'], undefined);
  const door = secondsOr(row.door, undefined);
  const { terms } = account();
  const payer: Account = account({
    maxCallSeconds: secondsOr(row.account, null),
    maxTimeSeconds: secondsOr(row['`max_time` left'], null),
    terms: shared ? { ...terms, mode: 'shared', sliceSeconds: asked as number } : terms,
  });
  const fixed = { firstSeconds: shared ? undefined : asked, mostSeconds: door };
  const wanted = shared || (asked === undefined && door === undefined) ? request() : request({ fixed });
  const rate = rateOf({ increments: '60/60' }, secondsOr(row.rate, null));
  const decision = decideStart(wanted, payer, rate, { ...limits, maxCallSeconds: Number(row.service) });
  expect(decision).toMatchObject({ granted: { grantedSeconds: Number(row['granted at first']) } });
});

test.each(rowsUnder('held then'))('§6, more while the call lasts: %j', row => {
  const tariff = tariffOf(row);
  const granted = Number(row.granted);
  const held = costWithoutGrace(tariff, granted);
  const offer = { tariff, rate: null, capSeconds: Number(row.caps), terms: account().terms };
  const money = micros(held + parseAmount(row['available beside it'] as string));
  const wanted = Math.min(Number(row['wanted in all']), offer.capSeconds);
  const grant = grantUpTo(offer, wanted, { money, seconds: Number.POSITIVE_INFINITY });
  expect([grant.grantedSeconds, formatAmount(grant.maxCost)]).toEqual([Number(row['granted then']), row['held then']]);
});

test.each(rowsUnder('charged'))('§6, longer than granted: %j', row => {
  const charge = chargeFor(openCall(tariffOf(row), Number(row.granted)), talkOf(Number(row.talked) * 1000));
  expect([charge.billsec, charge.overrunSeconds, formatAmount(charge.cost)]).toEqual([
    Number(row['`billsec`']),
    Number(row['`overrun_seconds`']),
    row.charged,
  ]);
});

test.each(rowsUnder('balance at their end'))('§6, below zero: %j', row => {
  const amount = (column: string) => parseAmount(row[column] as string);
  const held = amount('held by open calls');
  const before = account({
    balance: amount('balance'),
    creditLimit: amount('credit limit'),
    reserved: held,
    activeCalls: 1,
  });
  const after = { ...before, balance: micros(before.balance - amount('withdrawn')) };
  const ended = withSettlement(
    after,
    { maxCost: held, grantedSeconds: 60, capSeconds: 60 },
    { cost: amount('they cost'), billsec: 60 },
  );
  expect([formatAmount(available(after)), formatAmount(ended.balance)]).toEqual([
    row['available then'],
    row['balance at their end'],
  ]);
  if (available(after) >= ZERO) return;
  const refused = decideStart(request(), after, rateOf({ increments: '60/60' }), limits);
  expect(refused).toEqual({ refusal: 'insufficient_balance' });
  const free = rateOf({ increments: '60/60', 'price per minute': '0' });
  expect(decideStart(request(), after, free, limits)).toMatchObject({ granted: { maxCost: ZERO } });
});

/** How a door reads what its switch says. */
const READ_AT: Record<string, (words: string, call: { answerAt: number | null }) => ReturnType<typeof endByRest>> = {
  REST: (words, call) => endByRest(readMessage(SETTLE, Buffer.from(words), NOON), call, NOON),
  "rating engine's port": (words, call) => {
    const talk = talkIn(words.replace('Duration=', ''));
    if (talk === null) throw new Error(`${words} is no talk`);
    return endByRating(call, talk, NOON);
  },
  SEMS: words => endAfterTalk(Number(words.replace('subtractCredit of ', '')) * 1000, NOON),
};

test.each(rowsUnder('billed at 60/60'))('§8: %j', row => {
  const words = (row['the switch says'] as string).replaceAll('`', '');
  const told = { answerAt: row['it said the answer before'] === 'yes' ? NOON - 1_000 : null };
  const end = READ_AT[row.door as string]?.(words, told);
  if (!end) throw new Error(`door ${row.door} is not known`);
  const charge = chargeFor(openCall(tariffOf({ increments: '60/60' }), 3600), end);
  expect([end.answerAt === null ? 'no' : 'yes', charge.billsec, charge.billedSeconds]).toEqual([
    row.answered,
    Number(row['`billsec`']),
    Number(row['billed at 60/60']),
  ]);
});

test.each(rowsUnder('the carrier charges'))('§9: %j', row => {
  const at = (price: string) => tariffOf({ increments: '60/60', 'price per minute': row[price] as string });
  const billsec = Number(row['`billsec`']);
  const ours = chargeFor(openCall(at('our price'), Number(row.granted)), talkOf(billsec * 1000));
  expect([formatAmount(ours.cost), formatAmount(cost(at("the carrier's price"), billsec))]).toEqual([
    row['we charge'],
    row['the carrier charges'],
  ]);
});

const [, PEAK_HOURS = ''] = /the hours are `([^`]+)`, and 2026-06-05 is a Friday/.exec(page) ?? [];
const [, CHANGED_HOURS = ''] = /Hours `([^`]+)`, on the days on which clocks change/.exec(page) ?? [];

/** The rate of a call that begins then, of a line for some hours and one for all others. */
function timedRate(
  row: Row,
  hours: string,
  startAt: number,
  { zone = 'Europe/Berlin', ringSeconds = 0 } = {},
): CallRate {
  const [peak, always] = [row.peak, row.else].map(price => rateOf({ ...row, 'price per minute': price as string }));
  const schedule = { schedule: 'peak', priority: 0, hours: parseHours(hours), holidays: new Set<number>() };
  const lines = [always as Rate, { ...(peak as Rate), schedule: 'peak' }];
  const beginning = { zone, startAt, ringSeconds, mostSeconds: 7_200 };
  return callRateAt(beginning, lines, new Map([['peak', schedule]])) as CallRate;
}

test.each(rowsUnder('costs then'))('§11: %j', row => {
  const answerAt = Date.parse(row.answered as string);
  const tariff = tariffAt(timedRate(row, PEAK_HOURS, answerAt, { zone: row['time zone'] as string }), answerAt);
  const pieces = billedPieces(tariff, Number(row.talk)).map(({ seconds }) => seconds);
  expect([pieces.join(' + '), formatAmount(cost(tariff, Number(row.talk)))]).toEqual([
    row['in the pieces'],
    row['costs then'],
  ]);
});

test.each(rowsUnder('costs in all'))('§11, changes of the clocks: %j', row => {
  const at = Date.parse(row.begins as string);
  const prices = { ...row, peak: '0.10', else: '0.02', increments: '1/1' };
  const tariff = tariffAt(timedRate(prices, CHANGED_HOURS, at), at);
  const inHours = billedPieces(tariff, Number(row['talk of'])).filter(
    ({ pricePerMinute }) => pricePerMinute === parseAmount('0.10'),
  );
  expect([
    inHours.reduce((sum, { seconds }) => sum + seconds, 0),
    formatAmount(cost(tariff, Number(row['talk of']))),
  ]).toEqual([Number(row['seconds in the hours']), row['costs in all']]);
});

test.each(rowsUnder('held since'))('§11, before and after the answer: %j', row => {
  const startAt = Date.parse('2026-06-05T19:59:30+02:00');
  const prices = { ...row, peak: '0.10', else: '0.02', increments: '1/1' };
  const rate = timedRate(prices, PEAK_HOURS, startAt, { ringSeconds: 20 });
  const longest = longestAtEvery(rate, parseAmount(row.available as string)) as number;
  expect(longest).toBe(Number(row['longest talk at every answer']));
  if (longest === 0) return;
  const answered = tariffAt(rate, startAt + Number(row['answered after']) * 1_000);
  expect([formatAmount(heldFor(rate, longest)), formatAmount(costWithoutGrace(answered, longest))]).toEqual([
    row['held until it is answered'],
    row['held since'],
  ]);
});

/** `12.5% + 0.002, -5%` */
const markupsIn = (text: string): Markup[] =>
  text.split(', ').map(each => {
    const [, percent, sign = '', perMinute = '0'] = /^(-?[\d.]+)%(?: ([+-]) ([\d.]+))?$/.exec(each) ?? [];
    if (percent === undefined) throw new Error(`docs/pricing.md: ${JSON.stringify(each)} is no markup`);
    return { percent: parseAmount(percent), perMinute: parseAmount(`${sign.replace('+', '')}${perMinute}`) };
  });

test.each(rowsUnder('costs the customer'))('§12, markups: %j', row => {
  const tariff = markedUp(tariffOf(row), markupsIn(row.markups as string));
  expect([formatAmount(tariff.pricePerMinute), formatAmount(cost(tariff, Number(row.billsec)))]).toEqual([
    row['a minute of it'],
    row['costs the customer'],
  ]);
});

const [, CHAIN_MARKUP = '', CHAIN_DAY = ''] = /^With (.+%.*), on (\S+):$/m.exec(page) ?? [];

test.each(rowsUnder('a minute for the customer'))('§12, which line: %j', row => {
  const number = row.number as string;
  const linesIn = (column: string, deck: string) => {
    const text = row[column] as string;
    const lines = text === 'none' ? [] : text.split('; ').map(each => ({ ...lineOf(each), deck }));
    return lines.filter(({ prefix }) => number.startsWith(prefix));
  };
  const above = inChain(linesIn('lines of the parent', 'retail'), markupsIn(CHAIN_MARKUP));
  const rate = rateOn(CHAIN_DAY, [...linesIn('lines of the deck itself', 'acme'), ...above]);
  const whose = { acme: 'its own', retail: "the parent's" }[rate?.deck ?? ''] ?? NONE;
  const payer = account({ balance: parseAmount('10') });
  const decision = decideStart(request({ dst: number }), payer, rate, limits);
  const price = 'granted' in decision && formatAmount(decision.granted.rate?.pricePerMinute ?? ZERO);
  expect([whose, 'refusal' in decision ? `\`${decision.refusal}\`` : price]).toEqual([
    row['whose line counts'],
    row['a minute for the customer'],
  ]);
  if (whose === "the parent's") expect(rate?.markups).toBe(markupsText(markupsIn(CHAIN_MARKUP)));
});
