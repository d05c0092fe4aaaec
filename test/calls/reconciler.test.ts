import type { WrittenCall } from '../../src/calls/evidence';
import { type SwitchChannel, SwitchError } from '../../src/calls/switch-port';
import type { CallRecord } from '../../src/credit/rules/call';
import type { StartRequest } from '../../src/credit/rules/start';
import type { AriChannel } from '../../src/switches/asterisk/ari-api';
import { switchChannelOf } from '../../src/switches/asterisk/switch-events';
import { CONNECTED, DISCONNECTED, EPOCH, GRANT, sleep, until, type World, world } from './fake-switch';

let w: World;
afterEach(() => w.close());

test('a call that arrives after the list was read is not taken for one that is gone', async () => {
  w = world();
  w.tell(CONNECTED);
  await sleep(5);
  w.leftOpen('p.1', null);
  w.tell({ type: 'arrived', at: w.port.now(), leg: w.port.channel('p.1') });
  await sleep(200);
  expect(w.ends).toEqual([]);
  expect(w.switchboard.carried).toBe(1);
});

test('one that is still up is adopted and limited from its answer', async () => {
  w = world();
  w.leftOpen('c.1', EPOCH);
  w.port.channel('c.1', 'up');
  w.port.channel('rf-c.1-1', 'up');
  w.tell(CONNECTED);
  await sleep(100);
  expect(w.switchboard.stateOf('c.1')).toMatchObject({ phase: 'talking', answerAt: EPOCH });
  expect(w.port.limits.map(([channel]) => channel)).toEqual(['c.1', 'rf-c.1-1']);
  expect(w.ends).toEqual([]);
});

test('300 live calls are taken over 50 at a time: thousands of limits at once would keep the switch from answering any in time', async () => {
  w = world();
  let [open, mostOpen] = [0, 0];
  w.port.setLimit = async channel => {
    mostOpen = Math.max(mostOpen, ++open);
    await new Promise(done => setTimeout(done, 10));
    open--;
    w.port.limits.push([channel, 0]);
  };
  for (let index = 0; index < 300; index++) {
    w.leftOpen(`m.${index}`, EPOCH);
    // Those of one account would take turns.
    (w.open[index] as CallRecord).accountcode = `account${index}`;
    w.port.channel(`m.${index}`, 'up');
    w.port.channel(`rf-m.${index}-1`, 'up');
  }
  w.tell(CONNECTED);
  await sleep(500);
  expect(new Set(w.port.limits.map(([channel]) => channel)).size).toBe(600);
  expect(mostOpen).toBe(100);
});

test('an answer that came while the stream was down is learnt from the switch, and limited', async () => {
  w = world({ grantedSeconds: 30 });
  w.tell(CONNECTED);
  await w.arrive('e.1');
  w.tell({ type: 'ringing', at: w.port.now(), channel: 'rf-e.1-1' });
  w.tell(DISCONNECTED);
  const answeredAt = w.port.now();
  w.port.answers.set('rf-e.1-1', answeredAt);
  w.port.answers.set('e.1', answeredAt);
  for (const leg of w.port.listed) leg.state = 'up';
  w.tell(CONNECTED);
  await sleep(150);
  expect(w.switchboard.stateOf('e.1')).toMatchObject({ phase: 'talking', answerAt: answeredAt });
});

test('a trunk that seems silent is asked for before it is given up: its answer may have been missed', async () => {
  w = world({ policy: { trunkSilenceMs: 50 } });
  await w.arrive('f.1');
  for (const leg of ['f.1', 'rf-f.1-1']) w.port.answers.set(leg, w.port.now());
  await sleep(150);
  expect(w.switchboard.stateOf('f.1')).toMatchObject({ phase: 'talking' });
  expect(w.port.hungUp).toEqual([]);
});

test('a question that the switch does not answer ends nothing and hangs up nobody', async () => {
  w = world({ policy: { trunkSilenceMs: 50 } });
  w.tell(CONNECTED);
  await w.talk('g.1');
  await w.arrive('g.2');
  const unanswered = async () => {
    throw new SwitchError('unanswered', 'no answer');
  };
  w.port.channels = unanswered;
  w.port.answeredAt = unanswered;
  w.port.listed = [];
  w.tell(DISCONNECTED);
  w.tell(CONNECTED);
  await sleep(400);
  expect(w.ends).toEqual([]);
  expect(w.port.hungUp).toEqual([]);
  expect(w.switchboard.carried).toBe(2);
});

