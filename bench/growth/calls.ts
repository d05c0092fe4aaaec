/** What a start, an extension and an end of a call take. */
import type { Ledger } from '../../src/credit/ledger';
import type { CallEnd } from '../../src/credit/rules/charge';
import type { StartRequest } from '../../src/credit/rules/start';
import { accountNumbered, endAllCalls, firstPrefix, type Size } from '../grown-books';
import { BENCH_NODE, benchLedger } from '../lane-shape';
import { processorMs } from '../processor-time';
import { quantile } from '../quantile';
import { type Bench, type Books, eachTimed } from './measure';
import { placeLive } from './place-live';

const ROUNDS = 5;
const CALLS_A_ROUND = 200;
const STEPS = ['start', 'extension', 'end'] as const;
type Step = (typeof STEPS)[number];

/** Calls of shared accounts one after the other, so that no batch hides what one of them costs. The books take turns. */
export async function measureCalls({ server, small, grown, live, tell }: Bench): Promise<void> {
  const hot = accountNumbered(1);
  await placeLive(grown.database, 'elsewhere', live, [hot]);
  const all = new Map<Books, Record<Step, number[]> & { serverMs: Record<Step, number>; hot: number[] }>();
  const ledgers = new Map<Books, Ledger>();
  for (const books of [small, grown]) {
    ledgers.set(books, await benchLedger(books.url, 2, 10_000));
    all.set(books, { start: [], extension: [], end: [], serverMs: { start: 0, extension: 0, end: 0 }, hot: [] });
  }
  const pid = server.process.pid;
  // The first round warms both up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [books, ledger] of ledgers) {
      const found = all.get(books)!;
      const calls = Array.from({ length: CALLS_A_ROUND }, (_, index) => newCall(books.size, round, index));
      for (const step of STEPS) {
        const before = processorMs(pid);
        const times = await eachTimed(calls, call => DO[step](ledger, call));
        if (round === 0) continue;
        found[step].push(...times);
        found.serverMs[step] += processorMs(pid) - before;
      }
      const onHot = Array.from({ length: 20 }, (_, index) => ({
        ...newCall(books.size, round, 1_000 + index),
        accountcode: hot,
      }));
      const times = await eachTimed(onHot, call => DO.start(ledger, call));
      for (const call of onHot) await DO.end(ledger, call);
      if (round > 0) found.hot.push(...times);
    }
  }
  const [ofSmall, ofGrown] = [all.get(small)!, all.get(grown)!];
  for (const step of STEPS) {
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      tell({
        part: 'calls',
        what: `${step}, ${name}`,
        unit: 'ms',
        small: quantile(ofSmall[step], share),
        grown: quantile(ofGrown[step], share),
      });
    }
    const each = (ms: number) => ms / (ROUNDS * CALLS_A_ROUND);
    const what = `${step}, processor time of the database`;
    tell({ part: 'calls', what, unit: 'ms', small: each(ofSmall.serverMs[step]), grown: each(ofGrown.serverMs[step]) });
  }
  const what = `start on an account with ${live} calls (small: none), p50`;
  tell({ part: 'calls', what, unit: 'ms', small: quantile(ofSmall.hot, 0.5), grown: quantile(ofGrown.hot, 0.5) });
  for (const ledger of ledgers.values()) await ledger.close();
  await endAllCalls(grown.database);
}

const DO: Record<Step, (ledger: Ledger, call: StartRequest) => Promise<void>> = {
  async start(ledger, call) {
    const outcome = await ledger.start(call);
    if (!('granted' in outcome)) throw new Error(`a start was not granted: ${JSON.stringify(outcome)}`);
  },
  async extension(ledger, { uniqueid, accountcode, node }) {
    const { grant } = await ledger.extend({ uniqueid, accountcode, node, seconds: 120 });
    if (grant === null) throw new Error('a call was not extended');
  },
  async end(ledger, { uniqueid, accountcode, startAt }) {
    const end: CallEnd = {
      answerAt: startAt,
      endAt: startAt + 30_000,
      disposition: 'ANSWERED',
      hangupCause: 16,
      hangupSource: 'caller',
      evidence: 'event',
    };
    await ledger.end({ uniqueid, accountcode, trunk: 'carrier', end });
  },
};

let calls = 0;

/** A call of an account of mode shared, spread over all of them. */
function newCall({ accounts, rates }: Size, round: number, index: number): StartRequest {
  const spread = (round * 7_919 + index * 104_729) % Math.floor(accounts / 2);
  const startAt = Date.now();
  return {
    uniqueid: `${BENCH_NODE}-${startAt}.${++calls}`,
    accountcode: accountNumbered(spread * 2 + 1),
    node: BENCH_NODE,
    src: '4930123456',
    dst: `${firstPrefix(rates) + ((calls * 7_919) % rates)}1234567`,
    startAt,
    emergency: false,
    routable: true,
    ringSeconds: 60,
  };
}
