import { Turns } from '../../src/calls/turns';
import type { CallLedger } from '../../src/credit/ledger';
import type { Terms } from '../../src/credit/rules/account';
import { GRANT, NOTHING_TO_SHARE, sleep, until, type World, world } from './fake-switch';

const callOf = (accountcode: string, node = 'ast1', emergency = false) => ({
  port: { node },
  state: { accountcode, dst: null, emergency },
});

const turnsOf32 = () => new Turns(32, ({ emergency }) => emergency);

/** Does as many works for a call, each of so long. Returns the list of those that have begun. */
const begun = (turns: Turns, call: ReturnType<typeof callOf>, count: number, ms: number): number[] => {
  const started: number[] = [];
  for (let index = 0; index < count; index++) {
    void turns.take(call, async () => {
      started.push(index);
      await new Promise(resolve => setTimeout(resolve, ms));
    });
  }
  return started;
};

test('32 of 100 works of an account go on at once, the others when one of them is done, in the order in which they came', async () => {
  const started = begun(turnsOf32(), callOf('alice'), 100, 10);
  expect(started).toHaveLength(32);
  await sleep(10);
  expect(started).toHaveLength(64);
  await sleep(20);
  expect(started).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test('the first work of another account, of the same one on another switch, and of an exempt call, waits for none of them', () => {
  const turns = turnsOf32();
  begun(turns, callOf('alice'), 100, 10);
  expect(begun(turns, callOf('bob'), 1, 10)).toHaveLength(1);
  expect(begun(turns, callOf('alice', 'ast2'), 1, 10)).toHaveLength(1);
  expect(begun(turns, callOf('alice', 'ast1', true), 1, 10)).toHaveLength(1);
});

test('works that are never done keep the others waiting for half a second, once', async () => {
  const turns = turnsOf32();
  begun(turns, callOf('alice'), 32, Number.MAX_SAFE_INTEGER % 2 ** 31);
  const others = begun(turns, callOf('alice'), 40, 10);
  await sleep(499);
  expect(others).toHaveLength(0);
  await sleep(1);
  expect(others).toHaveLength(32);
  await sleep(10);
  expect(others).toHaveLength(40);
});

test('a work that fails is told so, and the next one has its turn', async () => {
  const turns = turnsOf32();
  const failed = Array.from({ length: 33 }, () => turns.take(callOf('alice'), () => Promise.reject(new Error('no'))));
  expect(await Promise.allSettled(failed)).toEqual(Array(33).fill({ status: 'rejected', reason: new Error('no') }));
  expect(await turns.take(callOf('alice'), async () => 'done')).toBe('done');
});

test('the works of one switch wait no longer when it is lost, and those of another do', async () => {
  const turns = turnsOf32();
  const lost = begun(turns, callOf('alice'), 100, 10);
  const kept = begun(turns, callOf('alice', 'ast2'), 100, 10);
  turns.waitNoLonger('ast1');
  await sleep(0);
  expect([lost.length, kept.length]).toEqual([100, 32]);
  await sleep(10);
  expect(begun(turns, callOf('alice'), 40, 10)).toHaveLength(32);
});

describe('a switchboard with calls of one account that change at one instant', () => {
  const never = () => new Promise<never>(() => undefined);
  const NEWS = { accountcode: 'alice', blocked: false, hangupBefore: null, touchedAt: null };

  /** Lets a call arrive and its leg be dialled. */
  const dial = async (w: World, uniqueid: string, leg: { accountcode?: string; dialledNumber?: string } = {}) => {
    w.tell({ type: 'arrived', at: w.port.now(), leg: { ...w.port.channel(uniqueid), ...leg } });
    await sleep(0);
  };
  const answer = (w: World, uniqueids: string[]) => {
    for (const uniqueid of uniqueids) {
      const at = w.port.now();
      w.tell({ type: 'answered', at, channel: `rf-${uniqueid}-1` });
      w.tell({ type: 'answered', at, channel: uniqueid });
    }
  };
  const hangUp = (w: World, uniqueids: string[]) => {
    for (const uniqueid of uniqueids) {
      const at = w.port.now();
      w.tell({ type: 'ended', at, channel: uniqueid, byRequest: false });
      w.tell({ type: 'destroyed', at, channel: uniqueid, cause: 16, techCause: null });
    }
  };
  /** As many calls of alice, dialled. */
  const calling = async (count: number, ledger: Partial<CallLedger> = {}) => {
    const w = world({ ledger });
    const uniqueids = Array.from({ length: count }, (_, index) => `a${index}`);
    for (const uniqueid of uniqueids) await dial(w, uniqueid);
    return { w, uniqueids };
  };
  /** The callers whose limits the switch is told from now on. It answers each when `taken` is so. */
  const limited = (w: World, taken: () => Promise<unknown>) => {
    const told: string[] = [];
    const open = new Set<string>();
    let mostOpen = 0;
    w.port.setLimit = async channel => {
      if (channel.startsWith('rf-')) return;
      told.push(channel);
      open.add(channel);
      mostOpen = Math.max(mostOpen, open.size);
      await taken();
      open.delete(channel);
    };
    return { told, mostOpen: () => mostOpen };
  };

  test('sets 8 of 100 limits at once, and those of another account and of an emergency call beside them', async () => {
    const { w, uniqueids } = await calling(100);
    await dial(w, 'b', { accountcode: 'bob' });
    await dial(w, 'e', { dialledNumber: '112' });
    const { told, mostOpen } = limited(w, () => new Promise(resolve => setTimeout(resolve, 10)));
    answer(w, [...uniqueids, 'b', 'e']);
    await sleep(0);
    expect(told).toEqual([...uniqueids.slice(0, 8), 'b', 'e']);
    await sleep(200);
    expect(new Set(told)).toEqual(new Set([...uniqueids, 'b', 'e']));
    expect(mostOpen()).toBe(10);
    w.close();
  });

  test('a limit and a hang-up are requested at once while 200 ends wait for a ledger that does not answer', async () => {
    const { w, uniqueids } = await calling(200);
    await dial(w, 'talks');
    await dial(w, 'rings');
    answer(w, uniqueids);
    await sleep(100);
    w.ledgerEnd = never;
    hangUp(w, uniqueids);
    await sleep(0);
    expect(w.ends).toHaveLength(128);
    const { told } = limited(w, never);
    answer(w, ['talks']);
    await sleep(0);
    expect(told).toEqual(['talks']);
    w.switchboard.follow({ ...NEWS, blocked: true }, false);
    await sleep(0);
    expect(w.port.hungUp).toEqual(expect.arrayContaining(['talks', 'rings']));
    w.close();
  });

  test('hangs up at once while the switch takes none of 100 limits', async () => {
    const { w, uniqueids } = await calling(100);
    limited(w, never);
    answer(w, uniqueids);
    await sleep(0);
    w.switchboard.follow({ ...NEWS, blocked: true }, false);
    await sleep(0);
    expect(w.port.hungUp).toEqual(expect.arrayContaining(uniqueids));
    w.close();
  });

  test('sets no limit any more for a call that another process carries by its turn', async () => {
    const { w, uniqueids } = await calling(100);
    const { told } = limited(w, never);
    answer(w, uniqueids);
    await sleep(0);
    w.tell({ type: 'replaced' });
    await sleep(2_000);
    expect(told).toEqual(uniqueids.slice(0, 8));
    w.close();
  });

  test('sets no nearer limit either, and gives nothing back', async () => {
    const shrunk: string[] = [];
    let seconds = GRANT.grantedSeconds;
    const { w, uniqueids } = await calling(100, {
      share: async () => ({
        ...NOTHING_TO_SHARE,
        makesRoom: true,
        shares: uniqueids.map(uniqueid => ({ uniqueid, node: 'ast1', seconds, held: GRANT.grantedSeconds })),
      }),
      shrink: async ({ uniqueid }) => {
        shrunk.push(uniqueid);
        return { grant: null };
      },
    });
    answer(w, uniqueids);
    await sleep(2_000);
    seconds = 100;
    shrunk.length = 0;
    const { told } = limited(w, () => new Promise(resolve => setTimeout(resolve, 200)));
    w.switchboard.follow(NEWS, false);
    await until(() => told.length > 0, 'a nearer limit');
    w.tell({ type: 'replaced' });
    await sleep(2_000);
    expect([told, shrunk]).toEqual([uniqueids.slice(0, 8), []]);
    w.close();
  });

  test('extends 128 of 200 calls at once, and no other one any more', async () => {
    const extended: string[] = [];
    const terms: Terms = { ...GRANT.terms, mode: 'shared', sliceSeconds: 60 };
    const { w, uniqueids } = await calling(200, {
      start: async () => ({ granted: { ...GRANT, terms, grantedSeconds: 60, limitedBy: 'slice' } }),
      extend: ({ uniqueid }) => {
        extended.push(uniqueid);
        return never();
      },
    });
    answer(w, uniqueids);
    await until(() => extended.length > 0, 'an extension', 60_000);
    expect(extended).toHaveLength(128);
    w.tell({ type: 'replaced' });
    await sleep(2_000);
    expect(extended).toHaveLength(128);
    w.close();
  });

  test('warns 8 of 100 callers at once, and no other one any more', async () => {
    const warned: string[] = [];
    const terms: Terms = { ...GRANT.terms, warnSeconds: [10] };
    const { w, uniqueids } = await calling(100, {
      start: async () => ({ granted: { ...GRANT, terms, grantedSeconds: 60 } }),
      share: async () => ({ ...NOTHING_TO_SHARE, terms }),
      warned: async ({ uniqueid }) => void warned.push(uniqueid),
    });
    answer(w, uniqueids);
    await until(() => warned.length > 0, 'a warning', 60_000);
    expect([warned.length, w.port.played.length]).toEqual([8, 8]);
    w.tell({ type: 'replaced' });
    await sleep(2_000);
    expect([warned.length, w.port.played.length]).toEqual([8, 8]);
    w.close();
  });

  test('tells the ledger at once of all 201 ends that it knows when another process carries the calls', async () => {
    const { w, uniqueids } = await calling(200);
    await dial(w, 'ending');
    answer(w, [...uniqueids, 'ending']);
    await sleep(100);
    w.ledgerEnd = never;
    hangUp(w, uniqueids);
    w.tell({ type: 'ended', at: w.port.now(), channel: 'ending', byRequest: false });
    await sleep(0);
    expect(w.ends).toHaveLength(128);
    w.tell({ type: 'replaced' });
    await sleep(0);
    expect(new Set(w.ends.map(({ uniqueid }) => uniqueid))).toEqual(new Set([...uniqueids, 'ending']));
    w.close();
  });
});
