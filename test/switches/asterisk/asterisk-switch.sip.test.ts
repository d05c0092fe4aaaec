import { randomUUID } from 'node:crypto';
import { type AsteriskServer, labCustomers } from '../../../lab/servers/asterisk';
import { type Carrier, placeCall, startCalls, startCarrier } from '../../../lab/servers/sipp';
import type { SwitchError } from '../../../src/calls/switch-port';
import { LATE_MS } from '../../eventually';
import { APPLICATION_DATA } from './application-words';
import { until } from './log-lines';
import { callThrough, ownAsterisk, WatchedPort } from './real-switch';

let carrier: Carrier;
let elsewhere: Carrier;
let redirecting: Carrier;
let asterisk: AsteriskServer;
let watched: WatchedPort;

beforeAll(async () => {
  [carrier, elsewhere] = await Promise.all([startCarrier(), startCarrier()]);
  redirecting = await startCarrier({
    scenario: 'redirects',
    keys: { contact: `sip:4930120@${elsewhere.address}` },
  });
  asterisk = await ownAsterisk({
    carriers: [
      { name: 'carrier', address: carrier.address },
      { name: 'redirecting', address: redirecting.address },
      { name: 'following', address: redirecting.address, redirectMethod: 'uri_pjsip' },
    ],
    extraDialplan: `[elsewhere]
exten => _X.,1,Answer()
 same => n,Wait(600)
[words]
${APPLICATION_DATA.map(([data], index) => `exten => ${100 + index},1,Stasis(${data})`).join('\n')}
`,
    customers: [
      ...labCustomers,
      { name: 'outside', address: '127.0.0.7', context: 'elsewhere' },
      { name: 'words', address: '127.0.0.8', context: 'words' },
    ],
  });
  watched = await new WatchedPort(asterisk.ariUrl).connected();
}, 60_000);

afterAll(async () => {
  await watched?.port.close();
  await asterisk?.stop();
  for (const part of [carrier, elsewhere, redirecting]) await part?.stop();
});

afterEach(() => {
  expect(watched.failures.splice(0)).toEqual([]);
  watched.forget();
});

const newLeg = () => `rf-${randomUUID()}`;
const sip = () => ({ sip: asterisk.sip });

async function kindOf(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'done',
    (error: SwitchError) => error.kind,
  );
}

test('a switch describes each request that we make as we make it', () => {
  const events = watched.lines.map(({ event }) => event);
  expect(events).toContain('switch_connected');
  expect(events).not.toContain('switch_operation_differs');
});

test('a switch knows the name and the clock of its switch', () => {
  expect(watched.port.node).toBe(asterisk.systemname);
  // One machine, so that its clock is the switch's.
  expect(Math.abs(watched.port.now() - Date.now())).toBeLessThan(LATE_MS);
});

test('an answered call: arrival, ringing, answer of both legs, end, destroyed with cause 16', async () => {
  const bLeg = newLeg();
  watched.onArrival = leg => callThrough(watched.port, leg, { bLeg });
  const call = await startCalls({ ...sip(), to: '4930120', talkMs: 1_500 });
  await until(() => watched.of('answered', bLeg).length > 0, 'the answer');
  const aLeg = (await watched.arrival()).leg;
  expect(aLeg).toMatchObject({ accountcode: 'alice', dialledNumber: '4930120', state: 'ringing' });
  // Asterisk's own record of the answer is the stamp of the event, to the millisecond.
  expect(await watched.port.answeredAt(bLeg)).toBe(watched.of('answered', bLeg)[0]!.at);
  expect((await watched.port.channels()).map(channel => channel.channel).sort()).toEqual([aLeg.channel, bLeg].sort());

  const bridge = `${bLeg}-bridge`;
  expect(await watched.port.bridges()).toEqual([
    { bridge, channels: expect.arrayContaining([aLeg.channel, bLeg]), books: 'ours' },
  ]);

  const seen = await call.finished;
  const aEnd = await watched.ended(aLeg.channel);
  await watched.port.hangup(bLeg, 16);
  const bEnd = await watched.ended(bLeg);
  expect(await watched.port.bridges()).toEqual([{ bridge, channels: [], books: 'ours' }]);
  await watched.port.destroyBridge(bridge);
  // Asterisk lists it for a moment more.
  await until(async () => (await watched.port.bridges()).length === 0, 'the bridge to be gone');
  expect(seen).toMatchObject({ sipStatus: 200, ringing: true, endedBy: 'caller' });
  expect([aEnd.cause, bEnd.cause]).toEqual([16, 16]);

  const first = (type: 'ringing' | 'answered' | 'ended' | 'destroyed', channel: string) =>
    watched.events.findIndex(event => event.type === type && event.channel === channel);
  const order = [
    watched.events.findIndex(event => event.type === 'arrived'),
    first('ringing', bLeg),
    first('answered', bLeg),
    first('ended', aLeg.channel),
    first('destroyed', aLeg.channel),
    first('destroyed', bLeg),
  ];
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order).not.toContain(-1);
  expect(first('answered', aLeg.channel)).toBeGreaterThan(first('ringing', bLeg));
  // Both ends by the switch's clock; the caller's own clock saw the same talk, and a machine under load more or less of it.
  const talkMs = watched.of('ended', aLeg.channel)[0]!.at - watched.of('answered', bLeg)[0]!.at;
  expect(Math.abs(talkMs - seen.talkMs)).toBeLessThan(LATE_MS);
});

