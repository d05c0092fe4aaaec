import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { openCallStore } from '../../src/calls/open-call-store';
import type { CallEnd } from '../../src/credit/rules/charge';
import type { StartRequest } from '../../src/credit/rules/start';
import { verify } from '../../src/credit/verify';
import { openConnection } from '../../src/database/connection';
import { parseAmount } from '../../src/money/micros';
import { type Ran, ringfence } from '../cli/cli-fixture';
import {
  accountRow,
  addAccount,
  addDeck,
  callOf,
  endOf,
  move,
  NOON,
  openLedger,
  talked,
} from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const RANGE = ['--from', '2026-06-01T00:00Z', '--to', '2026-06-02T00:00Z'];

describe.each(engines)('reconcile, %s', engine => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase(engine);
    // 1.00 a minute, by whole minutes.
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '9.00');
  });
  afterEach(async () => {
    const connection = await openConnection(db.url);
    const { differences } = await verify(connection);
    connection.destroy();
    expect(differences).toEqual([]);
    await db.drop();
  });

  const run = (words: string[] = [], environment: Record<string, string> = {}): Promise<Ran> =>
    ringfence(db.url, ['reconcile', ...RANGE, ...words], environment);
  const json = async (words: string[] = [], environment: Record<string, string> = {}) => {
    const ran = await run([...words, '--json'], environment);
    if (ran.err) throw new Error(ran.err);
    return { exitCode: ran.exitCode, ...JSON.parse(ran.out) };
  };

  /** Calls by the ledger, as Ringfence saw them end. */
  async function calls(...ends: CallEnd[]): Promise<StartRequest[]> {
    const ledger = openLedger(db);
    const started: StartRequest[] = [];
    for (const end of ends) {
      const call = callOf('alice');
      await ledger.start(call);
      await ledger.end(endOf(call, end));
      started.push(call);
    }
    await ledger.close();
    return started;
  }

  const sqlTime = (at: number) => new Date(at).toISOString().replace('T', ' ').replace('Z', '000');
  const journalOf = (uniqueid: string, answerAt: number | null, endAt: number | null) => {
    const leg = `rf-${uniqueid}-1`;
    const row = (eventtype: string, at: number, of: string) => ({
      eventtype,
      eventtime: sqlTime(at),
      uniqueid: of,
      linkedid: uniqueid,
    });
    return [
      ...(answerAt === null ? [] : [row('ANSWER', answerAt, leg), row('ANSWER', answerAt, uniqueid)]),
      ...(endAt === null
        ? []
        : [row('BRIDGE_EXIT', endAt, uniqueid), row('HANGUP', endAt + 2, uniqueid), row('HANGUP', endAt + 5, leg)]),
    ].map(each => ({ ...each, accountcode: 'alice' }));
  };
  const writeJournal = (uniqueid: string, answerAt: number | null, endAt: number | null) =>
    db.database('astcel').insert(journalOf(uniqueid, answerAt, endAt));
  const writeRecord = (uniqueid: string, answerAt: number | null, endAt: number) =>
    db.database('astswitchcdr').insert({
      uniqueid,
      linkedid: uniqueid,
      accountcode: 'alice',
      start: new Date(NOON),
      answer: new Date(answerAt ?? 0),
      end: new Date(endAt),
      billsec: answerAt === null ? 0 : (endAt - answerAt) / 1000,
      disposition: answerAt === null ? 'NO ANSWER' : 'ANSWERED',
    });
  const ANSWER = NOON + 2_000;
  /** The switch writes of other calls every 50 s from here to there, both in seconds after the answer. */
  const writesOfOthers = async (from: number, to: number, switchName = 'ast1') => {
    const rows = [];
    for (let second = from; second <= to; second += 50) {
      const uniqueid = `${switchName}-${Math.floor(ANSWER / 1000) + second}.9`;
      rows.push({ eventtype: 'HANGUP', eventtime: sqlTime(ANSWER + second * 1000), uniqueid, linkedid: uniqueid });
    }
    await db.database('astcel').insert(rows);
  };

  test('calls that both know alike are no difference: answered, unanswered, a second off', async () => {
    const [one, silent, near] = await calls(talked(61), talked(null), talked(60));
    await writeJournal(one!.uniqueid, ANSWER + 1, ANSWER + 61_003);
    await writeJournal(silent!.uniqueid, null, ANSWER);
    await writeJournal(near!.uniqueid, ANSWER, ANSWER + 61_000);
    expect(await run()).toEqual({
      exitCode: 0,
      out: "3 calls compared with Asterisk's records, no differences\n",
      err: '',
    });
    // The third costs 2.00 by Asterisk's stamps, and a second is a second when none is tolerated.
    expect(await json(['--tolerance', '0'])).toMatchObject({ exitCode: 1, differences: 1, amounts: { EUR: '-1.00' } });
  });

  test('a caller whom Asterisk never answered gets back what he was charged for a callee who did', async () => {
    const [alone] = await calls(talked(61));
    const { uniqueid } = alone!;
    const rows = journalOf(uniqueid, ANSWER, ANSWER + 61_000);
    await db.database('astcel').insert(rows.filter(row => row.eventtype !== 'ANSWER' || row.uniqueid !== uniqueid));
    // While the journal alone says so, a row of it may have been lost.
    expect(await json(['--apply'])).toMatchObject({ items: [{ finding: 'not_in_switch_records', amount: '0.00' }] });
    await writeRecord(uniqueid, null, ANSWER + 61_000);
    expect(await json(['--apply'])).toMatchObject({
      corrected: 1,
      items: [{ uniqueid, finding: 'talk_differs', billsec: 61, switch_billsec: 0, charged: '2.00', amount: '2.00' }],
    });
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '9.000000' });
    expect(await json()).toMatchObject({ exitCode: 0, differences: 0 });
  });

  test('talk that differs is told in seconds and money, corrected once, and then it is the same', async () => {
    const [long, short, unanswered] = await calls(talked(181), talked(30), talked(null));
    await writeJournal(long!.uniqueid, ANSWER, ANSWER + 61_000);
    await writeJournal(short!.uniqueid, ANSWER, ANSWER + 65_000);
    await writeRecord(unanswered!.uniqueid, ANSWER, ANSWER + 10_500);
    const found = await json();
    expect(found).toMatchObject({ exitCode: 1, differences: 3, calls_compared: 3, amounts: { EUR: '0.00' } });
    expect(found.items).toMatchObject([
      {
        uniqueid: long!.uniqueid,
        finding: 'talk_differs',
        billsec: 181,
        switch_billsec: 61,
        charged: '4.00',
        switch_cost: '2.00',
        amount: '2.00',
      },
      {
        uniqueid: short!.uniqueid,
        finding: 'talk_differs',
        billsec: 30,
        switch_billsec: 65,
        charged: '1.00',
        switch_cost: '2.00',
        amount: '-1.00',
      },
      {
        uniqueid: unanswered!.uniqueid,
        finding: 'talk_differs',
        billsec: 0,
        switch_billsec: 10,
        charged: '0.00',
        switch_cost: '1.00',
        amount: '-1.00',
      },
    ]);
    // Looking changed nothing.
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '4.000000' });

    const corrected = await json(['--apply']);
    expect(corrected).toMatchObject({ exitCode: 0, corrected: 3, left: 0 });
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '4.000000', reserved: '0.000000' });
    const entries = await db.database('astledger').where({ kind: 'correction' }).orderBy('entry_id');
    expect(entries).toMatchObject([
      {
        accountcode: 'alice',
        reference: long!.uniqueid,
        amount: '2.000000',
        balance_after: '6.000000',
        reason: "reconciliation: 181 s in the CDR, 61 s in Asterisk's records",
      },
      { reference: short!.uniqueid, amount: '-1.000000', balance_after: '5.000000' },
      { reference: unanswered!.uniqueid, amount: '-1.000000', balance_after: '4.000000' },
    ]);
    expect(await db.database('astcdr').where({ uniqueid: long!.uniqueid }).first()).toMatchObject({
      cost: '4.000000',
      billsec: 181,
    });

    expect(await json(['--apply'])).toMatchObject({ exitCode: 0, differences: 0 });
    expect(await json()).toMatchObject({ exitCode: 0, differences: 0 });
  });

  test('what was refunded is not given back a second time, and no more is looked for where all of it was', async () => {
    const [part, whole] = await calls(talked(181), talked(181));
    for (const { uniqueid } of [part!, whole!]) await writeJournal(uniqueid, ANSWER, ANSWER + 61_000);
    const refund = (uniqueid: string, amount: string) =>
      ringfence(db.url, ['account', 'refund', 'alice', amount, '--call', uniqueid]);
    await refund(part!.uniqueid, '3.50');
    await refund(whole!.uniqueid, '4.00');
    // Two of the 4.00 are too much, and 3.50 of the two leave 0.50.
    expect(await json()).toMatchObject({ differences: 1, items: [{ uniqueid: part!.uniqueid, amount: '0.50' }] });
    const correction = { accountcode: 'alice', kind: 'correction', reason: '', actor: 'test' } as const;
    const tooMuch = { ...correction, reference: part!.uniqueid, amount: parseAmount('0.51') };
    expect(await move(db, tooMuch)).toMatchObject({ refusal: 'more_than_charged' });
    expect(await json(['--apply'])).toMatchObject({ corrected: 1 });
    expect(await json()).toMatchObject({ exitCode: 0, differences: 0 });
  });

  test('two that correct at once correct once', async () => {
    const ended = await calls(...Array.from({ length: 4 }, () => talked(61)));
    for (const { uniqueid } of ended) await writeJournal(uniqueid, ANSWER, ANSWER + 30_000);
    await Promise.all([run(['--apply']), run(['--apply'])]);
    expect(await db.database('astledger').where({ kind: 'correction' })).toHaveLength(ended.length);
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '5.000000' });
  });

  test('a correction that would take more than is available is left and listed, unless --overdraw', async () => {
    const [call] = await calls(talked(61));
    await writeJournal(call!.uniqueid, ANSWER, ANSWER + 500_000);
    await move(db, {
      accountcode: 'alice',
      kind: 'adjustment',
      amount: parseAmount('-6.50'),
      reference: 'x',
      reason: '',
      actor: 'test',
    });
    const refused = await run(['--apply']);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.out).toMatch(/talk_differs +61 +500 +2\.00 +9\.00 +-7\.00 +EUR +more_than_available/);
    expect(refused.out).toContain('0 corrected, 1 left as it was');
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '0.500000' });
    expect(await json(['--apply', '--overdraw'])).toMatchObject({ exitCode: 0, corrected: 1 });
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '-6.500000' });
  });

  test('a call that was corrected and then told otherwise is reported and left', async () => {
    const [call] = await calls(talked(61));
    await writeJournal(call!.uniqueid, ANSWER, ANSWER + 10_000);
    expect(await json(['--apply'])).toMatchObject({ corrected: 1 });
    await db.database('astcel').delete();
    await writeJournal(call!.uniqueid, ANSWER, ANSWER + 130_000);
    expect(await json(['--apply'])).toMatchObject({
      exitCode: 1,
      corrected: 0,
      left: 1,
      items: [{ correction: 'corrected_before', amount: '-2.00' }],
    });
  });

  test('a call of which Asterisk wrote nothing is told only when it wrote of others then, and is never corrected', async () => {
    const [lost, other] = await calls(talked(61), talked(60));
    expect(await json()).toMatchObject({ exitCode: 0, differences: 0, calls_without_records: 2 });
    await writeJournal(other!.uniqueid, ANSWER, ANSWER + 60_000);
    expect(await json(['--apply'])).toMatchObject({
      exitCode: 1,
      corrected: 0,
      items: [
        {
          uniqueid: lost!.uniqueid,
          finding: 'not_in_switch_records',
          correction: 'nothing_to_correct',
          billsec: 61,
          switch_billsec: null,
          charged: '2.00',
        },
      ],
    });
    // A journal without the answer does not prove that there was none; a call record does.
    await writeJournal(lost!.uniqueid, null, ANSWER + 61_000);
    expect((await json()).items).toMatchObject([{ finding: 'not_in_switch_records' }]);
    await writeRecord(lost!.uniqueid, null, ANSWER + 61_000);
    expect((await json()).items).toMatchObject([{ finding: 'talk_differs', amount: '2.00' }]);
  });

  /** Its end was not reported, and its switch was never seen. */
  const UNTOLD = { evidence: 'none', hangupSource: 'limit' } as const;

  test('a call charged to its limit of which its switch wrote nothing is corrected to its answer alone, once', async () => {
    const [lost, other] = await calls(talked(300, UNTOLD), talked(60));
    await writeJournal(other!.uniqueid, ANSWER, ANSWER + 60_000);
    await writesOfOthers(-100, 400);
    const expected = {
      uniqueid: lost!.uniqueid,
      finding: 'not_in_switch_records',
      reason: 'end_not_told',
      billsec: 300,
      switch_billsec: 0,
      charged: '5.00',
      switch_cost: '1.00',
      amount: '4.00',
    };
    expect(await json()).toMatchObject({ exitCode: 1, calls_compared: 2, items: [expected] });
    expect((await run()).out).toContain(
      '\nend_not_told: charged to its limit, because its end was never told: the correction leaves what is proven\n',
    );
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '3.000000' });
    await Promise.all([run(['--apply']), run(['--apply'])]);
    expect(await db.database('astledger').where({ kind: 'correction' })).toMatchObject([
      {
        reference: lost!.uniqueid,
        amount: '4.000000',
        reason: 'reconciliation: 300 s in the CDR, to the limit, because its end was never told; 0 s are proven',
        actor: `cli:${userInfo().username}`,
      },
    ]);
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '7.000000' });
    expect(await json(['--apply'])).toMatchObject({ exitCode: 0, differences: 0 });
  });

  test("a call charged to its limit is proven until the last that its switch wrote of the callee's leg", async () => {
    const [cut, killed] = await calls(talked(300, UNTOLD), talked(120, UNTOLD));
    await writesOfOthers(-100, 400);
    for (const [{ uniqueid }, seconds] of [
      [cut!, 70],
      [killed!, 119],
    ] as const) {
      await writeJournal(uniqueid, ANSWER, null);
      // A record beyond the charge proves no more than the charge, and one of another leg proves nothing.
      const [leg, caller] = journalOf(uniqueid, ANSWER, null);
      const later = { ...leg!, eventtype: 'BRIDGE_ENTER' };
      await db.database('astcel').insert({ ...caller!, eventtype: 'BRIDGE_ENTER' });
      await db.database('astcel').insert([
        { ...later, eventtime: sqlTime(ANSWER + seconds * 1000) },
        { ...later, eventtime: sqlTime(ANSWER + 400_000) },
        { ...later, uniqueid: 'ast1-7.7', eventtime: sqlTime(ANSWER + 118_000) },
      ]);
    }
    // A minute that has begun is charged: the second call is right as it is.
    expect(await json(['--apply'])).toMatchObject({
      exitCode: 0,
      corrected: 1,
      items: [
        {
          uniqueid: cut!.uniqueid,
          finding: 'end_not_told',
          reason: 'end_not_told',
          switch_billsec: 70,
          switch_cost: '2.00',
          amount: '3.00',
        },
      ],
    });
  });

  test.each([
    ['event', 'end_was_told'],
    ['cel', 'end_was_read'],
    ['cdr', 'end_was_read'],
    ['sighting', 'last_sighting'],
  ] as const)(
    'a call charged by %s of which its switch wrote nothing keeps its charge, and says why',
    async (evidence, reason) => {
      const [, other] = await calls(talked(300, { evidence }), talked(60));
      await writeJournal(other!.uniqueid, ANSWER, ANSWER + 60_000);
      expect(await json(['--apply'])).toMatchObject({
        corrected: 0,
        items: [{ finding: 'not_in_switch_records', reason, amount: '0.00', correction: 'nothing_to_correct' }],
      });
      expect((await run()).out).toContain(`\n${reason}: `);
      expect(await accountRow(db, 'alice')).toMatchObject({ balance: '3.000000' });
    },
  );

  test.each<[string, ...[number, number][]]>([
    ['the writer died in the first minute', [-100, 0]],
    ['the writer died eighteen minutes before the limit', [-100, 2_520]],
    ['the writer died after the last row before the limit', [-100, 3_600]],
    ['it died, and lived again right after the limit', [-100, 2_520], [3_620, 3_800]],
    ['it was away for three minutes in the middle', [-100, 1_800], [1_980, 3_800]],
    ['it began right after the answer', [20, 3_800]],
    ['it wrote at the answer and at the limit alone', [-100, 0], [3_570, 3_800]],
  ])('nothing is proposed, as the end may be lost: %s', async (_why, ...written) => {
    const long = await longCall();
    for (const [from, to] of written) await writesOfOthers(from, to);
    // Another switch was never silent; its name begins alike.
    await writesOfOthers(-100, 3_800, 'ast1-b');
    expect(await json(['--apply'])).toMatchObject({
      exitCode: 1,
      corrected: 0,
      items: [
        { uniqueid: long.uniqueid, reason: 'records_have_gaps', amount: '0.00', correction: 'nothing_to_correct' },
      ],
    });
    expect((await run()).out).toContain('\nrecords_have_gaps: charged to its limit');
    expect(await accountRow(db, 'bob')).toMatchObject({ balance: '39.000000' });
  });

  test('a call of an hour is corrected where its switch wrote all the time, part in the database and part in its file', async () => {
    const long = await longCall();
    const found = async (environment: Record<string, string> = {}) =>
      (await json([], environment)).items.map(({ reason, amount }: Record<string, string>) => [reason, amount]);
    await writesOfOthers(-100, 2_000);
    const folder = mkdtempSync(join(tmpdir(), 'evidence-'));
    mkdirSync(join(folder, 'cel-custom'));
    const file = join(folder, 'cel-custom/ringfence.csv');
    const line = (second: number) => {
      const at = `${Math.floor(ANSWER / 1000) + second}.000000`;
      return `"HANGUP","${at}","ast1-1.1","ast1-1.1","","PJSIP/other-1","{}"\n`;
    };
    const lines = (last: number) => {
      const seconds = Array.from({ length: 40 }, (_, index) => 2_050 + index * 50).filter(second => second <= last);
      return seconds.map(line).join('');
    };
    const environment = { RINGFENCE_EVIDENCE_FILES: `ast1=${folder}` };
    // The last line is of the very limit, and by then the writer may have been dead.
    writeFileSync(file, lines(3_600));
    expect(await found(environment)).toEqual([['records_have_gaps', '0.00']]);
    writeFileSync(file, lines(3_700));
    expect(await found(environment)).toEqual([['end_not_told', '59.00']]);
    expect(await found()).toEqual([['records_have_gaps', '0.00']]);
    expect(await json(['--apply'], environment)).toMatchObject({ corrected: 1, items: [{ uniqueid: long.uniqueid }] });
  });

  /** An hour of bob's, charged to its limit with 60.00. */
  const longCall = async (): Promise<StartRequest> => {
    await addAccount(db, 'bob', '99.00');
    const ledger = openLedger(db);
    const long = callOf('bob');
    await ledger.start(long);
    await ledger.end(endOf(long, talked(3_600, UNTOLD)));
    await ledger.close();
    return long;
  };

  test("a door's call charged to its limit is left where no records of its switch are here, and told", async () => {
    const ledger = openLedger(db);
    const ofRest = callOf('alice', { node: 'rest:main', uniqueid: 'rest:main:call:ast1-1780315200.1' });
    const ofDialplan = callOf('alice', { node: 'agi:main' });
    for (const call of [ofRest, ofDialplan]) {
      await ledger.start(call);
      await ledger.end(endOf(call, talked(240, UNTOLD)));
    }
    await ledger.close();
    expect(await json(['--apply'])).toMatchObject({
      corrected: 0,
      items: [{ reason: 'no_records' }, { reason: 'no_records' }],
      calls_without_records: 2,
    });
    await writesOfOthers(-100, 350);
    // The dialplan's channel is one of ast1's; whose the other's was is not known here.
    expect((await json()).items).toMatchObject([
      { uniqueid: ofDialplan.uniqueid, reason: 'end_not_told', amount: '3.00' },
      { uniqueid: ofRest.uniqueid, finding: 'end_not_told', reason: 'no_records', amount: '0.00' },
    ]);
  });

  test('what an earlier version called a sighting is none where its switch was never seen', async () => {
    const [, other] = await calls(talked(300, { evidence: 'sighting', hangupSource: 'limit' }), talked(60));
    await writeJournal(other!.uniqueid, ANSWER, ANSWER + 60_000);
    await writesOfOthers(-100, 400);
    expect((await json()).items).toMatchObject([{ reason: 'end_not_told', amount: '4.00' }]);
    await openCallStore(db.database).seen('ast1', ANSWER + 300_000, NOON);
    expect((await json()).items).toMatchObject([{ reason: 'last_sighting', amount: '0.00' }]);
  });

  test('of a call charged to its limit no more is given back than was not refunded', async () => {
    const [part, whole] = await calls(talked(180, UNTOLD), talked(180, UNTOLD));
    await writesOfOthers(-100, 300);
    const refund = (uniqueid: string, amount: string) =>
      ringfence(db.url, ['account', 'refund', 'alice', amount, '--call', uniqueid]);
    await refund(part!.uniqueid, '2.50');
    await refund(whole!.uniqueid, '3.00');
    expect(await json(['--apply'])).toMatchObject({
      corrected: 1,
      items: [{ uniqueid: part!.uniqueid, amount: '0.50' }],
    });
    expect(await json()).toMatchObject({ exitCode: 0, differences: 0 });
  });

  test('an answer a microsecond after its caller left is no talk; in the same microsecond it is left to a person', async () => {
    const [cancelled, tied, talkedAt] = await calls(talked(null), talked(null), talked(null));
    const at = (microsecond: number) => sqlTime(ANSWER).replace(/000$/, String(microsecond).padStart(3, '0'));
    const race = (uniqueid: string, leftAt: number, answeredAt: number) => {
      const leg = `rf-${uniqueid}-1`;
      const row = (eventtype: string, of: string, microsecond: number) => ({
        eventtype,
        eventtime: at(microsecond),
        uniqueid: of,
        linkedid: uniqueid,
        accountcode: 'alice',
      });
      return db
        .database('astcel')
        .insert([
          row('BRIDGE_EXIT', uniqueid, leftAt),
          row('HANGUP', uniqueid, leftAt + 300),
          row('ANSWER', leg, answeredAt),
          ...(answeredAt <= leftAt ? [row('ANSWER', uniqueid, answeredAt)] : []),
          row('HANGUP', leg, 990),
        ]);
    };
    // Its HANGUP is later than the answer: the caller had left the bridge before.
    await race(cancelled!.uniqueid, 400, 401);
    await race(tied!.uniqueid, 500, 500);
    await race(talkedAt!.uniqueid, 501, 500);
    const found = await json();
    expect(found).toMatchObject({ exitCode: 1, differences: 2, calls_compared: 3 });
    expect(found.items).toMatchObject([
      { uniqueid: tied!.uniqueid, finding: 'unclear', charged: '0.00', switch_cost: null, amount: '0.00' },
      { uniqueid: talkedAt!.uniqueid, finding: 'talk_differs', amount: '-1.00' },
    ]);
    expect(await json(['--apply'])).toMatchObject({
      corrected: 1,
      left: 1,
      items: [{ finding: 'unclear', correction: 'nothing_to_correct' }, { correction: 'corrected' }],
    });
    expect(await accountRow(db, 'alice')).toMatchObject({ balance: '8.000000' });
  });

  test('another switch, one whose name begins alike, and another time are no records of this one', async () => {
    await calls(talked(61));
    await writeJournal('ast11-1.1', null, ANSWER + 1_000);
    await writeJournal('ast2-1.1', null, ANSWER + 1_000);
    await writeJournal('ast1-1.1', null, ANSWER + 3_600_000);
    expect(await json()).toMatchObject({ differences: 0, calls_without_records: 1 });
  });

  test('a call that only Asterisk knows is reported and never corrected; what is not ours is not', async () => {
    await writeJournal('ast1-1.1', ANSWER, ANSWER + 33_900);
    await writeRecord('ast1-1.2', ANSWER, ANSWER + 12_000);
    // Not answered, of no account, without a leg of ours.
    await writeJournal('ast1-1.3', null, ANSWER);
    await writeRecord('ast1-1.4', null, ANSWER);
    await writeRecord('ast1-1.5', ANSWER, ANSWER + 5_000);
    await db.database('astswitchcdr').where({ uniqueid: 'ast1-1.5' }).update({ accountcode: '' });
    await db
      .database('astcel')
      .insert(journalOf('ast1-1.6', ANSWER, ANSWER).map(row => ({ ...row, uniqueid: 'ast1-1.7' })));
    const found = await json(['--apply']);
    expect(found).toMatchObject({ exitCode: 1, differences: 2, corrected: 0, left: 2 });
    expect(found.items).toMatchObject([
      {
        uniqueid: 'ast1-1.2',
        finding: 'not_in_cdrs',
        accountcode: 'alice',
        billsec: null,
        switch_billsec: 12,
        correction: 'nothing_to_correct',
      },
      { uniqueid: 'ast1-1.1', finding: 'not_in_cdrs', accountcode: 'alice', switch_billsec: 33, charged: null },
    ]);
  });

  test('a call without an end in the records, and one in progress, are counted and not compared', async () => {
    const [killed] = await calls(talked(61));
    const ledger = openLedger(db);
    const open = callOf('alice');
    await ledger.start(open);
    await ledger.close();
    await writeJournal(killed!.uniqueid, ANSWER, null);
    await writeJournal(open.uniqueid, ANSWER, ANSWER + 5_000);
    const { exitCode, out } = await run();
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: "0 calls compared with Asterisk's records, no differences; not compared: 1 in progress, 1 without an end in Asterisk's records\n",
    });
  });

  test('what Asterisk wrote of our own hang-up of a call that nobody had heard end is no end of its talk', async () => {
    const [cut, ended] = await calls(talked(30), talked(30));
    const openCalls = openCallStore(db.database);
    for (const { uniqueid } of [cut!, ended!]) await openCalls.cut(uniqueid, ANSWER + 185_000);
    await openCalls.cut(cut!.uniqueid, ANSWER + 999_000);
    // Only of a call that goes on it is taken back.
    await openCalls.uncut(cut!.uniqueid);
    const ledger = openLedger(db);
    const open = callOf('alice');
    await ledger.start(open);
    await ledger.close();
    await openCalls.cut(open.uniqueid, ANSWER);
    expect((await openCalls.of(open.node)).map(({ cutAt }) => cutAt)).toEqual([ANSWER]);
    await openCalls.uncut(open.uniqueid);
    expect((await openCalls.of(open.node)).map(({ cutAt }) => cutAt)).toEqual([null]);
    await writeJournal(cut!.uniqueid, ANSWER, ANSWER + 185_020);
    // An end before it is one.
    await writeJournal(ended!.uniqueid, ANSWER, ANSWER + 90_000);
    expect(await json()).toMatchObject({
      calls_compared: 1,
      calls_without_end: 1,
      items: [{ uniqueid: ended!.uniqueid, finding: 'talk_differs', switch_billsec: 90 }],
    });
  });

  test('only calls that started within the range, page by page over 2,300 of one instant', async () => {
    const [call] = await calls(talked(61));
    const row = await db.database('astcdr').where({ uniqueid: call!.uniqueid }).first();
    const rows = Array.from({ length: 2_300 }, (_, index) => ({
      ...row,
      uniqueid: `ast1-9.${String(index).padStart(4, '0')}`,
      cost: 0,
      accountcode: 'none',
    }));
    for (const start_at of [NOON - 86_400_000, NOON + 86_400_000])
      rows.push({ ...row, uniqueid: `ast1-8.${start_at}`, start_at: new Date(start_at), cost: 0, accountcode: 'none' });
    for (let index = 0; index < rows.length; index += 500)
      await db.database('astcdr').insert(rows.slice(index, index + 500));
    await writeJournal(call!.uniqueid, ANSWER, ANSWER + 61_000);
    const journal = rows.flatMap(({ uniqueid }) => journalOf(uniqueid, ANSWER, ANSWER + 61_000));
    for (let index = 0; index < journal.length; index += 1_000)
      await db.database('astcel').insert(journal.slice(index, index + 1_000));
    const found = await json(['--limit', '5', '--page', '3']);
    // Each was charged nothing for 61 s.
    expect(found).toMatchObject({
      differences: 2_300,
      calls_compared: 2_301,
      calls_without_records: 0,
      page: 3,
      limit: 5,
    });
    expect(found.items.map(({ uniqueid }: { uniqueid: string }) => uniqueid)).toEqual(
      [10, 11, 12, 13, 14].map(index => `ast1-9.00${index}`),
    );
    await db.database('astcdr').whereNot({ uniqueid: call!.uniqueid }).delete();
  });

  /** Rows of the journal as Asterisk writes them into its file. */
  const linesOf = (rows: ReturnType<typeof journalOf>): string =>
    rows
      .map(({ eventtype, eventtime, uniqueid, linkedid }) => {
        const seconds = `${Date.parse(`${eventtime.replace(' ', 'T')}Z`) / 1000}`;
        const at = `${seconds.includes('.') ? seconds : `${seconds}.`}`.padEnd(17, '0');
        return `${[eventtype, at, uniqueid, linkedid, 'alice', 'x', ''].map(cell => `"${cell}"`).join(',')}\n`;
      })
      .join('');

  test('a table that has lost the first end of a call and has a later one is believed less than the file that has both', async () => {
    const [call] = await calls(talked(61));
    const { uniqueid } = call!;
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-log-'));
    mkdirSync(join(folder, 'cel-custom'));
    mkdirSync(join(folder, 'cdr-custom'));
    const rows = journalOf(uniqueid, ANSWER, ANSWER + 61_000);
    writeFileSync(join(folder, 'cel-custom/ringfence.csv'), linesOf(rows));
    const later = sqlTime(ANSWER + 185_000);
    const kept = rows.filter(({ eventtype }) => eventtype === 'ANSWER');
    await db.database('astcel').insert([...kept, { ...rows.at(-1)!, eventtime: later }]);
    expect((await json()).items).toMatchObject([{ uniqueid, finding: 'talk_differs', switch_billsec: 185 }]);
    expect(await json([], { RINGFENCE_EVIDENCE_FILES: `ast1=${folder}` })).toMatchObject({ differences: 0 });
  });

  test('the files of a switch on this machine tell what its tables lack', async () => {
    const [call] = await calls(talked(61));
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-log-'));
    mkdirSync(join(folder, 'cel-custom'));
    mkdirSync(join(folder, 'cdr-custom'));
    const rows = [
      ...journalOf(call!.uniqueid, ANSWER, ANSWER + 10_000),
      ...journalOf('ast1-1.1', ANSWER + 1, ANSWER + 7_500),
    ];
    writeFileSync(join(folder, 'cel-custom/ringfence.csv'), linesOf(rows));
    const files = { RINGFENCE_EVIDENCE_FILES: `ast1=${folder}` };
    expect((await json([], files)).items).toMatchObject([
      { uniqueid: call!.uniqueid, finding: 'talk_differs', switch_billsec: 10, amount: '1.00' },
      { uniqueid: 'ast1-1.1', finding: 'not_in_cdrs', switch_billsec: 7 },
    ]);
    const { exitCode, err } = await run([], { RINGFENCE_EVIDENCE_FILES: 'ast1=/nowhere' });
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: 'RINGFENCE_EVIDENCE_FILES: there is no folder /nowhere/cel-custom: correct the folder, or make it, as Asterisk does not\n',
    });
  });

  test('an Asterisk that has written no file yet leaves what the tables tell; one without the folders for them is an error', async () => {
    const [call] = await calls(talked(61));
    await db.database('astcel').insert(journalOf(call!.uniqueid, ANSWER, ANSWER + 10_000));
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-log-'));
    const files = { RINGFENCE_EVIDENCE_FILES: `ast1=${folder}` };
    expect((await run([], files)).err).toContain(`there is no folder ${folder}/cel-custom: correct the folder`);
    mkdirSync(join(folder, 'cel-custom'));
    mkdirSync(join(folder, 'cdr-custom'));
    const withoutFiles = await json([], files);
    expect(withoutFiles).toEqual(await json());
    expect(withoutFiles.items).toMatchObject([{ uniqueid: call!.uniqueid, finding: 'talk_differs' }]);
  });

  test.each([
    [['--from', 'yesterday'], 'from "yesterday" is not a time'],
    [
      ['--from', '2026-06-01', '--to', '2026-06-01'],
      'to "2026-06-01" is not after from "2026-06-01": give a later one',
    ],
    [['--from', '2026-06-01', '--tolerance', '-1'], 'tolerance "-1" is not a whole number from 0 to 3600'],
  ])('%j is refused by name', async (words, told) => {
    const { exitCode, err } = await ringfence(db.url, ['reconcile', ...words]);
    expect(exitCode).toBe(2);
    expect(err).toContain(told);
  });
});