test('a process whose application was taken over forgets its calls and asks nothing more', async () => {
  w = world({ policy: { ringSeconds: -1.9 } });
  w.tell(CONNECTED);
  await w.arrive('h.1');
  w.tell({ type: 'replaced' });
  w.leftOpen('h.9', null);
  w.port.channel('h.9');
  await sleep(400);
  expect(w.switchboard.carried).toBe(0);
  expect(w.port.hungUp).toEqual([]);
  expect(w.ends).toEqual([]);
});

test('a call that is settled between the list and the comparison is not adopted again', async () => {
  w = world();
  const answerAt = await w.talk('i.1');
  w.leftOpen('i.1', answerAt);
  w.tell(CONNECTED);
  await sleep(10);
  w.tell({ type: 'destroyed', at: w.port.now(), channel: 'i.1', cause: 16, techCause: null });
  w.port.remove('i.1');
  await sleep(100);
  expect(w.ends).toHaveLength(1);
  expect(w.log.filter(({ event }) => event === 'call_adopted' || event === 'call_settled_unseen')).toEqual([]);
});

test('a channel of nobody that was there before us is hung up at once, one that came later when it is seen twice, a call of ours never', async () => {
  w = world();
  w.port.channel('old.1');
  w.port.advance(5_000);
  w.tell(CONNECTED);
  await w.talk('mine.1');
  w.port.channel('rf-late.1-1');
  await sleep(60);
  expect(w.port.hungUp).toEqual(['old.1']);
  await sleep(250);
  expect(w.port.hungUp.sort()).toEqual(['old.1', 'rf-late.1-1']);
});

test('an emergency call that no ledger knows is left alone', async () => {
  w = world();
  w.port.channel('help.1').dialledNumber = '112';
  w.port.channel('rf-help.1-1');
  w.port.advance(5_000);
  w.tell(CONNECTED);
  await sleep(300);
  expect(w.port.hungUp).toEqual([]);
});

test('a call of other books is reported once and left alone, its bridge too; the next unknown channel is not', async () => {
  w = world();
  for (const channel of ['theirs.1', 'rf-theirs.1-1', 'old.1']) w.port.channel(channel);
  w.port.mixing.set('rf-theirs.1', ['theirs.1', 'rf-theirs.1-1']);
  w.port.mixing.set('rf-theirs.2', []);
  w.port.mixing.set('rf-ours.1', []);
  for (const [bridge, books] of [
    ['rf-theirs.1', 'theirs'],
    ['rf-theirs.2', 'theirs'],
    ['rf-ours.1', 'ours'],
  ] as const)
    w.port.booksOfBridges.set(bridge, books);
  w.port.advance(5_000);
  w.tell(CONNECTED);
  await sleep(400);
  expect(w.port.hungUp).toEqual(['old.1']);
  expect([...w.port.mixing.keys()]).toEqual(['rf-theirs.1', 'rf-theirs.2']);
  const reported = w.log.filter(({ event }) => event === 'channel_of_other_books');
  expect(reported.map(({ channel }) => channel).sort()).toEqual(['rf-theirs.1-1', 'theirs.1']);
});

test('what was compared is marked in the switch when the database has it', async () => {
  w = world();
  w.tell(CONNECTED);
  await sleep(80);
  expect(w.port.marks.length).toBeGreaterThan(0);
});

test('what goes wrong with one call keeps no other waiting', async () => {
  w = world({ lastSeen: EPOCH });
  w.leftOpen('k.1', null);
  w.leftOpen('k.2', null);
  w.port.destroyBridge = async bridge => {
    if (bridge === 'rf-k.1') throw new SwitchError('refused', 'no');
  };
  w.tell(CONNECTED);
  await sleep(100);
  expect(w.ends.map(({ uniqueid }) => uniqueid)).toContain('k.2');
});

