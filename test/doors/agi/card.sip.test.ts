/** Calling cards on a real Asterisk, with callers that press keys: the context of docs/doors.md. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedContext } from '../../../lab/documented';
import { findFreePort } from '../../../lab/servers/ports';
import type { CallOptions } from '../../../lab/servers/sipp';
import { activateCards, generateCards } from '../../../src/cards/cards';
import { generateVouchers, switchVouchers } from '../../../src/cards/vouchers';
import { promptsOf } from '../../../src/doors/agi/card-prompts';
import { actingAs } from '../../../src/operator/acting';
import { type Exchange, startExchange } from '../../calls/exchange';
import { eventually } from '../../eventually';
import { keypadScenario, type Step } from './keypad-scenario';

const KEY = 'a-secret-of-thirty-two-characters-0';

const documented = documentedContext('docs/doors.md', 'calling-cards');

let exchange: Exchange;
beforeAll(async () => {
  const port = await findFreePort();
  exchange = await startExchange({
    trunks: [{ trunk: 'carrier' }],
    customers: [{ name: 'cards', address: '127.0.0.9', context: 'calling-cards' }],
    extraDialplan: documented.replaceAll('agi://127.0.0.1/', `agi://127.0.0.1:${port}/`),
    settings: { RINGFENCE_AGI_LISTEN: String(port), RINGFENCE_PIN_KEY: KEY },
  });
});
afterAll(() => exchange?.stop());

let batches = 0;
async function card(value: string): Promise<{ pin: string; accountcode: string }> {
  const { database } = exchange.test;
  const batch = `batch-${++batches}`;
  const [issued] = await generateCards(
    actingAs('test', database),
    { batch, count: 1, value, deck: 'retail' },
    { keys: [KEY] },
  );
  await activateCards(actingAs('test', database), { batch });
  return { pin: issued!.code, accountcode: `card-${issued!.serial}` };
}

const begin = (steps: Step[], more: Partial<CallOptions> = {}) =>
  exchange.begin('5551234', '800555', {
    from: '127.0.0.9',
    scenario: keypadScenario(steps),
    timeoutMs: 60_000,
    ...more,
  });
const call = async (steps: Step[], more: Partial<CallOptions> = {}) => (await begin(steps, more)).finished;
const account = (accountcode: string) =>
  exchange.test.database('astaccount').where({ accountcode }).first('balance', 'reserved', 'active_calls');
/** Sounds that were played since the log was so long. */
const played = (since: number) =>
  [
    ...readFileSync(exchange.asterisk.logPath, 'utf8')
      .slice(since)
      .matchAll(/Playing '([^'.]+)\.\w+'/g),
  ].map(([, sound]) => sound as string);
const logLength = () => readFileSync(exchange.asterisk.logPath, 'utf8').length;

test('a PIN by key, a number, a talk that is cut at its limit, another number without hanging up, and the hang-up', async () => {
  const { pin, accountcode } = await card('1.00');
  await exchange.test.database('astaccount').where({ accountcode }).update({ max_call_seconds: 3 });
  const since = logLength();
  // 3 s of talk each at most; the caller hangs up in the second.
  const steps = [1_500, `${pin}#`, 5_000, '33123450#', 13_500, '33123451#'];
  const seen = await call(steps, { talkMs: 6_000 });
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'caller', exitCode: 0 });
  const cdrs = await exchange.settled(accountcode, 2);
  expect(cdrs).toMatchObject([
    {
      dst: '33123450',
      billsec: 3,
      cost: '0.300000',
      evidence: 'cel',
      trunk: 'carrier',
      node: 'agi:main',
      hangup_source: 'limit',
    },
    { dst: '33123451', evidence: 'cel', hangup_source: 'caller', disposition: 'ANSWERED' },
  ]);
  const { billsec } = cdrs[1] as { billsec: number };
  expect(billsec).toBeLessThan(3);
  expect(await account(accountcode)).toEqual({
    balance: (0.7 - billsec / 10).toFixed(6),
    reserved: '0.000000',
    active_calls: 0,
  });
  const sounds = played(since);
  expect(sounds[0]).toBe('agent-pass');
  // The balance before, the seconds of each call, the balance after the first: 0 dot 70.
  expect(sounds.join(' ')).toContain('vm-youhave digits/1 letters/dot');
  expect(sounds.join(' ')).toContain('vm-youhave digits/3 seconds');
  expect(sounds.join(' ')).toContain('vm-youhave digits/0 letters/dot digits/7 digits/0');
}, 60_000);

