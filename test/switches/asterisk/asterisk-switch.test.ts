import { asteriskStamp, FakeAri } from '../../../lab/servers/fake-ari';
import { type OutgoingLeg, SwitchError, type SwitchEvent } from '../../../src/calls/switch-port';
import { parseAriUrl, parseListenUrl } from '../../../src/switches/asterisk/ari-address';
import { AriListener } from '../../../src/switches/asterisk/ari-listener';
import { AsteriskSwitch, type AsteriskSwitchOptions } from '../../../src/switches/asterisk/asterisk-switch';
import { readableLog, until } from './log-lines';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function connected(options: Partial<AsteriskSwitchOptions> = {}, alsoOnEvent: () => void = () => {}) {
  const fake = new FakeAri();
  await fake.listen();
  closing.push(() => fake.close());
  const events: SwitchEvent[] = [];
  const port = new AsteriskSwitch({
    address: parseAriUrl(fake.url()),
    application: 'ringfence',
    books: 'ours',
    onEvent: event => {
      events.push(event);
      alsoOnEvent();
    },
    log: readableLog().log,
    requestDeadlineMs: 10_000,
    timing: { firstRetryMs: 1, longestRetryMs: 5 },
    ...options,
  });
  closing.unshift(() => port.close());
  port.start();
  await until(() => fake.paths().includes('GET /ari/asterisk/ping') && events.length > 0, 'connected');
  return { fake, port, events };
}

test('a switch that keeps its events for the next service is left, and says so; one that keeps none goes on', async () => {
  const { port, events } = await connected();
  await port.leaveEvents();
  expect(types(events)).toEqual(['connected']);
  const { log } = readableLog();
  const told: SwitchEvent[] = [];
  const listener = new AriListener(parseListenUrl('ws://ringfence:secret@127.0.0.1:8099'), log);
  const keeping = new AsteriskSwitch({
    ...{ address: parseAriUrl('http://ringfence:secret@127.0.0.1:8088'), application: 'ringfence', books: 'ours' },
    ...{ onEvent: event => told.push(event), log, listener },
  });
  closing.unshift(() => keeping.close());
  await keeping.leaveEvents();
  expect(types(told)).toEqual(['left']);
});

const json = (body: object) => ({ status: 200, body: JSON.stringify(body) });
const types = (events: SwitchEvent[]) => events.map(event => event.type);

async function refusal(request: Promise<unknown>): Promise<SwitchError> {
  const error = await request.then(
    () => null,
    thrown => thrown,
  );
  expect(error).toBeInstanceOf(SwitchError);
  return error as SwitchError;
}

const LEG: OutgoingLeg = {
  channel: 'rf-b',
  endpoint: 'PJSIP/4930@carrier',
  originator: 'a',
  accountcode: 'alice',
  limitSeconds: 20.5,
};
const started = (channel: string) => ({
  type: 'StasisStart',
  timestamp: asteriskStamp(Date.now()),
  args: ['rf-leg'],
  channel: { id: channel, name: 'PJSIP/carrier-1' },
});

test('a switch is named by its address first, then by its systemname, and asks for its events once connected', async () => {
  const unconnected = new AsteriskSwitch({
    address: parseAriUrl('http://a:b@127.0.0.1:1'),
    application: 'ringfence',
    books: 'ours',
    onEvent: () => {},
    log: readableLog().log,
  });
  expect(unconnected.node).toBe('127.0.0.1:1');
  expect((await refusal(unconnected.hangup('a', 16))).kind).toBe('unanswered');
  await unconnected.close();

  const { fake, port, events } = await connected();
  expect(port.node).toBe('fake1');
  expect(events).toEqual([{ type: 'connected', startedAt: Date.parse('2026-11-21T08:50:51.948Z') }]);
  expect(fake.upgrades[0]!.url).toBe('/ari/events?app=ringfence');
  const filter = fake.seen.find(seen => seen.method === 'PUT');
  expect(filter?.path).toBe('/ari/applications/ringfence/eventFilter');
  expect(JSON.parse(filter!.body).allowed).toContainEqual({ type: 'StasisStart' });
});