test('while it stops, a call that is ending is settled at once, and one whose money comes is let go', async () => {
  const start = async ({ uniqueid }: StartRequest) => {
    if (uniqueid === 'l.2') await sleep(20);
    return { granted: GRANT };
  };
  w = world({ policy: { causeWaitMs: 60_000 }, ledger: { start } });
  await w.talk('l.1');
  w.tell({ type: 'ended', at: w.port.now(), channel: 'l.1', byRequest: false });
  expect(w.switchboard.waiting).toBe(1);
  w.tell({ type: 'arrived', at: w.port.now(), leg: w.port.channel('l.2') });
  // The ledger gets its request when the routes are known.
  await sleep(0);
  w.switchboard.close();
  await sleep(100);
  expect(w.switchboard.waiting).toBe(0);
  expect(w.ends).toMatchObject([
    { uniqueid: 'l.1', end: { disposition: 'ANSWERED' } },
    { uniqueid: 'l.2', end: { answerAt: null, hangupSource: 'service' } },
  ]);
});

test('a caller who is gone before he could be limited is told as such, and no bridge stays', async () => {
  w = world();
  w.port.setLimit = async () => {
    throw new SwitchError('gone', 'Channel not found');
  };
  w.port.createBridge = async bridge => {
    await sleep(30);
    w.port.mixing.set(bridge, []);
  };
  await w.arrive('m.1');
  await sleep(100);
  expect([...w.port.mixing]).toEqual([]);
  expect(w.ends).toMatchObject([{ end: { disposition: 'NO ANSWER', hangupSource: 'caller' } }]);
  expect(w.switchboard.carried).toBe(0);
});

test('a switch that took its time to take a limit is told again', async () => {
  w = world();
  await w.arrive('n.1');
  const setLimit = w.port.setLimit;
  let slow = true;
  w.port.setLimit = async (channel, seconds) => {
    if (slow) w.port.advance(2_000);
    slow = false;
    await setLimit(channel, seconds);
  };
  w.port.limits.length = 0;
  w.tell({ type: 'answered', at: w.port.now(), channel: 'rf-n.1-1' });
  w.tell({ type: 'answered', at: w.port.now(), channel: 'n.1' });
  await sleep(50);
  const seconds = w.port.limits.filter(([channel]) => channel === 'n.1').map(([, value]) => Math.round(value));
  expect(seconds).toEqual([3600, 3598]);
});

test("two switches that bring the same uniqueid do not end each other's calls", async () => {
  w = world();
  await w.talk('o.1');
  const other = world().port;
  w.switchboard.handle(other, { type: 'ended', at: other.now(), channel: 'o.1', byRequest: false });
  expect(w.switchboard.stateOf('o.1')).toMatchObject({ phase: 'talking' });
});

test('an emergency call whose arrival nobody heard is let through when it is found', async () => {
  w = world();
  w.port.channel('e.9').dialledNumber = '112';
  w.tell(CONNECTED);
  await sleep(300);
  expect(w.switchboard.stateOf('e.9')).toMatchObject({ phase: 'dialling', emergency: true });
});

test('an emergency call that an earlier process let through and had not dialled is dialled now', async () => {
  w = world();
  w.leftOpen('e.8', null);
  w.port.channel('e.8').dialledNumber = '112';
  w.tell(CONNECTED);
  await sleep(100);
  expect(w.port.hungUp).toEqual([]);
  expect(w.switchboard.stateOf('e.8')).toMatchObject({ phase: 'dialling', emergency: true, accountcode: 'alice' });
});

test('a switch that is taken over while it is compared is touched no more, and no sighting of it is written', async () => {
  const records = () => {
    w.tell({ type: 'replaced' });
    return [];
  };
  w = world({ lastSeen: EPOCH, records });
  w.leftOpen('k.1', EPOCH - 5_000);
  w.port.channel('k.2').createdAt = EPOCH - 60_000;
  w.tell(CONNECTED);
  await sleep(200);
  expect(w.port.hungUp).toEqual([]);
  expect(w.ends).toEqual([]);
  expect(w.seen).toEqual([]);
});

