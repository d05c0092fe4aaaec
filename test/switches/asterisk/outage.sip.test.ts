import type { AsteriskServer } from '../../../lab/servers/asterisk';
import { placeCall } from '../../../lab/servers/sipp';
import type { SwitchError } from '../../../src/calls/switch-port';
import { until } from './log-lines';
import { ownAsterisk, WatchedNode } from './real-switch';

let asterisk: AsteriskServer;
let watched: WatchedNode;

beforeAll(async () => {
  asterisk = await ownAsterisk();
}, 60_000);
afterEach(async () => {
  await watched?.node.close();
});
afterAll(async () => {
  await asterisk?.stop();
});

/** Events flow and the application is registered when a caller gets the answer that we give. */
async function expectToServeCalls(): Promise<void> {
  watched.onArrival = leg => watched.node.hangup(leg.channel, 17);
  expect((await placeCall({ sip: asterisk.sip, to: '4930120' })).sipStatus).toBe(486);
  expect(watched.failures).toEqual([]);
}

test('a frozen switch: every request rejects as unanswered after its deadline, and works again when it thaws', async () => {
  watched = await new WatchedNode(asterisk.ariUrl, {
    requestDeadlineMs: 500,
    timing: { pingEveryMs: 300 },
  }).connected();
  const { node } = watched;
  asterisk.freeze();
  const leg = { channel: 'rf-x', endpoint: 'PJSIP/1@carrier', originator: 'x', accountcode: 'a' };
  const requests: Record<string, () => Promise<unknown>> = {
    setLimit: () => node.setLimit('x', 5),
    readLimit: () => node.readLimit('x'),
    createBridge: () => node.createBridge('rf-x'),
    createLeg: () => node.createLeg({ ...leg, limitSeconds: 5 }),
    join: () => node.join('rf-x', ['x']),
    dial: () => node.dial('x', 'y', 5),
    hangup: () => node.hangup('x', 16),
    destroyBridge: () => node.destroyBridge('rf-x'),
    play: () => node.play('x', ['sound:beep']),
    channels: () => node.channels(),
    bridges: () => node.bridges(),
    identify: () => node.identify(),
    answeredAt: () => node.answeredAt('x'),
  };
  const startedAt = performance.now();
  const outcomes = await Promise.all(
    Object.entries(requests).map(async ([name, request]) => {
      const error: SwitchError | null = await request().then(
        () => null,
        thrown => thrown,
      );
      return [name, error?.kind];
    }),
  );
  const tookMs = performance.now() - startedAt;
  await until(() => watched.of('disconnected').length === 1, 'the silent stream is noticed');
  asterisk.thaw();
  expect(outcomes).toEqual(Object.keys(requests).map(name => [name, 'unanswered']));
  // Half a second each, all at once; the rest is for a busy machine.
  expect(tookMs).toBeLessThan(5_000);
  await watched.connected(2);
  await expectToServeCalls();
});

test('a switch that is killed, away for a minute and started again is served again', async () => {
  watched = await new WatchedNode(asterisk.ariUrl).connected();
  const [first] = watched.of('connected');
  await asterisk.kill();
  await until(() => watched.of('disconnected').length === 1, 'the break');
  // In real time: ari-client's own stream gave up after 43 s, forever.
  await new Promise(done => setTimeout(done, 60_000));
  await asterisk.restart();
  await watched.connected(2, 30_000);
  expect(watched.of('connected')[1]!.startedAt).toBeGreaterThan(first!.startedAt);
  await expectToServeCalls();
}, 150_000);

test('a switch that is away when the service starts is served when it comes', async () => {
  await asterisk.kill();
  watched = new WatchedNode(asterisk.ariUrl);
  await until(() => watched.lines.some(line => line.event === 'switch_events_down'), 'the first failure');
  await asterisk.restart();
  await watched.connected();
  await expectToServeCalls();
});
