import { correctedEnd, type WrittenCall } from '../../src/calls/evidence';
import { SwitchError } from '../../src/calls/switch-port';
import { CONNECTED, DISCONNECTED, EPOCH, sleep, until, type World, world } from './fake-switch';

let w: World;
afterEach(() => w.close());

const record = (more: Partial<WrittenCall>): WrittenCall => ({
  source: 'cel',
  answeredLeg: null,
  answerAt: null,
  endAt: null,
  hangupCause: null,
  hangupSource: null,
  ...more,
});

test('a call that ended while the stream was down for 60 s is charged to the last word before, whatever comes after', async () => {
  w = world();
  w.tell(CONNECTED);
  await sleep(60);
  const answerAt = await w.talk('a.1');
  w.tell(DISCONNECTED);
  w.port.listed = [];
  w.port.advance(60_000);
  w.tell(CONNECTED);
  await w.arrive('a.2');
  await sleep(200);
  const end = w.ends.find(({ uniqueid }) => uniqueid === 'a.1');
  expect((end?.end.endAt as number) - answerAt).toBeLessThan(2_000);
});

test('a call that an earlier process left and that is gone is charged to the last sighting that was written down', async () => {
  w = world({ lastSeen: EPOCH });
  w.leftOpen('b.1', EPOCH - 50_000);
  w.port.advance(1_800_000);
  w.tell(CONNECTED);
  await w.arrive('b.2');
  await sleep(200);
  expect(w.ends).toMatchObject([
    {
      uniqueid: 'b.1',
      end: { endAt: EPOCH, answerAt: EPOCH - 50_000, disposition: 'ANSWERED', hangupSource: 'service' },
    },
  ]);
});

test('and to no earlier one, though the database could not say it at first', async () => {
  w = world({ lastSeen: EPOCH });
  w.leftOpen('b.1', EPOCH - 50_000);
  const { lastSeen } = w.openCalls;
  w.openCalls.lastSeen = async () => {
    w.openCalls.lastSeen = lastSeen;
    throw new Error('away');
  };
  w.tell(CONNECTED);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'b.1', end: { endAt: EPOCH } }]);
});

test('and to no later one, though the first list was refused and calls went on meanwhile', async () => {
  w = world({ lastSeen: EPOCH });
  w.leftOpen('b.1', EPOCH - 50_000);
  w.port.advance(1_800_000);
  const { channels } = w.port;
  w.port.channels = async () => {
    w.port.channels = channels;
    throw new SwitchError('unanswered', 'not yet');
  };
  w.tell(CONNECTED);
  await w.arrive('b.2');
  await sleep(300);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'b.1', end: { endAt: EPOCH } }]);
});

test('it is never charged beyond its grant, nor before its answer', async () => {
  w = world({ lastSeen: EPOCH + 100_000_000 });
  w.leftOpen('b.1', EPOCH);
  w.tell(CONNECTED);
  await sleep(100);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ end: { endAt: EPOCH + 3_600_000 } }]);
  w.close();
  w = world({ lastSeen: EPOCH - 100_000 });
  w.leftOpen('b.1', EPOCH);
  w.tell(CONNECTED);
  await sleep(100);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ end: { endAt: EPOCH } }]);
});

test('a called leg that ended unseen ends the call: the caller does not pay on alone', async () => {
  w = world();
  w.tell(CONNECTED);
  await w.talk('d.1');
  w.tell(DISCONNECTED);
  w.port.remove('rf-d.1-1');
  w.tell(CONNECTED);
  await sleep(300);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.port.hungUp).toContain('d.1');
  expect(w.ends).toMatchObject([{ uniqueid: 'd.1', end: { disposition: 'ANSWERED', hangupSource: 'callee' } }]);
});

test('a reservation that outlived any life of its call is settled though its switch never came back', async () => {
  let sweeps = 0;
  w = world({
    lastSeen: EPOCH + 30_000,
    expired: () => {
      // The process that carried it has one sweep's time to report its end itself.
      if (sweeps++ === 1) expect(w.ends).toEqual([]);
      return [...w.open];
    },
  });
  w.leftOpen('j.1', EPOCH);
  await sleep(250);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'j.1', end: { endAt: EPOCH + 30_000, disposition: 'ANSWERED' } }]);
});