test('a ringing call that is adopted knows its trunk and its next routes', async () => {
  w = world();
  w.leftOpen('x.1', null);
  w.open[0]!.trunk = '';
  w.port.channel('x.1');
  w.port.channel('rf-x.1-1', 'down');
  w.tell(CONNECTED);
  await sleep(100);
  expect(w.switchboard.stateOf('x.1')).toMatchObject({ phase: 'dialling', routeIndex: 0, rang: false });
  w.tell({ type: 'answered', at: w.port.now(), channel: 'rf-x.1-1' });
  w.tell({ type: 'answered', at: w.port.now(), channel: 'x.1' });
  w.tell({ type: 'ended', at: w.port.now(), channel: 'x.1', byRequest: false });
  await sleep(200);
  expect(w.ends).toMatchObject([{ trunk: 'main', end: { disposition: 'ANSWERED' } }]);
});

test('a leg of an earlier route that is found too is hung up, and is the callee if it was answered before that', async () => {
  w = world();
  w.leftOpen('z.1', null);
  w.port.channel('z.1');
  w.port.channel('rf-z.1-1').createdAt -= 5_000;
  w.port.channel('rf-z.1-2');
  w.tell(CONNECTED);
  await sleep(100);
  expect(w.switchboard.stateOf('z.1')).toMatchObject({ phase: 'dialling', bLeg: 'rf-z.1-2' });
  expect(w.port.hungUp).toEqual(['rf-z.1-1']);
  const at = w.port.now();
  w.tell({ type: 'answered', at, channel: 'rf-z.1-1' });
  w.tell({ type: 'answered', at, channel: 'z.1' });
  w.tell({ type: 'ended', at: at + 3_000, channel: 'rf-z.1-1', byRequest: true });
  await sleep(200);
  expect(w.ends).toMatchObject([{ end: { answerAt: at, endAt: at + 3_000, disposition: 'ANSWERED' } }]);
  expect(w.port.hungUp).toEqual(expect.arrayContaining(['z.1', 'rf-z.1-2']));
});