test('a switch is asked for its name by a request alone, without its events', async () => {
  const fake = new FakeAri();
  await fake.listen();
  const port = new AsteriskSwitch({
    address: parseAriUrl(fake.url()),
    application: 'ringfence',
    books: 'ours',
    onEvent: () => {},
    log: readableLog().log,
  });
  closing.push(() => port.close());
  fake.answer = () => ({ status: 503 });
  expect((await refusal(port.identify())).kind).toBe('unanswered');
  expect(port.node).toBe(`127.0.0.1:${fake.port}`);
  fake.answer = () => undefined;
  expect(await port.identify()).toBe('fake1');
  expect(port.node).toBe('fake1');
  expect(fake.upgrades).toEqual([]);
  fake.answer = () => json({ config: {} });
  expect(await port.identify()).toBe(`127.0.0.1:${fake.port}`);
  await fake.close();
  expect((await refusal(port.identify())).kind).toBe('unanswered');
});

test('only bridges of ours are told, with the channels in them', async () => {
  const { fake, port } = await connected();
  fake.answer = () =>
    json([
      { id: 'rf-1', name: 'ours', channels: ['a', 'rf-b'] },
      { id: 'conference', name: '', channels: ['x'] },
      { id: 'rf-2', name: '', channels: [] },
    ]);
  expect(await port.bridges()).toEqual([
    { bridge: 'rf-1', channels: ['a', 'rf-b'], books: 'ours' },
    { bridge: 'rf-2', channels: [], books: null },
  ]);
});

test('after a break the filter is set again, and the api-docs are read again only when the switch was restarted', async () => {
  const { fake, events } = await connected();
  const count = (text: string) => fake.paths().filter(path => path.includes(text)).length;
  let docs = 0;
  let startup = '2026-11-21T08:50:51.948+0000';
  fake.answer = (_, path) => {
    if (path.includes('api-docs/channels')) docs += 1;
    return path.includes('/info') ? json({ config: {}, status: { startup_time: startup } }) : undefined;
  };
  fake.sockets[0]!.terminate();
  await until(() => types(events).filter(type => type === 'connected').length === 2, 'connected again');
  expect([count('eventFilter'), docs]).toEqual([2, 0]);
  startup = '2026-11-21T09:00:00.000+0000';
  fake.sockets[1]!.terminate();
  await until(() => types(events).filter(type => type === 'connected').length === 3, 'connected to another start');
  expect([count('eventFilter'), docs]).toEqual([3, 1]);
  expect(types(events)).toEqual(['connected', 'disconnected', 'connected', 'disconnected', 'connected']);
});