test("a call of an earlier process that is gone is charged by the switch's own records, which say the answer as well", async () => {
  const written = record({
    answeredLeg: 'rf-q.1-1',
    answerAt: EPOCH,
    endAt: EPOCH + 7_000,
    hangupCause: 16,
    hangupSource: 'callee',
  });
  w = world({ lastSeen: EPOCH - 5_000, records: () => [['q.1', written]] });
  w.leftOpen('q.1', null);
  w.tell(CONNECTED);
  await sleep(100);
  const end = { answerAt: EPOCH, endAt: EPOCH + 7_000, disposition: 'ANSWERED', hangupCause: 16, evidence: 'cel' };
  expect(w.ends).toMatchObject([{ uniqueid: 'q.1', end: { ...end, hangupSource: 'callee' } }]);
});

test('records that are not written yet are waited for, and the sighting is the one before the wait', async () => {
  const written: [string, WrittenCall][] = [];
  w = world({ lastSeen: EPOCH, records: () => written, recordsWithinMs: 400 });
  w.leftOpen('r.1', EPOCH - 50_000);
  w.leftOpen('r.2', EPOCH - 50_000);
  w.tell(CONNECTED);
  await sleep(200);
  expect(w.ends).toEqual([]);
  expect(w.seen).toEqual([]);
  written.push(['r.1', record({ endAt: EPOCH + 3_000, source: 'cdr' })]);
  await sleep(400);
  expect(w.ends).toMatchObject([
    { uniqueid: 'r.1', end: { endAt: EPOCH + 3_000, evidence: 'cdr' } },
    { uniqueid: 'r.2', end: { endAt: EPOCH, evidence: 'sighting' } },
  ]);
  expect(w.seen.length).toBeGreaterThan(0);
});

test('those of a switch that was started since are not waited for: it has lost its calls', async () => {
  w = world({
    lastSeen: EPOCH,
    recordsWithinMs: 60_000,
    records: () => [['s.1', record({ answerAt: EPOCH - 9_000 })]],
  });
  w.leftOpen('s.1', null);
  w.tell({ type: 'connected', startedAt: EPOCH + 60_000 });
  await sleep(100);
  const end = { answerAt: EPOCH - 9_000, endAt: EPOCH, evidence: 'sighting' };
  expect(w.ends).toMatchObject([{ uniqueid: 's.1', end }]);
});

test.each(['caller', 'callee'] as const)(
  'a carried call whose %s left unheard is settled by the records, through its own life',
  async hangupSource => {
    const written: [string, WrittenCall][] = [];
    w = world({ records: () => written, recordsWithinMs: 60_000 });
    w.tell(CONNECTED);
    const answerAt = await w.talk('t.1');
    w.tell(DISCONNECTED);
    w.port.listed = [];
    w.tell(CONNECTED);
    await sleep(150);
    expect(w.ends).toEqual([]);
    written.push(['t.1', record({ endAt: answerAt + 2_500, hangupCause: 31, hangupSource })]);
    await sleep(200);
    const end = { answerAt, endAt: answerAt + 2_500, evidence: 'cel', hangupSource, hangupCause: 31 };
    expect(w.ends).toMatchObject([{ uniqueid: 't.1', end }]);
    expect(w.switchboard.carried).toBe(0);
  },
);

test('one that rang, was answered and ended while nobody heard is charged, not given up as unanswered', async () => {
  const written: [string, WrittenCall][] = [];
  w = world({ records: () => written, recordsWithinMs: 60_000, policy: { trunkSilenceMs: 100 } });
  w.tell(CONNECTED);
  await w.arrive('u.1');
  w.tell(DISCONNECTED);
  w.port.remove('rf-u.1-1');
  w.port.answeredAt = async () => {
    throw new SwitchError('gone', 'Channel not found');
  };
  const answerAt = w.port.now();
  written.push([
    'u.1',
    record({ answeredLeg: 'rf-u.1-1', answerAt, endAt: answerAt + 4_000, hangupSource: 'callee', hangupCause: 16 }),
  ]);
  w.tell(CONNECTED);
  await sleep(500);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'u.1', end: { answerAt, endAt: answerAt + 4_000, evidence: 'cel' } }]);
});

