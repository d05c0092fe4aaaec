import { inspect } from 'node:util';
import { FakeAri } from '../../../lab/servers/fake-ari';
import { SwitchError } from '../../../src/calls/switch-port';
import { parseAriUrl } from '../../../src/switches/asterisk/ari-address';
import { type AriApi, loadAriApi } from '../../../src/switches/asterisk/ari-api';
import { AriTransport } from '../../../src/switches/asterisk/ari-transport';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function fakeAri(): Promise<FakeAri> {
  const fake = new FakeAri();
  await fake.listen();
  closing.push(() => fake.close());
  return fake;
}

function transportTo(url: string, deadlineMs = 10_000): AriTransport {
  const transport = new AriTransport(parseAriUrl(url), deadlineMs);
  closing.unshift(() => transport.close());
  return transport;
}

async function apiOf(fake: FakeAri, deadlineMs?: number): Promise<AriApi> {
  return loadAriApi(transportTo(fake.url(), deadlineMs));
}

async function refusal(request: Promise<unknown>): Promise<SwitchError> {
  const error = await request.then(
    () => null,
    thrown => thrown,
  );
  expect(error).toBeInstanceOf(SwitchError);
  return error as SwitchError;
}

test.each([
  [404, '{"message":"Channel not found"}', 'gone', 'ARI itself says so'],
  [404, '{"message":"Provided channel was not found"}', 'gone', 'the words of GET variable'],
  [400, '{"message":"Channel not found"}', 'gone', 'addChannel says 400 for it'],
  [
    404,
    '{"message":"Provided variable was not found"}',
    'refused',
    'a function that is not loaded, on a living channel',
  ],
  [409, '{"message":"Channel not in Stasis application"}', 'refused', 'it is there, and not ours to change'],
  [422, '{"message":"Channel not in Stasis application"}', 'refused', 'addChannel says 422 for it'],
  [500, '{"error":"Allocation failed"}', 'refused', 'ARI answered, in its other shape'],
  [401, '', 'refused', 'the password is wrong; asking again does not help'],
  [404, '<html><body>Not Found</body></html>', 'unanswered', 'the web server is up and ARI is not'],
  [500, '<html>Internal Server Error</html>', 'unanswered', 'the web server, not ARI'],
  [503, '<html>Asterisk not booted</html>', 'unanswered', 'Asterisk is booting'],
  [503, '{"message":"not booted"}', 'unanswered', 'booting, whatever the words'],
])('HTTP %i %s is %s: %s', async (status, body, kind) => {
  const fake = await fakeAri();
  const api = await apiOf(fake);
  fake.answer = () => ({ status, body, type: body.startsWith('{') ? 'application/json' : 'text/html' });
  const error = await refusal(api.channels.getChannelVar({ channelId: 'c1', variable: 'x' }));
  expect(error.kind).toBe(kind);
});

test('a switch that accepts and never answers is unanswered after the deadline', async () => {
  const fake = await fakeAri();
  const api = await apiOf(fake, 1_000);
  fake.answer = () => null;
  const error = await refusal(api.asterisk.ping());
  expect(error.kind).toBe('unanswered');
  expect(error.message).toBe('GET /ari/asterisk/ping: no answer in 1000 ms');
});

test('a switch that is not there is unanswered', async () => {
  const fake = await fakeAri();
  const api = await apiOf(fake);
  closing.length = 1;
  await fake.close();
  const error = await refusal(api.asterisk.ping());
  expect(error.kind).toBe('unanswered');
});

test('an answer that is cut off, or is not JSON, rejects instead of leaving the caller waiting', async () => {
  const fake = await fakeAri();
  const api = await apiOf(fake);
  fake.answer = () => ({ status: 200, body: '{"timesta' });
  const error = await refusal(api.asterisk.ping());
  expect(error.kind).toBe('unanswered');
  expect(error.message).toContain('unreadable');
});

