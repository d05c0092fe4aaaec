import { readSettings } from '../../src/settings';
import { hangUp } from '../../src/switches/asterisk/hang-up';
import { accountRow } from '../credit/ledger-fixture';
import { type Exchange, startExchange } from './exchange';

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(() => exchange?.stop());

/** The log lines about refused copies of an account's INVITEs. */
const copiesRefused = (accountcode: string) =>
  exchange.log.filter(line => line.refusal === 'invite_repeated' && line.accountcode === accountcode);

test('an answered call of 3 s rings, talks, costs its 3 s and leaves nothing behind', async () => {
  await exchange.account('normal', '5.00');
  const seen = await exchange.call('normal', '33123450', { talkMs: 3_300 });
  expect(seen).toMatchObject({ sipStatus: 200, ringing: true, endedBy: 'caller', exitCode: 0 });
  const [cdr] = await exchange.settled('normal');
  expect(cdr).toMatchObject({
    dst: '33123450',
    trunk: 'carrier',
    disposition: 'ANSWERED',
    billsec: 3,
    billed_seconds: 3,
    cost: '0.300000',
    granted_seconds: 50,
    max_cost: '5.000000',
    hangup_cause: 16,
    hangup_source: 'caller',
    overrun_seconds: 0,
  });
  expect(await accountRow(exchange.test, 'normal')).toEqual({
    balance: '4.700000',
    reserved: '0.000000',
    active_calls: 0,
  });
  await exchange.nothingLeft();
});

test('an INVITE that comes again, while its call talks and after it has ended, is no second call', async () => {
  await exchange.account('repeats', '50.00', { mode: 'shared' });
  const seen = await exchange.call('repeats', '33123450', {
    scenario: 'repeats',
    keys: { late: 1_000 },
    timeoutMs: 30_000,
  });
  expect(seen).toMatchObject({ exitCode: 0, errors: '' });
  expect(await exchange.settled('repeats')).toMatchObject([{ disposition: 'ANSWERED', billsec: 1, cost: '0.100000' }]);
  expect(copiesRefused('repeats')).toHaveLength(2);
  await exchange.nothingLeft();
});

test('nor is one that comes when another service has the switch than the one that carried its call', async () => {
  await exchange.account('repeats-later', '50.00', { mode: 'shared' });
  const calling = await exchange.begin('repeats-later', '33123450', {
    scenario: 'repeats',
    keys: { late: 10_000 },
    timeoutMs: 40_000,
  });
  await exchange.settled('repeats-later');
  await exchange.restartService();
  expect(copiesRefused('repeats-later')).toHaveLength(1);
  expect(await calling.finished).toMatchObject({ exitCode: 0, errors: '' });
  expect(copiesRefused('repeats-later')).toHaveLength(2);
  expect(await exchange.settled('repeats-later')).toMatchObject([{ disposition: 'ANSWERED', cost: '0.100000' }]);
  await exchange.nothingLeft();
}, 60_000);

test('a call is cut by Asterisk when its money ends, and costs all of it', async () => {
  await exchange.account('limited', '0.40');
  const seen = await exchange.call('limited', '33123450');
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const [cdr] = await exchange.settled('limited');
  expect(cdr).toMatchObject({
    granted_seconds: 4,
    billsec: 4,
    cost: '0.400000',
    hangup_source: 'limit',
    overrun_seconds: 0,
  });
  expect(await accountRow(exchange.test, 'limited')).toMatchObject({ balance: '0.000000', reserved: '0.000000' });
});

test.each([
  ['6', 486, 'BUSY', 17],
  ['7', 404, 'FAILED', 1],
  ['8', 503, 'CONGESTION', 34],
])(
  'a number ending in %s gives the caller %d and a CDR with %s, cause %d, for nothing',
  async (digit, status, disposition, cause) => {
    const accountcode = `refused-${digit}`;
    await exchange.account(accountcode, '1.00');
    expect(await exchange.call(accountcode, `3312345${digit}`)).toMatchObject({ sipStatus: status });
    const [cdr] = await exchange.settled(accountcode);
    expect(cdr).toMatchObject({
      disposition,
      hangup_cause: cause,
      hangup_source: 'callee',
      cost: '0.000000',
      answer_at: null,
      refusal: null,
    });
    expect(await accountRow(exchange.test, accountcode)).toEqual({
      balance: '1.000000',
      reserved: '0.000000',
      active_calls: 0,
    });
  },
);