test('what is told of a call before it could be taken over counts, and before any record', async () => {
  w = world({ lastSeen: EPOCH, records: () => [['v.1', record({ endAt: EPOCH + 9_999 })]] });
  w.leftOpen('v.1', EPOCH);
  w.port.channel('v.1', 'up');
  w.port.channel('rf-v.1-1', 'up');
  w.tell(CONNECTED);
  w.tell({ type: 'ended', at: EPOCH + 4_000, channel: 'rf-v.1-1', byRequest: false });
  w.tell({ type: 'destroyed', at: EPOCH + 4_001, channel: 'rf-v.1-1', cause: 16, techCause: null });
  await sleep(100);
  const end = { endAt: EPOCH + 4_000, evidence: 'event', hangupSource: 'callee', hangupCause: 16 };
  expect(w.ends).toMatchObject([{ uniqueid: 'v.1', end }]);
  expect(w.port.hungUp.sort()).toEqual(['rf-v.1-1', 'v.1']);
});

test('a call that an earlier process let through and never dialled is ended, for nothing: the records know of no answer', async () => {
  w = world({
    lastSeen: EPOCH,
    recordsWithinMs: 60_000,
    records: () => [['w.1', record({ endAt: EPOCH - 1_000, hangupCause: 38 })]],
  });
  w.leftOpen('w.1', null);
  w.port.channel('w.1');
  w.tellOfHangups();
  w.tell(CONNECTED);
  await sleep(100);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.port.hungUp).toEqual(['w.1']);
  expect(w.ends).toMatchObject([{ end: { answerAt: null, hangupSource: 'service', evidence: 'cel' } }]);
});

test('one that was answered and left by its leg while nobody heard is charged, though its caller is ended by us now', async () => {
  const written: [string, WrittenCall][] = [];
  w = world({ lastSeen: EPOCH, recordsWithinMs: 60_000, records: () => written });
  w.leftOpen('w.2', null);
  w.port.channel('w.2', 'up');
  w.tellOfHangups();
  w.tell(CONNECTED);
  await sleep(100);
  expect(w.port.hungUp).toEqual(['w.2']);
  expect(w.ends).toEqual([]);
  const answerAt = EPOCH - 5_000;
  written.push(['w.2', record({ answeredLeg: 'rf-w.2-1', answerAt, endAt: EPOCH - 1_000, hangupSource: 'callee' })]);
  await sleep(300);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ end: { answerAt, endAt: EPOCH - 1_000, hangupSource: 'callee', evidence: 'cel' } }]);
});

test.each<[string, Partial<WrittenCall>]>([
  ['nothing was written', {}],
  ['only our own hang-up was written', { endAt: EPOCH + 45_000, hangupSource: null, hangupCause: 38 }],
  [
    'and its answer with it',
    { answeredLeg: 'rf-w.3-1', answerAt: EPOCH - 5_000, endAt: EPOCH + 46_000, hangupSource: 'callee' },
  ],
])(
  'what a take-over hangs up is no evidence: a call of which its caller left unheard is charged to its sighting, where %s',
  async (_, written) => {
    w = world({ lastSeen: EPOCH, recordsWithinMs: 300, records: () => [['w.3', record(written)]] });
    w.leftOpen('w.3', EPOCH - 5_000);
    w.port.channel('rf-w.3-1', 'up');
    w.port.advance(45_000);
    w.tellOfHangups();
    w.tell(CONNECTED);
    await sleep(800);
    expect(w.port.hungUp).toEqual(['rf-w.3-1']);
    const end = { answerAt: EPOCH - 5_000, endAt: EPOCH, evidence: 'sighting' };
    expect(w.ends).toMatchObject([{ uniqueid: 'w.3', end }]);
  },
);

