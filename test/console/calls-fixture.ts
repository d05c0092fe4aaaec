/** Calls of every kind for the console's pages of calls, as the ledger and an Asterisk write them. */
import type { CallEnd } from '../../src/credit/rules/charge';
import { addAccount, addDeck, callOf, endOf, move, openLedger } from '../credit/ledger-fixture';
import type { TestDatabase } from '../database/test-database';

/** What a stranger may choose as a text. */
export const ATTACK = '<img src=x onerror=document.title=1>';
export const RIGHT_TO_LEFT = 'حساب \u202eשלום';

export interface FilledCalls {
  /** Two trunks were tried; 61 s of talk; extended, warned, refunded. */
  talked: string;
  busy: string;
  /** Refused, as nothing is left. */
  refused: string;
  /** In progress, answered a minute ago. */
  live: string;
  /** Its texts are chosen by a stranger. */
  strange: string;
  startAt: number;
}

const ENDED: Pick<CallEnd, 'hangupSource' | 'evidence'> = { hangupSource: 'callee', evidence: 'event' };

export async function fillCalls(db: TestDatabase): Promise<FilledCalls> {
  const startAt = Date.now() - 600_000;
  await addDeck(db, 'retail', [
    { prefix: '49', destination: 'Germany', price_per_minute: '0.024', connect_fee: '0.01' },
    { prefix: '4470', destination: `${ATTACK} ${RIGHT_TO_LEFT}`, price_per_minute: '0.35' },
  ]);
  await addAccount(db, 'alice', '20.00', { max_call_seconds: 600 });
  await addAccount(db, 'poor', '0.01');
  await addAccount(db, ATTACK, '5.00', { max_call_seconds: 600 });
  const ledger = openLedger(db);
  const talked = callOf('alice', { uniqueid: `ast1-${startAt}.7`, startAt, src: '+493012345' });
  const busy = callOf('alice', { startAt: startAt + 60_000 });
  const refused = callOf('poor', { startAt: startAt + 70_000 });
  const live = callOf('alice', { startAt: Date.now() - 65_000, src: '102' });
  const strange = callOf(ATTACK, { startAt: startAt + 80_000, src: `"${ATTACK}"`, dst: '447012345' });

  await ledger.start(talked);
  await ledger.answered({ ...talked, trunk: 'cheap', answerAt: startAt + 5_300 });
  await ledger.warned({ ...talked, secondsLeft: 30 });
  await ledger.end(
    endOf(
      talked,
      { ...ENDED, answerAt: startAt + 5_300, endAt: startAt + 66_400, disposition: 'ANSWERED', hangupCause: 16 },
      'cheap',
    ),
  );
  await move(db, {
    accountcode: 'alice',
    kind: 'refund',
    amount: 20_000n as never,
    reference: talked.uniqueid,
    reason: `crackled ${ATTACK}`,
    actor: 'anna',
  });
  for (const [kind, at] of [
    ['authorised', 20],
    ['answered', 5_310],
    ['warned', 40_000],
    ['settled', 66_450],
  ] as const) {
    await db
      .database('astoutbox')
      .where({ uniqueid: talked.uniqueid, kind })
      .update({ created_at: new Date(startAt + at) });
  }
  await ledger.start(busy);
  await ledger.end(
    endOf(
      busy,
      { ...ENDED, answerAt: null, endAt: busy.startAt + 2_000, disposition: 'BUSY', hangupCause: 17 },
      'cheap',
    ),
  );
  await ledger.start(refused);
  await ledger.start(strange);
  await ledger.end(
    endOf(strange, {
      ...ENDED,
      answerAt: strange.startAt + 1_000,
      endAt: strange.startAt + 8_500,
      disposition: 'ANSWERED',
      hangupCause: 16,
    }),
  );
  await ledger.start(live);
  await ledger.answered({ ...live, trunk: 'main', answerAt: Date.now() - 60_000 });
  await ledger.close();
  await writeJournal(db, talked.uniqueid, startAt);
  return {
    talked: talked.uniqueid,
    busy: busy.uniqueid,
    refused: refused.uniqueid,
    live: live.uniqueid,
    strange: strange.uniqueid,
    startAt,
  };
}

/** The journal of a call whose first trunk had no channel free; its end is half a second later than ours. */
async function writeJournal(db: TestDatabase, uniqueid: string, startAt: number): Promise<void> {
  const [caller, main, cheap] = ['PJSIP/alice-00000000', 'PJSIP/main-00000001', `PJSIP/cheap-00000002`];
  const [first, second] = [`rf-${uniqueid}-1`, `rf-${uniqueid}-2`];
  const cause = (hangupcause: number, hangupsource = '') => JSON.stringify({ hangupcause, hangupsource });
  const rows: [at: number, event: string, leg: string, channel: string, extra?: string][] = [
    [100, 'BRIDGE_ENTER', uniqueid, caller],
    [400, 'HANGUP', first, main, cause(34)],
    [5_300, 'ANSWER', second, cheap],
    [5_300, 'ANSWER', uniqueid, caller],
    [66_900, 'HANGUP', second, cheap, cause(16, cheap)],
    [66_910, 'HANGUP', uniqueid, caller, cause(16, cheap)],
  ];
  await db.database('astcel').insert(
    rows.map(([at, eventtype, leg, channame, extra = '']) => ({
      eventtype,
      eventtime: new Date(startAt + at),
      uniqueid: leg,
      linkedid: uniqueid,
      channame,
      extra,
    })),
  );
}