test('a caller who gives up while it rings pays nothing', async () => {
  await exchange.account('impatient', '1.00');
  expect(await exchange.call('impatient', '33123459', { patienceMs: 2_000 })).toMatchObject({
    sipStatus: 487,
    ringing: true,
  });
  const [cdr] = await exchange.settled('impatient');
  expect(cdr).toMatchObject({ disposition: 'NO ANSWER', hangup_source: 'caller', cost: '0.000000' });
  await exchange.nothingLeft();
});

test('ringing is not cut by a grant of 2 s, and talk is', async () => {
  await exchange.account('short', '0.20');
  // Rings for 6 s, three times its grant.
  const ringing = exchange.call('short', '33123459', { patienceMs: 6_000 });
  expect(await ringing).toMatchObject({ sipStatus: 487 });
  expect(await exchange.call('short', '33123450')).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const cdrs = await exchange.settled('short', 2);
  expect(cdrs.map(cdr => [cdr.granted_seconds, cdr.billsec, cdr.cost])).toEqual([
    [2, 0, '0.000000'],
    [2, 2, '0.200000'],
  ]);
});

test.each([
  ['nobody', '33123450', 'account_not_found', 403],
  ['broke', '33123450', 'insufficient_balance', 403],
  ['broke', '500&PJSIP/evil', 'number_invalid', 484],
  ['broke', 'x%0aevil', 'number_invalid', 484],
])('%s dialling %s is refused: %s, seen as %d', async (accountcode, to, refusal, status) => {
  if (accountcode === 'broke' && (await exchange.cdrs('broke')).length === 0) await exchange.account('broke', '0.05');
  const before = exchange.log.length;
  expect(await exchange.call(accountcode, to)).toMatchObject({ sipStatus: status, ringing: false });
  const lines = exchange.log.slice(before);
  expect(lines.filter(line => line.event === 'call_refused')).toMatchObject([{ refusal }]);
  expect(JSON.stringify(lines)).not.toContain('evil');
  await exchange.nothingLeft();
});

test('two calls at once on one balance: the second is refused, the first talks its money out', async () => {
  await exchange.account('pair', '0.30');
  const seen = await exchange.call('pair', '33123450', { calls: 2 });
  expect(seen.calls.map(call => call.sipStatus).sort()).toEqual([200, 403]);
  const cdrs = await exchange.settled('pair', 2);
  expect(cdrs.map(cdr => cdr.cost).sort()).toEqual(['0.000000', '0.300000']);
  expect(await accountRow(exchange.test, 'pair')).toMatchObject({ balance: '0.000000', reserved: '0.000000' });
});

test('an operator who hangs a call up is named in its CDR, and it costs what was talked', async () => {
  await exchange.account('ended', '5.00');
  const talking = exchange.call('ended', '33123450');
  const { uniqueid, node } = (await exchange.answered('ended')) as { uniqueid: string; node: string };
  const settings = readSettings({
    RINGFENCE_DATABASE_URL: exchange.test.url,
    RINGFENCE_ARI_URL: exchange.asterisk.ariUrl,
  });
  await new Promise(resolve => setTimeout(resolve, 1_200));
  expect(await hangUp(settings, node, uniqueid)).toBe(true);
  expect(await talking).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  const [cdr] = await exchange.settled('ended');
  expect(cdr).toMatchObject({ hangup_source: 'operator', disposition: 'ANSWERED', hangup_cause: 16 });
  expect(cdr?.cost).toBe(`0.${cdr?.billsec}00000`);
  expect(await hangUp(settings, node, uniqueid)).toBe(false);
});
