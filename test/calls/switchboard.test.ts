import { SwitchError } from '../../src/calls/switch-port';
import type { StartRequest } from '../../src/credit/rules/start';
import type { Route } from '../../src/routes/route';
import { sleep, until, type World, world } from './fake-switch';

test.each([
  ['alice', 'alice'],
  ['x'.repeat(79), 'x'.repeat(79)],
  ['x'.repeat(80), ''],
  ['😀'.repeat(19), '😀'.repeat(19)],
  ['😀'.repeat(20), ''],
  // 27 characters of three bytes each, cut to 79 bytes.
  [`${'中'.repeat(26)}\ufffd`, ''],
  ['ali\u0000ce', ''],
  ['alice\u001b[2J', ''],
  ['ali\nce', ''],
  ['\ud800', ''],
])('a channel whose accountcode is %j is one of account %j', async (said, accountcode) => {
  const starts: StartRequest[] = [];
  const w = world({
    ledger: {
      start: async request => {
        starts.push(request);
        return { refusal: 'account_not_found' };
      },
    },
  });
  try {
    w.tell({ type: 'arrived', at: w.port.now(), leg: { ...w.port.channel('a'), accountcode: said } });
    await sleep(20);
    expect(starts.map(start => start.accountcode)).toEqual([accountcode]);
  } finally {
    w.close();
  }
});

const ROUTE: Route = {
  trunk: 'new',
  endpoint: 'PJSIP/{number}@new',
  stripDigits: 0,
  addPrefix: '',
  prefix: '',
  priority: 1,
};

describe('a call whose routes are read anew', () => {
  /** Routes that are known when the test says so, and a ledger that grants nothing. */
  const reading = () => {
    const starts: StartRequest[] = [];
    let known: (routes: Route[] | null) => void = () => undefined;
    const w = world({
      routes: { of: () => new Promise(resolve => (known = resolve)) },
      ledger: {
        start: async request => {
          starts.push(request);
          return { refusal: 'no_route' };
        },
      },
    });
    w.tell({ type: 'arrived', at: w.port.now(), leg: w.port.channel('a') });
    return { w, starts, known: (routes: Route[] | null) => known(routes) };
  };

  test('waits for them, and its wait counts into the deadline', async () => {
    const { w, starts, known } = reading();
    await sleep(50);
    expect(starts).toEqual([]);
    known([ROUTE, ROUTE]);
    await sleep(20);
    expect(starts).toMatchObject([{ routable: true, ringSeconds: 124 }]);
    expect(starts[0]?.waitedMs).toBeGreaterThan(30);
    w.close();
  });

  test('is refused by name when they cannot be read in time', async () => {
    const { w, starts, known } = reading();
    known(null);
    await sleep(20);
    expect(starts).toEqual([]);
    expect(w.log).toContainEqual(expect.objectContaining({ event: 'call_refused', refusal: 'ledger_unavailable' }));
    w.close();
  });

  test('asks the ledger for nothing when its caller has hung up meanwhile, and counts as no refusal', async () => {
    const { w, starts, known } = reading();
    w.tell({ type: 'ended', at: w.port.now(), channel: 'a', byRequest: false });
    known([ROUTE]);
    await sleep(20);
    expect(starts).toEqual([]);
    expect(w.log.map(({ event }) => event)).toContain('caller_gone');
    expect(w.switchboard.carried).toBe(0);
    expect(w.switchboard.metrics.find(({ name }) => name.endsWith('refused_total'))?.samples).toEqual([]);
    w.close();
  });
});

test('a start is wanted until its caller hangs up', async () => {
  let isWanted = () => false;
  const w = world({
    ledger: {
      start: (_, wanted = () => true) => {
        isWanted = wanted;
        return new Promise(() => undefined);
      },
    },
  });
  w.tell({ type: 'arrived', at: w.port.now(), leg: w.port.channel('a') });
  await sleep(20);
  expect(isWanted()).toBe(true);
  w.tell({ type: 'ended', at: w.port.now(), channel: 'a', byRequest: false });
  expect(isWanted()).toBe(false);
  w.close();
});