describe('a limit', () => {
  async function limitedTo(seconds: number, readBack: string[]) {
    const { fake, port } = await connected();
    const left = [...readBack];
    fake.answer = (method, path) =>
      path.includes('/variable') && method === 'GET' ? json({ value: left.shift() }) : undefined;
    const outcome = await port.setLimit('c', seconds).then(
      () => 'set',
      (error: SwitchError) => error.kind,
    );
    const sets = fake.seen.filter(seen => seen.method === 'POST' && seen.path.includes('/variable'));
    return { outcome, sets: sets.map(seen => new URL(seen.path, 'http://x').searchParams.get('value')) };
  }

  test.each([
    [10, ['9.999'], 'set', ['10.000'], 'the plain case'],
    [10, ['10.400'], 'set', ['10.000'], 'half a second of doubt is allowed'],
    [10, ['0', '9.990'], 'set', ['10.000', '10.000'], 'it took the second time'],
    [10, ['0', '0'], 'refused', ['10.000', '10.000'], '204 was answered, and there is no limit'],
    [10, ['60.000', '59.990'], 'refused', ['10.000', '10.000'], 'the old, longer one stayed'],
    [5.2509, ['5.2'], 'set', ['5.250'], 'rounded down, so that nobody talks longer than granted'],
    [0, ['-0.001'], 'set', ['0.001'], '0 would take the limit away'],
    [-3, ['-0.001'], 'set', ['0.001'], 'what is over ends at once'],
  ])('of %d s that reads back %j is %s', async (seconds, readBack, outcome, sets) => {
    expect(await limitedTo(seconds, readBack)).toEqual({ outcome, sets });
  });

  test('that is moved further away is one request: it is not read back', async () => {
    const { fake, port } = await connected();
    await port.prolongLimit('c', 10);
    const asked = fake.paths().filter(path => path.includes('/variable'));
    expect(asked).toEqual([expect.stringMatching(/^POST .*TIMEOUT.*value=10\.000/)]);
  });

  test('is read back once a second, and again when one did not take or the switch came back', async () => {
    const { fake, port, events } = await connected();
    let left = '9.999';
    fake.answer = (method, path) =>
      path.includes('/variable') && method === 'GET' ? json({ value: left }) : undefined;
    const readBacks = () => fake.paths().filter(path => path.startsWith('GET') && path.includes('/variable')).length;
    for (const channel of ['a', 'b', 'c']) await port.setLimit(channel, 10);
    expect(readBacks()).toBe(1);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_000);
    left = '0';
    expect((await refusal(port.setLimit('d', 10))).kind).toBe('refused');
    expect(readBacks()).toBe(3);
    // Nothing speaks for the next one, within the same second.
    expect((await refusal(port.setLimit('e', 10))).kind).toBe('refused');
    left = '9.999';
    await port.setLimit('f', 10);
    await port.setLimit('g', 10);
    expect(readBacks()).toBe(6);
    jest.restoreAllMocks();
    fake.sockets[0]!.terminate();
    await until(() => types(events).filter(type => type === 'connected').length === 2, 'connected again');
    await port.setLimit('h', 10);
    expect(readBacks()).toBe(7);
  });

  test('of NaN seconds is a bug and is not sent', async () => {
    const { port } = await connected();
    await expect(port.setLimit('c', Number.NaN)).rejects.toThrow('A limit of NaN seconds');
  });
});

describe('a called leg', () => {
  const limit = (value: string) => (method: string, path: string) =>
    path.includes('/variable') && method === 'GET' ? json({ value }) : undefined;

  test('is there when its own StasisStart has come, and was born with limit and account', async () => {
    const { fake, port, events } = await connected();
    fake.answer = limit('20.497');
    let done = false;
    const created = port.createLeg(LEG).then(() => {
      done = true;
    });
    await until(() => fake.paths().some(path => path.includes('/channels/create')), 'the request');
    expect(done).toBe(false);
    fake.send(started('rf-b'));
    await created;
    const create = fake.seen.find(seen => seen.path.includes('/channels/create'))!;
    expect(Object.fromEntries(new URL(create.path, 'http://x').searchParams)).toEqual({
      endpoint: 'PJSIP/4930@carrier',
      app: 'ringfence',
      appArgs: 'rf-leg',
      channelId: 'rf-b',
      originator: 'a',
    });
    expect(JSON.parse(create.body)).toEqual({
      variables: { 'TIMEOUT(absolute)': '20.500', 'CHANNEL(accountcode)': 'alice' },
    });
    expect(types(events)).toEqual(['connected']);
  });

  test('that does not enter the application in time is unanswered', async () => {
    const { port } = await connected({ requestDeadlineMs: 300 });
    expect((await refusal(port.createLeg(LEG))).kind).toBe('unanswered');
  });

  test('that ends instead is gone', async () => {
    const { fake, port } = await connected();
    const created = refusal(port.createLeg(LEG));
    await until(() => fake.paths().some(path => path.includes('/channels/create')), 'the request');
    fake.send({ type: 'ChannelDestroyed', cause: 1, channel: { id: 'rf-b' } });
    expect((await created).kind).toBe('gone');
  });

  test('is unanswered when the event stream breaks', async () => {
    const { fake, port } = await connected();
    const created = refusal(port.createLeg(LEG));
    await until(() => fake.paths().some(path => path.includes('/channels/create')), 'the request');
    fake.sockets[0]!.terminate();
    // At once, not when the deadline is over.
    expect(await created).toMatchObject({ kind: 'unanswered', message: 'the event stream broke' });
  });

  test('that was born without its limit is ended and refused', async () => {
    const { fake, port } = await connected();
    fake.answer = limit('0');
    const created = refusal(port.createLeg(LEG));
    await until(() => fake.paths().some(path => path.includes('/channels/create')), 'the request');
    fake.send(started('rf-b'));
    expect((await created).kind).toBe('refused');
    await until(() => fake.paths().includes('DELETE /ari/channels/rf-b?reason_code=41'), 'the hang-up');
  });

  test.each([
    ['BUSY', 17],
    ['CONGESTION', 34],
    ['CHANUNAVAIL', 20],
    ['NOANSWER', 19],
  ])('of a Local channel that says %s is ended with cause %i: it would stay up', async (dialstatus, cause) => {
    const { fake, events } = await connected();
    fake.send({ type: 'Dial', dialstatus, peer: { id: 'rf-b' } });
    await until(() => fake.paths().includes(`DELETE /ari/channels/rf-b?reason_code=${cause}`), 'the hang-up');
    expect(types(events)).toEqual(['connected', 'ended']);
  });
});