describe('a leg that was given up for the next route, and that was answered unheard before it got its hang-up', () => {
  const [A, B1, B2] = ['s.1', 'rf-s.1-1', 'rf-s.1-2'];
  const route = { endpoint: 'PJSIP/{number}@x', stripDigits: 0, addPrefix: '', prefix: '' };
  const routes = [
    { ...route, trunk: 'first', priority: 1 },
    { ...route, trunk: 'second', priority: 2 },
  ];
  const written = (at: number, hangupSource: 'callee' | null = null) =>
    ({ source: 'cel', answeredLeg: B1, answerAt: at, endAt: at + 6, hangupCause: 16, hangupSource }) as const;

  /** The second leg rings, and the stream has broken. `isLost`: the first one did not get its hang-up. Resolves with the time of the answer. */
  async function unheard(isLost: boolean, records: (at: number) => [string, WrittenCall][], dialled = '4930123') {
    let at = 0;
    w = world({
      routes: { of: async () => routes, lastOf: () => routes },
      policy: { trunkSilenceMs: 30 },
      records: () => records(at),
      recordsWithinMs: 2_000,
    });
    w.tell(CONNECTED);
    const { hangup } = w.port;
    if (isLost) w.port.hangup = async () => undefined;
    w.tell({ type: 'arrived', at: w.port.now(), leg: { ...w.port.channel(A), dialledNumber: dialled } });
    await until(() => w.port.listed.some(({ channel }) => channel === B2), 'the next trunk is dialled');
    w.tell({ type: 'ringing', at: w.port.now(), channel: B2 });
    if (isLost) w.port.hangup = hangup;
    w.tellOfHangups();
    w.tell(DISCONNECTED);
    at = w.port.now();
    for (const leg of w.port.listed) if (leg.channel !== B2) leg.state = 'up';
    for (const leg of [A, B1]) w.port.answers.set(leg, at);
    return at;
  }

  test('is charged when its caller has gone too, by what the switch wrote', async () => {
    const at = await unheard(false, since => [[A, written(since)]]);
    w.port.listed = [];
    w.tell(CONNECTED);
    await until(() => w.ends.length > 0, 'an end');
    expect(w.ends).toMatchObject([
      { trunk: 'first', end: { answerAt: at, endAt: at + 6, evidence: 'cel', disposition: 'ANSWERED' } },
    ]);
  });

  test('is the talk of the call if it still talks: it is hung up again, and the other legs go with it', async () => {
    const at = await unheard(true, () => []);
    w.tell(CONNECTED);
    await until(() => w.ends.length > 0, 'an end');
    expect(w.port.hungUp).toEqual(expect.arrayContaining([B1, B2, A]));
    expect(w.ends[0]?.end.endAt).toBeGreaterThan(at);
    expect(w.ends).toMatchObject([{ trunk: 'first', end: { answerAt: at, hangupSource: 'service' } }]);
  });

  test.each([
    [null, 'service'],
    ['callee', 'callee'],
  ] as const)(
    'is charged when it is gone and the next leg rings, as the switch wrote it, ended by %s: the call ends with it',
    async (source, hangupSource) => {
      const at = await unheard(false, since => [[A, written(since, source)]]);
      w.tell(CONNECTED);
      await until(() => w.ends.length > 0, 'an end');
      expect(w.ends).toMatchObject([{ trunk: 'first', end: { answerAt: at, endAt: at + 6, hangupSource } }]);
      expect(w.port.hungUp).toEqual(expect.arrayContaining([A, B1, B2]));
    },
  );

  test('is charged at the end of its call if the switch writes it only then', async () => {
    let isWritten = false;
    const at = await unheard(false, since => (isWritten ? [[A, written(since)]] : []));
    w.tell(CONNECTED);
    await sleep(500);
    expect(w.switchboard.stateOf(A)).toMatchObject({ phase: 'dialling', bLeg: B2 });
    w.tell({ type: 'ended', at: w.port.now(), channel: A, byRequest: false });
    await sleep(10);
    isWritten = true;
    await until(() => w.ends.length > 0, 'an end');
    expect(w.ends).toMatchObject([{ trunk: 'first', end: { answerAt: at, endAt: at + 6, evidence: 'cel' } }]);
  });

  describe('by a service that died then', () => {
    /** The next one finds the second leg ringing. `callers`: its caller's state. Resolves with the time of the answer. */
    async function left(
      records: (at: number) => [string, WrittenCall][],
      more: Partial<CallRecord> = {},
      callers: SwitchChannel['state'] = 'up',
    ) {
      const at = EPOCH - 3_000;
      w = world({
        routes: { of: async () => routes, lastOf: () => routes },
        records: () => records(at),
        recordsWithinMs: 2_000,
        lastSeen: EPOCH,
      });
      w.leftOpen(A, null);
      Object.assign(w.open[0]!, { trunk: '', ...more });
      w.port.channel(A, callers);
      w.port.channel(B2);
      w.port.mixing.set('rf-s.1', [A, B2]);
      w.port.answers.set(A, at);
      w.tellOfHangups();
      w.tell(CONNECTED);
      await sleep(50);
      return at;
    }

    test('is charged as the switch wrote it: the call ends with it, before the leg that rings can be answered', async () => {
      const at = await left(since => [[A, written(since)]]);
      expect(w.port.hungUp).toEqual(expect.arrayContaining([A, B2]));
      await until(() => w.ends.length > 0, 'an end');
      expect(w.ends).toMatchObject([
        { trunk: 'first', end: { answerAt: at, endAt: at + 6, disposition: 'ANSWERED', evidence: 'cel' } },
      ]);
    });

    test('is charged if the switch writes it while the next leg rings', async () => {
      let isWritten = false;
      const at = await left(since => (isWritten ? [[A, written(since)]] : []));
      await sleep(500);
      expect(w.switchboard.stateOf(A)).toMatchObject({ phase: 'dialling', bLeg: B2 });
      isWritten = true;
      await until(() => w.ends.length > 0, 'an end');
      expect(w.ends).toMatchObject([{ trunk: 'first', end: { answerAt: at, endAt: at + 6 } }]);
      expect(w.port.hungUp).toEqual(expect.arrayContaining([A, B2]));
    });

    test('is charged at the end of its call if the switch writes it only then', async () => {
      let isWritten = false;
      const at = await left(since => (isWritten ? [[A, written(since)]] : []));
      w.tell({ type: 'ended', at: w.port.now(), channel: A, byRequest: false });
      await sleep(10);
      isWritten = true;
      await until(() => w.ends.length > 0, 'an end');
      expect(w.ends).toMatchObject([{ trunk: 'first', end: { answerAt: at, endAt: at + 6, evidence: 'cel' } }]);
    });

    test('is charged if its end is reported to the next one, and its answer was', async () => {
      w = world({ routes: { of: async () => routes, lastOf: () => routes }, lastSeen: EPOCH });
      w.leftOpen(A, null);
      for (const [leg, state] of [
        [A, 'up'],
        [B1, 'ringing'],
        [B2, 'ringing'],
      ] as const)
        w.port.channel(leg, state);
      w.port.mixing.set('rf-s.1', [A, B1, B2]);
      w.port.listed.find(({ channel }) => channel === B2)!.createdAt += 1;
      w.tellOfHangups();
      w.tell(CONNECTED);
      const at = w.port.now();
      w.port.answers.set(A, at);
      // Since the list was read.
      await sleep(10);
      for (const channel of [B1, A]) w.tell({ type: 'answered', at, channel });
      await until(() => w.ends.length > 0, 'an end');
      expect(w.ends).toMatchObject([{ end: { answerAt: at, disposition: 'ANSWERED' } }]);
    });

    test('ends its call if the ledger has its answer, though the next leg rings and the switch has written nothing', async () => {
      const at = await left(() => [], { answerAt: EPOCH - 3_000, trunk: 'first' });
      expect(w.port.hungUp).toEqual(expect.arrayContaining([A, B2]));
      await until(() => w.ends.length > 0, 'an end');
      // Until its switch was last seen.
      const end = { answerAt: at, endAt: EPOCH, disposition: 'ANSWERED', evidence: 'sighting' };
      expect(w.ends).toMatchObject([{ trunk: 'first', end }]);
    });

    test('is looked for only if the caller was answered, and takes no emergency call from the leg that rings', async () => {
      let looks = 0;
      const count = (since: number): [string, WrittenCall][] => {
        looks++;
        return [[A, written(since)]];
      };
      await left(count, {}, 'ringing');
      await sleep(300);
      expect(w.switchboard.stateOf(A)).toMatchObject({ phase: 'dialling', bLeg: B2, givenUp: [] });
      w.close();
      await left(count, { dst: '112' });
      await sleep(300);
      expect(w.switchboard.stateOf(A)).toMatchObject({ phase: 'dialling', bLeg: B2, givenUp: [] });
      expect([looks, w.ends]).toEqual([0, []]);
    });
  });

  test('takes no emergency call from the leg that rings', async () => {
    await unheard(false, since => [[A, written(since)]], '112');
    w.tell(CONNECTED);
    await sleep(500);
    expect(w.switchboard.stateOf(A)).toMatchObject({ phase: 'dialling', bLeg: B2 });
    expect(w.ends).toEqual([]);
  });
});

