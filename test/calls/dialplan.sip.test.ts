/** Calls that the dialplan dials by itself, over a real Asterisk: docs/doors/dialplan.md. */

import { documentedContext } from '../../lab/documented';
import { findFreePort } from '../../lab/servers/ports';
import type { CallOptions } from '../../lab/servers/sipp';
import { hangUpCalls } from '../../src/accounts/during-calls';
import { actingAs } from '../../src/operator/acting';
import { accountRow } from '../credit/ledger-fixture';
import { eventually, LATE_MS } from '../eventually';
import { expectCutAt } from './cut-at';
import { type Exchange, someoneRings, startExchange } from './exchange';

const DOCUMENTED = '127.0.0.7';
const OWN = '127.0.0.8';

/** The context that docs/doors.md shows, with the caller as the account for the tests. */
const documented = documentedContext('docs/doors.md', 'from-customer-own-dial');

/** The From user pays; the test decides what happens before and after Dial. */
const dialplan = `[own]
exten => _X.,1,Set(TIMEOUT(absolute)=20)
 same => n,GotoIf($["\${PROMPT}" = ""]?go)
 same => n,Answer()
 same => n,Wait(2)
 same => n(go),Stasis(\${RINGFENCE_APPLICATION},authorize,\${CALLERID(num)})
 same => n,Set(GLOBAL(TOLD)=\${RINGFENCE_LIMIT_MS}/\${RINGFENCE_DIAL_OPTIONS}/\${RINGFENCE_REFUSAL}/\${RINGFENCE_CAUSE}/\${RINGFENCE_BALANCE}/\${RINGFENCE_CURRENCY})
 same => n,Dial(PJSIP/\${EXTEN}@\${TRUNK},60,\${RINGFENCE_DIAL_OPTIONS}\${OPTIONS})
 same => n,GotoIf($["\${AGAIN}" = ""]?wait)
 same => n,GotoIf($["\${AGAIN}" = "authorise"]?go)
 same => n,GotoIf($["\${AGAIN}" = "elsewhere"]?elsewhere)
 same => n,Dial(PJSIP/\${EXTEN}@carrier,60)
 same => n(wait),GotoIf($["\${OPTIONS}" = ""]?end)
 same => n,Wait(3)
 same => n(end),Hangup()
 same => n(elsewhere),Stasis(\${RINGFENCE_APPLICATION},authorize,account=\${CALLERID(num)},number=34\${EXTEN:2})
 same => n,Set(GLOBAL(TOLD)=\${RINGFENCE_LIMIT_MS}/\${RINGFENCE_DIAL_OPTIONS}/\${RINGFENCE_REFUSAL})
 same => n,Hangup()

[asked]
exten => s,1,Wait(2)
 same => n,Return()
`;

let exchange: Exchange;
let metricsPort: number;
beforeAll(async () => {
  metricsPort = await findFreePort();
  exchange = await startExchange({
    settings: { RINGFENCE_METRICS_LISTEN: `${metricsPort}` },
    trunks: [{ trunk: 'carrier' }, { trunk: 'brief', scenario: 'answers', keys: { talk_ms: 2_300 } }],
    customers: [
      { name: 'documented', address: DOCUMENTED, accountcode: 'documented', context: 'from-customer-own-dial' },
      { name: 'own', address: OWN, context: 'own' },
    ],
    extraDialplan: `${documented}\n${dialplan}`,
  });
});
afterAll(() => exchange?.stop());

const says = async (variables: { PROMPT?: string; TRUNK?: string; OPTIONS?: string; AGAIN?: string } = {}) => {
  for (const [name, value] of Object.entries({ PROMPT: '', TRUNK: 'carrier', OPTIONS: '', AGAIN: '', ...variables })) {
    await exchange.asterisk.cli(`dialplan set global ${name} "${value}"`);
  }
};
const begin = (account: string, to = '33123450', more: Partial<CallOptions> = {}) =>
  exchange.begin(account, to, { from: OWN, ...more });
const call = async (account: string, to?: string, more?: Partial<CallOptions>) =>
  (await begin(account, to, more)).finished;
const told = async () => /TOLD=(.*)/.exec(await exchange.asterisk.cli('dialplan show globals'))?.[1];
const logged = (event: string) => exchange.log.filter(line => line.event === event);

test('the context of docs/doors.md: a call of 3 s is charged by its talk, and nothing of ours is in the switch', async () => {
  await exchange.account('documented', '5.00');
  const talking = await exchange.begin('documented', '33123450', { from: DOCUMENTED, talkMs: 3_200 });
  await exchange.answered('documented');
  expect((await exchange.asterisk.cli('bridge show all')).includes('rf-')).toBe(false);
  expect(await exchange.asterisk.cli('core show channels concise')).not.toContain('!rf-');
  expect(await talking.finished).toMatchObject({ sipStatus: 200, ringing: true, endedBy: 'caller' });
  const [cdr] = await exchange.settled('documented');
  expect(cdr).toMatchObject({
    node: exchange.asterisk.systemname,
    dst: '33123450',
    billsec: 3,
    cost: '0.300000',
    is_fixed: 1,
    granted_seconds: 50,
    disposition: 'ANSWERED',
    hangup_source: 'caller',
    hangup_cause: 16,
    evidence: 'event',
  });
  expect(await accountRow(exchange.test, 'documented')).toEqual({
    balance: '4.700000',
    reserved: '0.000000',
    active_calls: 0,
  });
});

