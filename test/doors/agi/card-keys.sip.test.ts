/** Callers with cards on a real Asterisk who press keys by RTP, faster than people think: no key is lost, and none counts twice. */

import { setTimeout as sleep } from 'node:timers/promises';
import { documentedContext } from '../../../lab/documented';
import { findFreePort } from '../../../lab/servers/ports';
import { RtpParty } from '../../../lab/servers/rtp';
import { activateCards, generateCards } from '../../../src/cards/cards';
import { openConnection } from '../../../src/database/connection';
import { actingAs } from '../../../src/operator/acting';
import { type Exchange, startExchange } from '../../calls/exchange';
import { eventually } from '../../eventually';

const KEY = 'a-secret-of-thirty-two-characters-0';
const ADDRESS = '127.0.0.9';
const documented = documentedContext('docs/doors.md', 'calling-cards');

let exchange: Exchange;
beforeAll(async () => {
  const port = await findFreePort();
  exchange = await startExchange({
    trunks: [{ trunk: 'carrier' }],
    customers: [{ name: 'cards', address: ADDRESS, context: 'calling-cards' }],
    extraDialplan: documented.replaceAll('agi://127.0.0.1/', `agi://127.0.0.1:${port}/`),
    settings: { RINGFENCE_AGI_LISTEN: String(port), RINGFENCE_PIN_KEY: KEY },
  });
});
afterAll(() => exchange?.stop());
beforeEach(() => exchange.test.database('astpintry').delete());

let batches = 0;
async function cards(count: number, digits = 12): Promise<{ pin: string; accountcode: string }[]> {
  const { database } = exchange.test;
  const batch = `batch-${++batches}`;
  const issued = await generateCards(
    actingAs('test', database),
    { batch, count, value: '5.00', deck: 'retail', digits },
    { keys: [KEY] },
  );
  await activateCards(actingAs('test', database), { batch });
  return issued.map(({ code, serial }) => ({ pin: code, accountcode: `card-${serial}` }));
}

interface Line {
  party: RtpParty;
  finished: Promise<unknown>;
}

/** A call that is answered and hears its first prompt. */
async function line(number = '5551234', talkMs = 10_000): Promise<Line> {
  const party = await RtpParty.open(ADDRESS);
  const { finished } = await exchange.begin(number, '800555', {
    from: ADDRESS,
    scenario: party.keysScenario('caller'),
    talkMs,
    timeoutMs: 60_000,
  });
  const unheard = finished.then(seen => {
    throw new Error(`the call of ${number} ended unheard: ${JSON.stringify(seen)}`);
  });
  await Promise.race([party.hears(), unheard]);
  unheard.catch(() => {});
  return { party, finished };
}

async function ended(lines: readonly Line[]): Promise<void> {
  for (const { party, finished } of lines) {
    await finished;
    party.close();
  }
}

/** What was dialled, or refused, on the accounts. */
const dialled = async (accounts: readonly string[]) =>
  exchange.test.database('astcdr').whereIn('accountcode', accounts).orderBy('start_at').select('dst', 'refusal');
const unclear = () => exchange.log.filter(({ reason }) => reason === 'keys_unclear').length;

/** Types the requested entry again, slowly, like people who were not understood, until the call is decided; returns what was dialled. */
async function typesUntilCalled(
  { party }: Line,
  { pin, accountcode }: { pin: string; accountcode: string },
  number: string,
) {
  const isLetIn = () => exchange.log.some(line => line.event === 'card_line' && line.accountcode === accountcode);
  for (const deadline = performance.now() + 35_000; performance.now() < deadline; ) {
    for (let patience = 0; patience < 16; patience++) {
      const calls = await dialled([accountcode]);
      if (calls.length > 0) return calls.map(({ dst }) => dst);
      await sleep(250);
    }
    await party.press(isLetIn() ? `${number}#` : `${pin}#`, { onMs: 100, offMs: 200 });
  }
  return [];
}