test('a caller whose callee answered while nobody served, and who was not answered himself, is let go for nothing', async () => {
  w = world({ lastSeen: EPOCH });
  w.leftOpen('q.1', null);
  w.port.channel('q.1', 'ringing');
  w.port.channel('rf-q.1-1', 'up');
  w.port.answers.set('rf-q.1-1', w.port.now());
  w.tellOfHangups();
  w.tell(CONNECTED);
  await sleep(100);
  expect(w.switchboard.stateOf('q.1')).toMatchObject({ phase: 'dialling', answerAt: null });
  await sleep(1_200);
  expect(w.port.hungUp).toEqual(['rf-q.1-1', 'q.1']);
  expect(w.ends).toMatchObject([{ end: { answerAt: null, hangupSource: 'service' } }]);
});

test('a bridge of nobody is destroyed when it is seen empty twice; one of a call, or with a channel in it, is not', async () => {
  w = world();
  w.tell(CONNECTED);
  await w.arrive('y.1');
  w.port.mixing.set('rf-old.1', []);
  w.port.channel('old.2').isElsewhere = true;
  w.port.mixing.set('rf-old.2', ['old.2']);
  w.port.mixing.set('rf-y.1', []);
  await sleep(350);
  expect([...w.port.mixing.keys()].sort()).toEqual(['rf-old.2', 'rf-y.1']);
});