test.each([
  ['33123456', 486, 'BUSY', 17],
  ['33123457', 404, 'FAILED', 1],
  ['33123458', 503, 'CONGESTION', 34],
])(
  '%s, which the carrier refuses, is %d to the caller, %s in the CDR, and free',
  async (to, status, disposition, cause) => {
    expect(await exchange.call('documented', to, { from: DOCUMENTED })).toMatchObject({ sipStatus: status });
    const cdrs = await exchange.settled('documented', 2);
    expect(cdrs.filter(({ dst }) => dst === to)).toMatchObject([
      { disposition, hangup_cause: cause, hangup_source: 'callee', cost: '0.000000', refusal: null },
    ]);
  },
);

test('a caller who gives up while it rings pays nothing', async () => {
  await exchange.account('impatient', '1.00');
  await says();
  expect(await call('impatient', '33123459', { patienceMs: 1_500 })).toMatchObject({ sipStatus: 487, ringing: true });
  expect(await exchange.settled('impatient')).toMatchObject([
    { disposition: 'NO ANSWER', hangup_source: 'caller', cost: '0.000000' },
  ]);
});

test('a call is cut by Asterisk itself when its money is over, and costs what was held', async () => {
  await exchange.account('cut', '0.40', { warn_seconds: '' });
  await says();
  const seen = await call('cut');
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expectCutAt(seen.talkMs, 4_050);
  expect(await told()).toBe('4050/L(4050)///0.40/EUR');
  expect(await exchange.settled('cut')).toMatchObject([
    { billsec: 4, cost: '0.400000', hangup_source: 'limit', overrun_seconds: 0 },
  ]);
  expect(logged('second_brake')).toEqual([]);
});

test('warned before the cut, by L(), it is cut at the same time', async () => {
  await exchange.account('warned', '1.20', { warn_seconds: '8,4' });
  await says();
  const seen = await call('warned');
  expect(await told()).toBe('12050/L(12050:8000:4000)///1.20/EUR');
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expectCutAt(seen.talkMs, 12_050);
  expect(await exchange.settled('warned')).toMatchObject([{ billsec: 12, cost: '1.200000', hangup_source: 'limit' }]);
});

test.each([
  ['nobody', '33123450', 'account_not_found', 21],
  ['broke', '33123450', 'insufficient_balance', 21],
  ['broke', '331x', 'number_invalid', 28],
])(
  '%s dialling %s is given back with %s, and a dialplan that dials all the same talks to nobody',
  async (account, to, refusal, cause) => {
    if (account === 'broke' && (await exchange.cdrs('broke')).length === 0) await exchange.account('broke', '0.05');
    await says();
    const seen = await call(account, to);
    expect(await told()).toBe(`0/L(1)/${refusal}/${cause}//`);
    // A dialplan that dials without a look at the variables is cut as soon as the call is answered.
    expect(seen.talkMs).toBeLessThan(LATE_MS);
    await exchange.nothingLeft();
    const figures = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const { systemname } = exchange.asterisk;
    expect(figures).toContain(`ringfence_calls_refused_total{switch="${systemname}",reason="${refusal}"} 1\n`);
    expect(figures).toContain('ringfence_calls_carried 0\n');
  },
);

test('a caller whom a prompt answered 2 s before pays for his talk alone', async () => {
  await exchange.account('prompted', '5.00');
  await says({ PROMPT: 'yes' });
  const seen = await call('prompted', '33123450', { talkMs: 6_900 });
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  const [cdr] = await exchange.settled('prompted');
  // 6.9 s of the caller: half a second in which Answer() waits for sound, 2 of prompt, 1 of ringing.
  expect(cdr).toMatchObject({ billsec: 3, cost: '0.300000' });
});

test('a callee who is asked for 2 s whether he takes the call is charged from when the caller was answered', async () => {
  await exchange.account('asked', '5.00');
  await says({ OPTIONS: 'U(asked)' });
  expect(await call('asked', '33123450', { talkMs: 1_300 })).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  expect(await exchange.settled('asked')).toMatchObject([{ billsec: 1, cost: '0.100000', evidence: 'event' }]);
});

test('when the callee hangs up the talk is over, though the caller goes on in the dialplan', async () => {
  await exchange.account('goes-on', '5.00');
  await says({ TRUNK: 'brief', OPTIONS: 'g' });
  const seen = await call('goes-on');
  expect(seen.talkMs).toBeGreaterThan(5_000);
  expect(await exchange.settled('goes-on')).toMatchObject([{ billsec: 2, cost: '0.200000', hangup_source: 'callee' }]);
  await exchange.nothingLeft();
});