test('20 callers at once who type PIN and number without a pause all reach the number, and no other; one that is asked again types again', async () => {
  const held = await cards(20);
  const number = '14420123450';
  const lines = await Promise.all(held.map((_, index) => line(`55512${index}`, 40_000)));
  await Promise.all(lines.map(({ party }, index) => party.press(`${held[index]?.pin}#${number}#`)));
  const reached = await Promise.all(lines.map((each, index) => typesUntilCalled(each, held[index]!, number)));
  expect(reached).toEqual(held.map(() => [number]));
  await ended(lines);
}, 120_000);

/** The first number that is dialled or refused on the account. */
const first = async (accountcode: string) =>
  (
    await eventually(async () => ((await dialled([accountcode])).length > 0 ? dialled([accountcode]) : null), 'a call')
  )[0];

test('a key is not lost while the database does not answer', async () => {
  const [card] = await cards(1);
  const { pin, accountcode } = card!;
  const before = unclear();
  const caller = await line();
  const holder = await openConnection(exchange.test.url);
  const typing = caller.party.press(`${pin}#14420123450#`);
  // The PIN is looked up when its # is pressed, the 13th key of 200 ms.
  await sleep(12 * 200);
  await holder.beginTransaction();
  await holder.query('SELECT * FROM astaccount WHERE accountcode = ? FOR UPDATE', [accountcode]);
  await sleep(1_400);
  await holder.end();
  await typing;
  expect(await first(accountcode)).toEqual({ dst: '14420123450', refusal: null });
  expect(unclear()).toBe(before);
  await ended([caller]);
}, 60_000);

test.each([
  ['the service', () => stall(700)],
  [
    'the switch',
    async () => {
      exchange.asterisk.freeze();
      await sleep(700);
      exchange.asterisk.thaw();
    },
  ],
])(
  '%s stands still behind the PIN, and the keys come in a burst: another number is never dialled',
  async (_, stands) => {
    const held = await cards(8);
    const lines = await Promise.all(held.map((_card, index) => line(`55513${index}`, 20_000)));
    const number = '11442012345';
    const typing = Promise.all(lines.map(({ party }, index) => party.press(`${held[index]?.pin}#${number}#`)));
    await sleep(12 * 200 + 110);
    await stands();
    await typing;
    // A caller who is asked again enters it again, slowly.
    await sleep(4_000);
    const accounts = held.map(({ accountcode }) => accountcode);
    for (const [index, { accountcode }] of held.entries()) {
      if ((await dialled([accountcode])).length === 0)
        void lines[index]?.party.press(`${number}#`, { onMs: 100, offMs: 200 });
    }
    await sleep(5_000);
    expect([...new Set((await dialled(accounts)).map(({ dst }) => dst))]).toEqual([number]);
    await ended(lines);
  },
  90_000,
);

test('a PIN of 16 digits ends with its #, which is not an entry of its own', async () => {
  const [card] = await cards(1, 16);
  const { pin, accountcode } = card!;
  const caller = await line();
  await caller.party.press(`${pin}#14420123450#`);
  expect(await first(accountcode)).toEqual({ dst: '14420123450', refusal: null });
  await ended([caller]);
}, 60_000);

test('a number with a letter key in it is no number, also when its first key breaks a prompt', async () => {
  const [card] = await cards(1);
  const { pin, accountcode } = card!;
  const caller = await line();
  await caller.party.press(`${pin}#`);
  // The balance is being said.
  await sleep(1_000);
  await caller.party.press('12025A550110#');
  expect(await first(accountcode)).toEqual({ dst: '', refusal: 'number_invalid' });
  await ended([caller]);
}, 60_000);

test('a PIN that is too long is one wrong try, and what was typed behind a wrong one is not taken for the next', async () => {
  const [card] = await cards(1);
  const { pin, accountcode } = card!;
  const caller = await line('5551777', 20_000);
  await caller.party.press(`${'9'.repeat(40)}#14420123450#`);
  await sleep(2_500);
  await caller.party.press(`${pin}#14420123450#`);
  expect(await first(accountcode)).toEqual({ dst: '14420123450', refusal: null });
  const tries = await exchange.test.database('astpintry').where({ who: 'caller:5551777' }).first('tries');
  expect(tries).toEqual({ tries: 1 });
  await ended([caller]);
}, 60_000);

/** This process does nothing: the service, and the key presses of the callers. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