test('nor is it for the next process, which takes over before the records were waited for', async () => {
  w = world({ lastSeen: EPOCH, recordsWithinMs: 60_000 });
  w.leftOpen('w.5', EPOCH - 5_000);
  w.port.channel('rf-w.5-1', 'up');
  w.port.advance(45_000);
  w.tell(CONNECTED);
  await sleep(200);
  expect(w.port.hungUp).toEqual(['rf-w.5-1']);
  expect(w.ends).toEqual([]);
  const { open } = w;
  const cutAt = open[0]?.cutAt as number;
  w.close();
  const written = record({ answeredLeg: 'rf-w.5-1', answerAt: EPOCH - 5_000, endAt: cutAt + 20 });
  w = world({ lastSeen: EPOCH, recordsWithinMs: 300, records: () => [['w.5', written]] });
  w.open.push(...open);
  w.port.advance(50_000);
  w.tell(CONNECTED);
  await sleep(800);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'w.5', end: { endAt: EPOCH, evidence: 'sighting' } }]);
});

test('nothing is hung up of a call of which it could not be written down that it was we', async () => {
  w = world({ lastSeen: EPOCH, recordsWithinMs: 300 });
  w.leftOpen('w.6', EPOCH - 5_000);
  w.port.channel('rf-w.6-1', 'up');
  const { cut } = w.openCalls;
  let asked = 0;
  w.openCalls.cut = async (...said) => {
    expect(w.port.hungUp).toEqual([]);
    if (asked++ < 2) throw new Error('not now');
    return cut(...said);
  };
  w.tell(CONNECTED);
  await sleep(800);
  expect(asked).toBe(3);
  expect(w.port.hungUp).toEqual(['rf-w.6-1']);
  expect(w.ends).toMatchObject([{ uniqueid: 'w.6', end: { endAt: EPOCH, evidence: 'sighting' } }]);
});

test('but an end that was written before it is', async () => {
  const written = record({
    answeredLeg: 'rf-w.4-1',
    answerAt: EPOCH - 5_000,
    endAt: EPOCH - 2_000,
    hangupSource: 'caller',
  });
  w = world({ lastSeen: EPOCH, recordsWithinMs: 60_000, records: () => [['w.4', written]] });
  w.leftOpen('w.4', EPOCH - 5_000);
  w.port.channel('rf-w.4-1', 'up');
  w.port.advance(45_000);
  w.tellOfHangups();
  w.tell(CONNECTED);
  await sleep(300);
  expect(w.ends).toMatchObject([
    { uniqueid: 'w.4', end: { endAt: EPOCH - 2_000, evidence: 'cel', hangupSource: 'caller' } },
  ]);
});

test('the sighting is not moved on while an end by the last one is not committed', async () => {
  w = world({ lastSeen: EPOCH });
  let commit = (): void => undefined;
  w.ledgerEnd = () => new Promise(resolve => (commit = () => resolve(null)));
  w.leftOpen('z.1', EPOCH - 5_000);
  w.tell(CONNECTED);
  await sleep(250);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'z.1', end: { endAt: EPOCH, evidence: 'sighting' } }]);
  expect(w.seen).toEqual([]);
  commit();
  await sleep(250);
  expect(w.seen.length).toBeGreaterThan(0);
});

test('records that cannot be read are asked again, though the switch was started since', async () => {
  let asked = 0;
  const answerAt = EPOCH - 5_000;
  const records = (): [string, WrittenCall][] => {
    if (asked++ === 0) throw new Error('not now');
    return [['y.1', record({ answeredLeg: 'rf-y.1-1', answerAt, endAt: EPOCH - 1_000 })]];
  };
  w = world({ lastSeen: EPOCH - 4_000, recordsWithinMs: 60_000, records });
  w.leftOpen('y.1', answerAt);
  w.tell({ type: 'connected', startedAt: EPOCH });
  await sleep(300);
  expect(asked).toBe(2);
  expect(w.ends).toMatchObject([{ uniqueid: 'y.1', end: { endAt: EPOCH - 1_000, evidence: 'cel' } }]);
});