test('who dials a second time without an authorisation is hung up', async () => {
  await exchange.account('again', '5.00');
  await says({ TRUNK: 'brief', OPTIONS: 'g', AGAIN: 'yes' });
  const seen = await call('again');
  // A second talk would end after 5.6 s.
  expect(seen.talkMs).toBeLessThan(5_000);
  expect(logged('dial_without_authorisation')).toMatchObject([{ accountcode: 'again' }]);
  expect(await exchange.settled('again')).toMatchObject([{ billsec: 2, cost: '0.200000' }]);
  await exchange.nothingLeft();
});

test('a channel that asks for a second call is refused it by name', async () => {
  await exchange.account('twice', '5.00');
  await says({ TRUNK: 'brief', OPTIONS: 'g', AGAIN: 'authorise' });
  const talking = await begin('twice');
  await eventually(async () => ((await told())?.includes('uniqueid_reused') ? true : null), 'the refusal');
  await says();
  await talking.finished;
  expect(await exchange.settled('twice')).toMatchObject([{ billsec: 2, cost: '0.200000' }]);
  await exchange.nothingLeft();
});

test('a channel whose callee is busy is refused another number: it has the price of the first', async () => {
  await exchange.account('elsewhere', '5.00');
  await says({ AGAIN: 'elsewhere' });
  await call('elsewhere', '33123456');
  expect(await told()).toBe('0/L(1)/uniqueid_reused');
  expect(await exchange.settled('elsewhere')).toMatchObject([{ dst: '33123456', cost: '0.000000' }]);
  await exchange.nothingLeft();
});

test('two calls at once on one balance: the second is refused, the first talks its money out', async () => {
  await exchange.account('pair', '0.30');
  await says();
  const seen = await call('pair', '33123450', { calls: 2 });
  expect(seen.calls.filter(each => each.talkMs > 2_500)).toHaveLength(1);
  const cdrs = await exchange.settled('pair', 2);
  expect(cdrs.map(({ refusal }) => refusal).sort()).toEqual([null, 'insufficient_balance'].sort());
  expect(cdrs.map(({ cost }) => cost).sort()).toEqual(['0.000000', '0.300000']);
  expect(await accountRow(exchange.test, 'pair')).toMatchObject({ balance: '0.000000', reserved: '0.000000' });
});

test('a call talks past its free seconds and into a step, to the last increment that fits: Dial() cuts it there', async () => {
  // Second 1 is free, 2 and 3 cost 0.10 each, and every 2 s from then on 0.04.
  await exchange.account('stepped', '0.27');
  await says();
  const seen = await call('stepped', '35312345');
  expectCutAt(seen.talkMs, 5_050);
  expect(await exchange.settled('stepped')).toMatchObject([
    {
      ...{ hangup_source: 'limit', granted_seconds: 5, billsec: 5, billed_seconds: 4, overrun_seconds: 0 },
      ...{ is_fixed: 1, max_cost: '0.240000', cost: '0.240000' },
    },
  ]);
  expect(await accountRow(exchange.test, 'stepped')).toMatchObject({ balance: '0.030000', reserved: '0.000000' });
});

test('an operator who ends the calls of an account ends these', async () => {
  await exchange.account('hung', '5.00');
  await says();
  const talking = await begin('hung');
  await exchange.answered('hung');
  await new Promise(resolve => setTimeout(resolve, 1_200));
  await hangUpCalls(actingAs('test', exchange.test.database), 'hung');
  expect(await talking.finished).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expect(await exchange.settled('hung')).toMatchObject([{ hangup_source: 'operator', disposition: 'ANSWERED' }]);
});

test('a service that is started again adopts a call that talks, and settles it by its events', async () => {
  await exchange.account('adopted', '5.00');
  await says();
  const talking = await begin('adopted', '33123450', { talkMs: 6_200 });
  await exchange.answered('adopted');
  await exchange.restartService();
  await eventually(async () => (logged('call_adopted').length > 0 ? true : null), 'the adoption');
  expect(await talking.finished).toMatchObject({ endedBy: 'caller' });
  expect(await exchange.settled('adopted')).toMatchObject([{ billsec: 6, cost: '0.600000', evidence: 'event' }]);
});

test('with no service at all a call is cut by its limit, and settled by the journal when one is there', async () => {
  await exchange.account('orphan', '0.50');
  await says();
  const talking = await begin('orphan');
  await eventually(async () => ((await exchange.cdrs('orphan'))[0]?.granted_seconds === 5 ? true : null), 'the grant');
  // The call is granted. Asterisk may not know it yet, and the callee, which rings for a second, has not answered.
  await someoneRings(exchange.asterisk);
  await exchange.service.stop();
  const seen = await talking.finished;
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expectCutAt(seen.talkMs, 5_050);
  expect(await exchange.cdrs('orphan')).toMatchObject([{ end_at: null, answer_at: null }]);
  await says();
  // No service runs: the documented dialplan does not dial.
  expect(await exchange.call('documented', '33123450', { from: DOCUMENTED })).toMatchObject({ sipStatus: 500 });
  await exchange.restartService();
  expect(await exchange.settled('orphan')).toMatchObject([
    { billsec: 5, cost: '0.500000', evidence: 'cel', hangup_source: 'limit', overrun_seconds: 0 },
  ]);
}, 90_000);
