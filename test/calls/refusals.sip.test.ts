/** What happens to a call that its first trunk refuses, by the SIP status, over a real Asterisk; docs/refusals.md. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actingAs } from '../../src/operator/acting';
import { setTrunk } from '../../src/routes/route-store';
import { eventually } from '../eventually';
import { judged, type MeasuredRefusal, REFUSED } from '../routes/refusal-table';
import { type Exchange, startExchange } from './exchange';

/** `1408`: it rings first. */
const STATUSES = REFUSED.map(({ status, rang }) => `${rang ? 1 : ''}${status}`);

const answer = (status: string) => `<send><![CDATA[
SIP/2.0 ${status} Test
[last_Via:]
[last_From:]
[last_To:];tag=[pid]s[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

]]></send>`;

/** A carrier that refuses by the last four digits dialled. */
const scenario = `<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="refuses">
<recv request="INVITE"><action>
${STATUSES.map(status => `<ereg regexp="^INVITE sip:[0-9]*${status.padStart(4, '0')}@" search_in="msg" assign_to="is${status}"/>`).join('\n')}
</action></recv>
${STATUSES.map(status => `<nop hide="true" next="do${status}" test="is${status}"/>`).join('\n')}
${STATUSES.map(status =>
  [
    `<label id="do${status}"/>`,
    ...(status.length === 4 ? [answer('180'), '<pause milliseconds="300"/>'] : []),
    answer(status.slice(-3)),
    '<recv request="ACK" timeout="5000" ontimeout="over" next="over"/>',
  ].join('\n'),
).join('\n')}
<label id="over"/>
<nop hide="true"/>
</scenario>
`;

let exchange: Exchange;
beforeAll(async () => {
  const path = join(process.env.RINGFENCE_TEST_FOLDER as string, `refuses-${process.pid}.xml`);
  writeFileSync(path, scenario);
  exchange = await startExchange({
    trunks: [
      { trunk: 'refuses', scenario: path },
      { trunk: 'second', scenario: 'early-media' },
    ],
  });
  await exchange.account('router', '100');
  // Nowhere else to go.
  await exchange.test.database('astroute').insert({ prefix: '4931', trunk: 'refuses', priority: 1 });
  await routesAreRead();
});
/** A call that starts two seconds later uses them. */
const routesAreRead = () => new Promise(resolve => setTimeout(resolve, 2_200));
afterAll(() => exchange?.stop());

/** The trunk with which the call ended, its cause, and the caller's answer. */
async function outcome(number: string) {
  const { sipStatus } = await exchange.call('router', number, { talkMs: 500, patienceMs: 20_000 });
  const cdr = await eventually(
    async () =>
      (await exchange.test
        .database('astcdr')
        .where({ dst: number })
        .whereNotNull('end_at')
        .orderBy('start_at', 'desc')
        .first()) ?? null,
    `the CDR of ${number}`,
  );
  return { trunk: cdr.trunk, cause: cdr.hangup_cause, sip: sipStatus };
}

const number = (prefix: string, { status, rang }: MeasuredRefusal) => `${prefix}${rang ? 1 : 0}${status}`;
const all = async (tell: (refusal: MeasuredRefusal) => Promise<string>) => {
  const told: string[] = [];
  for (const refusal of REFUSED) told.push(await tell(refusal));
  return told;
};
const textOf = ({ status, rang }: MeasuredRefusal) => (rang ? `180, ${status}` : `${status}`);

test('where there is another route, it is tried for what is the carrier’s own word, and not for what is the callee’s', async () => {
  const told = await all(async refusal => `${textOf(refusal)}: ${(await outcome(number('4930', refusal))).trunk}`);
  expect(told).toEqual(
    REFUSED.map(refusal => `${textOf(refusal)}: ${judged(refusal).triesNext ? 'second' : 'refuses'}`),
  );
}, 200_000);

test('where there is none, the CDR has the carrier’s cause and the caller gets what docs/refusals.md says', async () => {
  const told = await all(async refusal => {
    const { cause, sip } = await outcome(number('4931', refusal));
    return `${textOf(refusal)}: cause ${cause}, SIP ${sip}`;
  });
  expect(told).toEqual(
    REFUSED.map(refusal => `${textOf(refusal)}: cause ${refusal.cause}, SIP ${judged(refusal).sip}`),
  );
}, 200_000);

test('a trunk whose rule was changed is followed two seconds later: busy tries the next route, 403 does not', async () => {
  await setTrunk(actingAs('test', exchange.test.database), 'refuses', { next_on_busy: 'yes', callee_codes: '403,486' });
  await routesAreRead();
  expect(await outcome('49320486')).toMatchObject({ trunk: 'second' });
  expect(await outcome('49320403')).toMatchObject({ trunk: 'refuses', cause: 21, sip: 403 });
}, 60_000);