describe('a prompt', () => {
  const playing = (fake: FakeAri) => fake.paths().find(path => path.includes('/play/'));
  const playback = (fake: FakeAri) => /\/play\/([^?]+)/.exec(playing(fake)!)![1];

  test.each([
    ['done', 'heard'],
    ['failed', 'refused'],
  ])('that ends as %s is %s', async (state, outcome) => {
    const { fake, port } = await connected();
    const played = port.play('a', ['sound:beep']).then(
      () => 'heard',
      (error: SwitchError) => error.kind,
    );
    await until(() => playing(fake) !== undefined, 'the request');
    fake.send({ type: 'PlaybackFinished', playback: { id: playback(fake), state } });
    expect(await played).toBe(outcome);
  });

  test('is over when the caller hangs up', async () => {
    const { fake, port } = await connected();
    const played = refusal(port.play('a', ['sound:beep']));
    await until(() => playing(fake) !== undefined, 'the request');
    fake.send({ type: 'StasisEnd', channel: { id: 'a' } });
    expect((await played).kind).toBe('gone');
  });

  test('is over when the caller has asked to hang up, before Asterisk says that the sound failed', async () => {
    const { fake, port } = await connected();
    const played = refusal(port.play('a', ['sound:beep']));
    await until(() => playing(fake) !== undefined, 'the request');
    fake.send({ type: 'ChannelHangupRequest', channel: { id: 'a' } });
    fake.send({ type: 'PlaybackFinished', playback: { id: playback(fake), state: 'failed' } });
    expect((await played).kind).toBe('gone');
  });

  const isLanguage = (path: string): boolean => path.includes(encodeURIComponent('CHANNEL(language)'));

  test('of several sounds is one request', async () => {
    const { fake, port } = await connected();
    fake.answer = (_, path) => (isLanguage(path) ? json({ value: 'en' }) : undefined);
    void port.play('a', ['sound:vm-youhave', 'number:5', 'sound:minutes']).catch(() => {});
    await until(() => playing(fake) !== undefined, 'the request');
    expect(decodeURIComponent(playing(fake)!)).toMatch(/\?media=sound:vm-youhave,number:5,sound:minutes$/);
  });

  test('in another language than English spells its numbers', async () => {
    const { fake, port } = await connected();
    fake.answer = (_, path) => (isLanguage(path) ? json({ value: 'ru' }) : undefined);
    void port.play('a', ['sound:vm-youhave', 'number:5']).catch(() => {});
    await until(() => playing(fake) !== undefined, 'the request');
    expect(decodeURIComponent(playing(fake)!)).toMatch(/\?media=sound:vm-youhave,digits:5$/);
  });

  test.each([
    ['stopPlaying', 'what plays there', (port: AsteriskSwitch) => port.stopPlaying('a')],
    ['setLimit', 'as Asterisk would take the limit only afterwards', (port: AsteriskSwitch) => port.setLimit('a', 5)],
    ['prolongLimit', 'likewise', (port: AsteriskSwitch) => port.prolongLimit('a', 5)],
  ])('is told by %s to stop until it has: %s', async (_name, _why, request) => {
    const { fake, port } = await connected();
    fake.answer = (method, path) =>
      // The first comes before Asterisk knows of the playback.
      path.startsWith('/ari/playbacks/') && stops().length === 1
        ? { status: 404, body: '{"message":"Playback not found"}' }
        : path.includes('/variable') && method === 'GET'
          ? json({ value: isLanguage(path) ? 'en' : '5.000' })
          : undefined;
    const stops = () => fake.paths().filter(path => path.startsWith('DELETE /ari/playbacks/'));
    const played = port.play('a', ['sound:vm-youhave', 'number:1440']);
    await until(() => playing(fake) !== undefined, 'the request');
    const elsewhere = refusal(port.play('b', ['sound:beep']));
    const done = request(port);
    await until(() => stops().length === 3, 'a third request');
    expect(fake.paths().filter(path => path.includes('/variable') && !isLanguage(path))).toEqual([]);
    fake.send({ type: 'PlaybackFinished', playback: { id: playback(fake), state: 'done' } });
    await Promise.all([played, done]);
    expect(new Set(stops())).toEqual(new Set([`DELETE /ari/playbacks/${playback(fake)}`]));
    fake.send({ type: 'StasisEnd', channel: { id: 'b' } });
    await elsewhere;
  });

  test('that never ends is unanswered', async () => {
    const { port } = await connected({ promptWithinMs: 50 });
    expect((await refusal(port.play('a', ['sound:beep']))).kind).toBe('unanswered');
  });
});