test.each([
  ['4930126', 17, 486, 'busy'],
  ['4930127', 1, 404, 'no such number'],
  ['4930128', 34, 503, 'the carrier is overloaded'],
  ['4930129', 19, 480, 'nobody answers within the 1 s given'],
])('a carrier that refuses %s gives cause %i, SIP %i: %s', async (to, cause, techCause) => {
  const bLeg = newLeg();
  watched.onArrival = leg => callThrough(watched.port, leg, { bLeg, ringSeconds: 1 });
  const call = await startCalls({ ...sip(), to });
  expect(await watched.ended(bLeg)).toMatchObject({ cause, techCause });
  await watched.port.hangup((await watched.arrival()).leg.channel, cause);
  expect((await call.finished).sipStatus).toBe({ 17: 486, 1: 404, 34: 503, 19: 480 }[cause]);
  expect(watched.of('answered')).toEqual([]);
});

// docs/asterisk.md shows the same table; it decides the cause of a refusal.
test.each([
  [1, 404],
  [16, 603],
  [17, 486],
  [18, 408],
  [19, 480],
  [20, 480],
  [21, 403],
  [22, 410],
  [27, 502],
  [28, 484],
  [29, 501],
  [31, 480],
  [34, 503],
  [3, 404],
  [38, 500],
  [41, 603],
  [42, 503],
  [50, 603],
  [52, 603],
  [57, 603],
  [58, 488],
  [63, 603],
  [102, 603],
  [127, 500],
])('a caller who is refused with cause %i sees SIP %i', async (cause, sipStatus) => {
  watched.onArrival = leg => watched.port.hangup(leg.channel, cause);
  expect(await placeCall({ ...sip(), to: '4930120' })).toMatchObject({ sipStatus, earlyMedia: false });
});

test('a prompt to a caller who is not answered is early media, and play resolves when it has been heard', async () => {
  let playedMs = 0;
  let answeredAt: number | null | undefined;
  watched.onArrival = async leg => {
    const startedAt = performance.now();
    await watched.port.play(leg.channel, ['sound:tt-weasels']);
    playedMs = performance.now() - startedAt;
    answeredAt = await watched.port.answeredAt(leg.channel);
    await watched.port.hangup(leg.channel, 21);
  };
  expect(await placeCall({ ...sip(), to: '4930120' })).toMatchObject({ sipStatus: 403, earlyMedia: true });
  // The sound is 2.96 s long.
  expect(playedMs).toBeGreaterThan(2_800);
  expect(answeredAt).toBeNull();
});

test('a prompt that is not there is refused', async () => {
  let outcome = '';
  watched.onArrival = async leg => {
    outcome = await kindOf(watched.port.play(leg.channel, ['sound:no-such-sound']));
    await watched.port.hangup(leg.channel, 21);
  };
  await placeCall({ ...sip(), to: '4930120' });
  expect(outcome).toBe('refused');
});

test('what is not there is gone, and hanging it up is a success', async () => {
  const { port } = watched;
  expect(await kindOf(port.answeredAt('nobody'))).toBe('gone');
  expect(await kindOf(port.setLimit('nobody', 5))).toBe('gone');
  expect(await kindOf(port.readLimit('nobody'))).toBe('gone');
  expect(await kindOf(port.dial('nobody', 'nobody', 5))).toBe('gone');
  expect(await kindOf(port.join('no-bridge', ['nobody']))).toBe('gone');
  expect(await kindOf(port.hangup('nobody', 16))).toBe('done');
  expect(await kindOf(port.destroyBridge('no-bridge'))).toBe('done');
});