test('a caller who hangs up after the stream was broken is charged to the end of his callee, of which nobody heard', async () => {
  const written: [string, WrittenCall][] = [];
  w = world({ recordsWithinMs: 60_000, records: () => written });
  w.tell(CONNECTED);
  await sleep(60);
  const answerAt = await w.talk('x.1');
  w.tell(DISCONNECTED);
  w.port.remove('rf-x.1-1');
  w.tell(CONNECTED);
  const at = answerAt + 10_000;
  w.tell({ type: 'ended', at, channel: 'x.1', byRequest: false });
  w.tell({ type: 'destroyed', at, channel: 'x.1', cause: 16, techCause: null });
  await sleep(200);
  expect(w.ends).toEqual([]);
  const end = { answerAt, endAt: answerAt + 2_000, hangupSource: 'callee', evidence: 'cel' } as const;
  written.push(['x.1', record({ answeredLeg: 'rf-x.1-1', answerAt, endAt: end.endAt, hangupSource: 'callee' })]);
  await sleep(1_200);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'x.1', end }]);
});

test('a caller whose callee left unheard, with nothing written of it, is charged to the last word before the cut, not to our hang-up', async () => {
  w = world({ recordsWithinMs: 300 });
  w.tellOfHangups();
  w.tell(CONNECTED);
  const answerAt = await w.talk('x.2');
  await sleep(150);
  const cutAt = w.port.now();
  w.tell(DISCONNECTED);
  w.port.remove('rf-x.2-1');
  w.port.advance(60_000);
  w.tell(CONNECTED);
  await sleep(150);
  expect(w.ends).toEqual([]);
  await sleep(500);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.port.hungUp).toContain('x.2');
  expect(w.ends).toMatchObject([{ uniqueid: 'x.2', end: { answerAt, evidence: 'sighting', hangupSource: 'callee' } }]);
  const endAt = w.ends[0]?.end.endAt as number;
  expect(endAt).toBeGreaterThan(answerAt);
  expect(endAt).toBeLessThanOrEqual(cutAt);
});

test('a caller whom his callee left unheard pays to the last word before, though he stays, hangs up and has that written', async () => {
  const written: [string, WrittenCall][] = [];
  w = world({ recordsWithinMs: 60_000, records: () => written });
  w.tell(CONNECTED);
  const answerAt = await w.talk('x.4');
  await sleep(150);
  const lastWordAt = w.port.now();
  w.tell(DISCONNECTED);
  w.port.remove('rf-x.4-1');
  w.port.advance(60_000);
  w.tell(CONNECTED);
  await sleep(200);
  const at = w.port.now();
  written.push(['x.4', record({ answeredLeg: 'rf-x.4-1', answerAt, endAt: at, hangupSource: 'caller' })]);
  w.tell({ type: 'ended', at, channel: 'x.4', byRequest: false });
  w.tell({ type: 'destroyed', at, channel: 'x.4', cause: 16, techCause: null });
  await sleep(1_500);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'x.4', end: { answerAt, evidence: 'sighting', hangupSource: 'callee' } }]);
  expect(w.ends[0]?.end.endAt).toBeLessThanOrEqual(lastWordAt);
});

test('a leg that one list did not have and the next one has was not lost: its call is charged to its end', async () => {
  w = world({ recordsWithinMs: 60_000 });
  const noted: string[] = [];
  w.openCalls.cut = async () => void noted.push('cut');
  w.openCalls.uncut = async () => void noted.push('taken back');
  w.tell(CONNECTED);
  const answerAt = await w.talk('x.3');
  const { channels } = w.port;
  w.port.channels = async () => (await channels()).filter(({ channel }) => channel !== 'rf-x.3-1');
  await until(() => noted.includes('cut'), 'the leg is missed');
  w.port.channels = channels;
  await until(() => noted.at(-1) === 'taken back', 'the cut is taken back');
  const endAt = w.port.now();
  w.tell({ type: 'ended', at: endAt, channel: 'x.3', byRequest: false });
  w.tell({ type: 'destroyed', at: endAt, channel: 'x.3', cause: 16, techCause: null });
  await until(() => w.ends.length === 1, 'the end');
  expect(w.ends).toMatchObject([{ end: { answerAt, endAt, evidence: 'event', hangupSource: 'caller' } }]);
});