test.each<[string, number | null, string]>([
  ['1795251435.425000', 1_795_251_435_425, 'as one number times 1,000 it could fall below'],
  ['1795251435.425999', 1_795_251_435_425, 'microseconds are cut off, as in the stamps of events'],
  ['0.000000', null, 'not answered'],
  ['', null, 'not answered, in a CDR that has no answer yet'],
])('CDR(answer,u) "%s" was answered at %s: %s', async (value, answeredAt) => {
  const { fake, port } = await connected();
  fake.answer = () => json({ value });
  expect(await port.answeredAt('a')).toBe(answeredAt);
});

test('a list of channels that is cut off is unanswered', async () => {
  const { fake, port } = await connected();
  fake.answer = () => ({ status: 200, body: '[{"id":' });
  expect((await refusal(port.channels())).kind).toBe('unanswered');
});

test('a dial without patience still rings for a second: 0 would ring forever', async () => {
  const { fake, port } = await connected();
  await port.dial('rf-b', 'a', 0);
  await port.dial('rf-b', 'a', 29.2);
  expect(fake.paths().filter(path => path.includes('/dial'))).toEqual([
    'POST /ari/channels/rf-b/dial?caller=a&timeout=1',
    'POST /ari/channels/rf-b/dial?caller=a&timeout=30',
  ]);
});

test('a channel and a bridge that are gone are hung up and removed', async () => {
  const { fake, port } = await connected();
  fake.answer = () => ({ status: 404, body: '{"message":"Channel not found"}' });
  await port.hangup('a', 17);
  fake.answer = () => ({ status: 404, body: '{"message":"Bridge not found"}' });
  await port.destroyBridge('b');
  fake.answer = () => ({ status: 404, body: '<html>', type: 'text/html' });
  expect((await refusal(port.hangup('a', 17))).kind).toBe('unanswered');
});

test('a switch that was replaced says so, and does not take the application back', async () => {
  const { fake, events } = await connected();
  fake.send({ type: 'ApplicationReplaced', application: 'ringfence' });
  await until(() => fake.sockets[0]!.readyState === fake.sockets[0]!.CLOSED, 'the socket closed');
  await new Promise(done => setTimeout(done, 100));
  expect(types(events)).toEqual(['connected', 'replaced']);
  expect(fake.sockets).toHaveLength(1);
});

test('a handler that throws on every event, also on connected, does not stop the port', async () => {
  const { fake, port, events } = await connected({}, () => {
    throw new Error('a bug');
  });
  fake.send({ type: 'StasisEnd', channel: { id: 'a' } });
  fake.send({ type: 'StasisEnd', channel: { id: 'b' } });
  await until(() => events.length === 3, 'both');
  await port.hangup('a', 16);
  expect(fake.sockets).toHaveLength(1);
});