test.each([
  ['caller', 'x.1'],
  ['callee', 'rf-x.1-1'],
])(
  'a call whose %s is up and no more in its bridge is ended, charged to when the switch wrote that it left',
  async (_, left) => {
    const record = { source: 'cel', answeredLeg: 'rf-x.1-1', hangupCause: null, hangupSource: null } as const;
    const written = { ...record, answerAt: EPOCH, endAt: EPOCH + 3_000 };
    w = world({ recordsWithinMs: 2_000, records: () => [['x.1', written]] });
    w.tellOfHangups();
    await w.talk('x.1');
    w.port.mixing.set(
      'rf-x.1',
      ['x.1', 'rf-x.1-1'].filter(leg => leg !== left),
    );
    w.port.advance(60_000);
    w.tell(CONNECTED);
    await sleep(300);
    expect(w.port.hungUp).toEqual(expect.arrayContaining(['x.1', 'rf-x.1-1']));
    expect(w.ends).toMatchObject([{ end: { endAt: EPOCH + 3_000, evidence: 'cel' } }]);
  },
);

test('a call of an earlier process whose legs lost each other is not taken up: both go, and it is charged as the switch wrote', async () => {
  const record = { source: 'cel', answeredLeg: 'rf-x.1-1', hangupCause: null, hangupSource: null } as const;
  w = world({ records: () => [['x.1', { ...record, answerAt: EPOCH, endAt: EPOCH + 3_000 }]] });
  w.leftOpen('x.1', EPOCH);
  w.port.advance(10_000);
  w.port.channel('x.1', 'up');
  w.port.channel('rf-x.1-1', 'up');
  w.port.mixing.set('rf-x.1', ['rf-x.1-1', 'somebody']);
  w.port.channel('somebody', 'up').isElsewhere = true;
  w.tell(CONNECTED);
  await sleep(200);
  expect(w.port.hungUp).toEqual(expect.arrayContaining(['x.1', 'rf-x.1-1', 'somebody']));
  expect(w.ends).toMatchObject([{ end: { endAt: EPOCH + 3_000, evidence: 'cel' } }]);
});

test('who takes the place of a leg is hung up, and with him the call, charged to that moment', async () => {
  w = world();
  w.tellOfHangups();
  w.tell(CONNECTED);
  await w.talk('x.1');
  const at = w.port.now() + 5_000;
  w.port.advance(9_000);
  w.tell({ type: 'tookPlace', at, channel: 'somebody', of: 'rf-x.1-1' });
  await sleep(150);
  expect(w.port.hungUp).toEqual(expect.arrayContaining(['somebody', 'x.1', 'rf-x.1-1']));
  expect(w.ends).toMatchObject([{ end: { endAt: at, hangupSource: 'service' } }]);
  expect(w.switchboard.carries('somebody')).toBe(false);
});

test('a leg that left its bridge and does not end is hung up with the other, charged to when it left; one that ends has hung up', async () => {
  w = world();
  w.tellOfHangups();
  w.tell(CONNECTED);
  await w.talk('x.1');
  await w.talk('y.1');
  const at = w.port.now();
  w.tell({ type: 'apart', at, channel: 'x.1' });
  w.tell({ type: 'apart', at, channel: 'y.1' });
  w.tell({ type: 'ended', at, channel: 'y.1', byRequest: false });
  await sleep(800);
  const sources = Object.fromEntries(w.ends.map(({ uniqueid, end }) => [uniqueid, end.hangupSource]));
  expect(sources).toEqual({ 'x.1': 'service', 'y.1': 'caller' });
  expect(w.ends.map(({ end }) => end.endAt)).toEqual([at, at]);
  expect(w.port.hungUp).toEqual(expect.arrayContaining(['x.1', 'rf-x.1-1']));
});