test.each([
  ['and written down', true],
  ['though it cannot be written down, as this process knows it', false],
])('legs that lost each other unheard are hung up, %s: charged to the last word before', async (_, isWritable) => {
  w = world({ recordsWithinMs: 300 });
  w.tellOfHangups();
  const cuts: [string, number][] = [];
  w.openCalls.cut = async (...said) => {
    cuts.push(said);
    if (!isWritable) throw new Error('not now');
  };
  w.tell(CONNECTED);
  const answerAt = await w.talk('x.5');
  await sleep(200);
  const lastWordAt = w.port.now();
  w.tell(DISCONNECTED);
  w.port.mixing.set('rf-x.5', ['x.5']);
  w.port.advance(60_000);
  const backAt = w.port.now();
  w.tell(CONNECTED);
  await until(() => w.ends.length === 1, 'the end');
  expect(w.port.hungUp).toEqual(expect.arrayContaining(['x.5', 'rf-x.5-1']));
  expect(cuts).toEqual([['x.5', expect.any(Number)]]);
  expect(cuts[0]?.[1]).toBeGreaterThanOrEqual(backAt);
  expect(w.log.filter(({ event }) => event === 'cut_not_written')).toHaveLength(isWritable ? 0 : 1);
  expect(w.ends).toMatchObject([{ uniqueid: 'x.5', end: { answerAt, evidence: 'sighting' } }]);
  expect(w.ends[0]?.end.endAt).toBeLessThanOrEqual(lastWordAt);
});

test('a call that is adopted after all was not cut: it is taken back, and its end, told or written, is one', async () => {
  w = world({ lastSeen: EPOCH });
  w.leftOpen('w.7', EPOCH - 5_000);
  w.open[0] = { ...w.open[0]!, cutAt: EPOCH - 1_000 };
  for (const channel of ['w.7', 'rf-w.7-1']) w.port.channel(channel, 'up');
  w.tell(CONNECTED);
  await until(() => w.switchboard.carries('w.7'), 'adopted');
  expect(w.port.hungUp).toEqual([]);
  expect(w.open[0]?.cutAt).toBeNull();
  const { open } = w;
  w.close();
  // The next process believes the record of the end.
  const endAt = EPOCH + 9_000;
  const written = record({ answeredLeg: 'rf-w.7-1', answerAt: EPOCH - 5_000, endAt, hangupSource: 'caller' });
  w = world({ lastSeen: EPOCH, recordsWithinMs: 300, records: () => [['w.7', written]] });
  w.open.push(...open);
  w.port.advance(20_000);
  w.tell(CONNECTED);
  await until(() => w.ends.length === 1, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'w.7', end: { endAt, evidence: 'cel' } }]);
});

test('a caller who was left alone while nobody served is charged to the end of the leg that talked, not to our own hang-up', async () => {
  const written = record({
    answeredLeg: 'rf-w.2-1',
    answerAt: EPOCH - 9_000,
    endAt: EPOCH - 5_000,
    hangupSource: 'callee',
  });
  w = world({ lastSeen: EPOCH - 60_000, records: () => [['w.2', written]] });
  w.leftOpen('w.2', null);
  w.port.channel('w.2', 'up');
  w.tellOfHangups();
  w.tell(CONNECTED);
  await sleep(100);
  const end = { answerAt: EPOCH - 9_000, endAt: EPOCH - 5_000, evidence: 'cel', hangupSource: 'callee' };
  expect(w.ends).toMatchObject([{ uniqueid: 'w.2', end }]);
});

test('a call that could not be compared keeps its last sighting, and none is written meanwhile', async () => {
  w = world({ lastSeen: EPOCH });
  w.leftOpen('t.1', EPOCH - 5_000);
  const { destroyBridge } = w.port;
  let asked = 0;
  w.port.destroyBridge = async bridge => {
    if (asked++ < 2) throw new SwitchError('unanswered', 'not yet');
    return destroyBridge(bridge);
  };
  w.tell(CONNECTED);
  await sleep(200);
  expect(w.seen).toEqual([]);
  await sleep(300);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 't.1', end: { endAt: EPOCH, evidence: 'sighting' } }]);
});

