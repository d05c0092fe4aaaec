/** A restart that takes over live calls, with the memory that they cost. */
import { accountNumbered, endAllCalls } from '../grown-books';
import { residentKb } from '../memory';
import { TalkingSwitch, type talkingCalls } from '../talking-switch';
import { WatchedServe } from '../watched-serve';
import type { Bench } from './measure';
import { placeLive } from './place-live';

export async function measureRecovery({ grown, live, tell }: Bench): Promise<void> {
  const { database, size } = grown;
  const many = Array.from({ length: live }, (_, index) => accountNumbered(Math.floor((index * size.accounts) / live)));
  const idle = await served(grown.url, 'idle', []);
  tell({ part: 'recovery', what: 'restart, idle', unit: 'ms', small: null, grown: idle.ms });
  for (const [whose, codes] of [
    ['of one account', [accountNumbered(1)]],
    [`of ${live} accounts`, many],
  ] as const) {
    const node = codes.length === 1 ? 'hot' : 'wide';
    const carrying = await served(grown.url, node, await placeLive(database, node, live, [...codes]));
    const what = `restart, ${live} live calls ${whose}`;
    tell({ part: 'recovery', what, unit: 'ms', small: null, grown: carrying.ms });
    const each = (name: 'heldBytes' | 'residentBytes') => (carrying[name] - idle[name]) / live;
    tell({
      part: 'recovery',
      what: `memory a call ${whose}, after a collection`,
      unit: 'bytes',
      small: null,
      grown: each('heldBytes'),
    });
    tell({
      part: 'recovery',
      what: `memory a call ${whose}, resident`,
      unit: 'bytes',
      small: null,
      grown: each('residentBytes'),
    });
    await endAllCalls(database);
  }
}

/** Starts a service for a switch with these calls, and measures until all are limited again; then its memory, settled. */
async function served(url: string, node: string, calls: ReturnType<typeof talkingCalls>) {
  const SETTLING_MS = 15_000;
  const talking = new TalkingSwitch(calls, node);
  const ariUrl = await talking.listen();
  const since = performance.now();
  // The books' events are a year old and are kept: another run may measure them.
  const service = new WatchedServe(url, { RINGFENCE_ARI_URL: ariUrl, RINGFENCE_EVENT_DAYS: '3650' });
  try {
    await talking.isLimited();
    const ms = Math.round(performance.now() - since);
    await new Promise(done => setTimeout(done, SETTLING_MS));
    const { heapBytes = Number.NaN } = await service.ask({ ask: 'heap' });
    return { ms, heldBytes: heapBytes, residentBytes: (residentKb(service.pid)?.now ?? Number.NaN) * 1024 };
  } finally {
    service.kill();
    await talking.close();
  }
}
