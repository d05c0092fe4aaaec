import { trace } from '@opentelemetry/api';
import { sleep, until, world } from './fake-switch';
import { keptSpans } from './kept-spans';

const spans = keptSpans();
beforeEach(() => {
  spans.length = 0;
});
afterAll(() => trace.disable());

const told = () => spans.map(({ name, within }) => [name, within]);

test('a call that talks has a span for its start, its dial, its answer, its limits and its end, each in that of the call', async () => {
  const w = world({ policy: { causeWaitMs: 10 } });
  await w.talk('a');
  w.tell({ type: 'ended', at: w.port.now(), channel: 'a', byRequest: false });
  w.tell({ type: 'destroyed', at: w.port.now(), channel: 'a', cause: 16, techCause: null });
  await until(() => w.switchboard.carried === 0, 'no call');
  expect(told()).toEqual([
    ['call', null],
    ['start', 'call'],
    ['dial', 'call'],
    ['answer', 'call'],
    ['limit', 'call'],
    ['end', 'call'],
  ]);
  expect(spans.filter(({ hasEnded }) => !hasEnded)).toEqual([]);
  expect(spans[0]?.attributes).toEqual({
    'ringfence.uniqueid': 'a',
    'ringfence.node': 'ast1',
    'ringfence.taken_over': false,
    'ringfence.granted_seconds': expect.any(Number),
  });
  expect(spans[3]?.attributes).toEqual({ 'ringfence.answered': true });
  w.close();
});

test('a call that is refused says why, and no span of it stays open', async () => {
  const w = world({ ledger: { start: async () => ({ refusal: 'insufficient_balance' }) } });
  await w.arrive('a');
  await until(() => w.switchboard.carried === 0, 'no call');
  expect(told()).toEqual([
    ['call', null],
    ['start', 'call'],
  ]);
  expect(spans.filter(({ hasEnded }) => !hasEnded)).toEqual([]);
  expect(spans[0]).toMatchObject({ attributes: { 'ringfence.refusal': 'insufficient_balance' } });
  w.close();
});

test('the calls of a service that stops leave no span open', async () => {
  const w = world();
  await w.talk('a');
  await w.arrive('b');
  w.switchboard.abandon();
  await sleep(50);
  expect(spans.filter(({ name, hasEnded }) => name === 'call' && !hasEnded)).toEqual([]);
  expect(spans.filter(({ name }) => name === 'call')).toHaveLength(2);
  w.close();
});