test('an end of which something may have been missed is not waited for when its switch was started since, nor when the call is another process’s', async () => {
  w = world({ recordsWithinMs: 60_000, policy: { causeWaitMs: 10 } });
  w.tell(CONNECTED);
  await sleep(60);
  await w.talk('aa.1');
  await w.talk('aa.2');
  w.tell(DISCONNECTED);
  w.tell({ type: 'ended', at: w.port.now(), channel: 'aa.1', byRequest: false });
  w.tell({ type: 'destroyed', at: w.port.now(), channel: 'aa.1', cause: 16, techCause: null });
  await sleep(50);
  expect(w.ends).toEqual([]);
  w.tell({ type: 'connected', startedAt: w.port.now() });
  await sleep(1_300);
  expect(w.ends.map(({ uniqueid }) => uniqueid)).toContain('aa.1');
  w.tell(DISCONNECTED);
  w.tell({ type: 'connected', startedAt: 1 });
  await w.talk('aa.3');
  w.tell(DISCONNECTED);
  w.tell({ type: 'ended', at: w.port.now(), channel: 'aa.3', byRequest: false });
  w.tell({ type: 'destroyed', at: w.port.now(), channel: 'aa.3', cause: 16, techCause: null });
  w.tell({ type: 'replaced' });
  await sleep(1_300);
  expect(w.ends.map(({ uniqueid }) => uniqueid)).not.toContain('aa.3');
  expect(w.switchboard.waiting).toBe(0);
});

test('while an end that was told waits for the records, no later sighting is written: whoever finds the call open would charge to it', async () => {
  w = world({ recordsWithinMs: 60_000 });
  w.tell(CONNECTED);
  await sleep(60);
  await w.talk('z.1');
  w.tell(DISCONNECTED);
  w.tell(CONNECTED);
  w.port.listed = [];
  const endAt = w.port.now();
  w.tell({ type: 'ended', at: endAt, channel: 'z.1', byRequest: false });
  w.tell({ type: 'destroyed', at: endAt, channel: 'z.1', cause: 16, techCause: null });
  w.port.advance(20_000);
  await sleep(300);
  expect(w.ends).toEqual([]);
  expect(w.seen.length).toBeGreaterThan(1);
  expect(Math.max(...w.seen)).toBeLessThanOrEqual(endAt);
});

test('a service that stops does not wait for the records until its time is over: an end that was told is settled', async () => {
  w = world({ recordsWithinMs: 60_000 });
  w.tell(CONNECTED);
  await w.talk('z.2');
  w.tell(DISCONNECTED);
  const endAt = w.port.now();
  w.tell({ type: 'ended', at: endAt, channel: 'z.2', byRequest: false });
  w.tell({ type: 'destroyed', at: endAt, channel: 'z.2', cause: 16, techCause: null });
  w.switchboard.close();
  await sleep(2_000);
  expect(w.ends).toEqual([]);
  await sleep(2_500);
  await until(() => w.ends.length > 0, 'the end');
  expect(w.ends).toMatchObject([{ uniqueid: 'z.2', end: { endAt, evidence: 'event' } }]);
});

test('a call that the switch answered before it died, unheard, is not told as unanswered', () => {
  const told = {
    answerAt: null,
    endAt: EPOCH + 60_000,
    disposition: 'NO ANSWER',
    hangupCause: 19,
    hangupSource: 'callee',
    evidence: 'event',
  } as const;
  const answerAt = EPOCH + 3_000;
  expect(correctedEnd(told, record({ answeredLeg: 'rf-a-1', answerAt }))).toMatchObject({
    answerAt,
    endAt: answerAt,
    disposition: 'ANSWERED',
    evidence: 'sighting',
  });
  expect(correctedEnd(told, record({ endAt: EPOCH + 1_000 }))).toBe(told);
});
