import { verify } from '../../src/credit/verify';
import { openConnection } from '../../src/database/connection';
import { type Exchange, startExchange } from '../calls/exchange';
import { json, ringfence } from '../cli/cli-fixture';
import { accountRow, chainAnew } from '../credit/ledger-fixture';
import { eventually } from '../eventually';

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(() => exchange?.stop());

const reconcile = (words: string[] = []) =>
  ringfence(exchange.test.url, ['reconcile', '--from', new Date(Date.now() - 3_600_000).toISOString(), ...words]);

/** Six seconds and 0.60 too much, in every place where the ledger would have written them. */
async function bill(uniqueid: string, seconds: number, amount: string): Promise<void> {
  const { database } = exchange.test;
  const cdr = await database('astcdr').where({ uniqueid }).first();
  const answer_at = new Date(cdr.answer_at.getTime() - seconds * 1000);
  await database('astcdr')
    .where({ uniqueid })
    .update({
      answer_at,
      billsec: cdr.billsec + seconds,
      billed_seconds: cdr.billsec + seconds,
      cost: database.raw(`cost + ${amount}`),
    });
  await database('astledger')
    .where({ kind: 'call_charge', reference: uniqueid })
    .update({ amount: database.raw(`amount - ${amount}`), balance_after: database.raw(`balance_after - ${amount}`) });
  await database('astaccount')
    .where({ accountcode: cdr.accountcode })
    .update({ balance: database.raw(`balance - ${amount}`) });
  await chainAnew(exchange.test);
}

test('real calls have no difference; one that was billed 6 s too long is found, corrected, and then the same', async () => {
  await exchange.account('right', '5.00');
  await exchange.account('wrong', '5.00');
  await exchange.account('cut', '0.20');
  await exchange.account('broke', '0.05');
  await exchange.call('right', '33123450', { talkMs: 2_400 });
  await exchange.call('right', '33123456');
  await exchange.call('wrong', '33123450', { talkMs: 1_500 });
  await exchange.call('cut', '33123450');
  await exchange.call('broke', '33123450');
  for (const [account, calls] of [
    ['right', 2],
    ['wrong', 1],
    ['cut', 1],
    ['broke', 1],
  ] as const)
    await exchange.settled(account, calls);
  // Asterisk writes the last rows a moment after the call is settled. Nothing was dialled for the last one.
  const LEGS = 9;
  await eventually(
    async () =>
      (await exchange.test.database('astcel').where({ eventtype: 'CHAN_END' })).length >= LEGS ? true : null,
    'the end of the journal',
  );
  expect(await reconcile()).toEqual({
    exitCode: 0,
    out: "5 calls compared with Asterisk's records, no differences\n",
    err: '',
  });
  const [cdr] = await exchange.cdrs('wrong');
  const uniqueid = cdr?.uniqueid as string;
  await bill(uniqueid, 6, '0.60');
  expect(await accountRow(exchange.test, 'wrong')).toMatchObject({ balance: '4.300000' });

  const found = await reconcile(['--json']);
  expect(found.exitCode).toBe(1);
  expect(JSON.parse(found.out)).toMatchObject({
    differences: 1,
    amounts: { EUR: '0.60' },
    items: [
      {
        uniqueid,
        finding: 'talk_differs',
        billsec: 7,
        switch_billsec: 1,
        charged: '0.70',
        switch_cost: '0.10',
        amount: '0.60',
      },
    ],
  });

  expect(await reconcile(['--apply'])).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('1 corrected, 0 left'),
  });
  expect(await accountRow(exchange.test, 'wrong')).toMatchObject({ balance: '4.900000' });
  const connection = await openConnection(exchange.test.url);
  expect((await verify(connection)).differences).toEqual([]);
  connection.destroy();
  expect(await reconcile(['--apply'])).toMatchObject({
    exitCode: 0,
    out: "5 calls compared with Asterisk's records, no differences\n",
  });
  expect((await json(exchange.test.url, ['account', 'show', 'wrong'])).entries).toMatchObject([
    { kind: 'correction', reference: uniqueid, amount: '0.60' },
    { kind: 'call_charge', reference: uniqueid, amount: '-0.70' },
    { kind: 'top_up' },
  ]);
});

test('a call whose CDR is lost is told by Asterisk, with its talk', async () => {
  const { database } = exchange.test;
  const [cdr] = await exchange.cdrs('right');
  await database('astcdr')
    .where({ uniqueid: cdr?.uniqueid as string })
    .delete();
  const { exitCode, out } = await reconcile();
  await database('astcdr').insert(cdr as object);
  expect(exitCode).toBe(1);
  expect(out).toMatch(new RegExp(`right +not_in_cdrs +- +2 .*${cdr?.uniqueid}`));
});

test('reconcile charges nothing for a CANCEL that crosses the answer', async () => {
  // A call whose end is lost on a busy machine ends by its limit.
  await exchange.account('race', '500.00', { mode: 'shared', max_call_seconds: 40 });
  const since = new Date().toISOString();
  // The carrier answers a second after its 180.
  const patience = Array.from({ length: 24 }, (_, index) => 976 + 2 * index);
  const ran = await Promise.all(
    patience.map((patienceMs, index) =>
      exchange.call('race', `3312345${String(index).padStart(2, '0')}0`, { patienceMs, talkMs: 1_200 }),
    ),
  );
  // A call whose BYE is lost in the race goes on until its switch gives up; on a busy machine one may be turned away before it has a CDR.
  const cdrs = await eventually(
    async () => {
      const rows = await exchange.cdrs('race');
      return rows.length >= patience.length / 2 && rows.every(({ end_at }) => end_at !== null) ? rows : null;
    },
    'the calls of race to be settled',
    // Asterisk gives up after 32 s, and a busy machine has set up its calls by then.
    75_000,
  );
  const unseen = ran.flatMap(({ answeredAt }, index) =>
    answeredAt === null ? [`3312345${String(index).padStart(2, '0')}0`] : [],
  );
  const cancelled = cdrs.filter(({ dst }) => unseen.includes(dst as string)).map(({ uniqueid }) => uniqueid as string);
  expect(cancelled.length).toBeGreaterThan(0);
  await eventually(async () => {
    const hungUp = await exchange.test.database('astcel').where({ eventtype: 'HANGUP' }).whereIn('uniqueid', cancelled);
    return hungUp.length === cancelled.length ? true : null;
  }, "the journal of every cancelled call's end");
  const found = JSON.parse((await reconcile(['--from', since, '--apply', '--json'])).out);
  const corrections = await exchange.test.database('astledger').where({ accountcode: 'race', kind: 'correction' });
  const dstOf = new Map(cdrs.map(({ uniqueid, dst }) => [uniqueid, dst]));
  const charged = corrections.filter(
    ({ reference, amount }) => amount < 0 && unseen.includes(dstOf.get(reference) as string),
  );
  expect(charged).toEqual([]);
  expect(found.corrected).toBe(0);
  expect(found.items.filter(({ finding }: { finding: string }) => finding !== 'unclear')).toEqual([]);
}, 150_000);