test('two switches in one process are each asked with their own password', async () => {
  const [one, two] = [await fakeAri(), await fakeAri()];
  const first = await loadAriApi(transportTo(one.url('userA', 'pwA')));
  const second = await loadAriApi(transportTo(two.url('userB', 'pw:B/ü')));
  await Promise.all([first.asterisk.ping(), second.asterisk.ping(), first.asterisk.ping()]);
  expect(new Set(one.seen.map(seen => seen.authorization))).toEqual(new Set([basic('userA:pwA')]));
  expect(new Set(two.seen.map(seen => seen.authorization))).toEqual(new Set([basic('userB:pw:B/ü')]));
});

test('150 requests at once use at most 32 connections', async () => {
  const fake = await fakeAri();
  const api = await apiOf(fake);
  await Promise.all(Array.from({ length: 150 }, () => api.asterisk.ping()));
  expect(fake.seen).toHaveLength(150);
  expect(fake.mostConnections).toBeLessThanOrEqual(32 + 1); // and one of ari-client's own, before the api-docs
});

test.each([
  ['hang-ups that are not answered hold up nothing else', 'DELETE', 'POST'],
  ['no hang-up waits for other requests', 'POST', 'DELETE'],
])('%s', async (_what, silent, asked) => {
  const fake = await fakeAri();
  fake.answer = method => (method === silent ? null : { status: 204 });
  const transport = transportTo(fake.url(), 60_000);
  const waiting = Array.from({ length: 100 }, (_, index) =>
    refusal(transport.request(silent, `/ari/channels/${index}`)),
  );
  for (let index = 0; index < 100; index++) {
    expect(await transport.request(asked, `/ari/channels/x${index}`)).toMatchObject({ status: 204 });
  }
  await transport.close();
  expect(new Set((await Promise.all(waiting)).map(({ kind }) => kind))).toEqual(new Set(['unanswered']));
});

test('no error shows the password', async () => {
  const fake = await fakeAri();
  const transport = transportTo(fake.url('ringfence', 'hush-hush'), 1_000);
  const api = await loadAriApi(transport);
  const errors: unknown[] = [];
  for (const answer of [{ status: 401 }, { status: 404, body: '{"message":"Channel not found"}' }, null]) {
    fake.answer = () => answer;
    errors.push(await refusal(api.channels.hangup({ channelId: 'c1', reason_code: '16' })));
  }
  await fake.close();
  closing.length = 1;
  errors.push(await refusal(api.asterisk.ping()));
  const shown = inspect(errors, { depth: 10, showHidden: true });
  expect(shown).not.toContain('hush-hush');
  expect(shown).not.toContain(Buffer.from('ringfence:hush-hush').toString('base64'));
});

test('loading the api-docs prints nothing', async () => {
  const printed = jest.spyOn(console, 'log').mockImplementation(() => {});
  await apiOf(await fakeAri());
  expect(printed).not.toHaveBeenCalled();
});

test('api-docs that never come reject after five deadlines', async () => {
  const fake = await fakeAri();
  fake.answer = () => null;
  await expect(loadAriApi(transportTo(fake.url(), 200))).rejects.toThrow('1000 ms');
});

test('api-docs of which one is missing reject', async () => {
  const fake = await fakeAri();
  fake.answer = (_, path) => (path.endsWith('channels.json') ? { status: 503 } : undefined);
  await expect(loadAriApi(transportTo(fake.url()))).rejects.toThrow(SwitchError);
});

test.each([
  ['no address', 'is not a URL'],
  ['ftp://a:secret@h', 'begins with ftp://'],
  ['http://h:8088', 'lacks user:password@'],
  ['http://a:secret@h:8088/asterisk', 'under another path'],
])('%s is refused as an address: %s', (text, why) => {
  expect(() => parseAriUrl(text)).toThrow(why);
  expect(() => parseAriUrl(text)).not.toThrow('secret');
});

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