describe('a call whose end the ledger takes its time to commit', () => {
  /** A call that has ended, with a ledger that answers when the test says so. */
  const ending = async () => {
    const w = world({ policy: { causeWaitMs: 10 } });
    let answer: { commit: () => void; fail: () => void } | null = null;
    w.ledgerEnd = () =>
      new Promise((resolve, reject) => {
        answer = { commit: () => resolve(null), fail: () => reject(new Error('closed')) };
      });
    await w.talk('a');
    w.tell({ type: 'ended', at: w.port.now(), channel: 'a', byRequest: false });
    w.tell({ type: 'destroyed', at: w.port.now(), channel: 'a', cause: 16, techCause: null });
    await until(() => w.ends.length > 0, 'a settlement');
    return { w, ...(answer as unknown as { commit: () => void; fail: () => void }) };
  };
  const isForgotten = (w: World) => until(() => w.switchboard.carried === 0, 'no call');

  test('is being settled until then, and waited for by a service that stops', async () => {
    const { w, commit } = await ending();
    expect(w.switchboard.stateOf('a')?.phase).toBe('settling');
    expect([w.switchboard.carried, w.switchboard.waiting]).toEqual([1, 1]);
    expect(w.switchboard.endingOn('ast1')).toMatchObject([{ uniqueid: 'a' }]);
    commit();
    await isForgotten(w);
    expect([w.switchboard.waiting, w.switchboard.endingOn('ast1')]).toEqual([0, []]);
    expect(w.log).toContainEqual(expect.objectContaining({ event: 'call_settled', uniqueid: 'a' }));
    w.close();
  });

  test('that another process carries by then is waited for all the same', async () => {
    const { w, commit } = await ending();
    w.tell({ type: 'replaced' });
    expect([w.switchboard.carried, w.switchboard.waiting]).toEqual([0, 1]);
    expect(w.switchboard.endingOn('ast1')).toMatchObject([{ uniqueid: 'a', phase: 'settling' }]);
    commit();
    await until(() => w.switchboard.waiting === 0, 'a committed end');
    w.close();
  });

  test('and fails to commit is left to the next comparison, which finds it open', async () => {
    const { w, fail } = await ending();
    fail();
    await isForgotten(w);
    expect(w.switchboard.waiting).toBe(0);
    expect(w.log.map(({ event }) => event)).not.toContain('call_settled');
    w.close();
  });
});