test('three wrong PINs are heard out and hung up on', async () => {
  const since = logLength();
  const seen = await call([1_500, '111111111111#', 1_500, '222222222222#', 1_500, '333333333333#']);
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const sounds = played(since).filter(sound => !sound.startsWith('silence'));
  expect(sounds).toEqual(['agent-pass', 'auth-incorrect', 'auth-incorrect', 'vm-incorrect', 'vm-goodbye']);
  expect(await exchange.test.database('astpintry').where({ who: 'caller:5551234' }).first('tries')).toEqual({
    tries: 3,
  });
}, 60_000);

test('a service that is stopped in the middle of a talk: the card is cut at its limit, and the next service charges it', async () => {
  await exchange.test.database('astpintry').delete();
  const { pin, accountcode } = await card('0.60');
  const calling = await begin([1_500, `${pin}#`, 1_500, '33123450#', 20_000]);
  await eventually(
    async () => (/"ANSWER",[^\n]*carrier/.test(lastCall(accountcode)) ? true : null),
    'the answer of the callee',
    20_000,
  );
  await exchange.service.stop();
  const seen = await calling.finished;
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expect((await exchange.cdrs(accountcode))[0]).toMatchObject({ end_at: null });
  await exchange.restartService();
  expect(await exchange.settled(accountcode)).toMatchObject([
    { billsec: 6, cost: '0.600000', hangup_source: 'limit', evidence: 'cel', overrun_seconds: 0 },
  ]);
  expect(await account(accountcode)).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
}, 60_000);

/** The journal since that card's call began. */
function lastCall(accountcode: string): string {
  const { log } = exchange;
  const uniqueid = log.findLast(line => line.event === 'agi_authorised' && line.accountcode === accountcode)?.uniqueid;
  if (uniqueid === undefined) return '';
  const journal = readFileSync(exchange.asterisk.celPath, 'utf8');
  return journal
    .split('\n')
    .filter(line => line.includes(`"${uniqueid}"`))
    .join('\n');
}

test('a voucher by key makes an empty card talk', async () => {
  const { database } = exchange.test;
  const { pin, accountcode } = await card('0');
  const request = { batch: 'vouchers', count: 1, value: '0.40', currency: 'EUR' };
  const [voucher] = await generateVouchers(actingAs('test', database), request, { keys: [KEY] });
  await switchVouchers(actingAs('test', database), { batch: 'vouchers' }, 'activate');
  const since = logLength();
  const steps = [1_500, `${pin}#`, 1_500, '33123450#', 9_000, `*${voucher?.code}#`, 6_000, '33123450#', 2_000];
  const seen = await call(steps, { talkMs: 10_000 });
  expect(seen).toMatchObject({ sipStatus: 200 });
  expect(await exchange.settled(accountcode, 2)).toMatchObject([
    { refusal: 'insufficient_balance' },
    { billsec: 4, cost: '0.400000', hangup_source: 'limit' },
  ]);
  const sounds = played(since).join(' ');
  expect(sounds).toContain('cannot-complete-as-dialed');
  expect(sounds).toContain('added vm-youhave digits/0 letters/dot digits/4 digits/0');
  expect(await account(accountcode)).toEqual({ balance: '0.000000', reserved: '0.000000', active_calls: 0 });
}, 60_000);

test('every default prompt is a sound that the package has', () => {
  const folder = join(exchange.asterisk.dir, 'data/sounds/en');
  const sounds = Object.values(promptsOf([])).flatMap(media => media.map(uri => uri.replace('sound:', '')));
  expect(sounds.filter(sound => !existsSync(join(folder, `${sound}.gsm`)))).toEqual([]);
  expect(exchange.log.filter(({ reason }) => reason === 'sound_missing')).toEqual([]);
});
