import type { AsteriskServer } from '../../../lab/servers/asterisk';
import { placeCall } from '../../../lab/servers/sipp';
import type { SwitchError } from '../../../src/calls/switch-port';
import { until } from './log-lines';
import { ownAsterisk, WatchedPort } from './real-switch';

let asterisk: AsteriskServer;
let watched: WatchedPort;

beforeAll(async () => {
  asterisk = await ownAsterisk();
}, 60_000);
afterEach(async () => {
  await watched?.port.close();
});
afterAll(async () => {
  await asterisk?.stop();
});

/** When the caller gets our answer, events flow and the application is registered. */
async function expectToServeCalls(): Promise<void> {
  watched.onArrival = leg => watched.port.hangup(leg.channel, 17);
  expect((await placeCall({ sip: asterisk.sip, to: '4930120' })).sipStatus).toBe(486);
  expect(watched.failures).toEqual([]);
}

test('a frozen switch: every request rejects as unanswered after its deadline, and works again when it thaws', async () => {
  watched = await new WatchedPort(asterisk.ariUrl, {
    requestDeadlineMs: 500,
    timing: { pingEveryMs: 300 },
  }).connected();
  const { port } = watched;
  asterisk.freeze();
  const leg = { channel: 'rf-x', endpoint: 'PJSIP/1@carrier', originator: 'x', accountcode: 'a' };
  const requests: Record<string, () => Promise<unknown>> = {
    setLimit: () => port.setLimit('x', 5),
    readLimit: () => port.readLimit('x'),
    createBridge: () => port.createBridge('rf-x'),
    createLeg: () => port.createLeg({ ...leg, limitSeconds: 5 }),
    join: () => port.join('rf-x', ['x']),
    dial: () => port.dial('x', 'y', 5),
    hangup: () => port.hangup('x', 16),
    destroyBridge: () => port.destroyBridge('rf-x'),
    play: () => port.play('x', ['sound:beep']),
    channels: () => port.channels(),
    bridges: () => port.bridges(),
    identify: () => port.identify(),
    answeredAt: () => port.answeredAt('x'),
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
  watched = await new WatchedPort(asterisk.ariUrl).connected();
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
  watched = new WatchedPort(asterisk.ariUrl);
  await until(() => watched.lines.some(line => line.event === 'switch_events_down'), 'the first failure');
  await asterisk.restart();
  await watched.connected();
  await expectToServeCalls();
});
