import { accountRow } from '../credit/ledger-fixture';
import { eventually } from '../eventually';
import { type Exchange, liveIn, startExchange } from './exchange';

/** Trunks of the worst kinds; each test routes its own numbers over some of them. */
let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange({
    trunks: [
      { trunk: 'carrier' },
      { trunk: 'dead', dead: true },
      { trunk: 'silent', scenario: 'silent' },
      { trunk: 'redirects', scenario: 'redirects', keys: { contact: 'sip:33999@127.0.0.3:5999' } },
      { trunk: 'media', scenario: 'early-media' },
      { trunk: 'unregistered', dead: 'unregistered' },
      { trunk: 'qualified', dead: 'qualified' },
    ],
    settings: {
      RINGFENCE_TRUNK_SILENCE_SECONDS: '2',
      RINGFENCE_RING_SECONDS: '5',
      RINGFENCE_PROMPTS: 'number_barred=sound:ss-noservice',
      RINGFENCE_BARRED_PREFIXES: '900',
    },
  });
  await exchange.account('router', '100');
  await exchange.test.database('asttrunk').insert({ trunk: 'misspelt', endpoint: 'PJSIP/{number}@nobody' });
});
afterAll(() => exchange?.stop());

let numbers = 0;
/** A number that these trunks carry, in this order, and that ends in `digit`. */
async function routed(trunks: string[], digit = '0'): Promise<string> {
  const prefix = `33${String(++numbers).padStart(4, '0')}`;
  await exchange.test
    .database('astroute')
    .insert(trunks.map((trunk, index) => ({ prefix, trunk, priority: index + 1 })));
  // No call decides by routes that are older than two seconds.
  await new Promise(resolve => setTimeout(resolve, 2_200));
  return `${prefix}${digit}`;
}
const lastCdr = async (dst: string) =>
  eventually(
    async () => (await exchange.test.database('astcdr').where({ dst }).whereNotNull('end_at').first()) ?? null,
    `the CDR of ${dst}`,
  );

test.each([
  ['that nobody answers for', 'dead'],
  ['that gives no sign for 2 s', 'silent'],
  ['that redirects (302)', 'redirects'],
])('a trunk %s is passed over for the next one', async (_, bad) => {
  const number = await routed([bad, 'carrier']);
  expect(await exchange.call('router', number, { talkMs: 1_200 })).toMatchObject({ sipStatus: 200 });
  expect(await lastCdr(number)).toMatchObject({
    trunk: 'carrier',
    disposition: 'ANSWERED',
    billsec: 1,
    cost: '0.100000',
  });
  expect(await accountRow(exchange.test, 'router')).toMatchObject({ reserved: '0.000000', active_calls: 0 });
});

const ari = async (method: string, path: string) => {
  const { origin, username, password } = new URL(exchange.asterisk.ariUrl);
  const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}` };
  expect((await fetch(`${origin}/ari/${path}`, { method, headers })).status).toBe(204);
};
/** Asterisk's own last record of a call says so. It writes one of each trunk that was tried, some a moment after the call. */
const byAsterisk = async (uniqueid: unknown, disposition: string) =>
  eventually(async () => {
    const last = await exchange.test.database('astswitchcdr').where({ uniqueid }).orderBy('start', 'desc').first();
    return last?.disposition === disposition ? last : null;
  }, `Asterisk's own record of ${disposition}`);

test.each([
  ['whose endpoint is misspelt', ['misspelt']],
  ['that Asterisk has no contact of', ['unregistered']],
  ['that Asterisk knows to be down (qualify_frequency)', ['qualified']],
  ['behind two that cannot be dialled either', ['misspelt', 'unregistered', 'dead']],
])('after a trunk %s the caller hears the next one ring and answer, and pays for that talk', async (_, bad) => {
  const number = await routed([...bad, 'carrier']);
  const seen = await exchange.call('router', number, { talkMs: 1_200 });
  expect(seen).toMatchObject({ sipStatus: 200, ringing: true, endedBy: 'caller' });
  const cdr = await lastCdr(number);
  expect(cdr).toMatchObject({ trunk: 'carrier', disposition: 'ANSWERED', billsec: 1, cost: '0.100000' });
  await byAsterisk(cdr.uniqueid, 'ANSWERED');
  await exchange.nothingLeft();
});