describe('a dialled call that is being ended', () => {
  let w: World;
  afterEach(() => w.close());

  /** The switch hangs nothing up, though it says so. */
  const beingEnded = async (options: Parameters<typeof world>[0] = {}) => {
    w = world(options);
    w.tell({ type: 'connected', startedAt: 1 });
    const asked: [string, number][] = [];
    w.port.hangup = async (...hangUp: [channel: string, cause?: number]) =>
      void asked.push([hangUp[0], hangUp[1] ?? 0]);
    await w.arrive('s.1');
    const operator = { accountcode: 'alice', blocked: true, hangupBefore: null, touchedAt: null };
    return { w, asked, end: () => w.switchboard.follow(operator, false) };
  };

  test.each(['left', 'disconnected'] as const)(
    'is not waited for by a service that stops, if its switch is %s',
    async type => {
      const { end } = await beingEnded();
      end();
      expect(w.switchboard.waiting).toBe(1);
      w.tell({ type });
      expect(w.switchboard.waiting).toBe(0);
    },
  );

  test('is waited for again when its switch is back', async () => {
    const { end } = await beingEnded();
    end();
    w.tell({ type: 'disconnected' });
    w.tell({ type: 'connected', startedAt: 1 });
    expect(w.switchboard.waiting).toBe(1);
  });

  test.each<[string, () => Promise<number | null>, number[]]>([
    ['the switch no longer has its leg', () => Promise.reject(new SwitchError('gone', 'no such channel')), [2, 4]],
    ['the switch knows the answer of its leg alone', async () => 1, [2, 4]],
    ['the switch says that it was not answered', async () => null, [2, 4]],
    // The hang-ups before are still repeated.
    ['the switch does not answer', () => Promise.reject(new SwitchError('unanswered', 'no answer')), [2, 2]],
  ])('is hung up again after a while though %s', async (_, answeredAt, hangUps) => {
    const { asked } = await beingEnded({ policy: { ringSeconds: 1 } });
    w.port.answeredAt = async () => null;
    await until(() => asked.length === 2, 'the ring timer');
    w.port.answeredAt = channel => (channel === 's.1' ? Promise.resolve(null) : answeredAt());
    const counts = [asked.length];
    await sleep(5_500);
    counts.push(asked.length);
    expect(counts).toEqual(hangUps);
    expect(new Set(asked.flatMap(([channel, cause]) => (channel === 's.1' ? [cause] : []))).size).toBe(1);
    expect(w.switchboard.stateOf('s.1')?.phase).toBe('dialling');
  });

  test('is hung up again with the same cause if an operator ended it, and the switch lost the request', async () => {
    const { asked, end } = await beingEnded();
    w.port.answeredAt = async () => null;
    end();
    await sleep(11_000);
    const once = [
      ['rf-s.1-1', 16],
      ['s.1', 21],
    ];
    expect(asked).toEqual([...once, ...once, ...once]);
    expect(w.switchboard.stateOf('s.1')?.phase).toBe('dialling');
  });

  test('is hung up again also if the dialplan dials', async () => {
    const { asked, end } = await beingEnded();
    w.tell({ type: 'arrived', at: w.port.now(), leg: { ...w.port.channel('d.1'), args: ['authorize'] } });
    await sleep(20);
    expect(w.switchboard.stateOf('d.1')).toMatchObject({ phase: 'dialling', dialledBy: 'dialplan' });
    end();
    await sleep(11_000);
    expect(asked.filter(([channel]) => channel === 'd.1')).toEqual(Array(3).fill(['d.1', 21]));
  });
});

describe('a talk that the service reads of only after its dial was given up', () => {
  const [A, B1, B2] = ['s.1', 'rf-s.1-1', 'rf-s.1-2'];
  let w: World;
  afterEach(() => w.close());

  /** What the switch reports of a talk of 5 s that began at `at`. */
  const tellTalk = (leg: string, at: number) => {
    w.tell({ type: 'answered', at, channel: leg });
    w.tell({ type: 'answered', at, channel: A });
    w.tell({ type: 'ended', at: at + 5_000, channel: A, byRequest: false });
    w.tell({ type: 'destroyed', at: at + 5_001, channel: A, cause: 16, techCause: null });
  };

  test('is charged, and no end was written before', async () => {
    w = world();
    w.port.dial = async () => {
      throw new SwitchError('unanswered', 'the process stood still');
    };
    w.port.answeredAt = async () => {
      throw new SwitchError('gone', 'no such channel');
    };
    const at = w.port.now();
    await w.arrive(A);
    await until(() => w.port.hungUp.includes(A), 'the call is given up');
    await sleep(50);
    expect(w.ends).toEqual([]);
    tellTalk(B1, at);
    await until(() => w.ends.length > 0, 'its end is written');
    expect(w.ends).toMatchObject([
      { trunk: 'main', end: { answerAt: at, endAt: at + 5_000, disposition: 'ANSWERED' } },
    ]);
    expect(w.port.hungUp).toContain(B1);
  });

  test('is charged on the trunk that was answered, though the next one is dialled', async () => {
    const routes = [ROUTE, { ...ROUTE, trunk: 'next', priority: 2 }];
    w = world({ routes: { of: async () => routes }, policy: { trunkSilenceMs: 30 } });
    const at = w.port.now();
    await w.arrive(A);
    await until(() => w.port.listed.some(({ channel }) => channel === B2), 'the next trunk is dialled');
    tellTalk(B1, at);
    await until(() => w.ends.length > 0, 'its end is written');
    expect(w.ends).toMatchObject([{ trunk: 'new', end: { answerAt: at, endAt: at + 5_000, disposition: 'ANSWERED' } }]);
    expect(w.port.hungUp).toEqual(expect.arrayContaining([B1, B2]));
  });
});
