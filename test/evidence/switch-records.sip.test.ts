import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWire, type Wire } from '../../lab/servers/wire';
import { SAME_MS, type SwitchRecords, type WrittenCall } from '../../src/calls/evidence';
import { switchRecords } from '../../src/evidence/switch-records';
import { type Exchange, startExchange } from '../calls/exchange';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually, LATE_MS } from '../eventually';

/** Asterisk's own records go to a database of their own, over a wire that can hang; Ringfence's stays as it is. */
let exchange: Exchange;
let evidence: TestDatabase;
let nothing: TestDatabase;
let wire: Wire;
let bySql: SwitchRecords;
let byFile: SwitchRecords;

beforeAll(async () => {
  [evidence, nothing] = [await createTestDatabase('MariaDB'), await createTestDatabase('MariaDB')];
  wire = await openWire(evidence.url);
  exchange = await startExchange({
    trunks: [{ trunk: 'carrier' }, { trunk: 'answers', scenario: 'answers', keys: { talk_ms: 1_500 } }],
    evidenceDatabaseUrl: wire.url,
  });
  const { systemname, dir } = exchange.asterisk;
  bySql = switchRecords(evidence.database, new Map());
  byFile = switchRecords(nothing.database, new Map([[systemname, join(dir, 'log')]]));
});
afterAll(async () => {
  await exchange?.stop();
  await wire?.close();
  await evidence?.drop();
  await nothing?.drop();
});

interface Cdr {
  uniqueid: string;
  node: string;
  start_at: Date;
  answer_at: Date | null;
  end_at: Date | null;
  billsec: number;
  hangup_cause: number;
  hangup_source: string;
}

const written = async (records: SwitchRecords, cdr: Cdr): Promise<WrittenCall | null> =>
  (await records.of(cdr.node, [{ uniqueid: cdr.uniqueid, startAt: cdr.start_at.getTime() }])).get(cdr.uniqueid) ?? null;

/** The content of these records about an ended call, once its end is there: the call record may come before the journal's rows. */
const ended = (records: SwitchRecords, cdr: Cdr, source: 'cel' | 'cdr' = 'cel') =>
  eventually(async () => {
    const call = await written(records, cdr);
    // The cause comes a moment after the first row of the end; a call record has none.
    const isWhole = call !== null && call.endAt !== null && (source === 'cdr' || call.hangupCause !== null);
    return isWhole && call.source === source ? call : null;
  }, `the end of ${cdr.uniqueid} in the records`);

function expectSame(call: WrittenCall, cdr: Cdr): void {
  const { answer_at, end_at, billsec } = cdr;
  expect(call.answerAt === null).toBe(answer_at === null);
  expect(Math.abs((call.endAt as number) - (end_at as Date).getTime())).toBeLessThan(SAME_MS);
  if (call.answerAt === null || answer_at === null) return;
  expect(Math.abs(call.answerAt - answer_at.getTime())).toBeLessThan(SAME_MS);
  expect(Math.floor(((call.endAt as number) - call.answerAt) / 1000)).toBe(billsec);
}

const talked = { source: 'cel', answeredLeg: expect.stringMatching(/^rf-.*-1$/), hangupCause: 16 };
const silent = { source: 'cel', answeredLeg: null, answerAt: null };

test.each([
  ['answered and ended by the caller', '33123450', '5.00', { talkMs: 1_400 }, { ...talked, hangupSource: 'caller' }],
  ['cut by its limit', '33123450', '0.20', {}, { ...talked, hangupSource: null }],
  [
    'answered by the second trunk and ended by the callee',
    '33123458',
    '5.00',
    {},
    { ...talked, answeredLeg: expect.stringMatching(/^rf-.*-2$/), hangupSource: 'callee' },
  ],
  ['that finds a busy callee', '33123456', '5.00', {}, { ...silent, hangupCause: 17, hangupSource: 'callee' }],
  [
    'that the caller gives up',
    '33123459',
    '5.00',
    { patienceMs: 1_200 },
    { ...silent, hangupCause: 16, hangupSource: 'caller' },
  ],
  ['refused for money', '33123450', '0.05', {}, { ...silent, hangupCause: 21, hangupSource: null }],
])(
  'a call %s is written in the tables and in the files as Ringfence saw it',
  async (what, to, balance, options, told) => {
    const accountcode = what.replaceAll(' ', '-');
    await exchange.account(accountcode, balance);
    await exchange.call(accountcode, to, options);
    const [cdr] = (await exchange.settled(accountcode)) as unknown as [Cdr];
    for (const records of [bySql, byFile]) {
      // A row of its own, another moment later, names the party that ended it.
      const call = await eventually(async () => {
        const found = await ended(records, cdr);
        return found.hangupSource === null && told.hangupSource !== null ? null : found;
      }, `who ended ${cdr.uniqueid}`);
      expect(call).toMatchObject(told);
      expectSame(call, cdr);
    }
  },
);

