/** Calls on a real switch whose prices change by the clock while they talk: what they may last and what they cost, by each second of the talk. */
import { addDeck } from '../credit/ledger-fixture';
import { LATE_MS } from '../eventually';
import { expectCutAt } from './cut-at';
import { type Exchange, startExchange } from './exchange';

/** By the second, in millionths: 0.60, 6.00 and 3.00 a minute. */
const [CHEAP, DEAR, MIDDLE] = [10_000, 100_000, 50_000];

/** The calls start so long before the prices change. */
const BEFORE_MS = 5_000;

/** A busy machine may need so long from here to the calls. */
const LEAST_AHEAD_MS = BEFORE_MS + 5_000;

let exchange: Exchange;
/** Seconds since 1970: the minute in which the prices change. */
let change: number;

beforeAll(async () => {
  exchange = await startExchange();
  const { database } = exchange.test;
  change = Math.ceil((Date.now() + LEAST_AHEAD_MS) / 60_000) * 60;
  // 5:45 ahead of UTC, and 9:30 behind it, both without daylight saving: an hour of UTC is none of theirs.
  await database('astschedule').insert([
    { schedule: 'kathmandu', hours: `Mo-Su ${wall(345, 0)}-${wall(345, 10)}` },
    { schedule: 'marquesas', hours: `Mo-Su ${wall(-570, 0)}-${wall(-570, 10)}` },
  ]);
  const line = (price: string, schedule = '') => ({
    ...{ prefix: '33', initial_increment_seconds: 1, increment_seconds: 1 },
    ...{ price_per_minute: price, schedule },
  });
  await addDeck(exchange.test, 'rises', [line('0.60'), line('6.00', 'kathmandu')]);
  await addDeck(exchange.test, 'falls', [line('6.00'), line('3.00', 'marquesas')]);
}, 120_000);
afterAll(() => exchange?.stop());

/** The wall so many minutes ahead of UTC, `later` minutes after the change. */
function wall(aheadMinutes: number, later: number): string {
  const minute = (((change / 60 + aheadMinutes + later) % 1_440) + 1_440) % 1_440;
  // What ends at midnight is written so.
  if (minute === 0 && later > 0) return '24:00';
  return [Math.floor(minute / 60), minute % 60].map(part => String(part).padStart(2, '0')).join(':');
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

interface Cdr {
  answer_at: Date;
  end_at: Date;
  billsec: number;
  granted_seconds: number;
  max_cost: string;
  cost: string;
  hangup_source: string;
}

/** What a talk costs, one second after the other: each by the price at its beginning. Millionths. */
function walked({ answer_at }: Pick<Cdr, 'answer_at'>, seconds: number, before: number, after: number): number {
  const answer = Math.floor(answer_at.getTime() / 1_000);
  return Array.from({ length: seconds }, (_, second) => (answer + second < change ? before : after)).reduce(
    (sum, price) => sum + price,
    0,
  );
}

/** The longest talk for which so much pays. */
function longest(cdr: Cdr, available: number, before: number, after: number): number {
  let seconds = 0;
  while (walked(cdr, seconds + 1, before, after) <= available) seconds++;
  return seconds;
}

const millionths = (amount: string): number => Math.round(Number(amount) * 1_000_000);

/** Otherwise the test shows nothing: the call was late by seconds. */
function expectCrossed({ answer_at, billsec }: Cdr): void {
  const second = change - Math.floor(answer_at.getTime() / 1_000);
  expect(second).toBeGreaterThan(0);
  expect(second).toBeLessThan(billsec);
}

test(
  'three calls over the minute at which prices rise and fall have the limits and costs of their own seconds',
  async () => {
    // Before its answer it may talk for 9 s only, as if it were answered in a dear second; then for more, as what that frees is its own.
    await exchange.account('dearest', '0.90', { deck: 'rises', time_zone: 'Asia/Kathmandu' });
    // Slices follow as long as it has money, by the second of its answer.
    const sliced = { mode: 'shared', slice_seconds: 2, warn_seconds: '' };
    await exchange.account('sliced', '0.80', { deck: 'falls', time_zone: 'Pacific/Marquesas', ...sliced });
    await exchange.account('plenty', '50.00', { deck: 'rises', time_zone: 'Asia/Kathmandu' });
    await pause(change * 1_000 - BEFORE_MS - Date.now());
    const [dearest, sliced_, plenty] = await Promise.all([
      exchange.call('dearest', '33123450'),
      exchange.call('sliced', '33123451'),
      exchange.call('plenty', '33123452', { talkMs: 8_000 }),
    ]);
    const cdrOf = async (account: string) => (await exchange.settled(account))[0] as unknown as Cdr;

    const cut = await cdrOf('dearest');
    expectCrossed(cut);
    const paid = longest(cut, 900_000, CHEAP, DEAR);
    expect(paid).toBeGreaterThan(9);
    expect(cut).toMatchObject({ hangup_source: 'limit', granted_seconds: paid, billsec: paid });
    expectCutAt(dearest.talkMs, paid * 1_000 + 50);
    expect(millionths(cut.cost)).toBe(walked(cut, paid, CHEAP, DEAR));
    // From its answer on it held what its own seconds cost.
    expect(cut.max_cost).toBe(cut.cost);

    const fell = await cdrOf('sliced');
    expectCrossed(fell);
    const most = longest(fell, 800_000, DEAR, MIDDLE);
    expect(fell).toMatchObject({ hangup_source: 'limit', granted_seconds: most, billsec: most });
    expectCutAt(sliced_.talkMs, most * 1_000 + 50);
    expect(millionths(fell.cost)).toBe(walked(fell, most, DEAR, MIDDLE));

    const talked = await cdrOf('plenty');
    expectCrossed(talked);
    expect(talked.hangup_source).toBe('caller');
    expect(talked.billsec).toBe(Math.floor((talked.end_at.getTime() - talked.answer_at.getTime()) / 1_000));
    expect(plenty.talkMs).toBeGreaterThan(7_500);
    expect(millionths(talked.cost)).toBe(walked(talked, talked.billsec, CHEAP, DEAR));
  },
  120_000 + LATE_MS,
);