test('a leg and a bridge whose ids exist are refused: what was done stays done once', async () => {
  const bLeg = newLeg();
  const kinds: string[] = [];
  watched.onArrival = async leg => {
    await callThrough(watched.port, leg, { bLeg });
    const again = { channel: bLeg, endpoint: 'PJSIP/4930120@carrier', originator: leg.channel };
    kinds.push(
      await kindOf(watched.port.createBridge(`${bLeg}-bridge`)),
      await kindOf(watched.port.createLeg({ ...again, accountcode: 'alice', limitSeconds: 5 })),
    );
    await watched.port.hangup(bLeg, 16);
    await watched.port.hangup(leg.channel, 16);
  };
  await placeCall({ ...sip(), to: '4930129' });
  expect(kinds).toEqual(['refused', 'refused']);
});

test('which of the listed channels are in our application is told', async () => {
  const outside = await startCalls({ ...sip(), from: '127.0.0.7', to: '4930120' });
  const inside = await startCalls({ ...sip(), to: '4930120' });
  const { leg } = await watched.arrival();
  const everything = () => asterisk.cli('core show channels concise');
  await until(async () => (await everything()).includes('PJSIP/outside'), 'the other call');
  const listed = await watched.port.channels();
  expect(listed).toHaveLength(2);
  expect(listed.find(({ channel }) => channel === leg.channel)).toMatchObject({ isElsewhere: false });
  expect(listed.find(({ channel }) => channel !== leg.channel)).toMatchObject({ isElsewhere: true });
  await watched.port.hangup(leg.channel, 16);
  await inside.finished;
  outside.kill();
  await asterisk.cli('channel request hangup all');
});

test('a channel that is found waiting has the words of its arrival, however the dialplan wrote them', async () => {
  const calls = await Promise.all(
    APPLICATION_DATA.map((_, index) => startCalls({ ...sip(), from: '127.0.0.8', to: `${100 + index}` })),
  );
  await until(() => watched.of('arrived').length === APPLICATION_DATA.length, 'every caller');
  const told = new Map(watched.of('arrived').map(({ leg }) => [leg.dialledNumber, leg.args]));
  const found = new Map((await watched.port.channels()).map(leg => [leg.dialledNumber, leg.args]));
  const words = new Map(APPLICATION_DATA.map(([, each], index) => [`${100 + index}`, each]));
  for (const { leg } of watched.of('arrived')) await watched.port.hangup(leg.channel, 16);
  await Promise.all(calls.map(call => call.finished));
  expect(told).toEqual(words);
  expect(found).toEqual(words);
});

test('a limit ends both legs at its millisecond, with our process gone', async () => {
  const bLeg = newLeg();
  const call = await startCalls({ ...sip(), to: '4930120' });
  const { leg } = await watched.arrival();
  await callThrough(watched.port, leg, { bLeg });
  await until(() => watched.of('answered', bLeg).length > 0, 'the answer');
  const limitedAt = watched.port.now();
  for (const channel of [leg.channel, bLeg]) await watched.port.setLimit(channel, 2.25);
  expect(await watched.port.readLimit(bLeg)).toBeLessThanOrEqual(2.25);
  await watched.port.close();

  const seen = await call.finished;
  expect(seen.endedBy).toBe('called');
  // Not a millisecond early, and no later than a busy machine schedules a thread.
  expect(seen.endedAt - limitedAt).toBeGreaterThanOrEqual(2_245);
  expect(seen.endedAt - limitedAt).toBeLessThan(2_250 + LATE_MS);
  await until(async () => !(await asterisk.cli('core show channels concise')).includes('!'), 'both legs gone');
  watched = await new WatchedPort(asterisk.ariUrl).connected();
});

