import { RtpParty } from '../../lab/servers/rtp';
import { moveMoney } from '../../src/accounts/move-money';
import { actingAs } from '../../src/operator/acting';
import { LATE_MS } from '../eventually';
import { type Exchange, startExchange } from './exchange';

/** 6.00 a minute by the second. */
const FRANCE = '33123';
/** Packets of 20 ms of a beep (0.44 s). */
const BEEP = 22;

let caller: RtpParty;
let callee: RtpParty;
let exchange: Exchange;

beforeAll(async () => {
  [caller, callee] = await Promise.all([RtpParty.open('127.0.0.5'), RtpParty.open('127.0.0.3')]);
  exchange = await startExchange({ trunks: [{ trunk: 'carrier', scenario: callee.scenario('carrier') }] });
}, 60_000);
afterAll(async () => {
  await exchange?.stop();
  for (const party of [caller, callee]) party?.close();
});

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** A call without speech: what the caller hears is ours. */
async function begin(account: string) {
  caller.heard.length = 0;
  callee.heard.length = 0;
  return exchange.begin(account, FRANCE, { scenario: caller.scenario('caller') });
}

/** A busy switch pauses within a sound, too; sounds of these calls are further apart. Ms. */
const SILENCE_MS = 900;

/** When each sound began, and how many packets it had. */
function sounds(): { atMs: number; packets: number }[] {
  const found: { atMs: number; packets: number; lastMs: number }[] = [];
  for (const { atMs } of caller.heard) {
    const last = found.at(-1);
    if (last && atMs - last.lastMs < SILENCE_MS) Object.assign(last, { lastMs: atMs, packets: last.packets + 1 });
    else found.push({ atMs, packets: 1, lastMs: atMs });
  }
  return found.filter(({ packets }) => packets > 2);
}

const warnings = async (account: string) =>
  (await exchange.test.database('astoutbox').where({ accountcode: account, kind: 'warned' }).orderBy('event_id')).map(
    ({ facts }) => JSON.parse(facts).seconds_left,
  );

test('the caller alone hears a tone 5 s and 2 s before the cut', async () => {
  await exchange.account('warned', '0.80', { warn_seconds: '5,2' });
  const call = await begin('warned');
  const seen = await call.finished;
  expect(seen.talkMs).toBeGreaterThan(7_900);
  expect(seen.talkMs).toBeLessThan(8_000 + LATE_MS);
  const heard = sounds();
  expect(heard).toHaveLength(2);
  for (const { packets } of heard) expect(Math.abs(packets - BEEP)).toBeLessThanOrEqual(3);
  const [first, second] = heard.map(({ atMs }) => atMs) as [number, number];
  expect(Math.abs(second - first - 3_000)).toBeLessThan(1_500);
  expect(callee.heard).toEqual([]);
  expect(await warnings('warned')).toEqual([5, 2]);
  const [cdr] = await exchange.settled('warned');
  expect(cdr).toMatchObject({ billsec: 8, cost: '0.800000', hangup_source: 'limit' });
}, 60_000);

test('money that comes cancels the warnings that were still to come; they are heard before the new end', async () => {
  await exchange.account('relieved', '0.60', { mode: 'shared', warn_seconds: '4,2' });
  const call = await begin('relieved');
  await exchange.answered('relieved');
  await pause(3_000);
  await moveMoney(actingAs('test', exchange.test.database), {
    ...{ accountcode: 'relieved', kind: 'top_up', amount: '0.80', reference: 'in time' },
  });
  const seen = await call.finished;
  expect(seen.talkMs).toBeGreaterThan(13_500);
  expect(seen.talkMs).toBeLessThan(14_000 + LATE_MS);
  expect(await warnings('relieved')).toEqual([4, 4, 2]);
  expect(sounds()).toHaveLength(3);
}, 60_000);

test('a sound that there is not breaks nothing', async () => {
  await exchange.account('silent', '0.40', { warn_seconds: '2', warn_sound: 'sound:there-is-no-such-sound' });
  const call = await begin('silent');
  const seen = await call.finished;
  expect(seen.talkMs).toBeGreaterThan(3_900);
  expect(seen.talkMs).toBeLessThan(4_000 + LATE_MS);
  expect(sounds()).toEqual([]);
  expect(await exchange.settled('silent')).toMatchObject([{ billsec: 4, hangup_source: 'limit' }]);
}, 60_000);

test('who wants to hear it is told his balance and the time that it buys before anybody is dialled', async () => {
  await exchange.account('curious', '1.00', { announce: 'balance,time', warn_seconds: '' });
  const call = await begin('curious');
  const seen = await call.finished;
  expect(seen.sipStatus).toBe(200);
  const [spoken, ...others] = sounds();
  // "You have one dot zero zero. You have ten seconds": some five seconds.
  expect(spoken?.packets).toBeGreaterThan(150);
  expect(others.every(({ packets }) => packets > 10)).toBe(true);
  // None of it was paid: the call has its whole time after that.
  expect(seen.talkMs).toBeGreaterThan(9_900);
  expect(seen.talkMs).toBeLessThan(10_000 + LATE_MS);
  const [cdr] = await exchange.settled('curious');
  expect(cdr).toMatchObject({ billsec: 10, cost: '1.000000' });
  expect(Number(cdr?.duration)).toBeGreaterThanOrEqual(13);
  expect(callee.heard).toEqual([]);
}, 60_000);