test('the call records alone tell the talk of an answered call, and that another was not answered', async () => {
  await evidence.database('astcel').delete();
  for (const [accountcode, seconds] of [
    ['cut-by-its-limit', 2],
    ['that-finds-a-busy-callee', null],
  ] as const) {
    const [cdr] = (await exchange.cdrs(accountcode)) as unknown as [Cdr];
    const call = (await written(bySql, cdr)) as WrittenCall;
    expect(call).toMatchObject({ source: 'cdr', answeredLeg: null });
    const { answerAt, endAt } = call;
    expect(answerAt === null ? null : Math.floor(((endAt as number) - answerAt) / 1000)).toBe(seconds);
  }
});

test('a call to a hostile number is written as one call', async () => {
  await exchange.account('hostile', '5.00');
  await exchange.call('hostile', 'x%0a%22%2c%22%0a%22evil%22');
  const [cdr] = (await exchange.settled('hostile')) as unknown as [Cdr];
  for (const records of [bySql, byFile])
    expect(await ended(records, cdr)).toMatchObject({ ...silent, hangupCause: 28 });
});

test('of both kinds of records the file is written first', async () => {
  const cdr = await exchange.asterisk.cli('cdr show status');
  const cel = await exchange.asterisk.cli('cel show status');
  expect(cdr).toMatch(/CDR File custom.*Adaptive ODBC/s);
  expect(cel).toMatch(/CEL Custom CSV.*ODBC CEL/s);
});

test('while the database hangs the files have the call within 3 s, and the service goes on', async () => {
  await exchange.account('frozen', '5.00');
  wire.freeze();
  try {
    await exchange.call('frozen', '33123450', { talkMs: 1_400 });
    const endedAt = Date.now();
    const [cdr] = (await exchange.settled('frozen')) as unknown as [Cdr];
    const call = await ended(byFile, cdr);
    expect(Date.now() - endedAt).toBeLessThan(3_000 + LATE_MS);
    expectSame(call, cdr);
    expect(call).toMatchObject({ ...talked, hangupSource: 'caller' });
    // And the call record, without the journal.
    writeFileSync(exchange.asterisk.celPath, '');
    expectSame(await ended(byFile, cdr, 'cdr'), cdr);
  } finally {
    wire.thaw();
  }
});

test('after kill -9 of Asterisk the answer is there and no end', async () => {
  await exchange.account('killed', '5.00');
  const talking = await exchange.begin('killed', '33123450');
  const cdr = await eventually(async () => {
    const [open] = (await exchange.cdrs('killed')) as unknown as [Cdr | undefined];
    return open?.answer_at ? open : null;
  }, 'the answer');
  await exchange.asterisk.kill('SIGKILL');
  talking.kill();
  const call = await written(byFile, cdr);
  expect(call).toMatchObject({ ...talked, endAt: null, hangupCause: null, hangupSource: null });
  const answeredAt = cdr.answer_at as Date;
  expect(Math.abs((call?.answerAt as number) - answeredAt.getTime())).toBeLessThan(SAME_MS);
  await exchange.asterisk.restart();
  await exchange.settled('killed');
});

test('MySQL takes the records as MariaDB does', async () => {
  const other = await startExchange({ engine: 'MySQL' });
  try {
    await other.account('mysql', '5.00');
    await other.call('mysql', '33123450', { talkMs: 1_400 });
    const [cdr] = (await other.settled('mysql')) as unknown as [Cdr];
    const call = await ended(switchRecords(other.test.database, new Map()), cdr);
    expect(call).toMatchObject({ ...talked, hangupSource: 'caller' });
    expectSame(call, cdr);
    const record = await eventually(
      async () => (await other.test.database('astswitchcdr').where({ linkedid: cdr.uniqueid }).first()) ?? null,
      'the call record',
    );
    expect(record).toMatchObject({ accountcode: 'mysql', dst: '33123450', disposition: 'ANSWERED' });
    expect(Math.floor(Number(record.billsec))).toBe(cdr.billsec);
  } finally {
    await other.stop();
  }
});