test('a limit that did not take is refused, and a leg that would be born without one is not left behind', async () => {
  const bLeg = newLeg();
  const kinds: string[] = [];
  watched.onArrival = async leg => {
    // Asterisk then answers a set by 204 all the same.
    await asterisk.cli('module unload func_timeout.so');
    kinds.push(
      await kindOf(watched.port.setLimit(leg.channel, 5)),
      await kindOf(
        watched.port.createLeg({
          channel: bLeg,
          endpoint: 'PJSIP/4930120@carrier',
          originator: leg.channel,
          accountcode: 'alice',
          limitSeconds: 5,
        }),
      ),
    );
    await watched.port.hangup(leg.channel, 41);
  };
  await placeCall({ ...sip(), to: '4930120' });
  await asterisk.cli('module load func_timeout.so');
  expect(kinds).toEqual(['refused', 'refused']);
  await until(
    async () => !(await asterisk.cli('core show channels concise')).includes('PJSIP/carrier'),
    'no called leg',
  );
});

describe('a carrier that answers 302', () => {
  test('is not followed: the leg ends with cause 23, SIP 302', async () => {
    const bLeg = newLeg();
    watched.onArrival = leg =>
      callThrough(watched.port, leg, { bLeg, endpoint: `PJSIP/${leg.dialledNumber}@redirecting` });
    const call = await startCalls({ ...sip(), to: '4930120' });
    expect(await watched.ended(bLeg)).toMatchObject({ cause: 23, techCause: 302 });
    await watched.port.hangup((await watched.arrival()).leg.channel, 31);
    expect((await call.finished).sipStatus).toBe(480);
    expect(watched.of('answered')).toEqual([]);
  });

  test('is followed to a number that nobody priced under redirect_method=uri_pjsip, which is why it is not shipped', async () => {
    const bLeg = newLeg();
    watched.onArrival = leg =>
      callThrough(watched.port, leg, { bLeg, endpoint: `PJSIP/${leg.dialledNumber}@following` });
    const call = await startCalls({ ...sip(), to: '4930129' });
    await until(() => watched.of('answered', bLeg).length > 0, 'an answer from elsewhere');
    await watched.port.hangup(bLeg, 16);
    await watched.port.hangup((await watched.arrival()).leg.channel, 16);
    await call.finished;
  });
});

test('event types that nobody here knows, and a handler that throws, do not stop the stream', async () => {
  const { origin, username, password } = new URL(asterisk.ariUrl);
  const response = await fetch(`${origin}/ari/applications/ringfence/eventFilter`, {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    // An empty list removes the filter.
    body: '{}',
  });
  expect(response.ok).toBe(true);
  watched.onArrival = leg => {
    void watched.port.hangup(leg.channel, 17);
    throw new Error('a bug in the handler');
  };
  const refused = [await placeCall({ ...sip(), to: '4930120' }), await placeCall({ ...sip(), to: '4930121' })];
  expect(refused.map(seen => seen.sipStatus)).toEqual([486, 486]);
  expect(watched.of('arrived')).toHaveLength(2);
  expect(watched.of('disconnected')).toEqual([]);
  expect(watched.lines.filter(line => line.event === 'switch_event_handler_failed')).toHaveLength(2);
});

test('a second process takes the application over: the first is told, and stays away', async () => {
  const second = await new WatchedPort(asterisk.ariUrl).connected();
  await until(() => watched.of('replaced').length === 1, 'the first is told');
  second.onArrival = leg => second.port.hangup(leg.channel, 17);
  expect((await placeCall({ ...sip(), to: '4930120' })).sipStatus).toBe(486);
  expect(second.of('arrived')).toHaveLength(1);
  expect(second.of('replaced')).toEqual([]);
  expect(watched.of('arrived')).toEqual([]);
  await watched.port.close();
  watched = second;
});

test('two switches with different passwords in one process', async () => {
  const other = await ownAsterisk({ ariUser: 'somebody', ariPassword: 'other: pässword/1' });
  const elsewhere = await new WatchedPort(other.ariUrl).connected();
  try {
    elsewhere.onArrival = leg => elsewhere.port.hangup(leg.channel, 17);
    watched.onArrival = leg => watched.port.hangup(leg.channel, 1);
    const [here, there] = await Promise.all([
      placeCall({ ...sip(), to: '4930120' }),
      placeCall({ sip: other.sip, to: '4930120' }),
    ]);
    expect([here.sipStatus, there.sipStatus]).toEqual([404, 486]);
    expect([watched.port.node, elsewhere.port.node]).toEqual([asterisk.systemname, other.systemname]);
  } finally {
    await elsewhere.port.close();
    await other.stop();
  }
});