test('a caller who comes back while he talks is hung up, his call charged to that moment; one whose call is being settled as well', async () => {
  w = world({ policy: { causeWaitMs: 5_000 } });
  w.tell(CONNECTED);
  await w.talk('x.1');
  await w.talk('y.1');
  const at = w.port.now() + 100;
  const back = (channel: string) => w.port.listed.find(leg => leg.channel === channel)!;
  w.tell({ type: 'ended', at, channel: 'rf-y.1-1', byRequest: false });
  await sleep(50);
  w.port.channel('y.1', 'up');
  w.port.hungUp.length = 0;
  for (const channel of ['x.1', 'y.1']) w.tell({ type: 'arrived', at, leg: back(channel) });
  await sleep(50);
  expect(w.port.hungUp).toEqual(expect.arrayContaining(['x.1', 'rf-x.1-1', 'y.1']));
  expect(w.switchboard.stateOf('x.1')).toMatchObject({ phase: 'ending', endAt: at });
});

describe('a channel whose dialplan dials', () => {
  const D = 'd.1';
  /** As ARI lists it, in `Stasis(data)`. */
  const listed = (app_data: string, app_name = 'Stasis') => ({
    ...switchChannelOf({
      id: D,
      name: `PJSIP/${D}`,
      state: 'Ring',
      caller: { name: '', number: '1' },
      accountcode: 'channels-own',
      dialplan: { context: 'own', exten: '100', app_name, app_data },
      creationtime: new Date(EPOCH - 10_000).toISOString().replace('Z', '+0000'),
    } as AriChannel),
    isElsewhere: app_name !== 'Stasis',
  });

  /** The ledger has its call open: of Smith, J. to 49. It refuses any other question about it. */
  function leftDialling(): StartRequest[] {
    const asked: StartRequest[] = [];
    w = world({
      ledger: {
        start: async request => {
          asked.push(request);
          const isSame = request.accountcode === 'Smith, J.' && request.dst === '49';
          return isSame ? { granted: GRANT } : { refusal: 'uniqueid_reused' };
        },
      },
    });
    w.leftOpen(D, null);
    Object.assign(w.open[0]!, { accountcode: 'Smith, J.', isFixed: true, trunk: '' });
    return asked;
  }
  const refusals = () => w.port.handedBack.map(({ grant, refusal }) => refusal ?? grant?.grantedSeconds);

  test.each(['ringfence,authorize,account="Smith, J.",number=49', 'ringfence,authorize,account=Smith\\, J.,number=49'])(
    'and that is found waiting in Stasis(%s) after a restart gets the same answer again',
    async app_data => {
      const asked = leftDialling();
      w.port.listed.push(listed(app_data));
      w.tell(CONNECTED);
      await sleep(50);
      expect(asked).toMatchObject([{ uniqueid: D, accountcode: 'Smith, J.', dst: '49' }]);
      expect(refusals()).toEqual([3600]);
      expect(w.port.hungUp).toEqual([]);
    },
  );

  test('and that is found dialling after a restart gets the same answer when it asks for the same again', async () => {
    const asked = leftDialling();
    w.port.listed.push(listed('PJSIP/49@carrier,60', 'Dial'));
    w.tell(CONNECTED);
    await sleep(50);
    expect(w.switchboard.stateOf(D)).toMatchObject({ phase: 'dialling', dialledBy: 'dialplan' });
    const arrives = (app_data: string) => w.tell({ type: 'arrived', at: w.port.now(), leg: listed(app_data) });
    arrives('ringfence,authorize,account="Smith, J.",number=49');
    await sleep(20);
    arrives('ringfence,authorize,account="Smith, J.",number=50');
    await sleep(20);
    arrives('ringfence,authorize,account=alice,number=49');
    await sleep(20);
    expect([asked, refusals()]).toEqual([[], [3600, 'uniqueid_reused', 'uniqueid_reused']]);
  });

  test('and that asked again while the stream was down is answered when it is found waiting', async () => {
    leftDialling();
    w.open.length = 0;
    const leg = listed('ringfence,authorize,account="Smith, J.",number=49');
    w.tell(CONNECTED);
    w.tell({ type: 'arrived', at: w.port.now(), leg });
    w.port.listed.push({ ...leg, isElsewhere: true });
    await sleep(300);
    expect(refusals()).toEqual([3600]);
    w.tell(DISCONNECTED);
    w.port.listed = [leg];
    w.tell(CONNECTED);
    await sleep(50);
    expect(refusals()).toEqual([3600, 3600]);
    await sleep(300);
    expect(refusals()).toEqual([3600, 3600]);
    expect(w.port.hungUp).toEqual([]);
  });
});