test('a caller who loses the bridge while it rings is let go within two seconds, for nothing, and his callee too', async () => {
  const number = await routed(['carrier']);
  const calling = await exchange.begin('router', number, { patienceMs: 20_000, talkMs: 60_000 });
  const { uniqueid } = await eventually(
    async () => (await exchange.test.database('astcdr').where({ dst: number }).first()) ?? null,
    'the call',
  );
  await eventually(
    async () => ((await exchange.asterisk.cli(`bridge show rf-${uniqueid}`)).includes('PJSIP/carrier') ? true : null),
    'the callee in the bridge',
  );
  await ari('POST', `bridges/rf-${uniqueid}/removeChannel?channel=${uniqueid}`);
  const seen = await calling.finished;
  expect(seen).toMatchObject({ sipStatus: 500, answeredAt: null });
  // The carrier rings for a second.
  expect(seen.endedAt - seen.invitedAt).toBeLessThan(8_000);
  expect(await lastCdr(number)).toMatchObject({
    answer_at: null,
    cost: '0.000000',
    disposition: 'CONGESTION',
    hangup_source: 'service',
  });
  await exchange.nothingLeft();
  expect(await accountRow(exchange.test, 'router')).toMatchObject({ reserved: '0.000000', active_calls: 0 });
});

test.each([
  ['busy', '6', 486],
  ['no such number', '7', 404],
])("the callee's own answer is final: %s asks no second trunk", async (_, digit, status) => {
  const number = await routed(['carrier', 'media'], digit);
  expect(await exchange.call('router', number)).toMatchObject({ sipStatus: status });
  expect(await lastCdr(number)).toMatchObject({ trunk: 'carrier', cost: '0.000000' });
});

test('a trunk that is congested (503) is passed over', async () => {
  const number = await routed(['carrier', 'media'], '8');
  expect(await exchange.call('router', number, { talkMs: 1_200 })).toMatchObject({ sipStatus: 200, earlyMedia: true });
  expect(await lastCdr(number)).toMatchObject({ trunk: 'media', disposition: 'ANSWERED' });
});

test('where the last trunk redirects, nobody is called and the caller is refused', async () => {
  const number = await routed(['redirects']);
  expect(await exchange.call('router', number)).toMatchObject({ sipStatus: 503 });
  expect(await lastCdr(number)).toMatchObject({
    trunk: 'redirects',
    cost: '0.000000',
    answer_at: null,
    hangup_cause: 23,
  });
  expect((await liveIn(exchange.asterisk)).channels).toBe(0);
});

test('a number that nobody takes rings for 5 s and is given up', async () => {
  const number = await routed(['carrier'], '9');
  expect(await exchange.call('router', number)).toMatchObject({ sipStatus: 480, ringing: true });
  expect(await lastCdr(number)).toMatchObject({ disposition: 'NO ANSWER', hangup_cause: 19, cost: '0.000000' });
  await exchange.nothingLeft();
});

test('a refused caller hears why as early media where a prompt is configured', async () => {
  const seen = await exchange.call('router', '9001234');
  expect(seen).toMatchObject({ sipStatus: 403, earlyMedia: true });
  const [cdr] = await exchange.test.database('astcdr').where({ refusal: 'number_barred' });
  expect(cdr).toMatchObject({ dst: '9001234', cost: '0.000000', disposition: 'FAILED' });
});

test.each([
  ['900449', 403, 'number_barred'],
  ['+900449', 403, 'number_barred'],
  ['00900449;npdi', 403, 'number_barred'],
  ['+00900449', 484, 'number_invalid'],
  ['0000900449', 484, 'number_invalid'],
  ['900449;rn=33', 484, 'number_invalid'],
])('a bar holds for every spelling of a number: %s gets %d', async (dialled, status, refusal) => {
  const name = `spelt${dialled.replace(/[^0-9a-z]/g, '')}${dialled.length}`;
  await exchange.account(name, '10');
  expect(await exchange.call(name, dialled)).toMatchObject({ sipStatus: status });
  const rows = await exchange.test.database('astcdr').where({ accountcode: name });
  expect(rows).toMatchObject([{ refusal, trunk: '', cost: '0.000000' }]);
});

test('the first 112 after its route was added goes out, without money, for nothing, and +112 is not 112', async () => {
  await exchange.account('penniless', '0', { status: 'blocked' });
  await exchange.test.database('astroute').delete();
  // The service has read that nothing carries 112, and then there is no call until the one for help.
  await new Promise(resolve => setTimeout(resolve, 2_200));
  expect(await exchange.call('router', '336')).toMatchObject({ sipStatus: 404 });
  await exchange.test.database('astroute').insert({ prefix: '112', trunk: 'media', priority: 1 });
  await new Promise(resolve => setTimeout(resolve, 2_200));
  expect(await exchange.call('penniless', '112', { talkMs: 1_200 })).toMatchObject({ sipStatus: 200 });
  expect(await lastCdr('112')).toMatchObject({
    disposition: 'ANSWERED',
    billsec: 1,
    cost: '0.000000',
    accountcode: 'penniless',
  });
  expect(await exchange.call('penniless', '+112')).toMatchObject({ sipStatus: 403 });
});
